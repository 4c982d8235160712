"""Holding an export: one worker at a time, nothing stored behind its back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.accounts.models import ScopedSetting
from connectors.failpoints import SimulatedCrashError
from connectors.models import JobState, SyncJob
from connectors.sync.clients import Clients
from connectors.sync.exports import hold, quarantine_ends
from connectors.sync.phases import LeaseLostError
from connectors.sync.registry import every_kind
from connectors.sync.run import Run
from orders import services
from orders.models import Export
from tests.factories.orders import ExportFactory
from tests.integration.sync.conftest import Workshop


@pytest.fixture
def export(workshop: Workshop) -> Export:
    made: Export = ExportFactory.create(account=workshop.account)
    return made


def holding(workshop: Workshop, export: Export, owner: str) -> Any:
    name = f"kind of {owner}"
    known = {kind.name: kind for kind in every_kind()}
    kind = known.get(name) or workshop.kind(name=name)
    job = workshop.ring(owner, kind=name)
    job.state, job.lease_owner = JobState.RUNNING, owner
    job.save()
    run = Run(kind, [job], clients=Clients(workshop.clock), clock=workshop.clock)
    return hold(Export.objects.get(pk=export.pk), job, run)


def test_a_second_worker_is_refused_while_the_first_holds(
    workshop: Workshop, export: Export
) -> None:
    with (
        holding(workshop, export, "one"),
        pytest.raises(LeaseLostError),
        holding(workshop, export, "two"),
    ):
        pass
    with holding(workshop, export, "two"):
        pass


def test_an_error_lets_go_and_a_crash_does_not(
    workshop: Workshop, export: Export
) -> None:
    with pytest.raises(ValueError, match="x"), holding(workshop, export, "one"):
        raise ValueError("x")
    assert Export.objects.get().lease_until is None

    with pytest.raises(SimulatedCrashError), holding(workshop, export, "two"):
        raise SimulatedCrashError
    assert Export.objects.get().lease_until is not None


def test_who_lost_his_lease_stores_nothing(workshop: Workshop, export: Export) -> None:
    with holding(workshop, export, "slow") as slow:
        workshop.clock.advance(minutes=10)
        with holding(workshop, export, "fast") as fast:
            fast.store("store_id", remote_id="fast")
            with pytest.raises(LeaseLostError):
                slow.store("store_id", remote_id="slow")

    assert Export.objects.get().remote_id == "fast"


def test_who_lets_go_late_does_not_take_the_others_lease(
    workshop: Workshop, export: Export
) -> None:
    with holding(workshop, export, "fast"):
        pass
    slow = holding(workshop, export, "slow")
    slow.__enter__()
    workshop.clock.advance(minutes=10)
    with holding(workshop, export, "fast"):
        slow.__exit__(None, None, None)
        assert Export.objects.get().lease_owner.startswith("fast")


def test_nothing_is_written_when_the_lease_might_not_outlast_it(
    workshop: Workshop, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clients, "shiphero", lambda self, account: "the client")
    with holding(workshop, export, "one") as held:
        assert held.warehouse() == "the client"
        workshop.clock.advance(minutes=4, seconds=30)
        with pytest.raises(LeaseLostError):
            held.warehouse()


def test_a_worker_whose_job_was_taken_over_holds_nothing(
    workshop: Workshop, export: Export
) -> None:
    stopped = holding(workshop, export, "stopped")
    SyncJob.objects.update(lease_owner="the next one")

    with pytest.raises(LeaseLostError), stopped:
        pass
    assert Export.objects.get().fence == export.fence


def test_each_claim_raises_the_fence(workshop: Workshop, export: Export) -> None:
    for expected in (1, 2, 3):
        with holding(workshop, export, f"worker {expected}") as held:
            assert held.export.fence == expected


def test_quarantine_counts_from_the_intent(workshop: Workshop, export: Export) -> None:
    assert quarantine_ends(export) is None
    export.intent_at = workshop.clock()
    assert quarantine_ends(export) == workshop.clock() + timedelta(seconds=90)

    ScopedSetting.objects.create(
        key="quarantine_seconds", value=5, account=export.account
    )
    assert quarantine_ends(export) == workshop.clock() + timedelta(seconds=5)


class TestGeneration:
    def test_the_newest_is_worked_on(self, workshop: Workshop, export: Export) -> None:
        again = services.open_export(
            order=export.order, account=export.account, now=workshop.clock()
        )

        assert again == export

    def test_after_our_cancel_comes_a_new_one_with_a_new_key(
        self, workshop: Workshop, export: Export
    ) -> None:
        now = workshop.clock()
        Export.objects.update(canceled_at=now, cancel_asked_at=now)

        again = services.open_export(
            order=export.order, account=export.account, now=now
        )

        assert again.generation == 2
        assert again.key.endswith("-2")

    def test_after_a_cancel_of_the_warehouse_comes_none(
        self, workshop: Workshop, export: Export
    ) -> None:
        Export.objects.update(canceled_at=workshop.clock())

        again = services.open_export(
            order=export.order, account=export.account, now=workshop.clock()
        )

        assert again == export
