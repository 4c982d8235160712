"""When the parent of the workers rings for them, and when it takes them for stuck."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors import parent as parents
from connectors.models import JobState, SyncJob
from connectors.parent import Parent
from tests.conftest import Clock
from tests.factories.connectors import SyncJobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Parent:
    """Its clusters are made of nothing: they neither live nor die."""
    parent = Parent(clock)
    monkeypatch.setattr(parents.queue, "bells", lambda lanes: None)
    monkeypatch.setattr(parents.queue, "clear_bells", lambda: None)
    monkeypatch.setattr(parents.recurring, "ensure", lambda now: None)
    monkeypatch.setattr(parents.queue, "ensure_schedules", lambda known: None)
    monkeypatch.setattr(parent, "_end_cluster", lambda gracefully: None)
    monkeypatch.setattr(
        parent, "_spawn", lambda: setattr(parent, "_cluster_since", clock())
    )
    SyncJobFactory(state=JobState.WAITING, not_before=clock())
    return parent


def restarts(parent: Parent, clock: Clock, seconds: int) -> list[datetime]:
    """Live by the second; answers when the workers were restarted."""
    found = []
    for _ in range(seconds):
        clock.advance(seconds=1)
        before = parent._restarts
        parent.tick()
        if parent._restarts > before:
            found.append(clock())
    return found


def test_a_cluster_that_did_nothing_gives_the_next_one_longer_to_start(parent, clock):
    began = clock()

    seen = restarts(parent, clock, 300)

    waits = [b - a for a, b in zip([began, *seen], seen, strict=False)]
    assert waits[:4] == [timedelta(seconds=8 * 2**n) for n in range(4)]
    assert max(waits) <= timedelta(minutes=2)


def test_one_that_worked_and_then_hung_is_ended_as_soon_as_ever(parent, clock):
    restarts(parent, clock, 25)  # twice: the second waited for sixteen seconds
    clock.advance(seconds=1)
    SyncJob.objects.update(started_at=clock())

    first, second = restarts(parent, clock, 45)

    assert second - first == timedelta(seconds=8)


def test_what_only_a_newer_version_can_do_is_no_reason(parent, clock):
    """After a roll-back such jobs stay; nobody here will ever take them."""
    SyncJob.objects.update(kind="of_tomorrow")

    assert restarts(parent, clock, 60) == []


def test_rings_for_the_lanes_of_what_is_due(parent, clock, monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr(parents.queue, "bells", rung.extend)

    parent.tick()

    assert rung == ["new_order"]
