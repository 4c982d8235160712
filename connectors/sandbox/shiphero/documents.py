"""A GraphQL document that was read and fits the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    value_from_ast_untyped,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed, valid document and the operation of it to run."""

    source: DocumentNode
    operation: OperationDefinitionNode

    @property
    def is_mutation(self) -> bool:
        return self.operation.operation is OperationType.MUTATION

    @property
    def root_fields(self) -> list[FieldNode]:
        return [
            node
            for node in self.operation.selection_set.selections
            if isinstance(node, FieldNode)
        ]

    @property
    def name(self) -> str:
        """The first root field: the operation's name in faults and ledger."""
        fields = self.root_fields
        return fields[0].name.value if fields else "unknown"

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        return {
            node.name.value: node
            for node in self.source.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def argument(self, field: FieldNode, name: str, variables: dict[str, Any]) -> Any:
        """A root field's argument as it was sent; None when it was not."""
        for argument in field.arguments or ():
            if argument.name.value != name:
                continue
            if isinstance(argument.value, VariableNode):
                return variables.get(argument.value.name.value)
            return value_from_ast_untyped(argument.value, variables)
        return None

    def only_analyzes(self, variables: dict[str, Any]) -> bool:
        """Whether every root field asks for its price alone."""
        return not self.is_mutation and all(
            self.argument(field, "analyze", variables) for field in self.root_fields
        )
