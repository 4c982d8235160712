"""ShipHero's own scalars."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    ValueNode,
    value_from_ast_untyped,
)

# Ids pass 2**31, so the number is served beyond what GraphQL calls Int.
LEGACY_NUMBER = GraphQLScalarType("BigInt", serialize=lambda value: value)


def bind(schema: GraphQLSchema) -> None:
    """Give the SDL's scalars their meaning."""
    _set(schema, "ISODateTime", parse_time)
    _set(schema, "Decimal", parse_decimal)
    _set(schema, "GenericScalar", lambda value: value)
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and "legacy_id" in named.fields:
            named.fields["legacy_id"].type = LEGACY_NUMBER


def parse_time(value: Any) -> str:
    """UTC, whole seconds, no zone. A plain date is midnight; no zone means UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise GraphQLError(f"Invalid ISODateTime: {value!r}") from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def parse_decimal(value: Any) -> str:
    try:
        return str(Decimal(str(value)))
    except InvalidOperation:
        raise GraphQLError(f"Invalid Decimal: {value!r}") from None


def _set(schema: GraphQLSchema, name: str, parse: Any) -> None:
    scalar = schema.type_map[name]
    assert isinstance(scalar, GraphQLScalarType)  # noqa: S101 - so says the SDL

    def parse_literal(node: ValueNode, variables: Any = None) -> Any:
        return parse(value_from_ast_untyped(node, variables))

    setattr(scalar, "parse_value", parse)  # noqa: B010 - typed as a method
    setattr(scalar, "parse_literal", parse_literal)  # noqa: B010 - likewise
