"""Webhook bodies, with the key names, types and nesting that ShipHero documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import ids

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def order_allocated(
    world: ShipHeroWorld, order: Document, allocation: Document, ready: bool
) -> Document:
    """`ready_to_ship` is 0 or 1; ids are numbers with the opaque ones beside."""
    lines = {line["id"]: line for line in order["line_items"]}
    return {
        "webhook_type": "Order Allocated",
        "allocation_reference": int(allocation["allocation_reference"]),
        "account_id": ids.number_of(order["account_id"]),
        "account_uuid": order["account_id"],
        "warehouse_id": ids.number_of(allocation["warehouse_id"]),
        "warehouse_uuid": allocation["warehouse_id"],
        "allocated_at": allocation["allocated_at"],
        "order_number": order["order_number"],
        "order_id": order["legacy_id"],
        "order_uuid": order["id"],
        "partner_order_id": order["partner_order_id"],
        "line_items": [
            {
                "id": ids.number_of(row["line_item_id"]),
                "item_uuid": row["line_item_id"],
                "partner_line_item_id": lines[row["line_item_id"]][
                    "partner_line_item_id"
                ],
                "quantity": row["quantity_allocated"],
                "sku": row["sku"],
                "is_kit_component": row["is_kit_component"],
                "created_at": lines[row["line_item_id"]]["created_at"],
            }
            for row in allocation["line_items"]
            if row["line_item_id"] in lines
        ],
        "ready_to_ship": int(ready),
    }


def order_deallocated(
    world: ShipHeroWorld, order: Document, allocation: Document
) -> Document:
    return {
        "webhook_type": "Order Deallocated",
        "allocation_reference": int(allocation["allocation_reference"]),
        "account_id": ids.number_of(order["account_id"]),
        "account_uuid": order["account_id"],
        "order_id": order["legacy_id"],
        "order_number": order["order_number"],
        "order_uuid": order["id"],
        "partner_order_id": order["partner_order_id"],
        "deallocated_at": world.stamp(),
    }


def order_canceled(order: Document) -> Document:
    """Here the status key has a hyphen, and nothing tells account or time."""
    return {
        "order_number": order["order_number"],
        "partner_order_id": order["partner_order_id"],
        "fulfillment-status": "canceled",
        "order_id": order["legacy_id"],
        "order_uuid": order["id"],
        "shop_name": order["shop_name"],
        "shop_order_number": order["order_number"],
        "webhook_type": "Order Canceled",
    }


def order_packed_out(order: Document, allocation: Document) -> Document:
    """One item per pick; `tote_id` is text, and no order number is told."""
    return {
        "webhook_type": "Order Packed Out",
        "tote_id": str(ids.number_of(allocation["tote_id"])),
        "tote_uuid": allocation["tote_id"],
        "tote_name": allocation["tote_name"],
        "order_id": order["legacy_id"],
        "order_uuid": order["id"],
        "items": [
            {
                "order_id": order["legacy_id"],
                "order_uuid": order["id"],
                "line_item_id": line["legacy_id"],
                "pick_id": pick["legacy_id"],
                "sku": pick["sku"],
            }
            for line, pick in picks_of(order, allocation)
        ],
    }


def tote_complete(
    world: ShipHeroWorld, order: Document, allocation: Document
) -> Document:
    return {
        "webhook_type": "Tote Complete",
        "totes": [
            {
                "tote_name": allocation["tote_name"],
                "tote_uuid": allocation["tote_id"],
                "tote_barcode": allocation["tote_name"],
                "orders": [
                    {
                        "order_number": order["order_number"],
                        "gift_note": order["gift_note"] or "",
                        "items": [
                            {
                                "quantity": pick["picked_quantity"],
                                "sku": pick["sku"],
                                "weight": "1.0000 oz",
                                "height": "1.00 in",
                                "width": "1.00 in",
                                "length": "1.00 in",
                            }
                            for _, pick in picks_of(order, allocation)
                        ],
                    }
                ],
            }
        ],
        "batch_id": ids.hex_id(world, "batch"),
    }


def tote_cleared(
    world: ShipHeroWorld, order: Document, allocation: Document
) -> Document:
    body: Document = {
        "tote_id": str(ids.number_of(allocation["tote_id"])),
        "tote_name": allocation["tote_name"],
        "reason": "manual",
        "items": [
            {
                "order_id": order["legacy_id"],
                "line_item_id": line["legacy_id"],
                "pick_id": 0,
                "sku": pick["sku"],
            }
            for line, pick in picks_of(order, allocation)
        ],
    }
    if world.switches["tote_cleared_type"]:
        body["webhook_type"] = "Tote Cleared"
    return body


def picks_of(order: Document, allocation: Document) -> list[tuple[Document, Document]]:
    return [
        (line, pick)
        for line in order["line_items"]
        for pick in line["tote_picks"]
        if pick["tote_id"] == allocation["tote_id"]
    ]


def inventory_update(
    world: ShipHeroWorld,
    stock: Document,
    rows: list[Document],
    waiting: dict[str, int],
    *,
    is_virtual: bool = False,
) -> Document:
    """Quantities are partly text, partly numbers; the outer ones are over all.

    `waiting` is the backorder by warehouse id.
    """
    moved = world.warehouse_for(stock["warehouse_id"])
    return {
        "account_id": ids.number_of(stock["account_id"]),
        "account_uuid": stock["account_id"],
        "webhook_type": "Inventory Update",
        "inventory": [
            {
                "sku": stock["sku"],
                **_levels(rows, sum(waiting.values())),
                "virtual": is_virtual,
                "updated_warehouse": {
                    "warehouse_id": moved["legacy_id"],
                    "warehouse_uuid": moved["id"],
                    "identifier": moved["identifier"],
                    **_levels([stock], waiting.get(moved["id"], 0)),
                },
            }
        ],
    }


def inventory_change(
    world: ShipHeroWorld, stock: Document, delta: int, reason: str
) -> Document:
    """One bin moved; `old_quantity` is the bin's, `previous_on_hand` the warehouse's."""
    before = stock["on_hand"] - delta
    where = world.warehouse_for(stock["warehouse_id"])
    user = ids.FIRST_NUMBERS["User"]
    return {
        "webhook_type": "Inventory Change",
        "account_uuid": stock["account_id"],
        "account_id": ids.number_of(stock["account_id"]),
        "warehouse_id": where["legacy_id"],
        "warehouse_uuid": where["id"],
        "user_id": user,
        "user_uuid": ids.encode("User", user),
        "sku": stock["sku"],
        "quantity": delta,
        "old_quantity": before,
        "location_name": stock["inventory_bin"],
        "previous_on_hand": before,
        "timestamp": world.stamp().replace("T", " "),
        "reason": reason,
        "source": "manual",
        "lot_id": None,
        "lot_uuid": None,
        "lot_expiration": None,
    }


def _levels(rows: list[Document], waiting: int) -> dict[str, Any]:
    def total(name: str) -> int:
        return sum(row[name] for row in rows)

    inventory = (
        total("on_hand")
        - total("allocated")
        + total("sell_ahead")
        - total("reserve_inventory")
    )
    return {
        "inventory": str(inventory),
        "backorder_quantity": str(waiting),
        "on_hand": str(total("on_hand")),
        "sell_ahead": total("sell_ahead"),
        "qty_in_totes": total("in_tote"),
        "reserve": total("reserve_inventory"),
        "non_sellable": total("non_sellable_quantity"),
    }
