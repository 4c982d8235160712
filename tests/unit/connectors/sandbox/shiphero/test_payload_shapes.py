"""Answers and webhook bodies have the keys, types and nesting of the samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.shiphero.world import (
    PASSWORD,
    REFRESH_TOKEN,
    USERNAME,
    ShipHeroWorld,
)
from tests.unit.connectors.sandbox.shiphero.conftest import Receiver, Remote

SAMPLES = Path(__file__).parents[4] / "payloads" / "shiphero"
WEBHOOKS = {
    "order_allocated": "Order Allocated",
    "order_deallocated": "Order Deallocated",
    "order_canceled": "Order Canceled",
    "order_packed_out": "Order Packed Out",
    "tote_complete": "Tote Complete",
    "shipment_update": "Shipment Update",
    "inventory_update": "Inventory Update",
}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def shape(value: Any) -> Any:
    """Keys, nesting and types; a list has the shape of its first item."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__


def test_the_comparison_tells_text_from_numbers() -> None:
    assert shape({"a": [1]}) != shape({"a": ["1"]})
    assert shape({"a": True}) != shape({"a": 1})


@pytest.fixture
def bodies(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> dict[str, dict[str, Any]]:
    """The first body of each webhook, out of one shipped and one canceled order."""
    world.set_switches({"tote_complete": True})
    remote.register(*WEBHOOKS.values())
    remote.create("A-1")
    canceled = remote.create("B-1")
    remote.wait(20)
    remote.change("order_cancel", "CancelOrderInput", order_id=canceled["id"])
    remote.wait(200, step=5)
    firsts: dict[str, dict[str, Any]] = {}
    for body in receiver.bodies:
        firsts.setdefault(body["webhook_type"], body)
    return firsts


@pytest.mark.parametrize("name", sorted(WEBHOOKS))
def test_a_webhook_body_has_the_documented_shape(
    bodies: dict[str, dict[str, Any]], name: str
) -> None:
    assert shape(bodies[WEBHOOKS[name]]) == shape(sample(name))


def test_tote_cleared_has_the_documented_shape_without_its_type(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    world.set_switches({"tote_cleared_type": False, "auto_floor": False})
    remote.register("Tote Cleared")
    order = remote.create("A-1")
    remote.wait(20)
    world.floor.pick(order["id"])
    world.floor.clear_tote(order["id"])
    remote.wait(2)
    assert shape(receiver.bodies[0]) == shape(sample("tote_cleared"))


def test_times_have_the_documented_layouts(bodies: dict[str, dict[str, Any]]) -> None:
    assert "T" in bodies["Order Allocated"]["allocated_at"]
    assert " " in bodies["Shipment Update"]["fulfillment"]["created_at"]


def test_packages_may_be_absent(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    world.set_switches({"packages": False})
    remote.register("Shipment Update")
    remote.create("A-1")
    remote.wait(150, step=5)
    wanted = sample("shipment_update")
    del wanted["packages"]
    assert shape(receiver.bodies[0]) == shape(wanted)


def test_the_throttling_has_the_documented_shape(remote: Remote) -> None:
    remote.create("A-1")
    body = remote.ask(
        "{ mergeable_orders: orders "
        "{ request_id complexity data(first: 10) { edges { cursor } } } }"
    )
    wanted = sample("envelope")
    assert shape(body["extensions"]) == shape(wanted["extensions"])
    answer, example = body["data"]["mergeable_orders"], wanted["data"]
    assert set(answer) == set(example["mergeable_orders"])
    detail = body["extensions"]["throttling"]["cost_detail"]["mergeable_orders"]
    assert (
        detail == wanted["extensions"]["throttling"]["cost_detail"]["mergeable_orders"]
    )


def test_errors_have_the_documented_shape(remote: Remote, world: ShipHeroWorld) -> None:
    body = remote.change("order_update", "UpdateOrderInput", order_id="nothing")
    wanted = sample("error_not_found")
    assert shape(body["errors"]) == shape(wanted["errors"])
    assert body["data"] == wanted["data"]
    body = remote.ask("{ orders { data(first: 9000) { edges { cursor } } } }")
    wanted = sample("error_no_credits")
    assert shape(body["errors"]) == shape(wanted["errors"])
    world.set_switches({"missing_scopes": ["view:orders"]})
    body = remote.ask("{ orders { request_id } }")
    wanted = sample("error_missing_scope")
    assert shape(body["errors"]) == shape(wanted["errors"])
    assert body["errors"][0]["message"] == wanted["errors"][0]["message"]


def test_tokens_have_the_documented_shape(remote: Remote) -> None:
    refreshed = remote.post("/auth/refresh", {"refresh_token": REFRESH_TOKEN})
    assert shape(refreshed.json()) == shape(sample("auth_refresh"))
    login = {"username": USERNAME, "password": PASSWORD}
    assert shape(remote.post("/auth/token", login).json()) == shape(
        sample("auth_token")
    )
