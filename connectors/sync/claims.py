"""Claiming jobs: compare-and-set with lease and fence, on any database."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from connectors.models import JobState, SyncJob
from connectors.sync import registry
from connectors.sync.gates import closed_gates
from connectors.sync.registry import JobKind, Lane
from connectors.timing import scaled
from orders.models import Export

LEASE = timedelta(minutes=5)
MIN_LEASE = timedelta(seconds=60)
MAX_STARTS = 3
# So many are looked at for the first one's company, before a query for just that.
AHEAD = 60
SEEN = ("pk", "kind", "account_id", "organization_id", "starts")
SUSPECT_WAIT = timedelta(seconds=30)


def lease_length() -> timedelta:
    """Longer than any try: several calls of one client timeout each."""
    return max(scaled(LEASE), MIN_LEASE)


def owner_name() -> str:
    """Names this process, so that its parent can tell whose leases died with it."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def claim(
    lanes: Sequence[Lane],
    *,
    owner: str,
    now: datetime,
    kept_back: Collection[int] = (),
) -> tuple[JobKind, list[SyncJob]] | None:
    """Take the most urgent due job and its company, or nothing when none is due.

    Nothing is taken that calls with one of the credentials `kept_back`. What has ended its worker twice is tried alone, so that it takes no innocent
    company with it when it is parked.
    """
    due = due_jobs(now, kept_back).filter(lane__in=list(lanes))
    ahead = list(
        due.order_by("priority", "not_before", "id").values_list(*SEEN, named=True)[
            :AHEAD
        ]
    )
    if not ahead:
        return None
    first = ahead[0]
    kind = registry.find(first.kind)
    ids = [first.pk]
    if kind.batch_size > 1 and first.starts < MAX_STARTS - 1:
        ids = list(_company(first, ahead, due)[: kind.batch_size])
    return kind, _take(ids, owner, now)


def _company(
    first: Any, ahead: Sequence[Any], due: QuerySet[SyncJob]
) -> Sequence[int] | QuerySet[SyncJob, int]:
    """Jobs like the first, with it; what was seen ahead tells, unless there is more."""
    names = ("kind", "account_id", "organization_id")
    alike = {name: getattr(first, name) for name in names}
    if len(ahead) == AHEAD:
        sound = due.filter(starts__lt=MAX_STARTS - 1, **alike)
        return sound.order_by("not_before", "id").values_list("pk", flat=True)
    return [
        one.pk
        for one in ahead
        if one.starts < MAX_STARTS - 1
        and all(getattr(one, name) == value for name, value in alike.items())
    ]


def due_jobs(now: datetime, kept_back: Collection[int] = ()) -> QuerySet[SyncJob]:
    """What could be claimed now, of every lane."""
    known = [kind.name for kind in registry.every_kind()]
    due = SyncJob.objects.filter(
        state=JobState.WAITING,
        not_before__lte=now,
        kind__in=known,  # a kind of a newer version waits for that version
    )
    for gate in closed_gates(now, kept_back):
        due = due.exclude(gate)
    return due


def _take(ids: list[int], owner: str, now: datetime) -> list[SyncJob]:
    tag = f"{owner}:{uuid.uuid4().hex[:12]}"
    SyncJob.objects.filter(pk__in=ids, state=JobState.WAITING).update(
        state=JobState.RUNNING,
        lease_owner=tag,
        lease_until=now + lease_length(),
        fence=F("fence") + 1,
        starts=F("starts") + 1,
        started_at=now,
    )
    return list(
        SyncJob.objects.filter(lease_owner=tag, state=JobState.RUNNING)
        .select_related("account", "organization", "order")
        .order_by("not_before", "id")
    )


def is_ours(job: SyncJob) -> bool:
    """Whether the job is still in this worker's hands, by its fence."""
    return _mine(job).exists()


def has_time(job: SyncJob, needed: timedelta, *, now: datetime) -> bool:
    """Whether our lease on the job lasts at least that long."""
    return _mine(job).filter(lease_until__gt=now + needed).exists()


def ours(jobs: Sequence[SyncJob]) -> set[int]:
    """As `is_ours`, of jobs that were claimed together: the keys of those that are."""
    return _still_ours(jobs, SyncJob.objects.all())


def have_time(jobs: Sequence[SyncJob], needed: timedelta, *, now: datetime) -> bool:
    """As `has_time`, of jobs that were claimed together."""
    held = SyncJob.objects.filter(lease_until__gt=now + needed)
    return len(_still_ours(jobs, held)) == len(jobs)


def _still_ours(jobs: Sequence[SyncJob], among: QuerySet[SyncJob]) -> set[int]:
    mine = {(job.pk, job.fence, job.lease_owner) for job in jobs}
    rows = among.filter(pk__in=[job.pk for job in jobs], state=JobState.RUNNING)
    held = set(rows.order_by().values_list("pk", "fence", "lease_owner"))
    return {pk for pk, *_ in mine & held}


def _mine(job: SyncJob) -> QuerySet[SyncJob]:
    return SyncJob.objects.filter(
        pk=job.pk,
        fence=job.fence,
        lease_owner=job.lease_owner,
        state=JobState.RUNNING,
    )


def release_expired(*, now: datetime) -> int:
    """Give jobs whose worker outlived its lease back; answers how many."""
    return _give_back(Q(lease_until__lt=now), now)


def release_dead(owners: Sequence[str], *, now: datetime) -> int:
    """Give the jobs of processes that are known to be gone back at once."""
    total = 0
    for owner in owners:
        Export.objects.filter(lease_owner__startswith=f"{owner}:").update(
            lease_owner="", lease_until=None
        )
        total += _give_back(Q(lease_owner__startswith=f"{owner}:"), now)
    return total


def _give_back(which: Q, now: datetime) -> int:
    held = SyncJob.objects.filter(which, state=JobState.RUNNING)
    if not held.exists():
        return 0
    again = {
        "state": JobState.WAITING,
        "lease_owner": "",
        "lease_until": None,
        "note": "Taken over: its worker ended.",
    }
    # A kind that repeats is never parked: what ends its worker must not do so at once.
    endless = [kind.name for kind in registry.every_kind() if not kind.parks]
    suspects = held.filter(starts__gt=1, kind__in=endless).update(
        not_before=now + scaled(SUSPECT_WAIT), **again
    )
    return suspects + held.update(not_before=now, **again)


def running_owners() -> set[str]:
    """The processes that hold a lease, as `owner_name` spells them."""
    tags = SyncJob.objects.filter(state=JobState.RUNNING).values_list(
        "lease_owner", flat=True
    )
    return {tag.rsplit(":", 1)[0] for tag in tags if tag}
