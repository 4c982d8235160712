"""The GraphQL documents of this porch: one file each, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
)

FOLDER = Path(__file__).parent / "queries"

# ShipHero's documentation names no price for an order mutation; 10 is what the
# samples show and the bucket corrects itself from the answers.
MUTATION_COST = 10


@dataclass(frozen=True, slots=True)
class Document:
    """`root` is the one field asked for at the top; it names the call."""

    name: str
    text: str
    root: str
    is_write: bool
    tree: DocumentNode

    def estimate(self, variables: Mapping[str, Any]) -> int:
        """The credits ShipHero will want to see in the bucket before it runs this.

        Source: shared observations of its throttling: an object costs 1, a
        connection 1 + first x (1 + what is nested), a mutation about 10.
        """
        operation = _operation(self.tree)
        nested = _nested_cost(operation.selection_set, variables)
        return (MUTATION_COST if self.is_write else 0 if nested else 1) + nested


@cache
def document(name: str) -> Document:
    """The document in `queries/<name>.graphql`."""
    text = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    tree = parse(text)
    operation = _operation(tree)
    return Document(
        name=name,
        text=text,
        root=root_field(operation),
        is_write=operation.operation is OperationType.MUTATION,
        tree=tree,
    )


def every_name() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.graphql"))


def root_field(operation: OperationDefinitionNode) -> str:
    first = operation.selection_set.selections[0]
    return first.name.value if isinstance(first, FieldNode) else ""


def _operation(tree: DocumentNode) -> OperationDefinitionNode:
    for definition in tree.definitions:
        if isinstance(definition, OperationDefinitionNode):
            return definition
    raise ValueError("The document holds no operation.")


def _nested_cost(
    selections: SelectionSetNode | None, variables: Mapping[str, Any]
) -> int:
    if selections is None:
        return 0
    total = 0
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            inner = _nested_cost(selection.selection_set, variables)
            first = _page_size(selection, variables)
            total += inner if first is None else 1 + first * (1 + inner)
    return total


def _page_size(selection: FieldNode, variables: Mapping[str, Any]) -> int | None:
    for argument in selection.arguments or ():
        if argument.name.value == "first":
            return _int_of(argument.value, variables)
    return None


def _int_of(value: ValueNode, variables: Mapping[str, Any]) -> int:
    if isinstance(value, VariableNode):
        return int(variables[value.name.value])
    if isinstance(value, IntValueNode):
        return int(value.value)
    raise ValueError("A page size must be a number.")
