"""Inventory levels as Salesforce rows, and as the lines of a Bulk file."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

from connectors.salesforce.writeback import WritebackFields, time_value
from inventory.levels import LevelWriteback

EMPTIED = "#N/A"  # an empty cell would leave the field as it was
CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
MOST_BYTES = 90_000_000  # of one upload; Salesforce takes about 100 MB


def level_row(level: LevelWriteback, names: WritebackFields) -> dict[str, Any]:
    """One row of a collections upsert by external id, so that a repeat is harmless."""
    return {
        "attributes": {"type": names.level_object},
        names.level_key: level.key,
        **_named(level, names),
    }


COUNTS = (
    ("level_on_hand", "on_hand"),
    ("level_allocated", "allocated"),
    ("level_backordered", "backordered"),
    ("level_reserve", "reserve"),
    ("level_sell_ahead", "sell_ahead"),
    ("level_non_sellable", "non_sellable"),
    ("level_in_tote", "in_tote"),
)


def _named(level: LevelWriteback, names: WritebackFields) -> dict[str, Any]:
    values = {
        names.level_product: level.product_id or None,
        names.level_sku: _text(level.sku, 255),
        names.level_warehouse: _text(level.warehouse, 120),
        names.level_brand: _text(level.brand, 120),
        names.level_available: level.available,
        names.level_explanation: _text(level.explanation, 255),
        names.level_as_of: time_value(level.as_of),
    }
    for name, count in COUNTS:
        values[getattr(names, name)] = getattr(level.counts, count, None)
    return {name: value for name, value in values.items() if name}


def _text(value: str, most: int) -> str | None:
    kept = value.translate(CONTROL)
    return (kept if len(kept) <= most else kept[: most - 1] + "…") or None


class BulkFile:
    """A file that grows level by level, and is kept as bytes alone."""

    def __init__(self, names: WritebackFields, *, most_bytes: int = MOST_BYTES) -> None:
        self.rows = 0
        self._names = names
        self._most = most_bytes
        self._columns: list[str] = []
        self._out = BytesIO()

    def add(self, level: LevelWriteback) -> bool:
        """False, and nothing is added, when the file is full."""
        values = {
            self._names.level_key: level.key,
            **_named(level, self._names),
        }
        if not self._columns:
            self._columns = list(values)
            self._out.write(_line(self._columns))
        line = _line([_cell(values[name]) for name in self._columns])
        if self.rows and self._out.tell() + len(line) > self._most:
            return False
        self._out.write(line)
        self.rows += 1
        return True

    def content(self) -> bytes:
        return self._out.getvalue()


def _cell(value: Any) -> str:
    return EMPTIED if value is None else str(value)


def _line(cells: list[str]) -> bytes:
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
