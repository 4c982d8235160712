"""Labels of packages, and the tracking numbers on them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids

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


def new_label(
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
