"""Claiming: one worker for one job, and jobs of dead workers come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.models import JobState, SyncJob
from connectors.sync import claims, endings, registry
from connectors.sync.gates import closed_gates
from connectors.sync.registry import LANES, Lane
from orders.models import Export
from tests.conftest import Clock
from tests.factories.accounts import AccountFactory
from tests.factories.orders import ExportFactory
from tests.integration.sync.conftest import Workshop
from tests.waiting import meet_after, run_together


def claim(workshop: Workshop, owner: str = "host:1") -> list[SyncJob]:
    claimed = claims.claim(LANES, owner=owner, now=workshop.clock())
    return claimed[1] if claimed else []


def test_a_claim_takes_lease_fence_and_start(workshop: Workshop) -> None:
    workshop.kind()
    workshop.ring()

    (job,) = claim(workshop)

    assert job.state == JobState.RUNNING
    assert job.lease_owner.startswith("host:1:")
    assert job.lease_until == workshop.clock() + claims.lease_length()
    assert (job.fence, job.starts) == (1, 1)
    assert claim(workshop) == []


def test_what_is_not_due_is_not_claimed(workshop: Workshop) -> None:
    workshop.kind(linger=timedelta(seconds=3))
    workshop.ring()

    assert claim(workshop) == []
    workshop.clock.advance(seconds=3)
    assert len(claim(workshop)) == 1


def test_priority_comes_before_age(workshop: Workshop) -> None:
    workshop.kind(name="slow", priority=60)
    workshop.kind(name="urgent", priority=10)
    workshop.ring(kind="slow")
    workshop.clock.advance(seconds=5)
    workshop.ring(kind="urgent")

    assert [job.kind for job in claim(workshop)] == ["urgent"]


def test_a_lane_is_left_alone_by_workers_of_others(workshop: Workshop) -> None:
    workshop.kind(lane=Lane.BACKFILL)
    workshop.ring()

    lanes = registry.lanes_from(Lane.INVENTORY)
    assert claims.claim(lanes, owner="host:1", now=workshop.clock()) is None


def test_company_is_of_one_kind_and_account_and_no_more_than_a_batch(
    workshop: Workshop,
) -> None:
    workshop.kind(batch_size=3)
    workshop.kind(name="other")
    workshop.ring(kind="other", subject="x")
    for number in range(5):
        workshop.ring(str(number))
    workshop.ring("alien", account_id=AccountFactory.create().pk)
    SyncJob.objects.filter(kind="other").update(priority=99)

    sizes = []
    while jobs := claim(workshop):
        assert len({(job.kind, job.account_id) for job in jobs}) == 1
        sizes.append(len(jobs))

    assert sorted(sizes) == [1, 1, 2, 3]


def test_an_expired_lease_comes_back_and_its_owner_settles_nothing(
    workshop: Workshop,
) -> None:
    workshop.kind()
    workshop.ring()
    (old,) = claim(workshop)
    workshop.clock.advance(seconds=claims.lease_length().total_seconds() + 1)

    assert claims.release_expired(now=workshop.clock()) == 1
    (new,) = claim(workshop, owner="host:2")

    assert (new.fence, new.starts) == (old.fence + 1, 2)
    assert not endings.settle_row(old, state=JobState.DONE)
    new.refresh_from_db()
    assert new.state == JobState.RUNNING


def test_a_lease_that_holds_is_not_released(workshop: Workshop) -> None:
    workshop.kind()
    workshop.ring()
    claim(workshop)

    assert claims.release_expired(now=workshop.clock()) == 0


def test_the_jobs_and_exports_of_the_dead_come_back_at_once(workshop: Workshop) -> None:
    workshop.kind()
    workshop.ring("1")
    (dead,) = claim(workshop, owner="host:1")
    workshop.ring("2")
    (alive,) = claim(workshop, owner="host:11")
    export = ExportFactory.create(
        lease_owner="host:1:abc:7", lease_until=workshop.clock() + timedelta(hours=1)
    )

    assert claims.running_owners() == {"host:1", "host:11"}
    assert claims.release_dead(["host:1"], now=workshop.clock()) == 1

    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.state, alive.state) == (JobState.WAITING, JobState.RUNNING)
    assert "worker ended" in dead.note
    assert Export.objects.get(pk=export.pk).lease_owner == ""


def test_one_suspect_no_longer_has_company(workshop: Workshop) -> None:
    """So that a killer takes no innocent job with it when it parks."""
    workshop.kind(batch_size=10)
    for number in range(3):
        workshop.ring(str(number))
    for _ in range(2):
        assert len(claim(workshop)) == 3
        claims.release_dead(["host:1"], now=workshop.clock())

    assert len(claim(workshop)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_kinds", "no_bells")
def test_of_two_workers_one_gets_the_job(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = Workshop(clock)
    workshop.kind(batch_size=5)
    for number in range(5):
        workshop.ring(str(number))
    gates = meet_after(closed_gates, 2)
    monkeypatch.setattr(claims, "closed_gates", gates)

    got = run_together(
        [lambda: claim(workshop, "host:1"), lambda: claim(workshop, "host:2")]
    )

    assert not [one for one in got if isinstance(one, Exception)]
    ids = [job.pk for jobs in got if isinstance(jobs, list) for job in jobs]
    assert sorted(ids) == sorted(SyncJob.objects.values_list("pk", flat=True))
    assert set(SyncJob.objects.values_list("fence", flat=True)) == {1}
