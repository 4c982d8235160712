"""One run of one job kind: what the handler settles, and what it leaves to the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import ConnectorError
from connectors.models import SyncJob
from connectors.sync.clients import Clients
from connectors.sync.registry import JobKind
from orders.models import Export

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Ending:
    """How one job ended: done, failed with `error`, or waiting until `later`."""

    error: BaseException | None = None
    later: datetime | None = None
    note: str = ""
    effects: list[str] = field(default_factory=list)
    diff: list[dict[str, Any]] | None = None
    export: Export | None = None
    settled: bool = False


class Run:
    """What a handler has at hand: its jobs, the clients, the clock, and the endings."""

    def __init__(
        self, kind: JobKind, jobs: Sequence[SyncJob], *, clients: Clients, clock: Clock
    ) -> None:
        self.kind = kind
        self.jobs = list(jobs)
        self.clients = clients
        self.started_at = clock()
        self.endings = {job.pk: Ending() for job in self.jobs}
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    def did(
        self,
        job: SyncJob,
        effect: str,
        *,
        export: Export | None = None,
        diff: list[dict[str, Any]] | None = None,
    ) -> None:
        """Note an effect; a try without effect or error leaves no row in the log."""
        ending = self.endings[job.pk]
        ending.effects.append(effect)
        ending.export = export or ending.export
        ending.diff = diff or ending.diff

    def done(self, job: SyncJob) -> None:
        self.endings[job.pk].settled = True

    def failed(self, job: SyncJob, error: BaseException) -> None:
        ending = self.endings[job.pk]
        ending.error = error
        ending.settled = True

    def later(self, job: SyncJob, when: datetime, note: str) -> None:
        """Look again at `when`; this is no failure. `note` says why, for people."""
        ending = self.endings[job.pk]
        ending.later = when
        ending.note = note
        ending.settled = True

    def unsettled(self) -> list[SyncJob]:
        return [job for job in self.jobs if not self.endings[job.pk].settled]

    def forget(self, job: SyncJob) -> None:
        """Leave a job to another run, which settles it."""
        self.jobs.remove(job)
        del self.endings[job.pk]

    def fail_rest(self, error: BaseException) -> None:
        """Everything that has not been settled fails with this error."""
        for job in self.unsettled():
            self.failed(job, error)

    def rest_later(self, wait: timedelta, note: str) -> None:
        """Everything that has not been settled is looked at again after `wait`."""
        for job in self.unsettled():
            self.later(job, self.now() + wait, note)

    def errors(self) -> list[ConnectorError]:
        return [
            ending.error
            for ending in self.endings.values()
            if isinstance(ending.error, ConnectorError)
        ]
