"""Large writes: priced, confirmed where they must be, and taken through the Bulk API.

The step of the job that is under way is stored after each call. What was open when its
worker ended is given up, what was filled is started, what was started is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import (
    Category,
    ConnectorError,
    Owner,
    RejectedError,
    System,
)
from connectors.models import SyncJob
from connectors.salesforce.bulk import COMPLETE, BulkJob
from connectors.salesforce.inventory import InventoryCalls
from connectors.salesforce.levels import BulkFile
from connectors.sync import claims
from connectors.sync.clients import call_time
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.run import Run
from connectors.sync.windows import MOST_TIME, go_on
from connectors.timing import scale, scaled
from inventory import outbox
from inventory.models import Availability, AvailabilityRun, JobStep, RunState
from inventory.pricing import price_of
from inventory.writing import OPEN_STATES

PROPOSED = RunState.PROPOSED
AT_ONCE = 1000
SOONEST, LATEST = timedelta(seconds=5), timedelta(minutes=2)
GONE = "salesforce.not_found"
NO_JOB: dict[str, Any] = {
    "remote_job_id": "",
    "step": JobStep.NONE,
    "job_started_at": None,
}


def wanted(account: Account, *, now: datetime) -> AvailabilityRun | None:
    """The large write that is open or must be opened; None where few rows are due.

    Above a number of rows a person must say yes first. A proposal whose reason has
    gone is taken back.
    """
    held = AvailabilityRun.objects.filter(
        account=account, state__in=OPEN_STATES
    ).first()
    if held is not None and held.state != PROPOSED:
        return held
    rows, new = 0, 0
    if outbox.has_due(account, more_than=_setting("availability_bulk_from", account)):
        rows, new = outbox.priced(account)
    if rows <= _setting("availability_bulk_from", account):
        _take_back(held, now)
        return None
    price = price_of(
        rows, new, rows_per_job=_setting("availability_rows_per_job", account)
    )
    if held is not None:
        AvailabilityRun.objects.filter(pk=held.pk, state=PROPOSED).update(
            **asdict(price)
        )
        held.refresh_from_db()
        return held
    is_large = rows > _setting("availability_confirm_from", account)
    state = PROPOSED if is_large else RunState.RUNNING
    return AvailabilityRun.objects.create(
        account=account, state=state, created_at=now, **asdict(price)
    )


def _take_back(held: AvailabilityRun | None, now: datetime) -> None:
    if held is not None:
        AvailabilityRun.objects.filter(pk=held.pk, state=PROPOSED).update(
            state=RunState.DECLINED,
            finished_at=now,
            last_word="Taken back: few rows are left to write.",
        )


def _setting(key: str, account: Account) -> int:
    return int(scoped.lookup(key, account=account).value)


@dataclass(slots=True)
class LargeWrite:
    """One worker's part in a large write; each step ends in a commit of its own."""

    run: Run
    job: SyncJob
    account: Account
    large: AvailabilityRun
    calls: InventoryCalls
    left_over: int = 0
    started: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.run.now()

    def go_on(self) -> None:
        """Take steps until Salesforce is to work, all is written, or time is up."""
        steps = {
            JobStep.NONE: self._begin,
            JobStep.OPEN: self._give_up,
            JobStep.FILLED: self._start,
            JobStep.STARTED: self._look,
        }
        while steps[JobStep(self.large.step)]():
            if self.run.now() - self.started >= MOST_TIME:
                go_on(self.run, self.job)
                return

    # -- steps: True when the next one can follow at once ------------------------------

    def _begin(self) -> bool:
        if self.large.state == RunState.STOPPING:
            return self._finish(RunState.STOPPED)
        if not outbox.has_due(self.account, more_than=self._few()):
            return self._finish(RunState.DONE)
        job_id = self.calls.begin()
        self._keep(remote_job_id=job_id, step=JobStep.OPEN)
        file = self._file()
        if not file.rows:
            return self._give_up()
        if not claims.has_time(self.job, call_time(), now=self.run.now()):
            raise LeaseLostError
        self.calls.fill(job_id, file)
        self._keep(step=JobStep.FILLED)
        return True

    def _few(self) -> int:
        """What is left after a job, a locked row or a late change, needs no other."""
        has_sent = self.large.written or self.large.refused
        return _setting("availability_bulk_from", self.account) if has_sent else 0

    def _file(self) -> BulkFile:
        """Rows of this run, as many as fit into one job and into our time."""
        file = self.calls.file()
        most = _setting("availability_rows_per_job", self.account)
        last = 0
        while file.rows < most and self.run.now() - self.started < MOST_TIME:
            with commit("choose"):
                self._insist()
                chosen = outbox.choose(
                    self.account,
                    after=last,
                    most=min(AT_ONCE, most - file.rows),
                    run=self.large,
                )
            left = [pk for pk, level in chosen.levels.items() if not file.add(level)]
            if left or not chosen.looked_at:
                outbox.release(left)
                break
            last = chosen.last
        return file

    def _give_up(self) -> bool:
        """A job that was never started has done nothing, and never will."""
        self.calls.give_up(self.large.remote_job_id)
        outbox.release(self._rows())
        self._keep(**NO_JOB)
        return True

    def _start(self) -> bool:
        if self.large.state == RunState.STOPPING:
            return self._give_up()
        self.calls.start(self.large.remote_job_id)
        self._keep(step=JobStep.STARTED, job_started_at=self.run.now())
        return self._wait()

    def _look(self) -> bool:
        try:
            job = self._told()
        except RejectedError as error:
            if error.code != GONE:
                raise
            outbox.release_unknown(self._rows())
            self._keep(last_word=error.reason, **NO_JOB)
            return True
        if not job.has_ended:
            return self._wait()
        self._collect(job)
        return self._rest()

    def _told(self) -> BulkJob:
        if self.large.state == RunState.STOPPING:
            return self.calls.give_up(self.large.remote_job_id)
        return self.calls.look(self.large.remote_job_id)

    def _rest(self) -> bool:
        """What Salesforce locked meanwhile is not asked for again at once."""
        if self.left_over:
            when = self.run.now() + scaled(LATEST)
            self.run.later(self.job, when, "Some rows were locked in Salesforce.")
        return not self.left_over

    def _wait(self) -> bool:
        """Look the less often the longer it takes: a look is a call."""
        since = self.large.job_started_at or self.run.now()
        age = (self.run.now() - since) * scale()
        wait = scaled(min(max(age / 2, SOONEST), LATEST))
        self.run.later(
            self.job, self.run.now() + wait, "Salesforce works on a large write."
        )
        return False

    def _finish(self, state: RunState) -> bool:
        self._keep(state=state, finished_at=self.run.now())
        words = f"Large write {state.label.lower()}: {self.large.written} rows"
        self.run.did(self.job, words)
        go_on(self.run, self.job)
        return False

    # -- what became of it ---------------------------------------------------------------

    def _collect(self, job: BulkJob) -> None:
        """Sort the job's rows by what Salesforce says of them."""
        refused = self.calls.refused(job.job_id) if job.failed else {}
        untouched: set[str] = set()
        if job.state != COMPLETE:
            untouched = self.calls.untouched(job.job_id)
        rows = self._rows()
        if job.processed + len(untouched) != len(rows):
            # It holds other rows than we remember: nothing of it can be believed.
            outbox.release_unknown(rows)
            refused, rows = {}, []
        written, said_no = self._sort(rows, refused, untouched)
        self._keep(
            written=self.large.written + written,
            refused=self.large.refused + said_no,
            last_word=job.message,
            **NO_JOB,
        )
        self.run.did(self.job, f"{written} rows of availability written")
        if job.message and not job.processed:
            raise _failed(job)

    def _sort(
        self,
        rows: Collection[int],
        refused: Mapping[str, ConnectorError],
        untouched: Collection[str],
    ) -> tuple[int, int]:
        keys = outbox.keys_of(self.account, rows) if refused or untouched else {}
        errors = {pk: refused[key] for pk, key in keys.items() if key in refused}
        said_no = {
            pk: (error.code, error.reason)
            for pk, error in errors.items()
            if isinstance(error, RejectedError)
        }
        again = {pk for pk, key in keys.items() if key in untouched}
        again |= errors.keys() - said_no.keys()
        done = [pk for pk in rows if pk not in said_no and pk not in again]
        self.left_over = len(again)
        outbox.release(again)
        outbox.refused(said_no)
        outbox.written(done, now=self.run.now())
        return len(done), len(said_no)

    def _rows(self) -> list[int]:
        rows = Availability.objects.filter(run=self.large).order_by("pk")
        return list(rows.values_list("pk", flat=True))

    def _keep(self, **values: Any) -> None:
        with commit("large_write"):
            self._insist()
            AvailabilityRun.objects.filter(pk=self.large.pk).update(**values)
        self.large.refresh_from_db()

    def _insist(self) -> None:
        if not claims.is_ours(self.job):
            raise LeaseLostError


def _failed(job: BulkJob) -> RejectedError:
    return RejectedError(
        f"Salesforce gave up the whole job: {job.message}",
        system=System.SALESFORCE,
        code="salesforce.bulk_job_failed",
        category=Category.SETUP,
        owner=Owner.INTEGRATOR,
    )
