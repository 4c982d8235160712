"""Endpoints under /_sandbox/ for demonstrations and tests: no part of ShipHero."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.errors import Refusal
from connectors.sandbox.shiphero.floor import FloorError
from connectors.sandbox.wire import Request, Response

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

FLOOR = (
    "allocate",
    "pick",
    "pack",
    "ship",
    "clear_tote",
    "void_label",
    "relabel",
    "restock",
)
STAFF = (
    "set_hold",
    "edit_address",
    "edit",
    "cancel",
    "set_status",
    "merge",
    "clone",
    "reship",
    "open_return",
    "receive_return",
    "order_goods",
    "receive_goods",
)
STOCKROOM = ("count", "set_buckets", "edit_product", "switch")


class Control:
    """JSON in, JSON out; 400 with `error` for what cannot be done."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world
        self._routes: dict[tuple[str, str], Callable[[Request, Document], Any]] = {
            ("GET", "ledger"): self._ledger,
            ("GET", "orders"): lambda request, body: self.world.snapshot("order"),
            ("GET", "shipments"): lambda request, body: self.world.snapshot("shipment"),
            ("GET", "state"): lambda request, body: judge.summary(self.world),
            ("GET", "stock"): lambda request, body: self.world.snapshot("stock"),
            ("GET", "switches"): lambda request, body: self.world.switches,
            ("POST", "switches"): self._switches,
            ("POST", "faults"): self._faults,
            ("POST", "floor"): self._act,
            ("POST", "products"): self._products,
            ("POST", "tokens"): self._tokens,
        }

    def app(self, request: Request) -> Response:
        name = request.path.strip("/").removeprefix("_sandbox").strip("/")
        route = self._routes.get((request.method, name))
        if route is None:
            return _json(404, {"error": f"No control endpoint {name!r}"})
        try:
            body = json.loads(request.body or b"{}")
            if not isinstance(body, dict):
                raise TypeError("the body must be a JSON object")
            return _json(200, route(request, body))
        except (FloorError, Refusal, LookupError, TypeError, ValueError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})

    def _ledger(self, request: Request, body: Document) -> list[Document]:
        after = int(request.param("after") or 0)
        return [asdict(entry) for entry in self.world.ledger(after)]

    def _switches(self, request: Request, body: Document) -> Document:
        self.world.set_switches(body)
        return self.world.switches

    def _faults(self, request: Request, body: Document) -> Document:
        """`{seed, rate}` for the plan, `{script: {call: [fault, …]}}` for single ones."""
        plan = self.world.faults
        plan.seed = int(body.get("seed", plan.seed))
        plan.rate = float(body.get("rate", plan.rate))
        for call, names in (body.get("script") or {}).items():
            plan.script(call, *[Fault(name) for name in names])
        return {"seed": plan.seed, "rate": plan.rate}

    def _act(self, request: Request, body: Document) -> Document:
        """`{action, …arguments}`: an action of the floor, the staff or the stockroom."""
        action = body.pop("action", "")
        if action in FLOOR:
            result = getattr(self.world.floor, action)(**body)
        elif action in STAFF:
            result = getattr(self.world.staff, action)(**body)
        elif action in STOCKROOM:
            result = getattr(self.world.stockroom, action)(**body)
        else:
            raise ValueError(f"no action {action!r}")
        return {"result": result}

    def _products(self, request: Request, body: Document) -> Document:
        """`{products: [{sku, name, on_hand: {warehouse: units}}]}`."""
        for row in body["products"]:
            self.world.seed_product(**row)
        return {"products": len(body["products"])}

    def _tokens(self, request: Request, body: Document) -> Document:
        """`{action: "expire" | "revoke"}`."""
        tokens = self.world.tokens
        with self.world.turn():
            {"expire": tokens.expire_all, "revoke": tokens.revoke}[body["action"]]()
        return {"done": body["action"]}


def _json(status: int, body: Any) -> Response:
    text = json.dumps(body, default=str).encode()
    return Response(status, text, {"Content-Type": "application/json"})
