"""Pick, pack, ship, void: by hand and by itself."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.floor import FloorError
from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import Receiver, Remote


def stock(world: ShipHeroWorld, sku: str) -> tuple[int, int]:
    row = next(row for row in world.every("stock") if row["sku"] == sku)
    return row["on_hand"], row["allocated"]


@pytest.fixture
def order(remote: Remote, world: ShipHeroWorld) -> dict[str, Any]:
    """Allocated, the floor standing still."""
    world.set_switches({"auto_floor": False})
    order = remote.create("A-1", lines={"SKU-1": 4})
    remote.wait(20)
    return order


def test_the_floor_ships_a_ready_order_by_itself(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    remote.register("Order Allocated", "Order Packed Out", "Shipment Update")
    order = remote.create("A-1")
    remote.wait(17 + 59)
    assert remote.order(order["id"])["line_items"][0]["tote_picks"] == []
    remote.wait(2)
    picks = remote.order(order["id"])["line_items"][0]["tote_picks"]
    assert picks == [{"picked_quantity": 2, "sku": "SKU-1"}]
    remote.wait(62)
    after = remote.order(order["id"])
    assert after["fulfillment_status"] == "fulfilled"
    label = after["shipments"][0]["shipping_labels"][0]
    assert label["status"] == "valid"
    assert (label["carrier"], label["shipping_method"]) == ("ups", "ground")
    assert label["tracking_number"].startswith("1Z")
    assert stock(world, "SKU-1") == (8, 0)
    assert [body["webhook_type"] for body in receiver.bodies] == [
        "Order Allocated",
        "Order Packed Out",
        "Shipment Update",
    ]
    told = judge.shipped(world)["A-1"][0]["packages"][0]["tracking_number"]
    assert told == label["tracking_number"]


def test_the_delays_shrink_with_the_clocks_scale(remote: Remote) -> None:
    remote.world.clock.scale = 60.0
    order = remote.create("A-1")
    remote.wait((17 + 60 + 30 + 30 + 5) / 60, step=0.1)
    assert remote.order(order["id"])["fulfillment_status"] == "fulfilled"


def test_a_hold_in_mid_picking_stops_the_packer_until_released(remote: Remote) -> None:
    order = remote.create("A-1")
    remote.wait(80)
    remote.world.staff.set_hold(order["id"], operator_hold=True)
    remote.wait(200, step=5)
    assert remote.order(order["id"])["shipments"] == []
    remote.world.staff.set_hold(order["id"], operator_hold=False)
    remote.wait(80, step=5)
    assert remote.order(order["id"])["fulfillment_status"] == "fulfilled"


def test_a_canceled_order_is_not_shipped(remote: Remote) -> None:
    order = remote.create("A-1")
    remote.wait(80)
    remote.change("order_cancel", "CancelOrderInput", order_id=order["id"])
    remote.wait(200, step=5)
    assert remote.order(order["id"])["shipments"] == []
    assert stock(remote.world, "SKU-1") == (10, 0)


def test_a_part_ships_first_and_the_rest_later(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.floor.ship(order["id"], lines={"SKU-1": 1})
    line = remote.order(order["id"])["line_items"][0]
    assert (line["quantity_shipped"], line["quantity_pending_fulfillment"]) == (1, 3)
    assert remote.order(order["id"])["fulfillment_status"] == "pending"
    world.floor.ship(order["id"])
    after = remote.order(order["id"])
    assert after["fulfillment_status"] == "fulfilled"
    assert len(after["shipments"]) == 2
    assert stock(world, "SKU-1") == (6, 0)


def test_one_shipment_may_be_several_packages(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver, order: dict[str, Any]
) -> None:
    remote.register("Shipment Update")
    shipment = world.floor.ship(order["id"], packages=3)[0]
    assert shipment["total_packages"] == 3
    numbers = {label["tracking_number"] for label in shipment["shipping_labels"]}
    assert len(numbers) == 3
    remote.wait(2)
    body = receiver.of("Shipment Update")[0]
    assert [p["tracking_number"] for p in body["packages"]] == [
        label["tracking_number"] for label in shipment["shipping_labels"]
    ]
    assert sum(x["quantity"] for p in body["packages"] for x in p["line_items"]) == 4


def test_an_order_may_be_split_over_warehouses(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"auto_floor": False})
    world.seed_product("SKU-1", on_hand={"Primary": 3, "East": 3})
    order = remote.create("A-1", lines={"SKU-1": 5}, allow_split=True)
    remote.wait(20)
    assert len(remote.order(order["id"])["allocations"]) == 2
    assert len(world.floor.ship(order["id"])) == 2


def test_stock_that_lacks_is_backordered_until_it_comes(
    remote: Remote, world: ShipHeroWorld
) -> None:
    order = remote.create("A-1", lines={"SKU-1": 12})
    remote.wait(300, step=10)
    line = remote.order(order["id"])["line_items"][0]
    assert (line["quantity_allocated"], line["backorder_quantity"]) == (10, 2)
    assert remote.order(order["id"])["shipments"] == []
    world.floor.restock("SKU-1", "Primary", 5)
    remote.wait(130, step=5)
    assert remote.order(order["id"])["fulfillment_status"] == "fulfilled"


def test_the_oldest_order_is_served_first(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"auto_floor": False})
    world.seed_product("RARE", on_hand={"Primary": 0})
    first, second = (remote.create(k, lines={"RARE": 1}) for k in ("A-1", "B-1"))
    remote.wait(20)
    world.floor.restock("RARE", "Primary", 1)
    assert remote.order(first["id"])["allocations"]
    assert not remote.order(second["id"])["allocations"]


def test_short_orders_ship_in_part_where_that_is_allowed(
    remote: Remote, world: ShipHeroWorld
) -> None:
    order = remote.create("A-1", lines={"SKU-1": 12}, allow_partial=True)
    remote.wait(200, step=5)
    after = remote.order(order["id"])
    assert after["line_items"][0]["quantity_shipped"] == 10
    assert after["fulfillment_status"] == "pending"


def test_a_voided_label_is_seen_by_polling_alone(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver, order: dict[str, Any]
) -> None:
    shipment = world.floor.ship(order["id"])[0]
    remote.register("Shipment Update")
    world.floor.void_label(shipment)
    remote.wait(60)
    assert receiver.taken == []
    edges = remote.ask(
        "{ shipments(voided: true) { data(first: 5) { edges { node { id "
        "shipping_labels { status refunded } } } } } }"
    )["data"]["shipments"]["data"]["edges"]
    assert edges[0]["node"]["shipping_labels"] == [
        {"status": "voided", "refunded": True}
    ]
    assert remote.order(order["id"])["fulfillment_status"] == "fulfilled"


def test_a_void_may_reopen_the_order(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.set_switches({"void_reopens": True})
    world.floor.void_label(world.floor.ship(order["id"])[0])
    assert remote.order(order["id"])["fulfillment_status"] == "pending"


def test_a_held_order_cannot_be_worked_by_hand(
    world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.staff.set_hold(order["id"], client_hold=True)
    with pytest.raises(FloorError):
        world.floor.pick(order["id"])


def test_totes_tell_when_support_enabled_it(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver, order: dict[str, Any]
) -> None:
    remote.register("Tote Complete", "Tote Cleared")
    world.set_switches({"tote_complete": True, "tote_cleared_type": False})
    world.floor.pick(order["id"])
    world.floor.clear_tote(order["id"])
    remote.wait(2)
    assert len(receiver.of("Tote Complete")) == 1
    assert "webhook_type" not in receiver.bodies[1]
    assert remote.order(order["id"])["line_items"][0]["tote_picks"] == []


def test_shipments_are_found_by_order_date_and_tracking(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    shipment = world.floor.ship(order["id"])[0]
    tracking = shipment["shipping_labels"][0]["tracking_number"]
    query = (
        "query ($o: String, $t: String, $d: ISODateTime) { "
        "shipments(order_id: $o, tracking_number: $t, date_from: $d) "
        "{ data(first: 5) { edges { node { id order { partner_order_id } "
        "warehouse { identifier } line_items(first: 5) { edges { node "
        "{ quantity line_item { sku } } } } } } } } }"
    )

    def count(**variables: str) -> int:
        page = remote.ask(query, **variables)["data"]["shipments"]["data"]
        return len(page["edges"])

    assert count(o=order["id"]) == count(t=tracking) == count(d="2026-01-05") == 1
    assert count(o="other") == count(t="other") == count(d="2027-01-01") == 0
    single = remote.ask(
        "query ($id: String) { shipment(id: $id) { data { id completed } } }",
        id=shipment["id"],
    )
    assert single["data"]["shipment"]["data"]["completed"]


def test_the_floor_may_ship_in_parts_by_itself(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"auto_splits": 3, "auto_packages": 2})
    order = remote.create("A-1", lines={"SKU-1": 4, "SKU-2": 1})
    remote.wait(300, step=5)
    after = remote.order(order["id"])
    assert after["fulfillment_status"] == "fulfilled"
    assert [s["total_packages"] for s in after["shipments"]] == [2, 2, 1]


def test_a_line_removed_in_mid_picking_is_not_shipped(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"auto_floor": False})
    order = remote.create("A-1", lines={"SKU-1": 1, "SKU-2": 1})
    remote.wait(20)
    world.floor.pick(order["id"])
    gone = remote.order(order["id"])["line_items"][1]["id"]
    remote.change(
        "order_remove_line_items",
        "RemoveLineItemsInput",
        order_id=order["id"],
        line_item_ids=[gone],
    )
    shipment = world.floor.ship(order["id"])[0]
    assert [row["quantity"] for row in shipment["line_items"]] == [1]
    assert stock(world, "SKU-2") == (10, 0)
    assert remote.order(order["id"])["fulfillment_status"] == "fulfilled"


def test_what_is_fetched_has_a_word_for_a_tracking_number(
    remote: Remote, world: ShipHeroWorld
) -> None:
    lines = {"title": "Pickup", "price": "0", "carrier": "pickup", "method": "pickup"}
    order = remote.create("A-1", shipping_lines=lines)
    remote.wait(200, step=5)
    shipment = remote.order(order["id"])["shipments"][0]
    assert shipment["shipping_labels"][0]["tracking_number"] == "Pickup"
