"""A snapshot's file, read as a stream: its size costs time, never memory.

Source: shared notes on the snapshot flow. The old layout has SKUs under `products`,
the new one a level of account ids above them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import ijson

from connectors.errors import Category, System, TransientError
from connectors.shiphero.values import global_id, int_of, mapping_of, text_of
from inventory.records import Counts, OddRow, StockRecord

CHUNK: Final = 256 * 1024
MOST_BYTES: Final = 8 * 1024**3
# Stock compresses well, but nothing honest compresses like this.
MOST_RATIO: Final = 300
RATIO_FROM: Final = 16 * 1024**2
# The parser holds a text whole in memory; a stock list has a quote every few bytes.
LONGEST_TEXT: Final = 1024**2
GZIP_MAGIC: Final = b"\x1f\x8b"
LONGEST_SKU: Final = 255
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
# Our names, and theirs in the file.
BUCKETS: Final = {
    "on_hand": "on_hand",
    "allocated": "allocated",
    "available": "available",
    "backordered": "backorder",
    "reserve": "reserve",
    "sell_ahead": "sell_ahead",
    "non_sellable": "non_sellable",
    "in_tote": "qty_in_totes",
}


class SnapshotFileError(TransientError):
    """The file cannot be believed; nothing of it was taken over."""

    category = Category.STOCK


def _broken(reason: str, code: str) -> SnapshotFileError:
    return SnapshotFileError(reason, system=System.SHIPHERO, code=f"stock.{code}")


class Inflated:
    """The bytes of a file, inflated if it is compressed, within bounds.

    Raises SnapshotFileError when they are more than anyone believes.
    """

    def __init__(self, file: BinaryIO, *, most: int = MOST_BYTES) -> None:
        self._file = file
        self._most = most
        self._taken = self.given = self._since_quote = 0
        magic = file.read(2)
        file.seek(0)
        self._unzip = zlib.decompressobj(31) if magic == GZIP_MAGIC else None
        self._waiting = b""

    def read(self, size: int = CHUNK) -> bytes:
        if size == 0:  # how ijson asks whether this is text or bytes
            return b""
        found = self._file.read(size) if self._unzip is None else self._inflate(size)
        self.given += len(found)
        self._check(found)
        return found

    def _inflate(self, size: int) -> bytes:
        assert self._unzip is not None  # noqa: S101 - read() saw to it
        while not self._unzip.eof:
            if not self._waiting:
                self._waiting = self._file.read(CHUNK)
                self._taken += len(self._waiting)
                if not self._waiting:
                    raise _truncated()
            try:
                found = self._unzip.decompress(self._waiting, size)
            except zlib.error as error:
                raise _broken("The snapshot is damaged.", "file_damaged") from error
            self._waiting = self._unzip.unconsumed_tail
            if found:
                return found
        return b""

    def _check(self, found: bytes) -> None:
        quote = found.rfind(b'"')
        before = self._since_quote if quote < 0 else 0
        self._since_quote = before + len(found) - quote - 1
        used = self._taken - len(self._waiting)
        ratio = self.given / used if used else 1
        is_bomb = self.given > RATIO_FROM and ratio > MOST_RATIO
        if self.given > self._most or is_bomb or self._since_quote > LONGEST_TEXT:
            raise _broken(
                "The snapshot is larger than any stock list; it was not read on.",
                "file_too_large",
            )


def _truncated() -> SnapshotFileError:
    return _broken("The snapshot ends in the middle.", "file_truncated")


def read_snapshot(
    path: Path, *, accounts: Collection[str] = ()
) -> Iterator[StockRecord | OddRow]:
    """Every row of the file, whichever layout it has, and the rows not understood.

    `accounts` are the ids that may stand in it, none meaning any: a file of another
    account is refused. Raises SnapshotFileError for a file that is not whole, so take
    nothing over before the end.
    """
    try:
        with path.open("rb") as file:
            level, owner = _layout(file)
        if owner and accounts and not _is_ours(owner, accounts):
            raise _broken(
                f"The snapshot is of another account ({owner}).", "file_of_another"
            )
        with path.open("rb") as file:
            prefix = f"products.{owner}" if level == "new" else "products"
            stream = Inflated(file)
            for sku, node in ijson.kvitems(
                stream, prefix, buf_size=CHUNK, use_float=True
            ):
                yield from rows_of_sku(sku, node)
    except (ijson.JSONError, UnicodeDecodeError, OverflowError) as error:
        raise _named(error) from error


def layout_of(path: Path) -> str:
    """`new` or `old`. Raises SnapshotFileError for what is neither."""
    try:
        with path.open("rb") as file:
            return _layout(file)[0]
    except (ijson.JSONError, UnicodeDecodeError, OverflowError) as error:
        raise _named(error) from error


def _named(error: Exception) -> SnapshotFileError:
    """The parser has one error for both; only its words tell a cut file apart."""
    words = str(error).lower()
    if "premature" in words or "incomplete" in words:
        return _truncated()
    return _broken("The snapshot is no stock list.", "file_damaged")


def _layout(file: BinaryIO) -> tuple[str, str]:
    """The layout, and under which account id its products stand.

    Only a level tells them apart: how deep the first `warehouse_products` is.
    """
    path: list[str] = []
    events = ijson.basic_parse(Inflated(file), buf_size=CHUNK, use_float=True)
    for event, value in events:
        if event == "map_key":
            path[-1] = value
            if value == "warehouse_products" and path[0] == "products":
                return _layout_by_depth(path)
        elif event.startswith("start_"):
            path.append("")
        elif event.startswith("end_"):
            path.pop()
            if path == ["products"]:
                return "old", ""  # without a product in it
    raise _broken("The snapshot is no stock list.", "file_damaged")


def _layout_by_depth(path: list[str]) -> tuple[str, str]:
    if len(path) == 3:
        return "old", ""
    if len(path) == 4:
        return "new", path[1]
    raise _broken("The snapshot has a layout that we do not know.", "file_damaged")


def _is_ours(owner: str, accounts: Collection[str]) -> bool:
    named = {owner, global_id("Account", int_of(owner))}
    return bool(named & set(accounts))


def rows_of_sku(sku: str, node: Any) -> Iterator[StockRecord | OddRow]:
    """One row for each warehouse of a product; what is none is an odd row."""
    if not isinstance(node, Mapping):
        yield OddRow(storable(sku), "", "The product is no object.")
    elif not sku.strip():
        yield OddRow(sku, "", "The product has no SKU.")
    elif sku != storable(sku):
        yield OddRow(storable(sku), "", "An SKU of this length or kind cannot be kept.")
    else:
        for key, counts in mapping_of(node.get("warehouse_products")).items():
            yield _row(sku, warehouse_id(key), counts)


def storable(sku: str) -> str:
    """As much of an SKU as a database can hold."""
    return UNSTORABLE.sub("", sku)[:LONGEST_SKU]


def _row(sku: str, warehouse: str, node: Any) -> StockRecord | OddRow:
    if not isinstance(node, Mapping):
        return OddRow(sku, warehouse, "The warehouse's counts are no object.")
    numbers = {ours: int_of(node.get(theirs)) for ours, theirs in BUCKETS.items()}
    unread = [
        theirs
        for ours, theirs in BUCKETS.items()
        if numbers[ours] is None and node.get(theirs) is not None
    ]
    on_hand = numbers.pop("on_hand")
    if on_hand is None or unread:
        told = str(node.get((unread or ["on_hand"])[0]))[:80]
        where = ", ".join(unread) or "on_hand"
        return OddRow(sku, warehouse, f"No whole number in {where}:", told)
    return StockRecord(sku, warehouse, Counts(on_hand, **numbers))


def warehouse_id(key: Any) -> str:
    """A warehouse's opaque id, also where only its number stands."""
    text = text_of(key)
    return global_id("Warehouse", int(text)) if text.isdecimal() else text
