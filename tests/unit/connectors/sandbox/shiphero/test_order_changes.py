"""Updates, lines, tags, cancels, warehouses, and what staff do."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import (
    GOOD_ADDRESS,
    Receiver,
    Remote,
)


@pytest.fixture
def order(remote: Remote, world: ShipHeroWorld) -> dict[str, Any]:
    world.set_switches({"auto_floor": False})
    order = remote.create("A-1", lines={"SKU-1": 2, "SKU-2": 1})
    remote.wait(20)
    return order


def lines_of(remote: Remote, order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["sku"]: line for line in remote.order(order["id"])["line_items"]}


def test_an_update_changes_only_what_it_names(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    before = world.get("order", order["id"])
    assert before is not None
    kept = dict(before)
    remote.change(
        "order_update",
        "UpdateOrderInput",
        order_id=order["id"],
        packing_note="Fragile",
        history_entry={"source": "shop", "message": "Asked for care"},
    )
    after = world.get("order", order["id"]) or {}
    changed = {name for name in after if after[name] != kept.get(name)}
    assert changed <= {"packing_note", "edited", "updated_at", "order_history"}
    assert after["order_history"][-1]["information"] == "Asked for care"


def test_the_address_is_replaced_as_a_whole(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    short = {k: v for k, v in GOOD_ADDRESS.items() if k != "first_name"}
    remote.change(
        "order_update",
        "UpdateOrderInput",
        order_id=order["id"],
        shipping_address=short,
    )
    after = world.get("order", order["id"]) or {}
    assert "first_name" not in after["shipping_address"]


def test_tags_are_appended_or_replaced(remote: Remote, order: dict[str, Any]) -> None:
    remote.change(
        "order_add_tags",
        "UpdateTagsInput",
        order_id=order["id"],
        tags=["a", "domestic"],
    )
    assert remote.order(order["id"])["tags"] == ["domestic", "a"]
    remote.change(
        "order_update_tags", "UpdateTagsInput", order_id=order["id"], tags=["b"]
    )
    assert remote.order(order["id"])["tags"] == ["b"]
    remote.change("order_clear_tags", "UpdateOrderInputBase", order_id=order["id"])
    assert remote.order(order["id"])["tags"] == []


def test_a_note_goes_into_the_history(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    remote.change(
        "order_add_history_entry",
        "AddHistoryInput",
        order_id=order["id"],
        history_entry={"source": "shop", "message": "Hello"},
    )
    history = (world.get("order", order["id"]) or {})["order_history"]
    assert (history[-1]["username"], history[-1]["information"]) == ("shop", "Hello")


def test_a_new_quantity_is_allocated_again(
    remote: Remote, order: dict[str, Any]
) -> None:
    line = lines_of(remote, order)["SKU-1"]
    remote.change(
        "order_update_line_items",
        "UpdateLineItemsInput",
        order_id=order["id"],
        line_items=[{"id": line["id"], "quantity": 5}],
    )
    remote.wait(6)
    line = lines_of(remote, order)["SKU-1"]
    assert line["quantity_allocated"] == line["quantity_pending_fulfillment"] == 5


def test_lines_are_added_and_removed(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    new = {"sku": "SKU-1", "partner_line_item_id": "new", "quantity": 1, "price": "1"}
    remote.change(
        "order_add_line_items",
        "AddLineItemsInput",
        order_id=order["id"],
        line_items=[new],
    )
    gone = lines_of(remote, order)["SKU-2"]["id"]
    remote.change(
        "order_remove_line_items",
        "RemoveLineItemsInput",
        order_id=order["id"],
        line_item_ids=[gone],
    )
    remote.wait(6)
    after = remote.order(order["id"])
    assert [line["partner_line_item_id"] for line in after["line_items"]] == [
        "A-1-1",
        "new",
    ]
    assert sum(line["quantity_allocated"] for line in after["line_items"]) == 3
    stock = {row["sku"]: row["allocated"] for row in world.every("stock")}
    assert stock == {"SKU-1": 3, "SKU-2": 0}


@pytest.mark.parametrize(
    ("mutation", "input_type", "data"),
    [
        (
            "order_update_line_items",
            "UpdateLineItemsInput",
            {"line_items": {"id": "x"}},
        ),
        ("order_remove_line_items", "RemoveLineItemsInput", {"line_item_ids": ["x"]}),
    ],
)
def test_an_unknown_line_is_refused_and_nothing_changes(
    remote: Remote,
    order: dict[str, Any],
    mutation: str,
    input_type: str,
    data: dict[str, Any],
) -> None:
    before = remote.order(order["id"])
    body = remote.change(mutation, input_type, order_id=order["id"], **data)
    assert body["errors"][0]["code"] == 5
    assert remote.order(order["id"]) == before


def test_a_cancel_gives_stock_back_and_tells(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver, order: dict[str, Any]
) -> None:
    remote.register("Order Canceled", "Order Deallocated")
    remote.change("order_cancel", "CancelOrderInput", order_id=order["id"])
    remote.wait(2)
    after = remote.order(order["id"])
    assert after["fulfillment_status"] == "canceled"
    assert after["allocations"] == []
    assert {row["allocated"] for row in world.every("stock")} == {0}
    assert len(receiver.of("Order Deallocated")) == 1
    assert receiver.of("Order Canceled")[0]["fulfillment-status"] == "canceled"


def test_a_cancel_needs_force_once_there_is_a_label(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.floor.ship(order["id"], lines={"SKU-1": 1})
    body = remote.change("order_cancel", "CancelOrderInput", order_id=order["id"])
    assert "force" in body["errors"][0]["message"]
    assert remote.order(order["id"])["fulfillment_status"] == "pending"
    remote.change("order_cancel", "CancelOrderInput", order_id=order["id"], force=True)
    assert remote.order(order["id"])["fulfillment_status"] == "canceled"


def test_a_voided_label_does_not_stand_in_the_way_of_a_cancel(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    shipment = world.floor.ship(order["id"], lines={"SKU-1": 1})[0]
    world.floor.void_label(shipment)
    body = remote.change("order_cancel", "CancelOrderInput", order_id=order["id"])
    assert "errors" not in body


def test_a_change_of_warehouse_moves_the_allocation(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.seed_product("SKU-1", on_hand={"East": 5})
    world.seed_product("SKU-2", on_hand={"East": 5})
    east = world.warehouse_named("East")["id"]
    change = ("order_change_warehouse", "ChangeOrderWarehouseInput")
    remote.change(*change, order_id=order["id"], warehouse_id=east)
    remote.wait(6)
    rows = remote.order(order["id"])["allocations"]
    assert [row["warehouse_id"] for row in rows] == [east]


def test_multi_warehouse_rules_override_a_change(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.seed_product("SKU-1", on_hand={"East": 5})
    world.set_switches({"mwa": True, "mwa_warehouse": "Primary"})
    east = world.warehouse_named("East")["id"]
    change = ("order_change_warehouse", "ChangeOrderWarehouseInput")
    remote.change(*change, order_id=order["id"], warehouse_id=east)
    remote.wait(6)
    rows = remote.order(order["id"])["allocations"]
    assert {row["warehouse_id"] for row in rows} == {
        world.warehouse_named("Primary")["id"]
    }


def test_an_unrecognized_status_reads_back_as_fulfilled(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    remote.change(
        "order_update_fulfillment_status",
        "UpdateOrderFulfillmentStatusInput",
        order_id=order["id"],
        fulfillment_status="closed",
    )
    after = remote.order(order["id"])
    assert after["fulfillment_status"] == "fulfilled"
    assert after["shipments"] == []
    world.set_switches({"status_collapse": False})
    assert remote.order(order["id"])["fulfillment_status"] == "closed"


def test_lines_in_picking_may_be_locked(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.set_switches({"locked_edits": "reject"})
    world.floor.pick(order["id"])
    line = lines_of(remote, order)["SKU-1"]
    body = remote.change(
        "order_update_line_items",
        "UpdateLineItemsInput",
        order_id=order["id"],
        line_items=[{"id": line["id"], "quantity": 1}],
    )
    assert "locked" in body["errors"][0]["message"]


def test_staff_merge_clone_and_reship(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    other = remote.create("B-1")
    remote.wait(20)
    world.staff.merge(order["id"], other["id"])
    remote.wait(6)
    assert len(remote.order(order["id"])["line_items"]) == 3
    assert remote.order(other["id"])["merged_orders"][0]["is_master"]
    world.floor.ship(order["id"])
    world.staff.reship(order["id"])
    assert remote.order(order["id"])["fulfillment_status"] == "pending"
    clone = world.staff.clone(order["id"])
    assert clone["partner_order_id"] == "A-1"
    assert judge.pickable_duplicates(world) == {}


def test_staff_hold_and_edit(
    remote: Remote, world: ShipHeroWorld, order: dict[str, Any]
) -> None:
    world.staff.set_hold(order["id"], fraud_hold=True)
    assert remote.order(order["id"])["holds"]["fraud_hold"]
    world.staff.edit_address(order["id"], address1="2 Main St")
    assert remote.order(order["id"])["shipping_address"] == {
        "address1": "2 Main St",
        "city": "Tulsa",
    }
    with pytest.raises(KeyError):
        world.staff.reship("nobody")


def test_stock_is_written_from_outside(remote: Remote, world: ShipHeroWorld) -> None:
    primary = world.warehouse_named("Primary")["id"]
    for mutation, input_type, quantity, after in (
        ("inventory_add", "UpdateInventoryInput", 5, 15),
        ("inventory_remove", "UpdateInventoryInput", 3, 12),
        ("inventory_replace", "ReplaceInventoryInput", 4, 4),
    ):
        body = remote.ask(
            f"mutation ($data: {input_type}!) {{ {mutation}(data: $data) "
            "{ warehouse_product { on_hand } } }",
            data={"sku": "SKU-1", "warehouse_id": primary, "quantity": quantity},
        )
        assert body["data"][mutation]["warehouse_product"]["on_hand"] == after
