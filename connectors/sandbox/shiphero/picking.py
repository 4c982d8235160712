"""What a picker takes, and what goes into the next shipment."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def new_pick(world: ShipHeroWorld, item: Document, tote_id: str) -> Document:
    """What a person takes from a shelf into a tote."""
    pick_id, number = ids.new(world, "TotePick")
    return {
        "id": pick_id,
        "legacy_id": number,
        "sku": item["sku"],
        "created_at": world.stamp(),
        "updated_at": world.stamp(),
        "tote_id": tote_id,
        "current": 1,
        "picked_quantity": item["quantity_allocated"],
        "quantity": item["quantity_allocated"],
        "inventory_bin": "A-01",
        "line_item_id": item["line_item_id"],
        "order_id": item["order_id"],
        "deducted": True,
    }


def next_part(world: ShipHeroWorld, row: Document) -> dict[str, int]:
    """What goes in the next of the shipments that the switch asks for."""
    parts = row.setdefault("parts", int(world.switches["auto_splits"]))
    room = math.ceil(sum(row["units"].values()) / max(1, parts))
    chosen: dict[str, int] = {}
    for line_id, units in row["units"].items():
        taken = min(units, room)
        room -= taken
        if taken:
            chosen[line_id] = taken
    row["parts"] = parts - 1
    return chosen


def chosen_part(
    order: Document, row: Document, wanted: dict[str, int] | None
) -> dict[str, int]:
    """Units to ship by line id; takes them out of `wanted`."""
    if wanted is None:
        return dict(row["units"])
    chosen: dict[str, int] = {}
    lines = {line["id"]: line for line in order["line_items"]}
    for line_id, available in row["units"].items():
        line = lines[line_id]
        for name in (line_id, line["partner_line_item_id"], line["sku"]):
            units = min(available - chosen.get(line_id, 0), wanted.get(name, 0))
            if units:
                chosen[line_id] = chosen.get(line_id, 0) + units
                wanted[name] -= units
    return chosen
