"""Taking over what a reading told of stock: a few statements for hundreds of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction

from connectors.accounts.models import Account
from inventory import behind, discrepancies, places, promises
from inventory.models import (
    Product,
    StockLevel,
    StockMovement,
    StockPoint,
    StockSnapshot,
    StockSource,
)
from inventory.reconcile import (
    BUCKETS,
    Comparison,
    Known,
    Outcome,
    compare,
    is_believable,
)
from inventory.records import Counts, OddRow, Reason, StockRecord

Place = tuple[int, str]
CHANGEABLE = (*BUCKETS, "is_active", "source", "read_at", "changed_at", "account")


@dataclass(slots=True)
class Taken:
    """What a reading did; `warehouses` are those it told of."""

    rows: int = 0
    changed: int = 0
    missed: int = 0
    odd: int = 0
    warehouses: set[int] = field(default_factory=set)

    def __iadd__(self, other: Taken) -> Taken:
        for name in ("rows", "changed", "missed", "odd"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.warehouses |= other.warehouses
        return self


@dataclass(frozen=True, slots=True)
class Reading:
    """Who read, when it was asked for, and by which way."""

    account: Account
    read_at: datetime
    source: StockSource
    snapshot: StockSnapshot | None = None


@dataclass(slots=True)
class Held:
    """A level as it stands, without the cost of a model."""

    pk: int
    known: Known
    is_active: bool
    changed_at: datetime


def record(
    reading: Reading,
    rows: Sequence[StockRecord],
    *,
    odd: Sequence[OddRow] = (),
    now: datetime,
) -> Taken:
    """Take over rows of one reading; give it at most a few hundred at a time.

    The newest reading of a SKU in a warehouse wins; what the rows leave out stays as
    it was. A row that cannot be believed is noted and changes nothing.
    """
    with transaction.atomic():
        told, odd = _sound(rows, odd)
        warehouses = places.found(
            reading.account, {remote_id for remote_id, _ in told}, now=now
        )
        by_place = {
            (warehouses[remote_id].pk, row.sku): row
            for (remote_id, _), row in told.items()
        }
        taken = _take(reading, by_place, now)
        taken.odd = len(odd)
        discrepancies.note_odd(reading.account, odd, reading.snapshot, now=now)
    return taken


def _sound(
    rows: Sequence[StockRecord], odd: Sequence[OddRow]
) -> tuple[dict[tuple[str, str], StockRecord], list[OddRow]]:
    """The last row of each place, without those that no one can believe."""
    told: dict[tuple[str, str], StockRecord] = {}
    refused = list(odd)
    for row in rows:
        if is_believable(row.counts):
            told[row.warehouse_remote_id, row.sku] = row
        else:
            why = "A count is larger than ShipHero's own numbers can be."
            told_words = f"on hand {row.counts.on_hand}"
            refused.append(OddRow(row.sku, row.warehouse_remote_id, why, told_words))
    return told, refused


def _take(reading: Reading, told: Mapping[Place, StockRecord], now: datetime) -> Taken:
    held = _held(told)
    found = {
        place: compare(
            held[place].known if place in held else None, row.counts, reading.read_at
        )
        for place, row in told.items()
    }
    moved = {
        place: comparison
        for place, comparison in found.items()
        if _is_news(comparison, held.get(place), told[place])
    }
    _store(reading, moved, told, held, now)
    _confirm(
        reading, [held[p].pk for p in found if p not in moved and _is_same(found[p])]
    )
    noted = discrepancies.Notes(reading.account, reading.snapshot, reading.source, now)
    missed = noted.after_reading(told, found, held)
    if moved:
        promises.refresh(reading.account, {sku for _, sku in moved}, now=now)
    return Taken(
        rows=len(told),
        changed=len(moved),
        missed=missed,
        warehouses={warehouse_id for warehouse_id, _ in told},
    )


def _is_same(comparison: Comparison) -> bool:
    return comparison.outcome is Outcome.SAME


def _is_news(comparison: Comparison, held: Held | None, row: StockRecord) -> bool:
    if comparison.outcome in {Outcome.NEW, Outcome.CHANGED}:
        return True
    if not _is_same(comparison) or held is None or row.is_active is None:
        return False
    return held.is_active != row.is_active


def _is_active(row: StockRecord, held: Held | None) -> bool:
    """Whether it is active there; where nobody tells, it is what it was."""
    if row.is_active is not None:
        return row.is_active
    return held.is_active if held is not None else True


def _held(told: Mapping[Place, StockRecord]) -> dict[Place, Held]:
    rows = StockLevel.objects.filter(
        warehouse__in={warehouse_id for warehouse_id, _ in told},
        sku__in={sku for _, sku in told},
    ).order_by()
    names = ("warehouse_id", "sku", "pk", "read_at", "is_active", "changed_at")
    return {
        (warehouse_id, sku): Held(
            pk, Known(Counts(*counts), read_at), is_active, changed_at
        )
        for warehouse_id, sku, pk, read_at, is_active, changed_at, *counts in (
            rows.values_list(*names, *BUCKETS)
        )
    }


def _confirm(reading: Reading, unmoved: Sequence[int]) -> None:
    """The same again, but read later: only the time of reading moves."""
    if unmoved:
        StockLevel.objects.filter(pk__in=unmoved).update(
            read_at=reading.read_at, source=reading.source
        )


def _store(
    reading: Reading,
    moved: Mapping[Place, Comparison],
    told: Mapping[Place, StockRecord],
    held: Mapping[Place, Held],
    now: datetime,
) -> None:
    if not moved:
        return
    _know_products(reading.account, {place[1] for place in moved if place not in held})
    StockLevel.objects.bulk_create(
        [
            StockLevel(
                account=reading.account,
                warehouse_id=place[0],
                sku=place[1],
                is_active=_is_active(told[place], held.get(place)),
                source=reading.source,
                read_at=reading.read_at,
                changed_at=now,
                **asdict(comparison.counts),
            )
            for place, comparison in moved.items()
        ],
        update_conflicts=True,
        unique_fields=["warehouse", "sku"],
        update_fields=CHANGEABLE,
    )
    counted = {
        place: comparison
        for place, comparison in moved.items()
        if not _is_same(comparison)
    }
    seen = {
        place: behind.Seen(
            held[place].known.read_at, comparison.counts.on_hand - before.on_hand
        )
        for place, comparison in counted.items()
        if (before := comparison.before) is not None
        and before.on_hand != comparison.counts.on_hand
    }
    causes = behind.behind(reading.account, seen, until=reading.read_at)
    _keep_history(reading, counted, causes, now)


def _know_products(account: Account, skus: set[str]) -> None:
    """A SKU that only stock tells of is a product that the catalogue has not read."""
    Product.objects.bulk_create(
        [Product(account=account, sku=sku) for sku in sorted(skus)],
        ignore_conflicts=True,
    )


UNTOLD = behind.Cause(Reason.UNTOLD, "")


def _keep_history(
    reading: Reading,
    moved: Mapping[Place, Comparison],
    causes: Mapping[Place, behind.Cause],
    now: datetime,
) -> None:
    """A point of the trend for each, and a movement where there was a count before."""
    StockPoint.objects.bulk_create(
        StockPoint(
            warehouse_id=warehouse_id,
            sku=sku,
            at=now,
            on_hand=comparison.counts.on_hand,
            allocated=comparison.counts.allocated,
            available=comparison.counts.available,
            backordered=comparison.counts.backordered,
        )
        for (warehouse_id, sku), comparison in moved.items()
    )
    StockMovement.objects.bulk_create(
        _movement(reading, place, comparison, causes.get(place, UNTOLD), now)
        for place, comparison in moved.items()
        if comparison.before is not None
    )


def _movement(
    reading: Reading,
    place: Place,
    comparison: Comparison,
    cause: behind.Cause,
    now: datetime,
) -> StockMovement:
    before, after = comparison.before, comparison.counts
    assert before is not None  # noqa: S101 - a first reading moves nothing
    return StockMovement(
        account=reading.account,
        warehouse_id=place[0],
        sku=place[1],
        at=now,
        told_by=reading.source,
        delta=after.on_hand - before.on_hand,
        before=before.on_hand,
        after=after.on_hand,
        available_before=before.available,
        available_after=after.available,
        reason=cause.reason,
        reason_text=cause.words,
        reference=cause.reference[:120],
    )
