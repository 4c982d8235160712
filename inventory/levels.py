"""What Salesforce is told of a SKU in one warehouse, under a name that never changes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from inventory.records import Counts

# A readable key, where the SKU survives a text field and a CSV file unchanged; it
# never begins with the mark of the others.
TAME = re.compile(r"(?!~)[!-~](?:[ -~]{0,98}[!-~])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LevelWriteback:
    """One row. `counts` None says that none are known, an empty `product_id` no product.

    `as_of` is when the warehouse was asked; it rides along and never causes a write.
    """

    key: str
    sku: str
    warehouse: str
    available: int
    as_of: datetime
    counts: Counts | None = None
    product_id: str = ""
    brand: str = ""
    explanation: str = ""


def level_key(prefix: str, warehouse_id: str, sku: str, brand: str = "") -> str:
    """The external id: the same for the same place for ever, and no other's.

    `prefix` is the account's, `warehouse_id` its warehouse's as ShipHero names it.
    """
    place = f"{prefix}-{warehouse_id}-{brand}" if brand else f"{prefix}-{warehouse_id}"
    if len(place) <= 150 and TAME.fullmatch(sku):
        return f"{place}/{sku}"
    told = json.dumps([prefix, warehouse_id, brand, sku]).encode()
    return f"{place[:150]}/~{hashlib.sha256(told).hexdigest()[:40]}"
