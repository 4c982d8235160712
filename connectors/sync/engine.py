"""Claim, run, and settle: the only place that decides how a try ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection

from connectors import batch
from connectors.accounts import breaker
from connectors.errors import (
    ConnectorError,
    Kind,
    System,
    TransientError,
)
from connectors.models import (
    JobState,
    SyncJob,
)
from connectors.sync import claims, endings, journal
from connectors.sync.clients import Clients, descriptions
from connectors.sync.phases import LeaseLostError
from connectors.sync.registry import LANES, JobKind, Lane, lanes_from
from connectors.sync.run import Run
from connectors.timing import scaled

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
DRAIN_FOR = timedelta(seconds=20)
OWN_LANE_EVERY = 4
# A probe may be answered long before it would be given up.
LOOK_AGAIN = timedelta(seconds=5)


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
    """Claim one batch and bring it to its end; answers its size, 0 for nothing due.

    Work that a breaker keeps back holds up none that calls with other logins.
    """
    now = clock()
    kept_back: set[int] = set()
    while claimed := _claim(lanes, kept_back, now):
        kind, jobs = claimed
        keeper = _kept_back_by(kind, jobs[0], now)
        if keeper is None:
            with batch.one_batch():
                run_batch(kind, jobs, clock=clock)
            return len(jobs)
        credential_id, wait = keeper
        kept_back.add(credential_id)
        _give_back(jobs, now + min(wait, scaled(LOOK_AGAIN)))
    return 0


def _claim(
    lanes: Sequence[Lane], kept_back: Collection[int], now: datetime
) -> tuple[JobKind, list[SyncJob]] | None:
    owner = claims.owner_name()
    claimed = claims.claim(lanes, owner=owner, now=now, kept_back=kept_back)
    if claimed is None and claims.release_expired(now=now):
        claimed = claims.claim(lanes, owner=owner, now=now, kept_back=kept_back)
    return claimed if claimed and claimed[1] else None


def _kept_back_by(
    kind: JobKind, job: SyncJob, now: datetime
) -> tuple[int, timedelta] | None:
    """The login whose breaker keeps a batch back, and for how long; None: none does.

    A half-open one lets a single batch through as its probe, and has it back when
    another login keeps the batch.
    """
    allowed: list[int] = []
    for credential_id, _ in endings.logins(kind, job):
        permit = breaker.allow(credential_id, now=now)
        if not permit.allowed:
            for earlier in allowed:
                breaker.unused(earlier, now=now)
            return credential_id, permit.wait
        allowed.append(credential_id)
    return None


def _give_back(jobs: Sequence[SyncJob], until: datetime) -> None:
    for job in jobs:
        endings.settle_row(
            job,
            state=JobState.WAITING,
            starts=max(job.starts - 1, 0),
            not_before=until,
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
    except (OperationalError, InterfaceError) as error:
        run.fail_rest(_database_away(error))
    except ConnectorError as error:
        _fail_or_part(run, error)
    except Exception as error:  # noqa: BLE001 - our own bugs end here, visibly
        _fail_or_part(run, error)
    _forget_descriptions(run)
    endings.patiently(lambda: _report_to_breakers(run, endings.logins(kind, jobs[0])))
    endings.settle(run)


def _database_away(error: OperationalError | InterfaceError) -> TransientError:
    """A lock or a restart of our own database passes; nothing was done by halves.

    The connection may be broken for good, which only a new one shows.
    """
    if not connection.in_atomic_block:
        connection.close()
    return TransientError(
        "The database was busy or away.",
        code="shipsync.database",
        detail=type(error).__name__,
    )


def _fail_or_part(run: Run, error: Exception) -> None:
    """Fail what is not settled; a whole batch is first tried one by one.

    One record that nobody can process must not take its company with it.
    """
    rest = run.unsettled()
    if len(rest) < 2 or not _is_about_a_record(error):
        run.fail_rest(error)
        return
    for job in rest:
        run_batch(run.kind, [job], clock=run.now)
        run.forget(job)


def _is_about_a_record(error: Exception) -> bool:
    return journal.kind_of(error) in endings.PARKING


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
        endings.settle(run)
    return sound


def _forget_descriptions(run: Run) -> None:
    """A refused query may mean that a field or a right is gone."""
    if any(error.kind in {Kind.REJECTED, Kind.AUTH} for error in run.errors()):
        for used in run.clients.used():
            descriptions.forget(used.credential_id)


def _report_to_breakers(run: Run, logins: Sequence[tuple[int, System]]) -> None:
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
    called = {
        used.credential_id for used in run.clients.used() if used.client.exchanges
    }
    for credential_id, _ in logins:
        if credential_id not in called:
            breaker.unused(credential_id, now=run.now())
    run.clients.note_usage(run.kind.name)


def is_outage(error: TransientError) -> bool:
    """Whether the way to the remote is in doubt, not just one record of it."""
    return error.system is not System.SHIPSYNC and endings.LOCKED_ROW not in error.code
