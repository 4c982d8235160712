"""Whatever happens in whatever order, stock and orders agree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.shiphero.errors import Refusal
from connectors.sandbox.shiphero.floor import FloorError
from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import Remote

START = 40


Action = Callable[[Remote, random.Random, str], object]


def change_quantity(remote: Remote, chance: random.Random, order_id: str) -> None:
    rows = [
        {"id": line["id"], "quantity": chance.randrange(1, 9)}
        for line in lines_of(remote, order_id)[:1]
    ]
    change = ("order_update_line_items", "UpdateLineItemsInput")
    remote.change(*change, order_id=order_id, line_items=rows)


def remove_line(remote: Remote, chance: random.Random, order_id: str) -> None:
    gone = [line["id"] for line in lines_of(remote, order_id)[-1:]]
    change = ("order_remove_line_items", "RemoveLineItemsInput")
    remote.change(*change, order_id=order_id, line_item_ids=gone)


def move_east(remote: Remote, chance: random.Random, order_id: str) -> None:
    east = remote.world.warehouse_named("East")["id"]
    change = ("order_change_warehouse", "ChangeOrderWarehouseInput")
    remote.change(*change, order_id=order_id, warehouse_id=east)


def pick_and_put_back(remote: Remote, chance: random.Random, order_id: str) -> None:
    remote.world.floor.pick(order_id)
    remote.world.floor.clear_tote(order_id)


def merge(remote: Remote, chance: random.Random, order_id: str) -> None:
    others = [o["id"] for o in remote.world.every("order") if o["id"] != order_id]
    remote.world.staff.merge(order_id, chance.choice(others))


def lines_of(remote: Remote, order_id: str) -> list[dict[str, Any]]:
    order = remote.world.get("order", order_id) or {}
    return list(order["line_items"])


ACTIONS: list[Action] = [
    change_quantity,
    remove_line,
    move_east,
    pick_and_put_back,
    merge,
    lambda remote, chance, order_id: remote.wait(chance.uniform(1, 90), step=7),
    lambda remote, chance, order_id: remote.change(
        "order_cancel", "CancelOrderInput", order_id=order_id
    ),
    lambda remote, chance, order_id: remote.world.staff.set_hold(
        order_id, operator_hold=chance.random() < 0.5
    ),
    lambda remote, chance, order_id: remote.world.floor.restock("SKU-1", "East", 0),
    lambda remote, chance, order_id: remote.world.floor.pack(order_id),
    lambda remote, chance, order_id: remote.world.floor.ship(
        order_id, lines={"SKU-1": 1}, packages=2
    ),
]


def promised_by_orders(world: ShipHeroWorld) -> Counter[tuple[str, str]]:
    """Units per SKU and warehouse; each line agrees with its allocations."""
    promised: Counter[tuple[str, str]] = Counter()
    for order in world.every("order"):
        given: Counter[str] = Counter()
        skus = {line["id"]: line["sku"] for line in order["line_items"]}
        for row in order["allocations"]:
            assert row["units"]
            given.update(row["units"])
            for line_id, units in row["units"].items():
                promised[skus[line_id], row["warehouse_id"]] += units
        for line in order["line_items"]:
            assert line["quantity_allocated"] == given[line["id"]]
    return promised


def check(world: ShipHeroWorld) -> None:
    promised = promised_by_orders(world)
    units: Counter[str] = Counter()
    for row in world.every("stock"):
        assert row["allocated"] == promised[row["sku"], row["warehouse_id"]]
        units[row["sku"]] += row["on_hand"]
    for shipment in world.every("shipment"):
        for item in shipment["line_items"]:
            units[item["sku"]] += item["quantity"]
    assert units == {"SKU-1": START, "SKU-2": START}
    for order in world.every("order"):
        assert order["fulfillment_status"] != "canceled" or not order["allocations"]


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
            chance.choice(ACTIONS)(remote, chance, chance.choice(orders))
        except (FloorError, Refusal, ValueError):
            continue
        finally:
            check(world)
