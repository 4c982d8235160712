"""Ringing: what it wakes, what it leaves, and what it remembers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.models import Closing, JobState, SyncJob, Trigger
from connectors.sync import engine, rings
from connectors.sync.rings import Ring, ring, ring_many
from connectors.sync.subjects import writeback_ring
from tests.factories.accounts import (
    AccountFactory,
    ScopedSettingFactory,
    UserFactory,
)
from tests.factories.connectors import FailedPayloadFactory, SyncJobFactory
from tests.factories.orders import OrderFactory
from tests.integration.sync.conftest import Workshop


def put(job: SyncJob, state: str, **values: Any) -> SyncJob:
    SyncJob.objects.filter(pk=job.pk).update(state=state, **values)
    job.refresh_from_db()
    return job


def test_the_first_ring_makes_one_waiting_job_that_is_due(workshop: Workshop) -> None:
    workshop.kind()

    job = workshop.ring(trigger=Trigger.PERSON, cause="Asked")

    assert (job.state, job.not_before) == (JobState.WAITING, workshop.clock())
    assert (job.trigger, job.cause) == (Trigger.PERSON, "Asked")


def test_a_repeated_ring_is_the_same_job_with_a_higher_version(
    workshop: Workshop,
) -> None:
    workshop.kind()
    first = workshop.ring()

    again = workshop.ring()

    assert again.pk == first.pk
    assert again.wanted_version == first.wanted_version + 1
    assert SyncJob.objects.count() == 1


def test_a_job_that_another_worker_makes_meanwhile_hears_the_ring(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not there to be counted, and there when its making is looked for."""
    workshop.kind()
    known = workshop.ring("known")
    key = known.key.replace("known", "new")
    count = rings._count

    def while_another_makes_it(keys: Any, now: datetime) -> int:
        found = count(keys, now)
        if not SyncJob.objects.filter(key=key).exists():
            SyncJobFactory.create(kind="probe", key=key, state=JobState.RUNNING)
        return found

    monkeypatch.setattr(rings, "_count", while_another_makes_it)
    mine = Ring(kind="probe", subject="new", account_id=workshop.account.pk)
    other = Ring(kind="probe", subject="known", account_id=workshop.account.pk)
    ring_many([mine, other], now=workshop.clock())

    assert SyncJob.objects.get(key=key).wanted_version == 2


def test_two_accounts_have_a_job_each(workshop: Workshop) -> None:
    workshop.kind()
    workshop.ring()
    workshop.ring(account_id=AccountFactory.create().pk)

    assert SyncJob.objects.count() == 2


@pytest.mark.parametrize(
    ("state", "reopens", "expected"),
    [
        pytest.param("done", False, "waiting", id="done waits again"),
        pytest.param("parked", False, "parked", id="parked stays parked"),
        pytest.param("parked", True, "waiting", id="parked is opened by a change"),
        pytest.param("waiting", True, "waiting", id="waiting waits"),
        pytest.param("running", True, "running", id="running goes on"),
    ],
)
def test_a_ring_and_the_state(
    workshop: Workshop, state: str, reopens: bool, expected: str
) -> None:
    workshop.kind()
    job = put(workshop.ring(), state, attempts=5)

    assert workshop.ring(reopens=reopens).state == expected
    job.refresh_from_db()
    woken = state in {"done", "parked"} and expected == "waiting"
    assert job.attempts == (0 if woken else 5)


def test_only_news_ends_a_backoff(workshop: Workshop) -> None:
    workshop.kind()
    later = workshop.clock() + timedelta(hours=1)
    put(workshop.ring(), "waiting", not_before=later)

    assert workshop.ring().not_before == later
    assert workshop.ring(reopens=True).not_before == workshop.clock()


def test_a_hurried_ring_is_due_at_once(workshop: Workshop) -> None:
    workshop.kind()
    later = workshop.clock() + timedelta(hours=1)
    put(workshop.ring(), "waiting", not_before=later)

    assert workshop.ring(hurries=True).not_before == workshop.clock()


def test_a_ring_while_it_runs_makes_it_run_again(workshop: Workshop) -> None:
    ran: list[int] = []

    def handler(run: Any, jobs: Any) -> None:
        ran.append(1)
        if len(ran) == 1:
            workshop.ring()

    workshop.kind(handler)
    job = workshop.ring()

    engine.work_once(clock=workshop.clock)
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    engine.work_once(clock=workshop.clock)
    job.refresh_from_db()

    assert (job.state, len(ran)) == (JobState.DONE, 2)
    assert job.done_version == job.wanted_version


def test_a_linger_gathers_company_and_a_hurry_does_not_wait(workshop: Workshop) -> None:
    workshop.kind(linger=timedelta(seconds=3))

    assert workshop.ring("1").not_before == workshop.clock() + timedelta(seconds=3)
    assert workshop.ring("2", hurries=True).not_before == workshop.clock()


@pytest.mark.parametrize(
    ("trigger", "how"),
    [
        pytest.param(Trigger.PERSON, Closing.RETRIED, id="by a person"),
        pytest.param(Trigger.SCHEDULE, Closing.REOPENED, id="by a change"),
    ],
)
def test_reopening_closes_the_failure(
    workshop: Workshop, trigger: str, how: str
) -> None:
    workshop.kind()
    job = put(workshop.ring(), "parked")
    failure = FailedPayloadFactory.create(job=job)
    user = UserFactory.create()

    workshop.ring(reopens=True, trigger=trigger, actor_id=user.pk)

    failure.refresh_from_db()
    assert (failure.closed_how, failure.closed_by) == (how, user)
    assert failure.closed_at == workshop.clock()


def test_a_ring_that_reopens_nothing_leaves_the_failure_open(
    workshop: Workshop,
) -> None:
    workshop.kind()
    failure = FailedPayloadFactory.create(job=put(workshop.ring(), "parked"))

    workshop.ring()

    failure.refresh_from_db()
    assert failure.closed_at is None


def test_a_thousand_rings_take_a_handful_of_statements(
    workshop: Workshop, django_assert_max_num_queries: Any
) -> None:
    workshop.kind()
    rings = [
        Ring(kind="probe", subject=str(n), account_id=workshop.account.pk)
        for n in range(300)
    ]

    with django_assert_max_num_queries(20):
        ring_many([*rings, *rings], now=workshop.clock())

    assert SyncJob.objects.count() == 300


def test_an_unknown_kind_is_a_key_error(workshop: Workshop) -> None:
    with pytest.raises(KeyError):
        workshop.ring(kind="never heard of")
    assert not SyncJob.objects.exists()


def test_a_kind_waits_for_company_as_long_as_its_setting_says(
    workshop: Workshop,
) -> None:
    ScopedSettingFactory(key="linger_fulfillment_seconds", value=45, account=None)
    workshop.kind(linger_setting="linger_fulfillment_seconds")

    job = workshop.ring()
    hurried = workshop.ring(hurries=True)

    assert timedelta(0) < job.not_before - workshop.clock() <= timedelta(seconds=45)
    assert hurried.not_before == workshop.clock()


def test_what_is_rung_for_within_one_stretch_is_due_together(
    workshop: Workshop,
) -> None:
    ScopedSettingFactory(key="linger_fulfillment_seconds", value=10, account=None)
    workshop.kind(linger_setting="linger_fulfillment_seconds")
    workshop.clock.now = datetime(2026, 11, 27, 6, 0, 3, 250, tzinfo=UTC)

    first = workshop.ring(subject="first")
    workshop.clock.advance(seconds=6)
    second = workshop.ring(subject="second")
    workshop.clock.advance(seconds=1)
    third = workshop.ring(subject="third")

    assert first.not_before == datetime(2026, 11, 27, 6, 0, 10, tzinfo=UTC)
    assert second.not_before == first.not_before
    assert third.not_before == first.not_before + timedelta(seconds=10)


def test_facts_for_salesforce_wait_as_long_as_an_integrator_said(db: None) -> None:
    order = OrderFactory.create()
    now = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
    ring(writeback_ring(order, trigger=Trigger.SCHEDULE, cause="Moved"), now=now)
    default = timedelta(seconds=7)
    assert due_of("push_fulfillment") == rings.end_of_stretch(now, default)

    SyncJob.objects.all().delete()
    ScopedSettingFactory(key="linger_fulfillment_seconds", value=0, account=None)
    ring(writeback_ring(order, trigger=Trigger.SCHEDULE, cause="Moved"), now=now)
    assert due_of("push_fulfillment") == now


def due_of(kind: str) -> datetime:
    return SyncJob.objects.get(kind=kind).not_before
