"""Our SDL is a subset of the published schema, name by name and type by type."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    validate_schema,
)

from connectors.sandbox.shiphero import graph

ROOT = Path(__file__).parents[5]
CONTRACT = ROOT.parent / "shared" / "reference" / "shiphero_schema.graphql"


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    found: list[str] = []
    for name, named in ours.type_map.items():
        if name.startswith("__"):
            continue
        if name not in theirs.type_map:
            found.append(f"type {name}")
            continue
        found += type_differences(named, theirs.type_map[name])
    return found


def type_differences(ours: GraphQLNamedType, theirs: GraphQLNamedType) -> list[str]:
    if type(ours) is not type(theirs):
        return [f"kind of {ours.name}"]
    if isinstance(ours, GraphQLEnumType):
        assert isinstance(theirs, GraphQLEnumType)
        return [] if set(ours.values) <= set(theirs.values) else [ours.name]
    if not isinstance(ours, GraphQLObjectType | GraphQLInputObjectType):
        return []
    assert isinstance(theirs, GraphQLObjectType | GraphQLInputObjectType)
    found = []
    for name, field in ours.fields.items():
        other = theirs.fields.get(name)
        if other is None or str(other.type) != str(field.type):
            found.append(f"{ours.name}.{name}: {field.type}")
            continue
        for argument, ours_argument in getattr(field, "args", {}).items():
            their_argument = getattr(other, "args", {}).get(argument)
            if str(getattr(their_argument, "type", None)) != str(ours_argument.type):
                found.append(f"{ours.name}.{name}({argument})")
    return found


def test_the_sdl_is_a_valid_schema() -> None:
    assert validate_schema(build_schema(graph.SDL.read_text())) == []


def test_the_sdl_says_nothing_that_the_published_schema_does_not() -> None:
    if not CONTRACT.exists():
        pytest.skip(f"the published schema is not here: {CONTRACT}")
    theirs = build_schema(CONTRACT.read_text(), assume_valid=True)
    assert differences(build_schema(graph.SDL.read_text()), theirs) == []


def test_the_comparison_sees_a_wrong_type_and_a_wrong_argument() -> None:
    theirs = build_schema("type Query { a(x: Int): Int b: String }")
    ours = build_schema("type Query { a(x: String): Int b: Int c: Int }")
    assert differences(ours, theirs) == [
        "Query.a(x)",
        "Query.b: Int",
        "Query.c: Int",
    ]


def test_every_root_field_has_a_resolver() -> None:
    schema = graph.schema()
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    roots = [*schema.query_type.fields.values(), *schema.mutation_type.fields.values()]
    assert all(field.resolve is not None for field in roots)
