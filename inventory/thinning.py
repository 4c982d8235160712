"""History by age: every change at first, then one an hour, then one a day, then none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.db.models.functions import TruncDay, TruncHour

from inventory.models import (
    SnapshotState,
    StockDiscrepancy,
    StockMovement,
    StockPoint,
    StockSnapshot,
)

ALL_FOR: Final = timedelta(days=2)
HOURLY_FOR: Final = timedelta(days=14)
DAILY_FOR: Final = timedelta(days=400)
# Passes may fail to come for so long before points stay finer than they need to be.
SLACK: Final = timedelta(days=7)
DISCREPANCIES_FOR: Final = timedelta(days=180)
BATCH: Final = 500
MOST_BATCHES: Final = 100
_OPEN: Final = (
    SnapshotState.WANTED,
    SnapshotState.ASKED,
    SnapshotState.READY,
    SnapshotState.READING,
)


@dataclass(frozen=True, slots=True)
class Thinned:
    points: int = 0
    movements: int = 0
    snapshots: int = 0
    discrepancies: int = 0

    @property
    def total(self) -> int:
        return self.points + self.movements + self.snapshots + self.discrepancies


def thin(*, now: datetime, movements_days: int) -> Thinned:
    """Drop what is too old to be kept so finely, in short batches.

    Of the points of a place the last one of each hour or day stays, and so does its
    newest one of all, however old: it is where the trend begins.
    """
    return Thinned(
        points=_thin_points(now),
        movements=_drop(
            StockMovement.objects.filter(at__lt=now - timedelta(days=movements_days))
        ),
        snapshots=_drop(
            StockSnapshot.objects.filter(created_at__lt=now - DAILY_FOR).exclude(
                state__in=_OPEN
            )
        ),
        discrepancies=_drop(
            StockDiscrepancy.objects.filter(closed_at__lt=now - DISCREPANCIES_FOR)
        ),
    )


def _thin_points(now: datetime) -> int:
    hourly = _crossed(now - ALL_FOR)
    daily = _crossed(now - HOURLY_FOR)
    old = StockPoint.objects.filter(at__lt=now - DAILY_FOR)
    return (
        _drop(hourly.exclude(pk__in=_last_of_each(hourly, TruncHour("at"))))
        + _drop(daily.exclude(pk__in=_last_of_each(daily, TruncDay("at"))))
        + _drop(old.exclude(pk__in=_newest_of_each_place()))
    )


def _crossed(border: datetime) -> QuerySet[StockPoint]:
    """What grew older than this border lately, from the first full day on."""
    end = border.replace(hour=0, minute=0, second=0, microsecond=0)
    return StockPoint.objects.filter(at__gte=end - SLACK, at__lt=end)


def _last_of_each(
    rows: QuerySet[StockPoint], span: TruncHour | TruncDay
) -> QuerySet[StockPoint, int]:
    """Points are written in the order of time, so the last has the highest key."""
    grouped = rows.annotate(span=span).order_by().values("warehouse", "sku", "span")
    return grouped.annotate(last=Max("pk")).values_list("last", flat=True)


def _newest_of_each_place() -> QuerySet[StockPoint, int]:
    grouped = StockPoint.objects.order_by().values("warehouse", "sku")
    return grouped.annotate(last=Max("pk")).values_list("last", flat=True)


def _drop(rows: QuerySet[Any]) -> int:
    """Delete in batches; no transaction holds the only writer for long."""
    dropped = 0
    for _batch in range(MOST_BATCHES):
        keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH])
        if not keys:
            break
        rows.model._default_manager.filter(pk__in=keys).delete()
        dropped += len(keys)
    return dropped
