"""Job kinds that exist in tests only, whose handler does what the test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors import queue
from connectors.errors import System
from connectors.models import JobState, SyncJob
from connectors.sync import registry
from connectors.sync.registry import JobKind, Lane
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from tests.conftest import Clock
from tests.factories.accounts import AccountFactory

Handler = Callable[[Run, Sequence[SyncJob]], None]


class Workshop:
    """Registers kinds, rings for them, and finds their jobs."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.account = AccountFactory.create(preview_first=0)

    def kind(self, handler: Handler = lambda run, jobs: None, **values: Any) -> JobKind:
        """A kind named `probe` unless told otherwise; it calls ShipHero in name."""
        return registry.register(
            JobKind(
                **{
                    "name": "probe",
                    "title": "Probe",
                    "lane": Lane.EDIT,
                    "handler": handler,
                    "uses": frozenset({System.SHIPHERO}),
                    "writes": System.SHIPHERO,
                    **values,
                }
            )
        )

    def failing(self, *errors: BaseException | None, **values: Any) -> JobKind:
        """A kind whose runs end with these errors, one after the other; then well."""
        left = list(errors)

        def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
            error = left.pop(0) if left else None
            if error is not None:
                raise error

        return self.kind(handler, **values)

    def ring(self, subject: str = "1", **values: Any) -> SyncJob:
        name = values.pop("kind", "probe")
        values.setdefault("account_id", self.account.pk)
        item = Ring(kind=name, subject=subject, **values)
        ring(item, now=self.clock())
        return SyncJob.objects.get(key=item.key)


@pytest.fixture
def no_bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "bells", lambda lanes: None)


@pytest.fixture
def own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))


@pytest.fixture
def workshop(db: None, clock: Clock, own_kinds: None, no_bells: None) -> Workshop:
    return Workshop(clock)


def parked(job: SyncJob) -> bool:
    job.refresh_from_db()
    return job.state == JobState.PARKED
