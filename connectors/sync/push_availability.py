"""Availability to Salesforce: what changed, a few rows at a time or as one large write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import Category, ConnectorError, RejectedError, RowResult, System
from connectors.models import SyncJob
from connectors.salesforce.inventory import ROWS_PER_CALL, InventoryCalls
from connectors.sync import claims, config, large_writes, load
from connectors.sync.clients import call_time
from connectors.sync.pacing import SLOWER
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.windows import MOST_TIME, go_on
from connectors.timing import scaled
from inventory import outbox
from inventory.levels import LevelWriteback
from inventory.outbox import Chosen


def push_availability(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Write what Salesforce does not show yet; nothing to write costs no call."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        _push(run, job, job.account)


def _push(run: Run, job: SyncJob, account: Account) -> None:
    every = scoped.lookup("push_availability_seconds", account=account).seconds
    if load.is_api_short(account.organization):
        run.later(
            job,
            run.now() + scaled(every) * SLOWER,
            "Salesforce's calls of the day are nearly spent.",
        )
        return
    with commit("doubts"):
        outbox.end_doubts(account, now=run.now())
    large = large_writes.wanted(account, now=run.now())
    if large is None:
        FewRows(run, job, account).write()
    elif large.state != large_writes.PROPOSED:
        large_writes.LargeWrite(run, job, account, large, _calls(run, account)).go_on()
    _look_again_for_doubts(run, job, account, run.now() + scaled(every))


def _calls(run: Run, account: Account) -> InventoryCalls:
    client = run.clients.salesforce(account.organization)
    return client.inventory(config.writeback_fields(account.organization))


def _look_again_for_doubts(
    run: Run, job: SyncJob, account: Account, sweep: datetime
) -> None:
    until = outbox.next_doubt(account)
    if until is not None and until < sweep and job in run.unsettled():
        run.later(job, max(until, run.now()), "A write may still land late.")


@dataclass(slots=True)
class FewRows:
    """Due rows, a thousand to a call, until none is left or time is up."""

    run: Run
    job: SyncJob
    account: Account
    rows: int = 0
    refusals: int = 0
    error: ConnectorError | None = None
    started: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.run.now()

    def write(self) -> None:
        last, is_whole = 0, False
        while not is_whole and not self._is_late():
            with commit("choose"):
                chosen = outbox.choose(self.account, after=last, most=ROWS_PER_CALL)
            last, is_whole = chosen.last, not chosen.looked_at
            if chosen.levels and not self._send(chosen):
                break
        self._tell(is_whole)

    def _is_late(self) -> bool:
        return self.run.now() - self.started >= MOST_TIME

    def _send(self, chosen: Chosen) -> bool:
        """One call; False when the next one need not be tried."""
        if not claims.has_time(self.job, call_time(), now=self.run.now()):
            raise LeaseLostError
        rest = scaled(scoped.lookup("quarantine_seconds").seconds)
        with commit("intent"):
            mine = outbox.doubt(list(chosen.levels), self.run.now() + rest)
        results = _calls(self.run, self.account).write(list(chosen.levels.values()))
        with commit("written_back"):
            if not claims.is_ours(self.job):
                raise LeaseLostError
            return self._note(chosen.levels, results, set(mine))

    def _note(
        self,
        levels: Mapping[int, LevelWriteback],
        results: Sequence[RowResult],
        mine: set[int],
    ) -> bool:
        errors = {pk: result.error for pk, result in zip(levels, results, strict=True)}
        unknown = {pk for pk, one in errors.items() if one and one.outcome_unknown}
        outbox.clear(mine - unknown)
        whole = _whole_refusal(results)
        if whole is not None:
            self.error = whole
            return False
        done = [pk for pk, one in errors.items() if one is None]
        outbox.written(done, now=self.run.now())
        outbox.refused(_refusals(errors))
        self.rows += len(done)
        self.refusals += len(_refusals(errors))
        later = [one for one in errors.values() if one and not _is_refusal(one)]
        self.error = self.error or (later[0] if later else None)
        return len(later) < len(errors)

    def _tell(self, is_whole: bool) -> None:
        if self.rows:
            self.run.did(self.job, f"{self.rows} rows of availability written")
        if self.refusals:
            self.run.did(self.job, f"{self.refusals} rows refused by Salesforce")
        if self.error is not None:
            self.run.failed(self.job, self.error)
        elif not is_whole:
            go_on(self.run, self.job)


def _is_refusal(error: ConnectorError) -> bool:
    return isinstance(error, RejectedError)


def _refusals(
    errors: Mapping[int, ConnectorError | None],
) -> dict[int, tuple[str, str]]:
    return {
        pk: (error.code, error.reason)
        for pk, error in errors.items()
        if error is not None and _is_refusal(error)
    }


def _whole_refusal(results: Sequence[RowResult]) -> ConnectorError | None:
    """The one error of all rows, where the set-up is at fault and not the rows."""
    errors = [one.error for one in results]
    first = errors[0]
    if first is None or first.category is not Category.SETUP or not _is_refusal(first):
        return None
    alike = all(one is not None and one.code == first.code for one in errors)
    return first if alike and len(errors) > 1 else None


register(
    JobKind(
        name="push_availability",
        title="Write availability to Salesforce",
        lane=Lane.INVENTORY,
        handler=push_availability,
        uses=frozenset({System.SALESFORCE}),
        writes=System.SALESFORCE,
        priority=60,
        every="push_availability_seconds",
    )
)
