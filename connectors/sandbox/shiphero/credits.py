"""What operations cost, and the bucket the costs are taken from."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from connectors.sandbox.shiphero.errors import NO_CREDITS, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld

DEFAULT_FIRST = 100
WRAPPERS = frozenset({"data", "edges", "node"})
CAP_WINDOW = 300.0


class Bucket:
    """One account's credits. Refills by the world's clock; call inside a turn."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self._world = world
        self._level: float | None = None
        self._at: datetime = world.clock.now()

    @property
    def size(self) -> int:
        return int(self._world.switches["credits_max"])

    @property
    def rate(self) -> int:
        return int(self._world.switches["credits_rate"])

    def left(self) -> int:
        now = self._world.clock.now()
        passed = (now - self._at).total_seconds() * self._world.clock.scale
        level = self.size if self._level is None else self._level
        self._level = min(float(self.size), level + passed * self.rate)
        self._at = now
        return int(self._level)

    def require(self, credits: int) -> None:
        """Refuse what does not fit. Times are seconds of world time."""
        left = self.left()
        if credits > left:
            raise no_credits(credits, left, self.rate)

    def charge(self, credits: int) -> None:
        self.left()
        self._level = max(0.0, (self._level or 0.0) - credits)

    def drain(self, credits: int) -> None:
        """Somebody else of the account used these."""
        self.charge(credits)

    def quota(self) -> dict[str, int]:
        return {
            "credits_remaining": self.left(),
            "max_available": self.size,
            "increment_rate": self.rate,
        }


def no_credits(credits: int, left: int, rate: int) -> Refusal:
    """Code 30, in ShipHero's words, its typing mistake included."""
    seconds = max(1, math.ceil((credits - left) / max(1, rate)))
    return Refusal(
        "There are not enough credits to perform the requested operation, which "
        f"requires {credits} credits, but the are only {left} left. In {seconds} "
        "seconds you will have enough credits to perform the operation",
        NO_CREDITS,
        time_remaining=f"{seconds} seconds",
        required_credits=credits,
        remaining_credits=left,
    )


class RequestCap:
    """So many requests in any five minutes."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self._world = world
        self._times: deque[datetime] = deque()

    def allows(self) -> bool:
        """Count one request; whether it is still under the cap."""
        cap = int(self._world.switches["request_cap"])
        now = self._world.clock.now()
        horizon = now - self._world.clock.span(CAP_WINDOW)
        while self._times and self._times[0] <= horizon:
            self._times.popleft()
        if cap and len(self._times) >= cap:
            return False
        self._times.append(now)
        return True


class Estimator:
    """The worst that a document may cost: object 1, a connection 1 + first x rows."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def by_root(
        self, operation: OperationDefinitionNode, mutation_cost: int
    ) -> dict[str, int]:
        """Estimate per root field, by response name."""
        if operation.operation is OperationType.MUTATION:
            fields = self._fields(operation.selection_set)
            return {_response_name(node): mutation_cost for node in fields}
        root = self._schema.query_type
        return {
            _response_name(node): self._root_cost(node, root)
            for node in self._fields(operation.selection_set)
        }

    def _root_cost(self, node: FieldNode, root: GraphQLNamedType | None) -> int:
        inner = self._type_of(node, root)
        for child in self._fields(node.selection_set):
            if child.name.value == "data" and self._is_connection(child, inner):
                return self._connection_cost(child, inner)
        return 1 + self._nested(node.selection_set, inner)

    def _connection_cost(self, node: FieldNode, parent: GraphQLNamedType | None) -> int:
        per_row = 1 + self._nested(node.selection_set, self._type_of(node, parent))
        return 1 + self._first(node) * per_row

    def _nested(
        self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None
    ) -> int:
        cost = 0
        for node in self._fields(selections):
            if self._is_connection(node, parent):
                cost += self._connection_cost(node, parent)
            else:
                cost += self._nested(node.selection_set, self._type_of(node, parent))
        return cost

    def _first(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    given = self._variables.get(argument.value.name.value)
                    return DEFAULT_FIRST if given is None else int(given)
        return DEFAULT_FIRST

    def _fields(self, selections: SelectionSetNode | None) -> list[FieldNode]:
        fields: list[FieldNode] = []
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                fields.append(selection)
            elif isinstance(selection, InlineFragmentNode):
                fields += self._fields(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                fields += self._fields(fragment.selection_set)
        return fields

    def _is_connection(self, node: FieldNode, parent: GraphQLNamedType | None) -> bool:
        found = self._type_of(node, parent)
        return found is not None and found.name.endswith("Connection")

    def _type_of(
        self, node: FieldNode, parent: GraphQLNamedType | None
    ) -> GraphQLNamedType | None:
        if not isinstance(parent, GraphQLObjectType):
            return None
        field = parent.fields.get(node.name.value)
        return get_named_type(field.type) if field else None


def cost_detail(
    roots: Mapping[str, int], rows: Mapping[tuple[str | int, ...], int]
) -> dict[str, Any]:
    """What was charged for, nested as the operation was.

    `roots` holds the price of each root field's own object; `rows` how many
    rows each connection answered, by its path in the answer.
    """
    detail: dict[str, Any] = {name: _entry(1, cost) for name, cost in roots.items()}
    for path, count in sorted(rows.items(), key=lambda item: len(item[0])):
        names = [str(part) for part in path if _counts(part)]
        _add(detail, names, count)
    return detail


def _add(detail: dict[str, Any], names: list[str], count: int) -> None:
    fields = detail
    for name in names[:-1]:
        entry = fields.setdefault(name, _entry(0, 0))
        entry["total_cost"] += 1 + count
        fields = entry["fields"]
    entry = fields.setdefault(names[-1], _entry(0, 0))
    entry["items_count"] += count
    entry["total_cost"] += 1 + count


def _entry(items: int, total: int) -> dict[str, Any]:
    return {"items_count": items, "cost": 1, "total_cost": total, "fields": {}}


def _counts(part: str | int) -> bool:
    return isinstance(part, str) and part not in WRAPPERS


def _response_name(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
