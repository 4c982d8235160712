"""What customers send back, as warehouse staff open and receive it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def open_return(
    world: ShipHeroWorld, order: Document, units: dict[str, int], reason: str
) -> Document:
    """Expect these units (by SKU) of a shipped order. Call it inside a turn."""
    return_id, number = ids.new(world, "Return")
    lines = [
        _line(world, return_id, line, units[line["sku"]], reason)
        for line in order["line_items"]
        if units.get(line["sku"])
    ]
    made = {
        "id": return_id,
        "legacy_id": number,
        "account_id": order["account_id"],
        "order_id": order["id"],
        "reason": reason,
        "status": "pending",
        "label_type": "SELF_RETURN",
        "label_cost": "0.00",
        "line_items": lines,
        "total_items_expected": sum(line["quantity"] for line in lines),
        "total_items_received": 0,
        "total_items_restocked": 0,
        "created_at": world.stamp(),
    }
    return _changed(world, order, made)


def receive(world: ShipHeroWorld, return_id: str) -> Document:
    """Count everything of a return in and put it back on the shelf."""
    found = world.get("return", return_id)
    if found is None:
        raise KeyError(return_id)
    for line in found["line_items"]:
        line["quantity_received"] = line["restock"] = line["quantity"]
    total = found["total_items_expected"]
    found |= {"total_items_received": total, "total_items_restocked": total}
    found["status"] = "complete"
    order = world.get("order", found["order_id"])
    assert order is not None  # noqa: S101 - a return has its order
    return _changed(world, order, found)


def _line(
    world: ShipHeroWorld, return_id: str, line: Document, units: int, reason: str
) -> Document:
    line_id, number = ids.new(world, "ReturnLineItem")
    return {
        "id": line_id,
        "legacy_id": number,
        "return_id": return_id,
        "line_item_id": line["id"],
        "partner_line_item_id": line["partner_line_item_id"],
        "warehouse_id": line["warehouse_id"],
        "sku": line["sku"],
        "quantity": units,
        "quantity_received": 0,
        "restock": 0,
        "reason": reason,
    }


def _changed(world: ShipHeroWorld, order: Document, made: Document) -> Document:
    world.put("return", made["id"], made)
    world.postman.emit("Return Update", order["account_id"], lambda: _body(order, made))
    return made


def _body(order: Document, made: Document) -> Document:
    """The documented keys; the label's kind in words, unlike in GraphQL."""
    return {
        "test": "0",
        "webhook_type": "Return Update",
        "return_id": made["legacy_id"],
        "return_uuid": made["id"],
        "status": made["status"],
        "reason": made["reason"],
        "items": [
            {
                "id": line["legacy_id"],
                "uuid": line["id"],
                "quantity": line["quantity"],
                "quantity_received": line["quantity_received"],
                "sku": line["sku"],
                "item_reason": line["reason"],
                "restock": line["restock"],
                "partner_line_item_id": line["partner_line_item_id"],
                "warehouse_id": ids.number_of(line["warehouse_id"]),
            }
            for line in made["line_items"]
        ],
        "order_id": order["legacy_id"],
        "order_uuid": order["id"],
        "partner_order_id": order["partner_order_id"],
        "order_number": order["order_number"],
        "shop_name": order["shop_name"],
        "created_at": made["created_at"].replace("T", " "),
        "label_type": "Self Return",
        "label_cost": "0.00",
        "picked_up": False,
        "tracking_number": "",
        "date_used": None,
    }
