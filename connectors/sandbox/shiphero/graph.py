"""GraphQL run by graphql-core against our own SDL, in ShipHero's envelope."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_argument_values,
    parse,
    validate,
)

from connectors.sandbox.shiphero import ids, mutations, queries, scalars, views
from connectors.sandbox.shiphero.credits import Estimator, cost_detail
from connectors.sandbox.shiphero.errors import MISSING_SCOPE, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld

SDL = Path(__file__).with_name("schema.graphql")


@dataclass(slots=True)
class Context:
    """One request's company through the resolvers.

    `rows` counts what each connection answered, by its path.
    """

    world: ShipHeroWorld
    request_id: str
    estimates: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    probed: int | None = None


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
    analyzed = _analyzes(document, variables)
    try:
        if not analyzed:
            world.bucket.require(needed)
    except Refusal as refusal:
        return 200, _refused(context, document, refusal)
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
    return _answer(context, document, result, analyzed)


def refuse(
    world: ShipHeroWorld, document: Document, refusal: Refusal
) -> dict[str, Any]:
    """The answer of an operation refused as a whole, such as for want of credits."""
    context = Context(world, ids.hex_id(world, "request"))
    return _refused(context, document, refusal)


def invalid(errors: list[GraphQLError]) -> dict[str, Any]:
    """graphene's form, for documents that never ran."""
    return {"errors": [error.formatted for error in errors]}


# -- the envelope --------------------------------------------------------------


def _answer(
    context: Context, document: Document, result: ExecutionResult, analyzed: bool
) -> tuple[int, dict[str, Any]]:
    world = context.world
    errors = []
    for error in result.errors or []:
        cause = error.original_error
        if isinstance(cause, Refusal):
            operation = str(error.path[0]) if error.path else document.name
            errors.append(_error(context, operation, cause))
        elif cause is not None and not isinstance(cause, GraphQLError):
            raise cause
        else:
            return int(world.switches["invalid_status"]), invalid(result.errors or [])
    detail = _charged(context, document, result.data or {}, analyzed)
    body: dict[str, Any] = {"errors": errors} if errors else {}
    body["data"] = result.data
    body["extensions"] = {"throttling": _throttling(context, detail)}
    return 200, body


def _charged(
    context: Context, document: Document, data: dict[str, Any], analyzed: bool
) -> dict[str, Any]:
    if analyzed:
        return {}
    if document.is_mutation:
        cost = int(context.world.switches["mutation_cost"])
        roots = dict.fromkeys(data, cost)
    else:
        paged = {path[0] for path in context.rows if path[1:] == ("data",)}
        roots = {str(name): 0 if name in paged else 1 for name in data}
    rows = {} if document.is_mutation else context.rows
    detail = cost_detail(roots, rows)
    for name in {path[0] for path in rows if path[1:] == ("data",)}:
        detail[str(name)]["items_count"] -= 1
    context.world.bucket.charge(sum(x["total_cost"] for x in detail.values()))
    return detail


def _throttling(context: Context, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "estimated_complexity": sum(context.estimates.values()),
        "cost": sum(entry["total_cost"] for entry in detail.values()),
        "cost_detail": detail,
        "user_quota": context.world.bucket.quota(),
    }


def _refused(context: Context, document: Document, refusal: Refusal) -> dict[str, Any]:
    names = [node.alias or node.name for node in document.root_fields]
    context.world.record(f"shiphero.{document.name}", "", "refused", code=refusal.code)
    return {
        "errors": [_error(context, document.name, refusal)],
        "data": {name.value: None for name in names},
        "extensions": {"throttling": _throttling(context, {})},
    }


def _error(context: Context, operation: str, refusal: Refusal) -> dict[str, Any]:
    code = refusal.code
    error: dict[str, Any] = {
        "message": refusal.message,
        "operation": operation,
        "field": operation,
        "request_id": context.request_id,
        "code": context.world.switches["refusal_code"] if code is None else code,
    }
    if context.world.switches["error_extras"] == "top":
        return error | refusal.extra
    return error | ({"extensions": refusal.extra} if refusal.extra else {})


# -- resolving -------------------------------------------------------------------


def _bind_roots(root: GraphQLObjectType | None, resolvers: dict[str, Any]) -> None:
    assert root is not None  # noqa: S101 - the SDL has both root types
    for name, target in root.fields.items():
        target.resolve = _guarded(name, resolvers[name])


def _guarded(name: str, resolver: Any) -> Any:
    """Scopes, `analyze`, request id and complexity, the same for every root field."""

    def resolve(_: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
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


def _check_scope(world: ShipHeroWorld, name: str, info: GraphQLResolveInfo) -> None:
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
    fragments = {
        node.name.value: node
        for node in document.source.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    estimator = Estimator(schema(), fragments, variables)
    return estimator.by_root(document.operation, world.switches["mutation_cost"])


def _analyzes(document: Document, variables: dict[str, Any]) -> bool:
    """Whether every root field only asks for its price."""
    query_type = schema().query_type
    if document.is_mutation or query_type is None:
        return False
    fields = [
        (query_type.fields[node.name.value], node) for node in document.root_fields
    ]
    try:
        return all(
            get_argument_values(definition, node, variables).get("analyze")
            for definition, node in fields
            if definition
        )
    except GraphQLError:
        return False


def arguments(document: Document, variables: dict[str, Any]) -> dict[str, Any]:
    """The first root field's arguments, as the resolver will get them."""
    root = schema().mutation_type if document.is_mutation else schema().query_type
    node = document.root_fields[0]
    try:
        return get_argument_values(
            root.fields[node.name.value],  # type: ignore[union-attr]
            node,
            variables,
        )
    except GraphQLError:
        return {}
