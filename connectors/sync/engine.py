"""Claim, run, and settle: the only place that decides how a try ends."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from connectors import retry
from connectors.accounts import breaker, credentials, scoped
from connectors.errors import (
    AuthError,
    ConnectorError,
    Kind,
    System,
    ThrottledError,
    TransientError,
)
from connectors.models import (
    Closing,
    FailedPayload,
    JobState,
    Outcome,
    SyncJob,
    Trigger,
)
from connectors.sync import alerts, claims, journal
from connectors.sync.clients import Clients, descriptions
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.registry import LANES, JobKind, Lane, lanes_from
from connectors.sync.rings import ring
from connectors.sync.run import Ending, Run
from connectors.sync.subjects import writeback_ring
from connectors.timing import scaled

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
DRAIN_FOR = timedelta(seconds=20)
AUTH_TRIES = 4
OWN_LANE_EVERY = 4
PARKING = frozenset({Kind.REJECTED, Kind.MAPPING, Kind.INVALID, Kind.INTERNAL})


class CrashesWorkerError(ConnectorError):
    """A job that ended its worker several times in a row."""


def drain(
    lane: Lane, *, clock: Clock, seconds: float = DRAIN_FOR.total_seconds()
) -> int:
    """Work on this lane, and on what is worth more, until nothing is due.

    Every fourth claim looks at the lane itself first, so that a busy lane above
    never starves it. Answers how many jobs were run.
    """
    started = clock()
    ran = turns = 0
    while (clock() - started).total_seconds() < seconds:
        turns += 1
        alone = turns % OWN_LANE_EVERY == 0
        worked = (alone and work_once((lane,), clock=clock)) or work_once(
            lanes_from(lane), clock=clock
        )
        if not worked:
            break
        ran += worked
    return ran


def work_once(lanes: Sequence[Lane] = LANES, *, clock: Clock) -> int:
    """Claim one batch and bring it to its end; answers its size, 0 for nothing due."""
    now = clock()
    claims.release_expired(now=now)
    claimed = claims.claim(lanes, owner=claims.owner_name(), now=now)
    if claimed is None or not claimed[1]:
        return 0
    kind, jobs = claimed
    if not _may_call(kind, jobs[0], now):
        _give_back(jobs, now)
        return 0
    run_batch(kind, jobs, clock=clock)
    return len(jobs)


def _may_call(kind: JobKind, job: SyncJob, now: datetime) -> bool:
    """Ask each breaker; a half-open one lets a single batch through as its probe."""
    return all(
        breaker.allow(credential_id, now=now).allowed
        for credential_id in _credentials(kind, job)
    )


def _credentials(kind: JobKind, job: SyncJob) -> list[int]:
    organization = job.organization or (job.account and job.account.organization)
    found: list[int] = []
    if System.SHIPHERO in kind.uses and job.account:
        found.append(job.account.credential_id)
    if System.SALESFORCE in kind.uses and organization:
        found.append(organization.credential_id)
    return found


def _give_back(jobs: Sequence[SyncJob], now: datetime) -> None:
    for job in jobs:
        _settle_row(
            job,
            state=JobState.WAITING,
            starts=max(job.starts - 1, 0),
            not_before=now + scaled(timedelta(seconds=5)),
            note="Waits for the connection.",
        )


def run_batch(kind: JobKind, jobs: Sequence[SyncJob], *, clock: Clock) -> None:
    """Run the handler on claimed jobs, and settle each of them.

    This holds the only catch-all of the engine. What is no `Exception` (a kill, a
    time-out of the worker) passes through: the lease brings the jobs back.
    """
    jobs = _without_crashers(kind, jobs, clock)
    if not jobs:
        return
    run = Run(kind, jobs, clients=Clients(clock), clock=clock)
    try:
        kind.handler(run, run.jobs)
    except LeaseLostError:
        run.rest_later(scaled(timedelta(seconds=5)), "Another worker has the record.")
    except ConnectorError as error:
        run.fail_rest(error)
    except Exception as error:  # noqa: BLE001 - our own bugs end here, visibly
        run.fail_rest(error)
    connection.ensure_connection()
    _forget_descriptions(run)
    _report_to_breakers(run)
    _settle(run)


def _without_crashers(
    kind: JobKind, jobs: Sequence[SyncJob], clock: Clock
) -> list[SyncJob]:
    """Park what ended its worker time and again; each suspect then runs alone."""
    sound: list[SyncJob] = []
    for job in jobs:
        if not kind.parks or job.starts <= claims.MAX_STARTS:
            sound.append(job)
            continue
        run = Run(kind, [job], clients=Clients(clock), clock=clock)
        run.failed(
            job,
            CrashesWorkerError(
                "Three tries in a row ended without an outcome.",
                code="shipsync.crashes_worker",
            ),
        )
        _settle(run)
    return sound


def _forget_descriptions(run: Run) -> None:
    """A refused query may mean that a field or a right is gone."""
    if any(error.kind in {Kind.REJECTED, Kind.AUTH} for error in run.errors()):
        for used in run.clients.used():
            descriptions.forget(used.credential_id)


def _report_to_breakers(run: Run) -> None:
    """A remote that did not answer counts against it; any answer speaks for it."""
    dark = {
        error.system
        for error in run.errors()
        if isinstance(error, TransientError) and is_outage(error)
    }
    for used in run.clients.used():
        if used.system in dark:
            breaker.failed(used.credential_id, now=run.now())
        elif used.client.exchanges:
            breaker.succeeded(used.credential_id, now=run.now())
    run.clients.note_usage()


def is_outage(error: TransientError) -> bool:
    """Whether the way to the remote is in doubt, not just one record of it."""
    return error.system is not System.SHIPSYNC and "lock" not in error.code


def _settle(run: Run) -> None:
    exchanges = run.clients.drain()
    now = run.now()
    with commit("settle"):
        noteworthy = [job for job in run.jobs if _is_noteworthy(run.endings[job.pk])]
        stored = journal.store_exchanges(exchanges if noteworthy else (), now=now)
        for job in run.jobs:
            _settle_job(run, job, stored, now)


def _is_noteworthy(ending: Ending) -> bool:
    return bool(ending.effects or ending.error is not None)


def _settle_job(run: Run, job: SyncJob, stored: journal.Stored, now: datetime) -> None:
    ending = run.endings[job.pk]
    outcome = _end(run.kind, job, ending, now)
    if outcome is None or not _is_noteworthy(ending):
        return
    attempt = journal.write_attempt(
        job, ending, outcome, exchanges=stored, started_at=run.started_at, now=now
    )
    if outcome is Outcome.PARKED and ending.error is not None:
        journal.open_failure(job, ending.error, attempt, now=now)
        if job.order is not None and job.kind != "push_fulfillment":
            ring(
                writeback_ring(
                    job.order, trigger=Trigger.FOLLOW_UP, cause=f"{job.kind} parked"
                ),
                now=now,
            )


def _end(kind: JobKind, job: SyncJob, ending: Ending, now: datetime) -> Outcome | None:
    """Put the job into its next state; None when another worker owns it by now."""
    error = ending.error
    if error is None:
        return _end_well(kind, job, ending, now)
    if isinstance(error, ThrottledError):
        wait = error.wait if error.system is System.SHIPSYNC else scaled(error.wait)
        return _wait(job, now + wait, error, Outcome.THROTTLED, failed=False)
    if isinstance(error, AuthError):
        return _end_refused(kind, job, error, now)
    if journal.kind_of(error) in PARKING:
        return _park_or_repeat(kind, job, error, now)
    return _back_off(kind, job, error, now)


def _end_well(
    kind: JobKind, job: SyncJob, ending: Ending, now: datetime
) -> Outcome | None:
    if ending.later is not None:
        mine = _settle_row(
            job,
            state=JobState.WAITING,
            not_before=ending.later,
            note=ending.note[:255],
            starts=0,
        )
        return Outcome.LATER if mine else None
    row: dict[str, Any] = {
        "attempts": 0,
        "starts": 0,
        "note": "",
        "last_code": "",
        "last_reason": "",
    }
    if kind.every:
        wait = scaled(scoped.lookup(kind.every, account=job.account).seconds)
        mine = _settle_row(job, state=JobState.WAITING, not_before=now + wait, **row)
    else:
        mine = _done_or_again(job, now, row)
    if mine:
        FailedPayload.objects.filter(job=job, closed_at=None).update(
            closed_at=now, closed_how=Closing.RESOLVED
        )
    return Outcome.DONE if mine else None


def _done_or_again(job: SyncJob, now: datetime, row: dict[str, Any]) -> bool:
    """Done only if nobody rang since the start; else it waits again, at once."""
    done = _settle_row(
        job,
        unmoved=True,
        state=JobState.DONE,
        done_version=job.wanted_version,
        finished_at=now,
        **row,
    )
    return done or _settle_row(job, state=JobState.WAITING, not_before=now, **row)


def _end_refused(
    kind: JobKind, job: SyncJob, error: AuthError, now: datetime
) -> Outcome | None:
    """A refused login: try the next token a few times, then pause the login."""
    ids = [pk for pk, system in _logins(kind, job) if system is error.system] or [
        pk for pk, _ in _logins(kind, job)
    ]
    if job.attempts + 1 < AUTH_TRIES:
        wait = scaled(timedelta(seconds=10))
        return _wait(job, now + wait, error, Outcome.RETRY, failed=True)
    for credential_id in ids:
        if credentials.refuse(credential_id, reason=error.reason, now=now):
            logger.error("Login %s was refused and is paused.", credential_id)
            alerts.send(
                f"ShipSync: {error.system} refused a login",
                f"{error.reason} Work with this login waits; nothing is lost. Correct "
                "the login in the console, then resume it.",
            )
    return _wait(job, now, error, Outcome.PAUSED, failed=False)


def _logins(kind: JobKind, job: SyncJob) -> list[tuple[int, System]]:
    organization = job.organization or (job.account and job.account.organization)
    found: list[tuple[int, System]] = []
    if System.SHIPHERO in kind.uses and job.account:
        found.append((job.account.credential_id, System.SHIPHERO))
    if System.SALESFORCE in kind.uses and organization:
        found.append((organization.credential_id, System.SALESFORCE))
    return found


def _park_or_repeat(
    kind: JobKind, job: SyncJob, error: BaseException, now: datetime
) -> Outcome | None:
    if not kind.parks:
        return _back_off(kind, job, error, now)
    mine = _settle_row(
        job,
        unmoved=True,
        state=JobState.PARKED,
        starts=0,
        attempts=job.attempts + 1,
        finished_at=now,
        note="",
        **_last(error),
    )
    if mine:
        return Outcome.PARKED
    # The source moved while we failed: its new version deserves its own try.
    again = _settle_row(job, state=JobState.WAITING, not_before=now, starts=0)
    return Outcome.RETRY if again else None


def _back_off(
    kind: JobKind, job: SyncJob, error: BaseException, now: datetime
) -> Outcome | None:
    attempts = job.attempts + 1
    if not kind.parks:
        attempts = min(attempts, len(retry.BACKOFF) // 2)
    wait = retry.next_wait(attempts, jitter=random.random())  # noqa: S311 - spreads load
    if wait is None:
        return _park_or_repeat(kind, job, error, now)
    return _wait(job, now + scaled(wait), error, Outcome.RETRY, failed=True)


def _wait(
    job: SyncJob,
    when: datetime,
    error: BaseException,
    outcome: Outcome,
    *,
    failed: bool,
) -> Outcome | None:
    mine = _settle_row(
        job,
        state=JobState.WAITING,
        not_before=when,
        attempts=job.attempts + int(failed),
        starts=0,
        note=journal.reason_of(error)[:255],
        **_last(error),
    )
    return outcome if mine else None


def _last(error: BaseException) -> dict[str, Any]:
    return {
        "last_code": journal.code_of(error),
        "last_reason": journal.reason_of(error),
    }


def _settle_row(job: SyncJob, *, unmoved: bool = False, **values: Any) -> bool:
    """Change the row if we still own it; `unmoved` also asks that nobody rang since."""
    mine = SyncJob.objects.filter(
        pk=job.pk, fence=job.fence, state=JobState.RUNNING, lease_owner=job.lease_owner
    )
    if unmoved:
        mine = mine.filter(wanted_version=job.wanted_version)
    return bool(mine.update(lease_owner="", lease_until=None, **values))
