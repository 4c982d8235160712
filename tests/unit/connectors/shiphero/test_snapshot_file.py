"""Snapshot files of both layouts, whole and damaged, small and absurd."""

from __future__ import annotations

import collections
import gzip
import json
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from connectors.shiphero import snapshot_file
from connectors.shiphero.snapshot_file import (
    Inflated,
    SnapshotFileError,
    layout_of,
    read_snapshot,
)
from connectors.shiphero.values import global_id
from inventory.records import Counts, OddRow, StockRecord

ACCOUNT = global_id("Account", 7556)
EAST, WEST = global_id("Warehouse", 11790), global_id("Warehouse", 11791)


def counts(on_hand=10, **more):
    base = {
        "on_hand": on_hand,
        "allocated": 2,
        "backorder": 1,
        "available": 8,
        "reserve": 0,
        "non_sellable": 0,
        "item_bins": {"1": {"location_name": "A-01", "quantity": on_hand}},
    }
    return base | more


def product(sku, **by_warehouse):
    rows = by_warehouse or {EAST: counts()}
    return {
        "sku": sku,
        "account_id": ACCOUNT,
        "vendors": {},
        "warehouse_products": rows,
    }


def file_of(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "snapshot.json"
    if not isinstance(content, bytes):
        content = json.dumps(content, ensure_ascii=False).encode()
    path.write_bytes(content)
    return path


def new(products):
    return {"snapshot_id": "a1", "products": {ACCOUNT: products}}


def old(products):
    return {"snapshot_id": "a1", "products": products}


@pytest.mark.parametrize(("layout", "name"), [(new, "new"), (old, "old")])
class TestBothLayouts:
    def test_each_warehouse_of_each_sku_is_a_row(self, tmp_path, layout, name):
        path = file_of(
            tmp_path,
            layout({"MUG": product("MUG", **{EAST: counts(10), WEST: counts(4)})}),
        )
        assert layout_of(path) == name
        assert list(read_snapshot(path)) == [
            StockRecord("MUG", EAST, Counts(10, 2, 8, 1, 0, None, 0, None)),
            StockRecord("MUG", WEST, Counts(4, 2, 8, 1, 0, None, 0, None)),
        ]

    def test_what_a_layout_lacks_is_not_told_rather_than_zero(
        self, tmp_path, layout, name
    ):
        rows = {EAST: counts(sell_ahead=3, qty_in_totes=1)}
        path = file_of(tmp_path, layout({"MUG": product("MUG", **rows)}))
        found = next(iter(read_snapshot(path)))
        assert (found.counts.sell_ahead, found.counts.in_tote) == (3, 1)

    @pytest.mark.parametrize(
        "sku",
        ["two words", 'a"b', "a.b", "☕️🎄", "x" * 200, "products", "\\", " x "],
    )
    def test_any_sku_is_read_as_it_is(self, tmp_path, layout, name, sku):
        path = file_of(tmp_path, layout({sku: product(sku), "Z": product("Z")}))
        assert [row.sku for row in read_snapshot(path)] == [sku, "Z"]

    def test_a_broken_row_is_odd_and_stops_nothing(self, tmp_path, layout, name):
        bad = {EAST: counts("lots"), WEST: None}
        path = file_of(
            tmp_path,
            layout(
                {
                    "A": product("A"),
                    "B": product("B", **bad),
                    "C": None,
                    "D" * 300: product("D"),
                    "E": product("E", **{EAST: counts(-7)}),
                    "F": product("F", **{EAST: counts(10**15)}),
                    "G": product("G", **{EAST: counts(2.5)}),
                    "": product(""),
                    "  ": product("  "),
                }
            ),
        )
        rows = list(read_snapshot(path))
        odd = [row for row in rows if isinstance(row, OddRow)]
        assert [row.sku for row in odd] == ["B", "B", "C", "D" * 255, "G", "", "  "]
        assert odd[0].told == "lots"
        told = [row for row in rows if isinstance(row, StockRecord)]
        assert [(row.sku, row.counts.on_hand) for row in told] == [
            ("A", 10),
            ("E", -7),
            ("F", 10**15),
        ]

    def test_no_products_are_no_rows(self, tmp_path, layout, name):
        assert list(read_snapshot(file_of(tmp_path, layout({})))) == []

    def test_a_file_cut_anywhere_is_refused(self, tmp_path, layout, name):
        skus = {f"S{n}": product(f"S{n}") for n in range(20)}
        whole = json.dumps(layout(skus)).encode()
        for end in range(1, len(whole), 37):
            with pytest.raises(SnapshotFileError) as caught:
                list(read_snapshot(file_of(tmp_path, whole[:end])))
            assert caught.value.code == "stock.file_truncated"

    def test_a_compressed_file_is_read_too(self, tmp_path, layout, name):
        body = gzip.compress(json.dumps(layout({"MUG": product("MUG")})).encode())
        assert len(list(read_snapshot(file_of(tmp_path, body)))) == 1
        with pytest.raises(SnapshotFileError, match="ends in the middle"):
            list(read_snapshot(file_of(tmp_path, body[:-20])))


def test_a_warehouse_named_by_its_number_is_the_same_warehouse(tmp_path):
    path = file_of(tmp_path, new({"MUG": product("MUG", **{"11790": counts()})}))
    assert next(iter(read_snapshot(path))).warehouse_remote_id == EAST


def test_a_file_of_another_account_is_refused(tmp_path):
    path = file_of(tmp_path, new({"MUG": product("MUG")}))
    assert len(list(read_snapshot(path, accounts=[ACCOUNT]))) == 1
    with pytest.raises(SnapshotFileError) as caught:
        list(read_snapshot(path, accounts=[global_id("Account", 1)]))
    assert caught.value.code == "stock.file_of_another"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><h1>Service Unavailable</h1></html>",
        b"[1, 2]",
        b'"text"',
        b'{"error": "no"}',
        b'{"products": {"A": ]}}',
        b'{"products": {"\xff": 1}}',
        b"\x1f\x8bnot gzip at all",
        b"{}",
        b"{" * 5000,
    ],
    ids=range(9),
)
def test_what_is_no_stock_list_is_refused(tmp_path, body):
    with pytest.raises(SnapshotFileError):
        list(read_snapshot(file_of(tmp_path, body)))


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(SnapshotFileError):
        list(read_snapshot(file_of(tmp_path, b"")))


def test_a_bomb_is_defused_after_a_few_bytes(tmp_path):
    """A gigabyte of blanks, of which no more than the bound is ever inflated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blank = b" " * 1024**2
    body = b"".join([*(packer.compress(blank) for _ in range(256)), packer.flush()])
    stream = Inflated(BytesIO(body))
    with pytest.raises(SnapshotFileError) as caught:
        collections.deque(iter(stream.read, b""), maxlen=0)
    assert caught.value.code == "stock.file_too_large"
    assert stream.given <= snapshot_file.RATIO_FROM + snapshot_file.CHUNK
    with pytest.raises(SnapshotFileError):
        list(read_snapshot(file_of(tmp_path, body)))


def test_more_bytes_than_anyone_believes_are_not_read(tmp_path):
    stream = Inflated(BytesIO(b"x" * 5000), most=1000)
    with pytest.raises(SnapshotFileError):
        stream.read(4000)


@pytest.mark.parametrize("zip_it", [False, True])
def test_a_text_that_would_fill_the_memory_is_not_read_to_its_end(tmp_path, zip_it):
    """Noise, so that how well it compresses gives nothing away."""
    noise = b"".join(bytes([n % 7 + 97]) * (n % 5 + 1) for n in range(1_000_000))
    body = b'{"products": "' + noise + b'"}'
    path = tmp_path / "long.json"
    path.write_bytes(gzip.compress(body) if zip_it else body)
    with path.open("rb") as file:
        inflated = Inflated(file)
        with pytest.raises(SnapshotFileError, match="larger than any stock list"):
            collections.deque(iter(inflated.read, b""), maxlen=0)
    assert inflated.given < len(body)
    with pytest.raises(SnapshotFileError, match="larger than any stock list"):
        list(read_snapshot(path))
