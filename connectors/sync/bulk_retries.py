"""Retrying many failures: one first, then five, then the rest; stopping at a repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Min, QuerySet

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.casework import BulkRetry, BulkRetryItem, Cause, Result, Stage
from connectors.models import FailedPayload, JobState, SyncJob, Trigger
from connectors.sync import forecast
from connectors.sync.actions import ActionRefusedError
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring, ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import retry_rings
from connectors.timing import scaled

User = AbstractBaseUser | AnonymousUser

MOST = 5000
LOOKED_AT = 25  # failures a preview tells the future of
SIZES = {Stage.FIRST: 1, Stage.FIVE: 5, Stage.REST: 100}
NEXT = {Stage.FIRST: Stage.FIVE, Stage.FIVE: Stage.REST, Stage.REST: Stage.REST}
LOOK_EVERY = timedelta(seconds=2)
GIVE_UP_AFTER = timedelta(minutes=30)
ENDED = (Result.SOLVED, Result.SAME, Result.OTHER, Result.SKIPPED)


@dataclass(frozen=True, slots=True)
class Preview:
    """`forecasts` counts what would happen, of the `looked_at` oldest ones."""

    count: int
    is_capped: bool
    oldest: datetime | None
    looked_at: int
    forecasts: list[tuple[str, int]]

    @property
    def is_hopeless(self) -> bool:
        """All that was looked at would be refused again: the cause is not mended."""
        words = [words for words, _count in self.forecasts]
        return bool(words) and all(one.startswith(forecast.REFUSED) for one in words)


def preview(failures: QuerySet[FailedPayload], *, now: datetime) -> Preview:
    """What a retry of these would meet. Nothing is changed and nothing is called."""
    open_ones = failures.filter(closed_at=None)
    count = open_ones.order_by()[: MOST + 1].count()
    oldest = open_ones.order_by().aggregate(oldest=Min("opened_at"))["oldest"]
    rows = open_ones.order_by("opened_at", "id").select_related(
        "job", "order__account", "order__organization"
    )
    sample = list(rows[:LOOKED_AT])
    words = Counter(forecast.of_failure(row, now=now).words for row in sample)
    return Preview(
        min(count, MOST), count > MOST, oldest, len(sample), words.most_common()
    )


def start(
    *,
    failures: QuerySet[FailedPayload],
    words: str,
    cause: Cause | None,
    user: User,
    now: datetime,
) -> BulkRetry:
    """Begin with the oldest one. `words` say which were meant.

    Raises PermissionDenied where one of them may not be retried, ActionRefusedError
    where nothing is open.
    """
    permissions.require(user, permissions.RETRY)
    open_ones = failures.filter(closed_at=None).order_by("opened_at", "id")
    rows = list(open_ones.values_list("pk", "account_id")[:MOST])
    if not rows:
        raise ActionRefusedError("Nothing of these is open any more.")
    for account in Account.objects.filter(pk__in={row[1] for row in rows}):
        permissions.require(user, permissions.RETRY, account)
    with transaction.atomic():
        retry = BulkRetry.objects.create(
            cause=cause,
            words=words[:255],
            total=len(rows),
            created_by_id=user.pk,
            created_at=now,
        )
        BulkRetryItem.objects.bulk_create(
            (
                BulkRetryItem(retry=retry, failure_id=row[0], position=at)
                for at, row in enumerate(rows)
            ),
            batch_size=500,
        )
        audit.record(
            action="retry_many",
            actor=user,
            subject=retry,
            note=f"{len(rows)}: {words}"[:255],
            now=now,
        )
        ring(_ring(retry, user), now=now)
    return retry


def stop(*, retry: BulkRetry, user: User, now: datetime) -> None:
    """Touch nothing more; what was tried already goes on."""
    permissions.require(user, permissions.RETRY)
    with transaction.atomic():
        stopped = BulkRetry.objects.filter(pk=retry.pk, ended_at=None).update(
            stage=Stage.STOPPED,
            stop_asked_at=now,
            ended_at=now,
            ended_why=f"Stopped by {user}.",
        )
        if not stopped:
            raise ActionRefusedError("This retry is over already.")
        audit.record(action="stop_retry", actor=user, subject=retry, now=now)


def _ring(retry: BulkRetry, user: User | None) -> Ring:
    first = BulkRetryItem.objects.filter(retry=retry).select_related("failure").first()
    failure = first.failure if first else None
    return Ring(
        kind="bulk_retry",
        subject=str(retry.pk),
        account_id=failure.account_id if failure else None,
        organization_id=(failure.organization_id if failure else None),
        trigger=Trigger.PERSON,
        cause=retry.words,
        actor_id=user.pk if user is not None else None,
        reopens=True,
        hurries=True,
    )


def advance(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        retry = BulkRetry.objects.select_related("created_by").get(pk=job.subject)
        if not retry.is_over and not _advance(retry, now=run.now()):
            run.later(job, run.now() + scaled(LOOK_EVERY), "Waits for what it tried.")


def _advance(retry: BulkRetry, *, now: datetime) -> bool:
    """One look at the stage; answers whether the retry is over."""
    for item in _tried(retry):
        _judge(item, now)
    if retry.items.filter(result=Result.TRIED).exists():
        return False
    same = retry.items.filter(result=Result.SAME).count()
    if same and retry.stage != Stage.REST:
        words = "The same reason came again. Nothing else was touched."
        return _end(retry, Stage.STOPPED, words, now)
    if not retry.items.filter(result=Result.WAITING).exists():
        return _end(retry, Stage.DONE, _outcome(retry), now)
    if retry.items.filter(result__in=ENDED).exists():
        stage = NEXT[Stage(retry.stage)]
        BulkRetry.objects.filter(pk=retry.pk, ended_at=None).update(stage=stage)
        retry.stage = stage
    _try_next(retry, SIZES[Stage(retry.stage)], now)
    return False


def _tried(retry: BulkRetry) -> list[BulkRetryItem]:
    rows = retry.items.filter(result=Result.TRIED)
    return list(rows.select_related("failure__job")[: SIZES[Stage.REST]])


def _judge(item: BulkRetryItem, now: datetime) -> None:
    """How the try ended, by what stands in the books now."""
    job = item.failure.job
    again = FailedPayload.objects.filter(
        job=job, opened_at__gte=item.tried_at, closed_at=None
    ).first()
    if again is not None:
        is_same = again.fingerprint == item.failure.fingerprint
        result = Result.SAME if is_same else Result.OTHER
    elif job.state == JobState.DONE:
        result = Result.SOLVED
    elif item.tried_at is not None and now - item.tried_at > scaled(GIVE_UP_AFTER):
        result = Result.OTHER
    else:
        return
    BulkRetryItem.objects.filter(pk=item.pk).update(result=result, ended_at=now)


def _try_next(retry: BulkRetry, count: int, now: datetime) -> None:
    person = retry.created_by
    with transaction.atomic():
        items = list(
            retry.items.filter(result=Result.WAITING).select_related("failure__job")[
                :count
            ]
        )
        closed = [item.pk for item in items if item.failure.closed_at is not None]
        _mark(closed, Result.SKIPPED, now)
        open_ones = [item for item in items if item.failure.closed_at is None]
        _mark([item.pk for item in open_ones], Result.TRIED, now)
        failures = [item.failure for item in open_ones]
        ring_many(retry_rings(failures, person or AnonymousUser()), now=now)


def _mark(keys: list[int], result: Result, now: datetime) -> None:
    BulkRetryItem.objects.filter(pk__in=keys).update(result=result, tried_at=now)


def _outcome(retry: BulkRetry) -> str:
    counts = Counter(retry.items.values_list("result", flat=True))
    solved = counts[Result.SOLVED] + counts[Result.SKIPPED]
    rest = counts[Result.SAME] + counts[Result.OTHER]
    return f"{solved} solved, {rest} parked again."


def _end(retry: BulkRetry, stage: Stage, why: str, now: datetime) -> bool:
    BulkRetry.objects.filter(pk=retry.pk, ended_at=None).update(
        stage=stage, ended_at=now, ended_why=why[:255]
    )
    return True


register(
    JobKind(
        name="bulk_retry",
        title="Retry many, the first one first",
        lane=Lane.EDIT,
        handler=advance,
        uses=frozenset(),
        priority=20,
    )
)
