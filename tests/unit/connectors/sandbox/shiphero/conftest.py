"""A ShipHero world with a clock moved by hand, and a client that speaks to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.shiphero.world import REFRESH_TOKEN, ShipHeroWorld
from connectors.sandbox.wire import InProcessAdapter
from connectors.sandbox.world import ManualClock

URL = "http://shiphero.sandbox"
GOOD_ADDRESS = {
    "first_name": "Jane",
    "last_name": "Roe",
    "address1": "1 Main St",
    "city": "Tulsa",
    "state": "OK",
    "state_code": "OK",
    "zip": "74103",
    "country": "US",
    "country_code": "US",
}
CREATE = """
mutation ($data: CreateOrderInput!) {
  order_create(data: $data) {
    request_id complexity
    order {
      id legacy_id order_number partner_order_id fulfillment_status tags
      holds { operator_hold address_hold payment_hold }
      line_items(first: 10) { edges { node { id sku quantity price } } }
    }
  }
}
"""
ORDER = """
query ($id: String!) {
  order(id: $id) {
    request_id
    data {
      id fulfillment_status tags updated_at total_price subtotal
      holds { operator_hold address_hold payment_hold fraud_hold client_hold }
      shipping_address { address1 city }
      allocations {
        warehouse_id ready_to_ship allocation_reference
        line_items { sku quantity_allocated is_kit_component }
      }
      merged_orders { order_id is_master }
      line_items(first: 20) { edges { node {
        id sku partner_line_item_id quantity quantity_shipped quantity_allocated
        quantity_pending_fulfillment backorder_quantity warehouse
        tote_picks { picked_quantity sku }
      } } }
      shipments {
        id total_packages
        shipping_labels { status tracking_number carrier shipping_method }
      }
    }
  }
}
"""


class Receiver:
    """Takes webhooks; answers the statuses it was given, then 200."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.taken.append((url, headers, body))
        return self.statuses.pop(0) if self.statuses else 200

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.taken]

    def of(self, name: str) -> list[dict[str, Any]]:
        return [body for body in self.bodies if body.get("webhook_type") == name]


class Remote:
    """A client of the world, over `requests` but without a socket."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world
        self.session = requests.Session()
        self.session.mount(URL, InProcessAdapter(ShipHeroSandbox(world).app))
        self.token = ""

    def log_in(self) -> None:
        answer = self.post("/auth/refresh", {"refresh_token": REFRESH_TOKEN})
        self.token = answer.json()["access_token"]

    def post(self, path: str, body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.session.post(URL + path, json=body, headers=headers)

    def raw(self, query: str, **variables: Any) -> requests.Response:
        return self.post("/graphql", {"query": query, "variables": variables})

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole body of a 200 answer."""
        answer = self.raw(query, **variables)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def create(self, key: str = "A-1", **more: Any) -> dict[str, Any]:
        """The created order; `more` overrides input fields."""
        body = self.ask(CREATE, data=order_input(key, **more))
        assert "errors" not in body, body["errors"]
        order: dict[str, Any] = body["data"]["order_create"]["order"]
        return order

    def order(self, order_id: str) -> dict[str, Any]:
        order: dict[str, Any] = self.ask(ORDER, id=order_id)["data"]["order"]["data"]
        order["line_items"] = [edge["node"] for edge in order["line_items"]["edges"]]
        return order

    def change(self, mutation: str, input_type: str, **data: Any) -> dict[str, Any]:
        """The body of an order mutation."""
        return self.ask(
            f"mutation ($data: {input_type}!) "
            f"{{ {mutation}(data: $data) {{ request_id order {{ id tags }} }} }}",
            data=data,
        )

    def register(self, *names: str) -> dict[str, str]:
        """Webhooks to one URL; answers the secret of each."""
        secrets = {}
        for name in names:
            body = self.ask(
                "mutation ($data: CreateWebhookInput!) { webhook_create(data: $data) "
                "{ webhook { id shared_signature_secret } } }",
                data={"name": name, "url": "https://shop.example/hooks"},
            )
            webhook = body["data"]["webhook_create"]["webhook"]
            secrets[name] = webhook["shared_signature_secret"]
        return secrets

    def wait(self, seconds: float, step: float = 1.0) -> None:
        """Let world time pass, doing what comes due on the way."""
        assert isinstance(self.world.clock, ManualClock)
        passed = 0.0
        while passed < seconds:
            self.world.clock.advance(min(step, seconds - passed))
            passed += step
            self.world.run_due()


def order_input(key: str, **more: Any) -> dict[str, Any]:
    lines = more.pop("lines", {"SKU-1": 2})
    return {
        "order_number": f"N-{key}",
        "partner_order_id": key,
        "shop_name": "shop.example",
        "shipping_lines": {
            "title": "UPS Ground",
            "price": "5.00",
            "carrier": "ups",
            "method": "ground",
        },
        "shipping_address": GOOD_ADDRESS,
        "line_items": [
            {
                "sku": sku,
                "partner_line_item_id": f"{key}-{n}",
                "quantity": units,
                "price": "10.00",
            }
            for n, (sku, units) in enumerate(lines.items(), start=1)
        ],
    } | more


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def world(receiver: Receiver) -> Iterator[ShipHeroWorld]:
    clock = ManualClock(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
    world = ShipHeroWorld(clock=clock, send=receiver)
    world.seed_product("SKU-1", on_hand={"Primary": 10})
    world.seed_product("SKU-2", on_hand={"Primary": 10})
    yield world
    world.close()


@pytest.fixture
def remote(world: ShipHeroWorld) -> Remote:
    remote = Remote(world)
    remote.log_in()
    return remote
