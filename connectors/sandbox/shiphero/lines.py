"""Changing the lines of an order that is already there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import allocation, orders
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal
from connectors.sandbox.shiphero.intake import LINE_FIELDS, check_lines, new_line

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def add_lines(world: ShipHeroWorld, data: Document) -> Document:
    order = _line_editable(world, data)
    taken = {line["partner_line_item_id"] for line in order["line_items"]}
    check_lines(world, order["account_id"], data["line_items"], taken)
    for line in data["line_items"]:
        order["line_items"].append(new_line(world, order["id"], line))
    return _lines_changed(world, order)


def update_lines(world: ShipHeroWorld, data: Document) -> Document:
    order = _line_editable(world, data)
    lines = {line["id"]: line for line in order["line_items"]}
    changes = data.get("line_items") or []
    if any(change["id"] not in lines for change in changes):
        raise Refusal("Line item not found", NOT_FOUND)
    for change in changes:
        if change.get("warehouse_id") is not None:
            world.warehouse_for(change["warehouse_id"])
    allocation.deallocate(world, order)
    for change in changes:
        _change_line(world, lines[change["id"]], change)
    return _lines_changed(world, order)


def _change_line(world: ShipHeroWorld, line: Document, change: Document) -> None:
    for name in (*LINE_FIELDS, "price", "partner_line_item_id", "eligible_for_return"):
        if change.get(name) is not None:
            line[name] = change[name]
    if change.get("quantity") is not None:
        line["quantity"] = change["quantity"]
        left = line["quantity"] - line["quantity_shipped"]
        line["quantity_pending_fulfillment"] = max(0, left)
    if change.get("quantity_pending_fulfillment") is not None:
        pending = change["quantity_pending_fulfillment"]
        line["quantity_pending_fulfillment"] = pending
    if change.get("warehouse_id") is not None:
        warehouse = world.warehouse_for(change["warehouse_id"])
        line["locked_to_warehouse_id"] = line["warehouse_id"] = warehouse["id"]
        line["warehouse"] = warehouse["identifier"]
    line["updated_at"] = world.stamp()


def remove_lines(world: ShipHeroWorld, data: Document) -> Document:
    order = _line_editable(world, data)
    gone = set(data.get("line_item_ids") or [])
    if gone - {line["id"] for line in order["line_items"]}:
        raise Refusal("Line item not found", NOT_FOUND)
    allocation.deallocate(world, order)
    for line in order["line_items"]:
        if line["id"] in gone:
            allocation.forget_line(world, order, line)
    order["line_items"] = [x for x in order["line_items"] if x["id"] not in gone]
    return _lines_changed(world, order)


def _line_editable(world: ShipHeroWorld, data: Document) -> Document:
    order = orders.find(world, data)
    locked = any(a["is_locked"] for a in order["allocations"])
    if locked and world.switches["locked_edits"] == "reject":
        raise Refusal("Order is locked, it is being fulfilled")
    return order


def _lines_changed(world: ShipHeroWorld, order: Document) -> Document:
    order["edited"] = True
    orders.reprocess(world, order)
    return orders.touch(world, order)
