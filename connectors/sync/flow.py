"""The pulse of the flow: five-minute sums, so that no page ever counts large tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from connectors.casework import FlowBucket
from connectors.models import FailedPayload, JobState, SyncJob
from orders.models import Export, Shipment

STEP = timedelta(minutes=5)
REACH = timedelta(hours=24)
KEEP = timedelta(days=35)
MOST_BUCKETS = 12
MOST_ROWS = 50_000
BACKLOG_KINDS = ("push_order", "cancel_order")

Sums = dict[int, dict[str, int]]


def bucket_of(moment: datetime) -> datetime:
    """The beginning of the five minutes in which a moment lies."""
    return moment.replace(
        minute=moment.minute - moment.minute % 5, second=0, microsecond=0
    )


def backlog(jobs: QuerySet[SyncJob], now: datetime) -> QuerySet[SyncJob]:
    """Those by which an order or a cancel is to go out, and could."""
    return jobs.filter(
        state__in=[JobState.WAITING, JobState.RUNNING],
        kind__in=BACKLOG_KINDS,
        not_before__lte=now,
    )


def record(*, now: datetime) -> int:
    """Write the running bucket anew, and those of the last day that are missing.

    At most twelve at a time, the newest first; answers how many. Two hosts that do
    it at once write the same.
    """
    wanted = _wanted(now)
    for starts_at in wanted:
        _write(starts_at)
    _count_waiting(now)
    FlowBucket.objects.filter(starts_at__lt=now - KEEP).delete()
    return len(wanted)


def _wanted(now: datetime) -> list[datetime]:
    """The running one, the one before it (it may have ended since), and what lacks."""
    current = bucket_of(now)
    known = set(
        FlowBucket.objects.filter(starts_at__gte=current - REACH)
        .values_list("starts_at", flat=True)
        .distinct()
    )
    steps = [current - STEP * at for at in range(REACH // STEP)]
    oldest = min(known, default=current)
    missing = [step for step in steps[2:] if step not in known and step > oldest]
    return [*steps[:2], *missing][:MOST_BUCKETS]


def _write(starts_at: datetime) -> None:
    within = (starts_at, starts_at + STEP)
    sums: Sums = defaultdict(lambda: defaultdict(int))
    _sent(sums, within)
    _shipped(sums, within)
    _told(sums, within)
    _failed(sums, within)
    for account_id, values in sums.items():
        FlowBucket.objects.update_or_create(
            account_id=account_id, starts_at=starts_at, defaults=dict(values)
        )


def _count_waiting(now: datetime) -> None:
    """Into the running bucket: what waited at another time is not known any more."""
    starts_at = bucket_of(now)
    counts = backlog(SyncJob.objects.order_by(), now).values_list("account_id")
    known = FlowBucket.objects.filter(starts_at=starts_at)
    told = {pk: count for pk, count in counts.annotate(Count("pk")) if pk}
    known.exclude(account_id__in=told).exclude(waiting=0).update(waiting=0)
    for account_id, count in told.items():
        FlowBucket.objects.update_or_create(
            account_id=account_id, starts_at=starts_at, defaults={"waiting": count}
        )


def _sent(sums: Sums, within: tuple[datetime, datetime]) -> None:
    rows = Export.objects.filter(sent_at__gte=within[0], sent_at__lt=within[1])
    _add(
        sums,
        rows.values_list("account_id", "source_modified_at", "sent_at")[:MOST_ROWS],
        "sent",
    )


def _told(sums: Sums, within: tuple[datetime, datetime]) -> None:
    rows = Shipment.objects.filter(
        written_back_at__gte=within[0], written_back_at__lt=within[1]
    )
    _add(
        sums,
        rows.values_list("account_id", "shipped_at", "written_back_at")[:MOST_ROWS],
        "told",
    )


def _add(sums: Sums, rows: Iterable[Any], name: str) -> None:
    for account_id, begin, end in rows:
        sums[account_id][name] += 1
        if begin is not None:
            took = max((end - begin).total_seconds(), 0)
            sums[account_id][f"{name}_ms"] += int(took * 1000)


def _shipped(sums: Sums, within: tuple[datetime, datetime]) -> None:
    rows = Shipment.objects.filter(
        received_at__gte=within[0], received_at__lt=within[1], is_void=False
    )
    for account_id in rows.values_list("account_id", flat=True)[:MOST_ROWS]:
        sums[account_id]["shipped"] += 1


def _failed(sums: Sums, within: tuple[datetime, datetime]) -> None:
    rows = FailedPayload.objects.filter(
        opened_at__gte=within[0], opened_at__lt=within[1], account__isnull=False
    )
    for account_id in rows.values_list("account_id", flat=True)[:MOST_ROWS]:
        sums[account_id]["failed"] += 1
