"""Shipments, packages and their labels."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids, orders, stock

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

TRACKING_PAGES = {
    "ups": "https://www.ups.com/track?tracknum=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    "dhl": "https://www.dhl.com/en/express/tracking.html?AWB=",
}
LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def make_shipment(
    world: ShipHeroWorld,
    order: Document,
    allocation: Document,
    units: dict[str, int],
    packages: int,
) -> Document:
    """One shipment of `units` (by line id): stock goes, labels are made."""
    shipment_id, number = ids.new(world, "Shipment")
    shipment = _blank(world, order, allocation, shipment_id, number)
    for package_number, content in enumerate(_spread(units, packages), start=1):
        label = _label(world, order, shipment, package_number)
        shipment["shipping_labels"].append(label)
        shipment["line_items"] += [
            _item(world, label, line, content[line["id"]])
            for line in order["line_items"]
            if line["id"] in content
        ]
    shipment["total_packages"] = len(shipment["shipping_labels"])
    world.put("shipment", shipment_id, shipment)
    _leave(world, order, allocation, units)
    orders.add_history(
        world,
        order,
        f"Shipped with {shipment['shipping_labels'][0]['carrier']}, tracking "
        + ", ".join(x["tracking_number"] for x in shipment["shipping_labels"]),
        "floor",
    )
    _settle(world, order)
    _record(world, order, shipment)
    return shipment


def recipient(address: Document | None) -> Document:
    """An order's address in the shorter form of shipments and labels."""
    address = address or {}
    names = [address.get("first_name"), address.get("last_name")]
    return {
        "name": " ".join(name for name in names if name) or address.get("company"),
        "address1": address.get("address1"),
        "address2": address.get("address2"),
        "city": address.get("city"),
        "state": address.get("state_code") or address.get("state"),
        "country": address.get("country_code") or address.get("country"),
        "zip": address.get("zip"),
        "phone": address.get("phone"),
    }


def tracking_number(carrier: str, number: int) -> str:
    """A number of the carrier's form, always the same for one label.

    Goods that are fetched carry the word `Pickup` instead.
    """
    chance = random.Random(f"tracking:{carrier}:{number}")  # noqa: S311
    digits = "".join(chance.choice("0123456789") for _ in range(30))
    if carrier == "pickup":
        return "Pickup"
    if carrier == "ups":
        return "1Z" + "".join(chance.choice(LETTERS) for _ in range(6)) + digits[:10]
    if carrier == "usps":
        return "9400" + digits[:18]
    if carrier == "dhl":
        return digits[:10]
    return digits[:12]


def carrier_family(carrier: str) -> str:
    text = carrier.lower()
    return next((name for name in (*TRACKING_PAGES, "pickup") if name in text), "")


def _spread(units: dict[str, int], packages: int) -> list[dict[str, int]]:
    """Deal units out one by one; never an empty package."""
    single = [line_id for line_id, count in units.items() for _ in range(count)]
    count = max(1, min(packages, len(single)))
    boxes: list[dict[str, int]] = [{} for _ in range(count)]
    for n, line_id in enumerate(single):
        box = boxes[n % count]
        box[line_id] = box.get(line_id, 0) + 1
    return boxes


def _blank(
    world: ShipHeroWorld,
    order: Document,
    allocation: Document,
    shipment_id: str,
    number: int,
) -> Document:
    return {
        "id": shipment_id,
        "legacy_id": number,
        "order_id": order["id"],
        "partner_order_id": order["partner_order_id"],
        "account_id": order["account_id"],
        "user_id": ids.encode("User", ids.FIRST_NUMBERS["User"]),
        "warehouse_id": allocation["warehouse_id"],
        "pending_shipment_id": None,
        "address": recipient(order["shipping_address"]),
        "profile": order["profile"],
        "picked_up": False,
        "needs_refund": False,
        "refunded": False,
        "delivered": False,
        "dropshipment": False,
        "shipped_off_shiphero": False,
        "completed": True,
        "created_date": world.stamp(),
        "line_items": [],
        "shipping_labels": [],
        "total_packages": 0,
    }


def _item(
    world: ShipHeroWorld, label: Document, line: Document, count: int
) -> Document:
    """What left. It keeps the line's names, for lines may be removed later."""
    item_id, number = ids.new(world, "ShippedLineItem")
    return {
        "id": item_id,
        "legacy_id": number,
        "line_item_id": line["id"],
        "partner_line_item_id": line["partner_line_item_id"],
        "sku": line["sku"],
        "shipment_id": label["shipment_id"],
        "shipping_label_id": label["id"],
        "quantity": count,
    }


def _label(
    world: ShipHeroWorld, order: Document, shipment: Document, package_number: int
) -> Document:
    label_id, number = ids.new(world, "ShippingLabel")
    asked = order["shipping_lines"] or {}
    carrier = asked.get("carrier") or "usps"
    method = asked.get("method") or asked.get("title") or "Ground"
    family = carrier_family(carrier)
    tracking = tracking_number(family, number)
    page = TRACKING_PAGES.get(family, "https://tracking.example/?number=")
    return {
        "id": label_id,
        "legacy_id": number,
        "account_id": order["account_id"],
        "order_account_id": order["account_id"],
        "shipment_id": shipment["id"],
        "order_id": order["id"],
        "order_number": order["order_number"],
        "box_id": None,
        "box_name": order["box_name"] or "Default",
        "box_code": "box",
        "status": "valid",
        "tracking_number": tracking,
        "alternate_tracking_id": "",
        "tracking_url": page + tracking,
        "tracking_status": "label_created",
        "carrier": carrier,
        "shipping_name": f"{carrier} {method}",
        "shipping_method": method,
        "cost": "7.33",
        "device_id": None,
        "delivered": False,
        "picked_up": False,
        "refunded": False,
        "needs_refund": False,
        "profile": order["profile"],
        "partner_fulfillment_id": None,
        "full_size_to_print": None,
        "packing_slip": None,
        "warehouse": world.warehouse_for(shipment["warehouse_id"])["identifier"],
        "warehouse_id": shipment["warehouse_id"],
        "insurance_amount": order["insurance_amount"],
        "carrier_account_id": None,
        "source": "floor",
        "created_date": world.stamp(),
        "dimensions": {"weight": "16.50", "height": "4.00", "width": "8.00"}
        | {"length": "10.00"},
        "label": _papers(number),
        "address": shipment["address"],
        "package_number": package_number,
        "parcelview_url": None,
        "in_shipping_container": False,
        "last_mile_labels": None,
    }


def _papers(number: int) -> Document:
    where = f"https://labels.example/{number}.pdf"
    return {
        "pdf_location": where,
        "paper_pdf_location": where,
        "thermal_pdf_location": where,
        "image_location": None,
    }


def _leave(
    world: ShipHeroWorld, order: Document, allocation: Document, units: dict[str, int]
) -> None:
    """Take what ships out of the order, the allocation and the stock."""
    for line in order["line_items"]:
        count = units.get(line["id"], 0)
        if not count:
            continue
        line["quantity_shipped"] += count
        line["quantity_allocated"] -= count
        left = line["quantity_pending_fulfillment"] - count
        line["quantity_pending_fulfillment"] = max(0, left)
        if not line["quantity_pending_fulfillment"]:
            line["fulfillment_status"] = "fulfilled"
        line["updated_at"] = world.stamp()
        _deduct(world, order, line["sku"], allocation, count)
        allocation["units"][line["id"]] -= count
    allocation["units"] = {k: n for k, n in allocation["units"].items() if n}
    _shrink(world, order, allocation)


def _deduct(
    world: ShipHeroWorld, order: Document, sku: str, allocation: Document, count: int
) -> None:
    account_id = order["account_id"]
    for part, per_unit in stock.unit_needs(world, account_id, sku).items():
        row = stock.stock_of(world, account_id, part, allocation["warehouse_id"])
        if row is not None:
            gone = count * per_unit
            stock.move(world, row, on_hand=-gone, allocated=-gone)


def _shrink(world: ShipHeroWorld, order: Document, allocation: Document) -> None:
    if not allocation["units"]:
        order["allocations"].remove(allocation)
        return
    skus = {line["id"]: line["sku"] for line in order["line_items"]}
    rows = []
    for row in allocation["line_items"]:
        left = allocation["units"].get(row["line_item_id"], 0)
        needs = stock.unit_needs(world, order["account_id"], skus[row["line_item_id"]])
        if left:
            rows.append(row | {"quantity_allocated": left * needs[row["sku"]]})
    allocation["line_items"] = rows


def _settle(world: ShipHeroWorld, order: Document) -> None:
    """Set the order's status from what is left to ship."""
    left = sum(line["quantity_pending_fulfillment"] for line in order["line_items"])
    status = world.switches["partial_status"] if left else "fulfilled"
    orders.set_status(order, status)
    orders.touch(world, order)


def _record(world: ShipHeroWorld, order: Document, shipment: Document) -> None:
    world.record(
        "floor.ship",
        order["partner_order_id"],
        "applied",
        order_id=order["id"],
        shipment_id=shipment["id"],
        packages=[
            {
                "carrier": label["carrier"],
                "method": label["shipping_method"],
                "tracking_number": label["tracking_number"],
            }
            for label in shipment["shipping_labels"]
        ],
    )
