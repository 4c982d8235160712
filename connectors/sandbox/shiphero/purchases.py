"""What the merchant ordered from its vendors, and what of it arrived."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def order_goods(
    world: ShipHeroWorld, units: dict[str, int], warehouse: str, days: float
) -> Document:
    """Expect these units (by SKU) in that many days. Call it inside a turn."""
    purchase_id, number = ids.new(world, "PurchaseOrder")
    where = world.warehouse_named(warehouse)["id"]
    made = {
        "id": purchase_id,
        "legacy_id": number,
        "po_number": f"PO-{number}",
        "account_id": world.account["id"],
        "warehouse_id": where,
        "created_at": world.stamp(),
        "po_date": (world.clock.now() + timedelta(days=days)).strftime("%Y-%m-%d"),
        "date_closed": None,
        "fulfillment_status": "pending",
        "line_items": [
            _line(world, purchase_id, where, sku, count) for sku, count in units.items()
        ],
    }
    return _changed(world, made)


def receive_goods(world: ShipHeroWorld, purchase_id: str) -> Document:
    """Count everything of a purchase order in and close it; the shelf is filled apart."""
    found = world.get("purchase", purchase_id)
    if found is None:
        raise KeyError(purchase_id)
    for line in found["line_items"]:
        line["quantity_received"] = line["quantity"]
        line["fulfillment_status"] = "closed"
    found |= {"fulfillment_status": "closed", "date_closed": world.stamp()}
    return _changed(world, found)


def _line(
    world: ShipHeroWorld, purchase_id: str, where: str, sku: str, count: int
) -> Document:
    line_id, number = ids.new(world, "PurchaseOrderLineItem")
    return {
        "id": line_id,
        "legacy_id": number,
        "po_id": purchase_id,
        "warehouse_id": where,
        "sku": sku,
        "quantity": count,
        "quantity_received": 0,
        "quantity_rejected": 0,
        "fulfillment_status": "pending",
    }


def _changed(world: ShipHeroWorld, made: Document) -> Document:
    world.put("purchase", made["id"], made)
    world.record("floor.purchase", made["po_number"], made["fulfillment_status"])
    world.postman.emit("PO Update", made["account_id"], lambda: _body(made))
    return made


def _body(made: Document) -> Document:
    """The newer of the two layouts that are known."""
    return {
        "test": "0",
        "webhook_type": "PO Update",
        "purchase_order": {
            "po_number": made["po_number"],
            "po_id": made["legacy_id"],
            "po_uuid": made["id"],
            "status": made["fulfillment_status"],
        },
        "line_items": [
            {
                "sku": line["sku"],
                "quantity": line["quantity"],
                "quantity_received": line["quantity_received"],
                "vendor_sku": line["sku"],
                "vendor_id": 1,
            }
            for line in made["line_items"]
        ],
    }
