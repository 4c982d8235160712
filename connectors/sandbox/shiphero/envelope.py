"""ShipHero's envelope: errors inside HTTP 200, throttling in the extensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import ExecutionResult, GraphQLError

from connectors.sandbox.shiphero import ids
from connectors.sandbox.shiphero.credits import cost_detail
from connectors.sandbox.shiphero.documents import Document
from connectors.sandbox.shiphero.errors import Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld


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


def refuse(
    world: ShipHeroWorld, document: Document, refusal: Refusal
) -> dict[str, Any]:
    """The answer of an operation refused as a whole, such as for want of credits."""
    context = Context(world, ids.hex_id(world, "request"))
    return refused(context, document, refusal)


def invalid(errors: list[GraphQLError]) -> dict[str, Any]:
    """graphene's form, for documents that never ran."""
    return {"errors": [error.formatted for error in errors]}


def answer(
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


def refused(context: Context, document: Document, refusal: Refusal) -> dict[str, Any]:
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
