"""Whatever happens in whatever order, stock and orders agree."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from connectors.sandbox.shiphero.errors import Refusal
from connectors.sandbox.shiphero.floor import FloorError
from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import Remote

START = 40


def act(remote: Remote, chance: random.Random, orders: list[str]) -> None:
    world = remote.world
    order_id = chance.choice(orders)
    order = world.get("order", order_id) or {}
    change: Any = {"order_id": order_id}
    lines = [line["id"] for line in order["line_items"]]
    action = chance.randrange(11)
    if action == 0:
        remote.change("order_cancel", "CancelOrderInput", **change)
    elif action == 1:
        remote.wait(chance.uniform(1, 90), step=7)
    elif action == 2 and lines:
        row = {"id": chance.choice(lines), "quantity": chance.randrange(1, 9)}
        remote.change(
            "order_update_line_items",
            "UpdateLineItemsInput",
            line_items=[row],
            **change,
        )
    elif action == 3 and lines:
        gone = [chance.choice(lines)]
        remote.change(
            "order_remove_line_items",
            "RemoveLineItemsInput",
            line_item_ids=gone,
            **change,
        )
    elif action == 4:
        world.staff.set_hold(order_id, operator_hold=chance.random() < 0.5)
    elif action == 5:
        world.floor.restock(chance.choice(["SKU-1", "SKU-2"]), "East", 0)
    elif action == 6:
        world.floor.ship(order_id, lines={"SKU-1": 1}, packages=2)
    elif action == 7:
        world.floor.pick(order_id)
        world.floor.clear_tote(order_id)
    elif action == 8:
        world.staff.merge(order_id, chance.choice(orders))
    elif action == 9:
        east = world.warehouse_named("East")["id"]
        remote.change(
            "order_change_warehouse",
            "ChangeOrderWarehouseInput",
            warehouse_id=east,
            **change,
        )
    else:
        world.floor.pack(order_id)


def check(world: ShipHeroWorld) -> None:
    promised: Counter[tuple[str, str]] = Counter()
    for order in world.every("order"):
        given: Counter[str] = Counter()
        skus = {line["id"]: line["sku"] for line in order["line_items"]}
        for row in order["allocations"]:
            assert row["units"]
            for line_id, units in row["units"].items():
                given[line_id] += units
                promised[skus[line_id], row["warehouse_id"]] += units
        for line in order["line_items"]:
            assert line["quantity_allocated"] == given[line["id"]]
            assert line["backorder_quantity"] >= 0
        if order["fulfillment_status"] == "canceled":
            assert not order["allocations"]
    shipped: Counter[str] = Counter()
    for shipment in world.every("shipment"):
        for item in shipment["line_items"]:
            shipped[item["sku"]] += item["quantity"]
    on_hand: Counter[str] = Counter()
    for row in world.every("stock"):
        assert row["allocated"] == promised[row["sku"], row["warehouse_id"]]
        on_hand[row["sku"]] += row["on_hand"]
    for sku in ("SKU-1", "SKU-2"):
        assert on_hand[sku] + shipped[sku] == START


@pytest.mark.parametrize("seed", range(12))
def test_stock_and_orders_agree_after_anything(
    remote: Remote, world: ShipHeroWorld, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    world.set_switches(
        {"allocate_at": chance.choice(["create", "release", "both"]), "pick_after": 9}
    )
    for sku in ("SKU-1", "SKU-2"):
        world.seed_product(sku, on_hand={"Primary": START // 2, "East": START // 2})
    orders = [
        remote.create(
            f"K-{n}",
            lines={"SKU-1": chance.randrange(1, 9), "SKU-2": chance.randrange(1, 9)},
            allow_split=chance.random() < 0.5,
            allow_partial=chance.random() < 0.5,
        )["id"]
        for n in range(6)
    ]
    for _ in range(80):
        try:
            act(remote, chance, orders)
        except (FloorError, Refusal, ValueError):
            continue
        finally:
            check(world)
