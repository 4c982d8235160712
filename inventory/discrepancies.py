"""Where readings and our books disagree: noted once, closed when they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.accounts.models import Account
from inventory.models import (
    DiscrepancyKind,
    StockDiscrepancy,
    StockLevel,
    StockSnapshot,
    StockSource,
    Warehouse,
)
from inventory.reconcile import Comparison, Known, Outcome, below_zero, difference
from inventory.records import OddRow, StockRecord

# Of one snapshot; the snapshot's own count tells how many there were in all.
MOST_KEPT = 10_000
CORRECTED = "Corrected by the snapshot."
TOLD = "A later reading told it."

Place = tuple[int, str]


class HasKnown(Protocol):
    known: Known


@dataclass(frozen=True, slots=True)
class Notes:
    """Writes down what one batch of a reading disagreed about."""

    account: Account
    snapshot: StockSnapshot | None
    source: str
    now: datetime

    def after_reading(
        self,
        told: Mapping[Place, StockRecord],
        found: Mapping[Place, Comparison],
        held: Mapping[Place, HasKnown],
    ) -> int:
        """Close what this reading settles, open what it shows; answers the missed."""
        self._close(told, found)
        missed = list(self._missed(found, held))
        below = list(self._below_zero(found))
        StockDiscrepancy.objects.bulk_create([*missed[: self._room()], *below])
        return len(missed)

    def _room(self) -> int:
        if self.snapshot is None:
            return 0
        return max(MOST_KEPT - self.snapshot.missed, 0)

    def _missed(
        self, found: Mapping[Place, Comparison], held: Mapping[Place, HasKnown]
    ) -> Iterator[StockDiscrepancy]:
        """Only a snapshot shows what events and polls missed; it corrects it too."""
        if self.source != StockSource.SNAPSHOT:
            return
        for (warehouse_id, sku), comparison in found.items():
            if comparison.outcome is not Outcome.CHANGED or comparison.before is None:
                continue
            bucket, ours, theirs, size = difference(
                comparison.before, comparison.counts
            )
            yield StockDiscrepancy(
                account=self.account,
                warehouse_id=warehouse_id,
                snapshot=self.snapshot,
                kind=DiscrepancyKind.MISSED,
                sku=sku,
                bucket=bucket,
                ours=ours,
                theirs=theirs,
                size=size,
                ours_read_at=held[warehouse_id, sku].known.read_at,
                found_at=self.now,
                seen_at=self.now,
                closed_at=self.now,
                closed_how=CORRECTED,
            )

    def _below_zero(
        self, found: Mapping[Place, Comparison]
    ) -> Iterator[StockDiscrepancy]:
        for (warehouse_id, sku), comparison in found.items():
            names = below_zero(comparison.counts)
            if names and comparison.outcome in {Outcome.NEW, Outcome.CHANGED}:
                yield StockDiscrepancy(
                    account=self.account,
                    warehouse_id=warehouse_id,
                    snapshot=self.snapshot,
                    kind=DiscrepancyKind.NEGATIVE,
                    sku=sku,
                    bucket=names.split(",")[0].replace(" ", "_")[:16],
                    theirs=comparison.counts.on_hand,
                    size=abs(min(comparison.counts.on_hand, 0)),
                    detail=f"Below zero: {names}.",
                    found_at=self.now,
                    seen_at=self.now,
                )

    def _close(
        self, told: Mapping[Place, StockRecord], found: Mapping[Place, Comparison]
    ) -> None:
        """An absent or unbelieved place was told after all; a count below zero moved."""
        open_ones = StockDiscrepancy.objects.filter(
            account=self.account, sku__in={sku for _, sku in told}, closed_at=None
        )
        settled = [
            row.pk
            for row in open_ones
            if row.warehouse_id is None  # its row named no place; now one is told
            or (
                (row.warehouse_id, row.sku) in told
                and self._is_settled(row, found[row.warehouse_id, row.sku])
            )
        ]
        if settled:
            StockDiscrepancy.objects.filter(pk__in=settled).update(
                closed_at=self.now, closed_how=TOLD
            )

    @staticmethod
    def _is_settled(row: StockDiscrepancy, comparison: Comparison) -> bool:
        if comparison.outcome is Outcome.OLDER:
            return False
        if row.kind == DiscrepancyKind.NEGATIVE:
            return comparison.outcome is Outcome.CHANGED
        return True


def note_odd(
    account: Account,
    rows: Sequence[OddRow],
    snapshot: StockSnapshot | None,
    *,
    now: datetime,
) -> None:
    """Rows that were not believed: one open discrepancy for each place."""
    if not rows:
        return
    places = {
        row.remote_id: row
        for row in Warehouse.objects.filter(
            account=account, remote_id__in={row.warehouse_remote_id for row in rows}
        )
    }
    fresh = {}
    for row in rows:
        place = places.get(row.warehouse_remote_id)
        fresh[place.pk if place else None, row.sku[:255]] = StockDiscrepancy(
            account=account,
            warehouse=place,
            snapshot=snapshot,
            kind=DiscrepancyKind.UNBELIEVED,
            sku=row.sku[:255],
            detail=f"{row.why} {row.told}".strip()[:255],
            found_at=now,
            seen_at=now,
        )
    _open(account, DiscrepancyKind.UNBELIEVED, fresh, now)


def _open(
    account: Account,
    kind: DiscrepancyKind,
    fresh: Mapping[tuple[int | None, str], StockDiscrepancy],
    now: datetime,
) -> int:
    """Open those that are not open yet; see the others again. Answers the new ones."""
    known = {
        (row.warehouse_id, row.sku): row.pk
        for row in StockDiscrepancy.objects.filter(
            account=account,
            kind=kind,
            closed_at=None,
            sku__in={sku for _, sku in fresh},
        )
    }
    again = [pk for key, pk in known.items() if key in fresh]
    StockDiscrepancy.objects.filter(pk__in=again).update(seen_at=now)
    new = [row for key, row in fresh.items() if key not in known]
    StockDiscrepancy.objects.bulk_create(new)
    return len(new)


def note_absent(
    snapshot: StockSnapshot, levels: Iterable[StockLevel], *, now: datetime
) -> int:
    """Levels that a whole snapshot did not tell of. They keep their counts."""
    fresh: dict[tuple[int | None, str], StockDiscrepancy] = {}
    for level in levels:
        fresh[level.warehouse_id, level.sku] = StockDiscrepancy(
            account_id=level.account_id,
            warehouse_id=level.warehouse_id,
            snapshot=snapshot,
            kind=DiscrepancyKind.ABSENT,
            sku=level.sku,
            bucket="on_hand",
            ours=level.on_hand,
            size=abs(level.on_hand),
            detail="The snapshot does not name it. Its counts stay until a reading does.",
            ours_read_at=level.read_at,
            found_at=now,
            seen_at=now,
        )
    if not fresh:
        return 0
    _open(snapshot.account, DiscrepancyKind.ABSENT, fresh, now)
    return len(fresh)


def note_missing_warehouses(
    snapshot: StockSnapshot, missing: Sequence[Warehouse], *, now: datetime
) -> None:
    """Warehouses with stock that the snapshot leaves out; closes those it has again."""
    kind = DiscrepancyKind.MISSING_WAREHOUSE
    fresh: dict[tuple[int | None, str], StockDiscrepancy] = {
        (row.pk, ""): StockDiscrepancy(
            account_id=row.account_id,
            warehouse=row,
            snapshot=snapshot,
            kind=kind,
            detail="The snapshot has no row of this warehouse. Its counts stay.",
            found_at=now,
            seen_at=now,
        )
        for row in missing
    }
    if fresh:
        _open(snapshot.account, kind, fresh, now)
    StockDiscrepancy.objects.filter(
        account=snapshot.account, kind=kind, closed_at=None, warehouse__in=snapshot.seen
    ).update(closed_at=now, closed_how="A snapshot has it again.")
