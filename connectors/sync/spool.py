"""A snapshot's rows on this host's disk, one a line, so that reading can stop and go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from inventory.records import Counts, OddRow, StockRecord

Row = StockRecord | OddRow
KEPT = timedelta(days=2)


def folder() -> Path:
    """Holds stock lists of customers: for this user's eyes only."""
    found = Path(settings.SHIPSYNC_DATA_DIR) / "snapshots"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def raw_path(number: int) -> Path:
    return folder() / f"{number}.download"


def _path(number: int) -> Path:
    return folder() / f"{number}.rows"


def exists(number: int) -> bool:
    return _path(number).exists()


def remove(number: int) -> None:
    _path(number).unlink(missing_ok=True)


def write(number: int, rows: Iterable[Row]) -> int:
    """Store all rows under their final name, or none; answers how many there are."""
    target = _path(number)
    draft = target.with_suffix(".draft")
    count = 0
    with draft.open("w", encoding="ascii", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(_plain(row), separators=(",", ":")))
            file.write("\n")
            count += 1
    draft.replace(target)
    return count


def read(number: int, offset: int) -> Iterator[tuple[Row, int]]:
    """The rows from a byte on, each with the byte at which the next one begins."""
    with _path(number).open("rb") as file:
        file.seek(offset)
        for line in file:
            offset += len(line)
            yield _row(json.loads(line)), offset


def sweep(*, now: datetime) -> int:
    """Remove what a reading that never came back left behind."""
    removed = 0
    for path in folder().iterdir():
        if path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _plain(row: Row) -> list[Any]:
    if isinstance(row, OddRow):
        return ["odd", row.sku, row.warehouse_remote_id, row.why, row.told]
    return ["row", row.sku, row.warehouse_remote_id, *astuple(row.counts)]


def _row(values: list[Any]) -> Row:
    kind, sku, warehouse, *rest = values
    if kind == "odd":
        return OddRow(sku, warehouse, *rest)
    return StockRecord(sku, warehouse, Counts(*rest))
