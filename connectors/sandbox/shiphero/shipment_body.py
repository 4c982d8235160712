"""The body of Shipment Update, the one webhook to rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def shipment_update(
    world: ShipHeroWorld, order: Document, shipment: Document
) -> Document:
    """Neither the order's number nor the account is in it, as documented."""
    first = shipment["shipping_labels"][0]
    warehouse = world.warehouse_for(shipment["warehouse_id"])
    body: Document = {
        "test": "0",
        "webhook_type": "Shipment Update",
        "fulfillment": {
            "shipment_id": shipment["legacy_id"],
            "shipment_uuid": shipment["id"],
            "warehouse": warehouse["identifier"],
            "warehouse_id": warehouse["legacy_id"],
            "warehouse_uuid": warehouse["id"],
            "webhook_type": "Shipment Update",
            "partner_order_id": order["partner_order_id"],
            "order_number": order["order_number"],
            "tracking_number": first["tracking_number"],
            "line_items": [
                _shipped_line(row, shipment) for row in shipment["line_items"]
            ],
            "custom_tracking_url": first["tracking_url"],
            "package_number": 1,
            "total_packages": shipment["total_packages"],
            "shipping_method": first["shipping_method"],
            "shipping_carrier": first["carrier"],
            "shipping_address": _short_address(shipment["address"]),
            "package": {"length": 10, "width": 8, "height": 4, "weight": 16.5},
            "completed": shipment["completed"],
            "created_at": spaced(world, shipment["created_date"]),
            "order_uuid": order["id"],
            "order_gift_note": order["gift_note"] or "",
        },
        "total_packages": shipment["total_packages"],
    }
    if world.switches["packages"]:
        body["packages"] = [
            _package(label, shipment) for label in shipment["shipping_labels"]
        ]
    return body


def _shipped_line(row: Document, shipment: Document) -> Document:
    labels = {label["id"]: label for label in shipment["shipping_labels"]}
    number = labels[row["shipping_label_id"]]["package_number"]
    lot = row["lot"] or {}
    return {
        "id": row["partner_line_item_id"],
        "shiphero_id": ids.number_of(row["line_item_id"]),
        "quantity": row["quantity"],
        "sku": row["sku"],
        "serial_numbers": row["serial_numbers"],
        "customs_description": "",
        "package": f"Package #{number}",
        "lot_id": lot.get("legacy_id"),
        "lot_name": lot.get("name"),
        "lot_expiration": (lot.get("expires_at") or "")[:10] or None,
    }


def _package(label: Document, shipment: Document) -> Document:
    return {
        "name": f"Package #{label['package_number']}",
        "line_items": [
            _shipped_line(row, shipment)
            for row in shipment["line_items"]
            if row["shipping_label_id"] == label["id"]
        ],
        "shipping_label": {
            "tracking_number": label["tracking_number"],
            "tracking_url": label["tracking_url"],
            "shipping_carrier": label["carrier"],
            "carrier": label["carrier"],
            "shipping_method": label["shipping_method"],
            "cost": label["cost"],
        },
        "tracking_number": label["tracking_number"],
    }


def _short_address(address: Document) -> Document:
    return {
        "name": address["name"],
        "address1": address["address1"],
        "address2": address["address2"],
        "address_city": address["city"],
        "address_zip": address["zip"],
        "address_state": address["state"],
        "address_country": address["country"],
    }


def spaced(world: ShipHeroWorld, stamp: str) -> str:
    """The second time layout: a space, no zone."""
    if world.switches["hook_times"] == "iso":
        return stamp
    return stamp.replace("T", " ")
