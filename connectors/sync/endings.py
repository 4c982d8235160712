"""How a try ends: the job's next state, the row in the log, the episode of parking."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from connectors import retry
from connectors.accounts import credentials, scoped
from connectors.errors import AuthError, Kind, System, ThrottledError
from connectors.models import (
    Closing,
    FailedPayload,
    JobState,
    Outcome,
    SyncJob,
    Trigger,
)
from connectors.sync import journal, standings
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind
from connectors.sync.rings import ring
from connectors.sync.run import Ending, Run
from connectors.sync.subjects import writeback_ring
from connectors.timing import scaled

AUTH_TRIES = 4
LOCK_WAIT = timedelta(minutes=1)
LOCKED_ROW = "lock_row"
SETTLE_WAITS = (0.1, 0.5, 2.0, 5.0)
PARKING = frozenset({Kind.REJECTED, Kind.MAPPING, Kind.INVALID, Kind.INTERNAL})


def settle(run: Run) -> None:
    """Store how each job ended."""
    exchanges = run.clients.drain()
    patiently(lambda: _store_endings(run, exchanges))


def patiently(step: Callable[[], None]) -> None:
    """Take a step that needs our database; a busy or restarting one is asked again.

    Without it the jobs in hand would rest until their leases run out.
    """
    for wait in (*SETTLE_WAITS, None):
        try:
            step()
            return
        except (OperationalError, InterfaceError):
            if wait is None:
                raise
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(wait)  # noqa: TID251 - the database is busy or restarting


def _store_endings(run: Run, exchanges: journal.Exchanges) -> None:
    now = run.now()
    with commit("settle"):
        noteworthy = [job for job in run.jobs if _is_noteworthy(run.endings[job.pk])]
        stored = journal.store_exchanges(exchanges if noteworthy else (), now=now)
        failed = FailedPayload.objects.filter(job__in=run.jobs, closed_at=None)
        had_failed = set(failed.order_by().values_list("job_id", flat=True))
        for job in run.jobs:
            _settle_job(run, job, stored, now, had_failed=job.pk in had_failed)


def _is_noteworthy(ending: Ending) -> bool:
    return bool(ending.effects or ending.error is not None)


def _settle_job(
    run: Run, job: SyncJob, stored: journal.Stored, now: datetime, *, had_failed: bool
) -> None:
    ending = run.endings[job.pk]
    outcome = _end(run.kind, job, ending, now)
    if outcome is None:
        return
    if outcome is Outcome.DONE and had_failed:
        _close_episode(job, ending, now)
        _stand(job, "went well again", now)
    if not _is_noteworthy(ending):
        return
    attempt = journal.write_attempt(
        job, ending, outcome, exchanges=stored, started_at=run.started_at, now=now
    )
    if outcome is Outcome.PARKED and ending.error is not None:
        journal.open_failure(job, ending.error, attempt, now=now)
        _stand(job, "parked", now)


def _close_episode(job: SyncJob, ending: Ending, now: datetime) -> None:
    FailedPayload.objects.filter(job=job, closed_at=None).update(
        closed_at=now,
        closed_how=Closing.RESOLVED,
        closing_note=_evidence(ending),
    )


def _stand(job: SyncJob, what: str, now: datetime) -> None:
    """The order says at once that it is stopped, or no longer; Salesforce hears of it.

    The report may wait for long: for its login, its breaker, or a pause.
    """
    if job.order is None or job.kind == standings.OWN_REPORT:
        return
    job.order.refresh_from_db()
    standings.refresh(job.order, now=now)
    told = writeback_ring(
        job.order, trigger=Trigger.FOLLOW_UP, cause=f"{job.kind} {what}"
    )
    ring(told, now=now)


def _end(kind: JobKind, job: SyncJob, ending: Ending, now: datetime) -> Outcome | None:
    """Put the job into its next state; None when another worker owns it by now."""
    error = ending.error
    if error is None:
        return _end_well(kind, job, ending, now)
    if isinstance(error, ThrottledError):
        wait = error.wait if error.system is System.SHIPSYNC else scaled(error.wait)
        return _wait(job, now + wait, error, Outcome.THROTTLED, now=now, failed=False)
    if isinstance(error, AuthError) and "missing_scope" not in error.code:
        return _end_refused(kind, job, error, now)
    if isinstance(error, AuthError):  # one right lacks; the login itself is good
        return _park_or_repeat(kind, job, error, now)
    if journal.kind_of(error) in PARKING:
        return _park_or_repeat(kind, job, error, now)
    return _back_off(kind, job, error, now)


def _end_well(
    kind: JobKind, job: SyncJob, ending: Ending, now: datetime
) -> Outcome | None:
    if ending.later is not None:
        mine = settle_row(
            job,
            state=JobState.WAITING,
            not_before=ending.later,
            note=ending.note[:255],
            starts=0,
        )
        _hear_rings(job, now)
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
        mine = settle_row(job, state=JobState.WAITING, not_before=now + wait, **row)
        _hear_rings(job, now)
    else:
        mine = _done_or_again(job, now, row)
    return Outcome.DONE if mine else None


def _evidence(ending: Ending) -> str:
    """Why an episode is over: what the try that went well did."""
    done = "; ".join(ending.effects)
    return f"It went well: {done}."[:255] if done else "It went well; nothing was left."


def _done_or_again(job: SyncJob, now: datetime, row: dict[str, Any]) -> bool:
    """Done only if nobody rang since the start; else it waits again, at once."""
    done = settle_row(
        job,
        unmoved=True,
        state=JobState.DONE,
        done_version=job.wanted_version,
        finished_at=now,
        **row,
    )
    return done or settle_row(job, state=JobState.WAITING, not_before=now, **row)


def _end_refused(
    kind: JobKind, job: SyncJob, error: AuthError, now: datetime
) -> Outcome | None:
    """A refused login: try the next token a few times, then pause the login.

    Failures of another cause before it are no refusals.
    """
    ids = [pk for pk, system in logins(kind, job) if system is error.system] or [
        pk for pk, _ in logins(kind, job)
    ]
    is_first = job.last_code != journal.code_of(error)
    if is_first or job.attempts + 1 < AUTH_TRIES:
        wait = scaled(timedelta(seconds=10))
        return _wait(job, now + wait, error, Outcome.RETRY, now=now, failed=True)
    for credential_id in ids:
        credentials.refuse(credential_id, reason=error.reason, now=now)
    return _wait(job, now, error, Outcome.PAUSED, now=now, failed=False)


def logins(kind: JobKind, job: SyncJob) -> list[tuple[int, System]]:
    """The credentials that a job of this kind calls with."""
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
    mine = settle_row(
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
    again = settle_row(job, state=JobState.WAITING, not_before=now, starts=0)
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
    if LOCKED_ROW in journal.code_of(error):
        wait = min(wait, LOCK_WAIT)  # who holds the row lets go within seconds
    return _wait(job, now + scaled(wait), error, Outcome.RETRY, now=now, failed=True)


def _wait(
    job: SyncJob,
    when: datetime,
    error: BaseException,
    outcome: Outcome,
    *,
    now: datetime,
    failed: bool,
) -> Outcome | None:
    mine = settle_row(
        job,
        state=JobState.WAITING,
        not_before=when,
        attempts=job.attempts + int(failed),
        starts=0,
        note=journal.reason_of(error)[:255],
        **_last(error),
    )
    if failed:
        _hear_rings(job, now)
    return outcome if mine else None


def _hear_rings(job: SyncJob, now: datetime) -> None:
    """What was rung for during the run is not put off by how the run ended."""
    SyncJob.objects.filter(
        pk=job.pk, state=JobState.WAITING, not_before__gt=now
    ).filter(wanted_version__gt=job.wanted_version).update(not_before=now)


def _last(error: BaseException) -> dict[str, Any]:
    return {
        "last_code": journal.code_of(error),
        "last_reason": journal.reason_of(error),
    }


def settle_row(job: SyncJob, *, unmoved: bool = False, **values: Any) -> bool:
    """Change the row if we still own it; `unmoved` also asks that nobody rang since."""
    mine = SyncJob.objects.filter(
        pk=job.pk, fence=job.fence, state=JobState.RUNNING, lease_owner=job.lease_owner
    )
    if unmoved:
        mine = mine.filter(wanted_version=job.wanted_version)
    return bool(mine.update(lease_owner="", lease_until=None, **values))
