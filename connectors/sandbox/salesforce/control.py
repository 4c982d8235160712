"""Endpoints under /_sandbox/ that a real organisation does not have.

They drive a world that runs as its own process: its ledger, state, switches and
faults, and its sales people.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from connectors.sandbox.faults import Fault, FaultPlan
from connectors.sandbox.salesforce import oauth
from connectors.sandbox.salesforce.call import Answer
from connectors.sandbox.salesforce.refusals import RefusedError
from connectors.sandbox.salesforce.sales import SalesDesk, actions
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.wire import Request


class _BadRequestError(Exception):
    pass


def answer_control(world: SalesforceWorld, request: Request) -> Answer:
    """Errors are `{"error": text}`: 400 for what cannot be understood, 404, 409 for
    what the organisation refuses."""
    name, _, rest = request.path.removeprefix("/_sandbox/").strip("/").partition("/")
    routes: dict[tuple[str, str], Callable[[], Any]] = {
        ("GET", "ledger"): lambda: _ledger(world, request),
        ("GET", "state"): lambda: _state(world),
        ("GET", "records"): lambda: _records(world, rest),
        ("POST", "switches"): lambda: _set_switches(world, _document(request)),
        ("POST", "faults"): lambda: _set_faults(world, _document(request)),
        ("POST", "expire_tokens"): lambda: {"expired": oauth.revoke_all(world)},
        ("POST", "sales"): lambda: _sell(world, rest, _document(request)),
    }
    work = routes.get((request.method, name))
    if work is None:
        return Answer(404, {"error": "There is no such control."})
    try:
        return Answer(200, work())
    except _BadRequestError as error:
        return Answer(400, {"error": str(error)})
    except RefusedError as error:
        return Answer(409, {"error": error.message, "code": error.code})


def _ledger(world: SalesforceWorld, request: Request) -> Any:
    after = request.param("after") or "0"
    if not after.isdecimal():
        raise _BadRequestError("after must be a whole number.")
    entries = world.ledger(after=int(after), call=request.param("call"))
    return {"entries": [asdict(entry) for entry in entries]}


def _state(world: SalesforceWorld) -> Any:
    names = [item.name for item in world.schema.objects.values()]
    due = world.next_due()
    return {
        "organization_id": world.organization_id,
        "now": world.clock.now().isoformat(),
        "scale": world.clock.scale,
        "next_due": due.isoformat() if due else None,
        "records": {name: len(world.every(name)) for name in names},
        "switches": world.switches,
        "faults": {"seed": world.faults.seed, "rate": world.faults.rate},
        "calls_used": world.calls_used,
        "calls_ever": (world.get("counter", "calls") or {"value": 0})["value"],
    }


def _records(world: SalesforceWorld, sobject: str) -> Any:
    item = world.schema.object(sobject)
    if item is None:
        raise _BadRequestError(f"There is no object {sobject!r}.")
    return {"records": world.snapshot(item.name)}


def _set_switches(world: SalesforceWorld, values: dict[str, Any]) -> Any:
    known = world.default_switches()
    for name, value in values.items():
        if name not in known:
            raise _BadRequestError(f"There is no switch {name!r}.")
        if not _same_kind(known[name], value):
            raise _BadRequestError(f"{name} cannot be set to {value!r}.")
    world.switches.update(values)
    return {"switches": world.switches}


def _same_kind(usual: Any, value: Any) -> bool:
    if isinstance(usual, bool) or isinstance(value, bool):
        return isinstance(usual, bool) and isinstance(value, bool)
    if isinstance(usual, int | float):
        return isinstance(value, int | float)
    return isinstance(value, type(usual))


def _set_faults(world: SalesforceWorld, values: dict[str, Any]) -> Any:
    """`{"seed": 1, "rate": 0.2, "script": {"salesforce.query": ["throttled"]}}`."""
    try:
        seed = int(values.get("seed", world.faults.seed))
        rate = float(values.get("rate", world.faults.rate))
        script = {
            call: [Fault(name) for name in names]
            for call, names in values.get("script", {}).items()
        }
    except (TypeError, ValueError, AttributeError) as error:
        raise _BadRequestError(f"Not a fault plan: {error}") from error
    world.faults = FaultPlan(seed=seed, rate=rate)
    for call, faults in script.items():
        world.faults.script(call, *faults)
    return {"seed": seed, "rate": rate}


def _sell(world: SalesforceWorld, name: str, values: dict[str, Any]) -> Any:
    action = actions(SalesDesk(world)).get(name)
    if action is None:
        raise _BadRequestError(f"Sales people do not know how to {name!r}.")
    try:
        return {"id": action(**values)}
    except (TypeError, LookupError, ValueError) as error:
        raise _BadRequestError(f"{name}: {error}") from error


def _document(request: Request) -> dict[str, Any]:
    try:
        values = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise _BadRequestError("The body is not JSON.") from error
    if not isinstance(values, dict):
        raise _BadRequestError("The body must be a JSON object.")
    return values
