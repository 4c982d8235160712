"""How a try ends: done, later, again, parked, or with the login paused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from connectors import retry
from connectors.accounts.models import Credential, CredentialState
from connectors.errors import (
    AuthError,
    InvalidError,
    Problem,
    RejectedError,
    System,
    ThrottledError,
    TransientError,
)
from connectors.failpoints import SimulatedCrashError
from connectors.models import (
    Closing,
    FailedPayload,
    JobState,
    Outcome,
    SyncAttempt,
    SyncJob,
)
from connectors.sync import claims, engine
from connectors.sync.phases import LeaseLostError
from connectors.sync.registry import Lane
from connectors.sync.run import Run
from tests.integration.sync.conftest import Workshop, parked

SAID_NO = RejectedError("ShipHero said: no.", system=System.SHIPHERO)
NO_ANSWER = TransientError("ShipHero did not answer.", system=System.SHIPHERO)
NO_LOGIN = AuthError("The token was refused.", system=System.SHIPHERO)
BUSY = ThrottledError("Slow down.", wait=timedelta(seconds=42), system=System.SHIPHERO)


def work(workshop: Workshop, *, until_due: SyncJob | None = None) -> int:
    """One claim; with a job, at the time when it is due."""
    if until_due is not None:
        until_due.refresh_from_db()
        workshop.clock.now = max(workshop.clock.now, until_due.not_before)
    return engine.work_once(clock=workshop.clock)


def test_a_try_without_effect_is_done_and_leaves_no_row(workshop: Workshop) -> None:
    workshop.kind()
    job = workshop.ring()

    assert work(workshop) == 1

    job.refresh_from_db()
    assert (job.state, job.finished_at) == (JobState.DONE, workshop.clock())
    assert not SyncAttempt.objects.exists()
    assert work(workshop) == 0


def test_an_effect_is_in_the_log_with_its_cause(workshop: Workshop) -> None:
    workshop.kind(lambda run, jobs: run.did(jobs[0], "Painted it"))
    workshop.ring(cause="Asked for", trigger="person")

    work(workshop)

    attempt = SyncAttempt.objects.get()
    assert (attempt.did, attempt.cause, attempt.trigger, attempt.outcome) == (
        "Painted it",
        "Asked for",
        "person",
        Outcome.DONE,
    )


def test_later_waits_with_a_note_and_is_no_failure(workshop: Workshop) -> None:
    when = workshop.clock() + timedelta(seconds=90)
    workshop.kind(lambda run, jobs: run.later(jobs[0], when, "Rests."))
    job = workshop.ring()

    work(workshop)

    job.refresh_from_db()
    assert (job.state, job.not_before, job.note) == ("waiting", when, "Rests.")
    assert (job.attempts, job.starts) == (0, 0)


def test_throttled_waits_the_time_given_and_is_no_attempt(workshop: Workshop) -> None:
    workshop.failing(BUSY)
    job = workshop.ring()

    work(workshop)

    job.refresh_from_db()
    assert job.not_before == workshop.clock() + timedelta(seconds=42)
    assert (job.state, job.attempts, job.starts) == ("waiting", 0, 0)
    assert SyncAttempt.objects.get().outcome == Outcome.THROTTLED


def test_throttled_for_ever_never_parks(workshop: Workshop) -> None:
    workshop.failing(*[BUSY] * 20)
    job = workshop.ring()

    for _ in range(20):
        work(workshop, until_due=job)

    assert not parked(job)
    assert not FailedPayload.objects.exists()


def lock_error() -> TransientError:
    """Transient, but no sign that the whole remote is down."""
    return TransientError(
        "Row locked.", system=System.SALESFORCE, code="salesforce.unable_to_lock_row"
    )


def own_error() -> TransientError:
    """Transient, and of no remote at all: no breaker opens."""
    return TransientError("The database was busy.", code="shipsync.database")


def test_transient_backs_off_by_the_table_then_parks(workshop: Workshop) -> None:
    workshop.failing(*[own_error() for _ in range(20)])
    job = workshop.ring()

    waits = []
    for _ in retry.BACKOFF:
        work(workshop, until_due=job)
        job.refresh_from_db()
        assert job.state == JobState.WAITING
        waits.append(job.not_before - workshop.clock())
    work(workshop, until_due=job)

    for wait, entry in zip(waits, retry.BACKOFF, strict=True):
        assert entry / 2 <= wait <= entry
    assert parked(job)
    assert FailedPayload.objects.get().code == "shipsync.database"


def test_a_locked_row_is_tried_again_within_a_minute(workshop: Workshop) -> None:
    workshop.failing(*[lock_error() for _ in range(20)])
    job = workshop.ring()

    for _ in retry.BACKOFF:
        work(workshop, until_due=job)
        job.refresh_from_db()
        assert job.not_before - workshop.clock() <= timedelta(minutes=1)


def test_a_success_forgets_the_failures_before_it(workshop: Workshop) -> None:
    workshop.failing(lock_error(), lock_error(), None)
    job = workshop.ring()

    for _ in range(3):
        work(workshop, until_due=job)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_reason) == ("done", 0, "")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(SAID_NO, id="rejected"),
        pytest.param(InvalidError([Problem("lines.none", "No lines.")]), id="invalid"),
        pytest.param(ZeroDivisionError("a bug"), id="our own bug"),
    ],
)
def test_what_trying_again_cannot_heal_parks_at_once(
    workshop: Workshop, error: Exception
) -> None:
    workshop.failing(error)
    job = workshop.ring()

    work(workshop)

    assert parked(job)
    assert work(workshop) == 0


def test_rejected_keeps_the_remotes_own_words(workshop: Workshop) -> None:
    workshop.failing(SAID_NO)
    job = workshop.ring()

    work(workshop)

    job.refresh_from_db()
    failure = FailedPayload.objects.get()
    assert failure.reason == job.last_reason == "ShipHero said: no."
    assert (failure.code, failure.error_kind) == ("shiphero.rejected", "rejected")
    assert failure.opened_at == workshop.clock()


def test_our_own_bug_shows_no_insides_to_people_and_all_to_engineers(
    workshop: Workshop,
) -> None:
    workshop.failing(ValueError("token=abc"))
    workshop.ring()

    work(workshop)

    failure = FailedPayload.objects.get()
    assert "ValueError" not in failure.reason
    assert "ValueError" in failure.detail
    assert (failure.code, failure.owner) == ("shipsync.internal", "engineer")


def test_a_change_during_a_fatal_try_deserves_its_own(workshop: Workshop) -> None:
    def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
        if jobs[0].starts == 1 and jobs[0].wanted_version == 2:
            workshop.ring()
            raise SAID_NO

    workshop.kind(handler)
    job = workshop.ring()

    work(workshop)
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    assert not FailedPayload.objects.exists()
    work(workshop)

    job.refresh_from_db()
    assert job.state == JobState.DONE


class TestRefusedLogin:
    @pytest.fixture
    def job(self, workshop: Workshop) -> SyncJob:
        workshop.failing(*[NO_LOGIN] * 20)
        return workshop.ring()

    def test_after_four_tries_is_paused_with_one_mail(
        self,
        workshop: Workshop,
        job: SyncJob,
        settings: Any,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        settings.ADMINS = [("Ops", "ops@x.example")]
        credential = workshop.account.credential
        other = workshop.ring("2")

        with django_capture_on_commit_callbacks(execute=True):
            for number in range(4):
                credential.refresh_from_db()
                assert credential.state == CredentialState.OK, number
                work(workshop, until_due=job)
                while work(workshop):
                    pass

        credential.refresh_from_db()
        other.refresh_from_db()
        assert credential.state == CredentialState.REFUSED
        assert len(mail.outbox) == 1
        assert not FailedPayload.objects.exists()
        workshop.clock.advance(days=1)
        assert work(workshop) == 0

    def test_resumed_it_works_on_by_itself(
        self, workshop: Workshop, job: SyncJob
    ) -> None:
        for _ in range(4):
            work(workshop, until_due=job)
        Credential.objects.update(state=CredentialState.OK)

        assert work(workshop) == 1
        assert not parked(job)


def test_failures_of_another_cause_are_no_refusals_of_the_login(
    workshop: Workshop,
) -> None:
    workshop.failing(*[NO_ANSWER] * 4, NO_LOGIN)
    job = workshop.ring()

    for _ in range(5):
        work(workshop, until_due=job)

    job.refresh_from_db()
    assert (job.attempts, job.last_reason) == (5, NO_LOGIN.reason)
    workshop.account.credential.refresh_from_db()
    assert workshop.account.credential.state == CredentialState.OK


class TestCrashes:
    def kill(self, workshop: Workshop) -> None:
        """One claim that ends its worker, and its parent's tidying."""
        with pytest.raises(SimulatedCrashError):
            work(workshop)
        claims.release_dead([claims.owner_name()], now=workshop.clock())

    def test_the_fourth_start_parks_without_running(self, workshop: Workshop) -> None:
        workshop.failing(*[SimulatedCrashError()] * 3)
        job = workshop.ring()
        for _ in range(3):
            self.kill(workshop)

        work(workshop)

        assert parked(job)
        assert FailedPayload.objects.get().code == "shipsync.crashes_worker"

    def test_retried_it_starts_from_nothing(self, workshop: Workshop) -> None:
        workshop.failing(*[SimulatedCrashError()] * 3)
        job = workshop.ring()
        for _ in range(3):
            self.kill(workshop)
        work(workshop)

        workshop.ring(reopens=True)
        work(workshop)

        job.refresh_from_db()
        assert (job.state, job.starts) == (JobState.DONE, 0)

    def test_one_killer_takes_no_innocent_with_it(self, workshop: Workshop) -> None:
        def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
            if any(job.subject == "killer" for job in jobs):
                raise SimulatedCrashError

        workshop.kind(handler, batch_size=10)
        for name in ("a", "killer", "b"):
            workshop.ring(name)

        for _ in range(10):
            try:
                if not work(workshop):
                    break
            except SimulatedCrashError:
                claims.release_dead([claims.owner_name()], now=workshop.clock())

        states = dict(SyncJob.objects.values_list("subject", "state"))
        assert states == {"a": "done", "b": "done", "killer": "parked"}


class TestRecurring:
    every = "poll_orders_seconds"

    def test_done_it_is_due_again_after_its_interval(self, workshop: Workshop) -> None:
        workshop.kind(every=self.every)
        job = workshop.ring()

        work(workshop)

        job.refresh_from_db()
        assert (job.state, job.not_before) == (
            "waiting",
            workshop.clock() + timedelta(seconds=30),
        )

    @pytest.mark.parametrize(
        "error",
        [
            pytest.param(SAID_NO, id="rejected"),
            pytest.param(KeyError("bug"), id="our own bug"),
            pytest.param(lock_error(), id="transient"),
        ],
    )
    def test_it_never_parks_and_waits_ten_minutes_at_most(
        self, workshop: Workshop, error: Exception
    ) -> None:
        workshop.failing(*[error] * 15, every=self.every)
        job = workshop.ring()

        for _ in range(15):
            work(workshop, until_due=job)
            job.refresh_from_db()
            assert job.state == JobState.WAITING
            assert job.not_before - workshop.clock() <= timedelta(minutes=10)
        work(workshop, until_due=job)

        job.refresh_from_db()
        assert job.attempts == 0


def test_a_lost_lease_is_looked_at_again_soon_and_is_no_failure(
    workshop: Workshop,
) -> None:
    workshop.failing(LeaseLostError())
    job = workshop.ring()

    work(workshop)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    assert job.not_before == workshop.clock() + timedelta(seconds=5)


def test_a_batch_settles_each_job_by_itself(workshop: Workshop) -> None:
    def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
        for job in jobs:
            if job.subject == "bad":
                run.failed(job, SAID_NO)
            else:
                run.did(job, "Fine")

    workshop.kind(handler, batch_size=10)
    for name in ("good", "bad", "fine"):
        workshop.ring(name)

    assert work(workshop) == 3

    states = dict(SyncJob.objects.values_list("subject", "state"))
    assert states == {"good": "done", "bad": "parked", "fine": "done"}
    assert FailedPayload.objects.count() == 1


def test_one_bad_record_is_parted_from_its_company(workshop: Workshop) -> None:
    """The handler fell before it settled anybody: each is then tried alone."""

    def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
        if "bad" in {job.subject for job in jobs}:
            raise ValueError("no such thing")

    workshop.kind(handler, batch_size=10)
    for name in ("good", "bad", "fine"):
        workshop.ring(name)

    assert work(workshop) == 3

    states = dict(SyncJob.objects.values_list("subject", "state"))
    assert states == {"good": "done", "bad": "parked", "fine": "done"}


def test_words_that_no_database_keeps_are_kept_without_those(
    workshop: Workshop,
) -> None:
    workshop.failing(
        RejectedError(
            "ShipHero said: a\x00b\ud800", system=System.SHIPHERO, detail="\x00"
        )
    )
    job = workshop.ring()

    work(workshop)

    assert parked(job)
    assert FailedPayload.objects.get().reason == "ShipHero said: a\ufffdb\ufffd"


class TestEpisodes:
    def test_parking_again_is_one_open_episode(self, workshop: Workshop) -> None:
        workshop.failing(SAID_NO, SAID_NO)
        workshop.ring()
        work(workshop)
        workshop.ring(reopens=True, trigger="person")
        work(workshop)

        states = list(
            FailedPayload.objects.order_by("pk").values_list("closed_how", flat=True)
        )
        assert states == [Closing.RETRIED, ""]

    def test_success_resolves(self, workshop: Workshop) -> None:
        """An episode that nobody closed, because the job came back by itself."""
        workshop.failing(SAID_NO)
        job = workshop.ring()
        work(workshop)
        SyncJob.objects.filter(pk=job.pk).update(state=JobState.WAITING)

        work(workshop)

        assert FailedPayload.objects.get().closed_how == Closing.RESOLVED


class TestDrain:
    def test_runs_until_nothing_is_due(self, workshop: Workshop) -> None:
        kind = workshop.kind()
        for number in range(6):
            workshop.ring(str(number))

        assert engine.drain(kind.lane, clock=workshop.clock) == 6

    def test_a_busy_lane_above_does_not_starve_it(self, workshop: Workshop) -> None:
        order: list[str] = []
        for name, lane, priority in (
            ("above", Lane.CANCEL, 10),
            ("below", Lane.BACKFILL, 60),
        ):
            workshop.kind(
                lambda run, jobs: order.append(jobs[0].kind),
                name=name,
                lane=lane,
                priority=priority,
            )
        for number in range(10):
            workshop.ring(str(number), kind="above")
        workshop.ring(kind="below")

        engine.drain(Lane.BACKFILL, clock=workshop.clock)

        assert order.index("below") < 4
