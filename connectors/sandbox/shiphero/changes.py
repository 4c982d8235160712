"""Changing and canceling an order that is already there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import allocation, bodies, orders
from connectors.sandbox.shiphero.errors import Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

UPDATABLE = {*orders.TEXTS, *orders.FLAGS, "order_number", "partner_order_id"} - {
    "shop_name",
    "currency",
}


def update(world: ShipHeroWorld, data: Document) -> Document:
    """order_update: only the fields given; the address is replaced as a whole."""
    order = orders.find(world, data)
    for name in UPDATABLE & set(data):
        if data[name] is not None or name in orders.TEXTS:
            order[name] = data[name]
    for name in ("shipping_lines", "shipping_address", "billing_address"):
        if data.get(name) is not None:
            order[name] = data[name]
    if data.get("tags") is not None:
        order["tags"] = orders.unique(data["tags"])
    if data.get("fulfillment_status"):
        orders.set_status(order, data["fulfillment_status"])
    if data.get("shipping_address") is not None:
        orders.validate_address(world, order)
    _note(world, order, data)
    order["edited"] = True
    orders.wake_when_due(world, order)
    orders.touch(world, order)
    orders.reprocess(world, order)
    return order


def set_holds(world: ShipHeroWorld, data: Document, user: str = "api") -> Document:
    """order_update_holds: only the holds given change."""
    order = orders.find(world, data)
    for name in orders.HOLDS:
        if data.get(name) is None or order["holds"][name] == data[name]:
            continue
        order["holds"][name] = data[name]
        verb = "set" if data[name] else "removed"
        orders.add_history(world, order, f"{name} {verb}", user)
    orders.touch(world, order)
    orders.reprocess(world, order)
    return order


def add_tags(world: ShipHeroWorld, data: Document) -> Document:
    order = orders.find(world, data)
    order["tags"] = orders.unique([*order["tags"], *(data.get("tags") or [])])
    return orders.touch(world, order)


def replace_tags(world: ShipHeroWorld, data: Document) -> Document:
    order = orders.find(world, data)
    order["tags"] = orders.unique(data.get("tags") or [])
    return orders.touch(world, order)


def add_note(world: ShipHeroWorld, data: Document) -> Document:
    order = orders.find(world, data)
    _note(world, order, data)
    return orders.touch(world, order)


def change_warehouse(world: ShipHeroWorld, data: Document) -> Document:
    """Drops the allocation; processing makes a new one at the target."""
    order = orders.find(world, data)
    warehouse = world.warehouse_for(data["warehouse_id"])
    order["pinned_warehouse_id"] = warehouse["id"]
    for line in order["line_items"]:
        line["locked_to_warehouse_id"] = None
    allocation.deallocate(world, order)
    orders.reprocess(world, order)
    return orders.touch(world, order)


def update_status(world: ShipHeroWorld, data: Document) -> Document:
    """A pure change of the status: it makes no shipment."""
    order = orders.find(world, data)
    before = order["fulfillment_status"]
    orders.set_status(order, data["fulfillment_status"])
    if order["closed"]:
        allocation.deallocate(world, order)
    orders.add_history(
        world,
        order,
        "<p><strong>Order Fulfillment Status</strong> updated from "
        f'<strong class="text-info">{before}</strong> to '
        f'<strong class="text-info">{order["fulfillment_status"]}</strong></p>',
    )
    orders.reprocess(world, order)
    return orders.touch(world, order)


def cancel(world: ShipHeroWorld, data: Document, user: str = "api") -> Document:
    """order_cancel: refused without `force` once there are labels or shipments."""
    order = orders.find(world, data)
    if order["fulfillment_status"] == "canceled":
        if world.switches["cancel_again"] == "reject":
            raise Refusal("Order is already canceled")
        return order
    if _has_left(world, order) and not data.get("force"):
        raise Refusal(
            "Order has valid labels or completed shipments, use force to cancel it"
        )
    allocation.free_locks(order)
    allocation.deallocate(world, order)
    orders.set_status(order, "canceled")
    for line in order["line_items"]:
        line["backorder_quantity"] = 0
    orders.add_history(world, order, "Order canceled", user)
    orders.add_history(
        world, order, "Order fulfillment status changed to: canceled", user
    )
    world.postman.emit(
        "Order Canceled", order["account_id"], lambda: bodies.order_canceled(order)
    )
    return orders.touch(world, order)


def _has_left(world: ShipHeroWorld, order: Document) -> bool:
    return any(
        label["status"] == "valid"
        for shipment in orders.shipments_of(world, order)
        for label in shipment["shipping_labels"]
    )


def _note(world: ShipHeroWorld, order: Document, data: Document) -> None:
    entry = data.get("history_entry")
    if entry:
        orders.add_history(
            world, order, entry.get("message") or "", entry.get("source") or "api"
        )
