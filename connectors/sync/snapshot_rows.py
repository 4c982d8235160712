"""A downloaded snapshot taken over, slice by slice, and what it left out."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from connectors.sync import spool
from connectors.sync.phases import commit
from connectors.sync.rings import ring_many
from connectors.sync.run import Run
from connectors.sync.stock_taken import reading_ring, take_batch
from connectors.sync.windows import MOST_TIME
from inventory import discrepancies, hearsay
from inventory.batches import in_batches
from inventory.models import (
    SnapshotState,
    StockLevel,
    StockSnapshot,
    StockSource,
    Warehouse,
)
from inventory.stock import Reading, Taken

MOST_ABSENT = 5_000
# Absent SKUs that are read one by one at once; the rest wait for the next snapshot.
MOST_ASKED = 50


def apply_rows(run: Run, snapshot: StockSnapshot) -> bool:
    """Take over rows for as long as there is time; True when the last one is done."""
    begun = run.now()
    rows = spool.read(snapshot.pk, snapshot.offset)
    for batch in in_batches(rows):
        _take(run, snapshot, batch)
        if run.now() - begun >= MOST_TIME:
            return False
    _finish(run, snapshot)
    return True


def _take(
    run: Run, snapshot: StockSnapshot, batch: list[tuple[spool.Row, int]]
) -> None:
    """Rows and the place in the file in one commit: a kill repeats nothing."""
    assert snapshot.asked_at is not None  # noqa: S101 - it was asked for
    reading = Reading(
        snapshot.account, snapshot.asked_at, StockSource.SNAPSHOT, snapshot
    )
    with commit("take_snapshot"):
        taken = take_batch(run, reading, [row for row, _ in batch])
        _count(snapshot, taken, batch[-1][1])
        snapshot.save()


def _count(snapshot: StockSnapshot, taken: Taken, offset: int) -> None:
    snapshot.offset = offset
    snapshot.rows += taken.rows
    snapshot.changed += taken.changed
    snapshot.missed += taken.missed
    snapshot.odd += taken.odd
    snapshot.seen = sorted({*snapshot.seen, *taken.warehouses})


def _finish(run: Run, snapshot: StockSnapshot) -> None:
    """Note what we hold and the file does not: shown, asked for, never set to zero."""
    asked: list[str] = []
    for batch in in_batches(_absent(snapshot)[:MOST_ABSENT].iterator(500)):
        with commit("note_absent"):
            snapshot.absent += discrepancies.note_absent(snapshot, batch, now=run.now())
        asked += [level.sku for level in batch[: max(MOST_ASKED - len(asked), 0)]]
    with commit("finish_snapshot"):
        discrepancies.note_missing_warehouses(
            snapshot, list(_missing(snapshot)), now=run.now()
        )
        products = hearsay.products_named(snapshot.account, asked)
        words = "Not in the snapshot"
        ring_many(
            [reading_ring(one, words, trigger="schedule") for one in products],
            now=run.now(),
        )
        Warehouse.objects.filter(pk__in=snapshot.seen).update(
            stock_read_at=snapshot.asked_at
        )
        snapshot.state = SnapshotState.APPLIED
        snapshot.finished_at = run.now()
        snapshot.error = ""
        snapshot.save()


def _absent(snapshot: StockSnapshot) -> QuerySet[StockLevel]:
    """Every row of the file was stamped with `asked_at`, so what is older was not in it."""
    anything = ~Q(on_hand=0) | Q(allocated__gt=0) | Q(backordered__gt=0)
    return StockLevel.objects.filter(
        anything,
        account=snapshot.account,
        warehouse__in=snapshot.seen,
        read_at__lt=snapshot.asked_at,
    ).order_by("pk")


def _missing(snapshot: StockSnapshot) -> Iterator[Warehouse]:
    """Warehouses that hold stock by our books and have no row in the file at all."""
    rows = Warehouse.objects.filter(account=snapshot.account, is_listed=True)
    if snapshot.warehouse_id is not None:
        rows = rows.filter(pk=snapshot.warehouse_id)
    for row in rows.exclude(pk__in=snapshot.seen):
        if row.levels.exclude(on_hand=0).exists():
            yield row
