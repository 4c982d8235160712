"""Ringing: the one way to say that a record should be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from connectors import queue
from connectors.accounts import scoped
from connectors.models import Closing, FailedPayload, JobState, SyncJob, Trigger
from connectors.sync import registry
from connectors.sync.registry import Lane
from connectors.timing import scaled

URGENT = 5
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ring:
    """`reopens` wakes a parked job too, and one that backs off: the source changed, or
    a person asked. `hurries` makes a waiting job due at once, whatever it waits for.
    `lane` is another lane than the kind's own, `not_before` a due time of its own.
    """

    kind: str
    subject: str
    account_id: int | None = None
    organization_id: int | None = None
    order_id: int | None = None
    trigger: str = Trigger.FOLLOW_UP
    cause: str = ""
    actor_id: int | None = None
    reopens: bool = False
    hurries: bool = False
    lane: str = ""
    not_before: datetime | None = None

    @property
    def key(self) -> str:
        scope = f"a{self.account_id}" if self.account_id else f"o{self.organization_id}"
        return f"{self.kind}:{scope}:{self.subject}"


def ring(first: Ring, *more: Ring, now: datetime) -> None:
    """Want these records looked at; a lost, repeated or late ring does no harm."""
    ring_many([first, *more], now=now)


def ring_many(rings: Sequence[Ring], *, now: datetime) -> None:
    """As `ring`, in a handful of statements for any number of one trigger."""
    wanted = {item.key: item for item in _timed(rings, now)}
    if not wanted:
        return
    with transaction.atomic():
        if _count(wanted, now) < len(wanted):
            known = set(_of(wanted).values_list("key", flat=True))
            new = [_job(item, now) for key, item in wanted.items() if key not in known]
            SyncJob.objects.bulk_create(new, ignore_conflicts=True)
            _count(wanted, now)  # another worker may have made one meanwhile
        for group in _groups(wanted.values()).values():
            _raise(group[0], [item.key for item in group], now)
    lanes = {item.lane or registry.find(item.kind).lane for item in wanted.values()}
    transaction.on_commit(lambda: queue.bells(lanes))


def _job(item: Ring, now: datetime) -> SyncJob:
    kind = registry.find(item.kind)
    return SyncJob(
        key=item.key,
        kind=kind.name,
        lane=item.lane or kind.lane,
        priority=URGENT if item.lane == Lane.CANCEL else kind.priority,
        account_id=item.account_id,
        organization_id=item.organization_id,
        order_id=item.order_id,
        subject=item.subject,
        not_before=_due(item, now),
        trigger=item.trigger,
        cause=item.cause[:255],
        actor_id=item.actor_id,
        created_at=now,
        rung_at=now,
    )


def _due(item: Ring, now: datetime) -> datetime:
    if item.hurries:
        return now
    if item.not_before is not None:
        return item.not_before
    return now + scaled(registry.find(item.kind).linger)


def _timed(rings: Sequence[Ring], now: datetime) -> list[Ring]:
    """Due when they have gathered company, where a setting says for how long.

    All that is rung for within one stretch is due at its end, together. Each after a
    wait of its own would come due alone, and be written alone by a worker that is free.
    """
    kinds = {item.kind: registry.find(item.kind).linger_setting for item in rings}
    waits = {
        key: scaled(scoped.lookup(key).seconds) for key in set(kinds.values()) if key
    }
    return [
        replace(item, not_before=end_of_stretch(now, waits[kinds[item.kind]]))
        if item.not_before is None and kinds[item.kind]
        else item
        for item in rings
    ]


def end_of_stretch(now: datetime, length: timedelta) -> datetime:
    """When the stretch in which `now` lies is over; stretches follow one another."""
    return now + (length - (now - EPOCH) % length) if length else now


def _groups(rings: Iterable[Ring]) -> dict[Ring, list[Ring]]:
    groups: dict[Ring, list[Ring]] = defaultdict(list)
    for item in rings:
        alike = replace(item, subject="", order_id=None)
        groups[alike].append(item)
    return groups


def _of(keys: Collection[str]) -> QuerySet[SyncJob]:
    return SyncJob.objects.filter(key__in=keys)


def _count(keys: Collection[str], now: datetime) -> int:
    """Another thing is wanted of these; from here to the commit nobody settles them."""
    again = F("wanted_version") + 1
    return _of(keys).update(wanted_version=again, rung_at=now)


def _raise(item: Ring, keys: list[str], now: datetime) -> None:
    """Wake what rests, as far as this ring may."""
    jobs = _of(keys)
    failures = FailedPayload.objects.filter(job=OuterRef("pk"), closed_at=None)
    rows = list(jobs.order_by().values_list("state", "not_before", Exists(failures)))
    due = _due(item, now)
    said = {
        "rung_at": now,
        "trigger": item.trigger,
        "cause": item.cause[:255],
        "actor_id": item.actor_id,
    }
    wakes = {JobState.DONE, JobState.PARKED} if item.reopens else {JobState.DONE}
    if item.reopens and any(has_failed for *_, has_failed in rows):
        _close_failures(item, keys, now)
    if any(state in wakes for state, *_ in rows):
        jobs.filter(state__in=wakes).update(
            state=JobState.WAITING,
            not_before=due,
            attempts=0,
            starts=0,
            note="",
            **said,
        )
    if item.lane:
        urgent = {"priority": URGENT} if item.lane == Lane.CANCEL else {}
        jobs.exclude(state=JobState.RUNNING).update(lane=item.lane, **urgent)
    waits = [at for state, at, *_ in rows if state == JobState.WAITING]
    if item.hurries and waits:
        jobs.filter(state=JobState.WAITING).update(not_before=now, **said)
    elif item.reopens and any(at > due for at in waits):
        # News ends a back-off; what must rest for its own reason says so again.
        waiting = jobs.filter(state=JobState.WAITING, not_before__gt=due)
        waiting.update(not_before=due, **said)


def _close_failures(item: Ring, keys: list[str], now: datetime) -> None:
    by_person = item.trigger == Trigger.PERSON
    FailedPayload.objects.filter(job__key__in=keys, closed_at=None).update(
        closed_at=now,
        closed_how=Closing.RETRIED if by_person else Closing.REOPENED,
        closed_by_id=item.actor_id,
        closing_note=item.cause[:255],
    )
