"""GraphQL run by graphql-core against our own SDL, in ShipHero's envelope."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from connectors.sandbox.shiphero import (
    envelope,
    ids,
    mutations,
    queries,
    scalars,
    views,
)
from connectors.sandbox.shiphero.credits import Estimator
from connectors.sandbox.shiphero.documents import Document
from connectors.sandbox.shiphero.envelope import Context
from connectors.sandbox.shiphero.errors import MISSING_SCOPE, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld

SDL = Path(__file__).with_name("schema.graphql")


@functools.cache
def schema() -> GraphQLSchema:
    """The SDL with its resolvers."""
    built = build_schema(SDL.read_text(encoding="utf-8"))
    scalars.bind(built)
    views.bind(built)
    _bind_roots(built.query_type, queries.RESOLVERS)
    _bind_roots(built.mutation_type, mutations.RESOLVERS)
    return built


@functools.lru_cache(maxsize=256)
def _checked(query: str) -> DocumentNode:
    source = parse(query)
    errors = validate(schema(), source)
    if errors:
        raise InvalidDocumentError(errors)
    return source


class InvalidDocumentError(Exception):
    """The text does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def read(query: str, operation_name: str | None = None) -> Document:
    """Parse and validate; InvalidDocumentError with graphene's kind of errors."""
    try:
        source = _checked(query)
    except GraphQLError as error:
        raise InvalidDocumentError([error]) from error
    operations = [
        node
        for node in source.definitions
        if isinstance(node, OperationDefinitionNode)
        and (
            not operation_name
            or (node.name is not None and node.name.value == operation_name)
        )
    ]
    if len(operations) != 1:
        raise InvalidDocumentError(
            [GraphQLError("Must provide one operation, or the name of one.")]
        )
    return Document(source, operations[0])


def run(
    world: ShipHeroWorld,
    document: Document,
    variables: dict[str, Any],
    probed: int | None = None,
) -> tuple[int, dict[str, Any]]:
    """Execute inside a turn; answers HTTP status and body."""
    context = Context(world, ids.hex_id(world, "request"), probed=probed)
    context.estimates = _estimates(world, document, variables)
    needed = sum(context.estimates.values())
    analyzed = document.only_analyzes(variables)
    try:
        if not analyzed:
            world.bucket.require(needed)
    except Refusal as refusal:
        return 200, envelope.refused(context, document, refusal)
    result = execute_sync(
        schema(),
        document.source,
        variable_values=variables,
        operation_name=document.operation.name.value
        if document.operation.name
        else None,
        context_value=context,
        field_resolver=views.default_resolver,
    )
    return envelope.answer(context, document, result, analyzed)


# -- resolving -------------------------------------------------------------------


def _bind_roots(root: GraphQLObjectType | None, resolvers: dict[str, Any]) -> None:
    assert root is not None  # noqa: S101 - the SDL has both root types
    for name, target in root.fields.items():
        target.resolve = _guarded(name, resolvers[name])


def _guarded(name: str, resolver: Any) -> Any:
    """Scopes, `analyze`, request id and complexity, the same for every root field."""

    def resolve(_: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        context: Context = info.context
        envelope = {
            "request_id": context.request_id,
            "complexity": context.estimates.get(str(info.path.key), 0),
        }
        if args.pop("analyze", False):
            return envelope
        try:
            _check_scope(context.world, name, info)
            return envelope | resolver(context, **args)
        except Refusal as refusal:
            key = queries.subject_of(args)
            context.world.record(f"shiphero.{name}", key, "refused", code=refusal.code)
            raise

    return resolve


def _check_scope(
    world: ShipHeroWorld, name: str, info: GraphQLResolveInfo[Any]
) -> None:
    missing = world.switches["missing_scopes"]
    if not missing:
        return
    verb = "view" if info.parent_type.name == "Query" else "change"
    area = next(
        (
            area
            for area in ("order", "shipment", "webhook", "product", "inventory")
            if name.startswith(area) or f"_{area}" in name
        ),
        "",
    )
    scope = f"{verb}:{area}s"
    if scope in missing:
        raise Refusal(f"Missing required scope(s): {scope}", MISSING_SCOPE)


def _estimates(
    world: ShipHeroWorld, document: Document, variables: dict[str, Any]
) -> dict[str, int]:
    estimator = Estimator(schema(), document.fragments, variables)
    return estimator.by_root(document.operation, world.switches["mutation_cost"])
