import pytest

from connectors import timing
from connectors.accounts import breaker
from connectors.accounts.models import BreakerState
from tests.factories.accounts import CredentialFactory
from tests.waiting import meet_after, run_together


@pytest.mark.django_db
class TestBreaker:
    def test_opens_for_one_credential_and_not_for_its_neighbor(self, clock):
        sick, well = CredentialFactory.create_batch(2)

        for _call in range(5):
            breaker.failed(sick.pk, now=clock.now)

        assert not breaker.allow(sick.pk, now=clock.now).allowed
        assert breaker.allow(well.pk, now=clock.now).allowed

    def test_a_good_probe_closes_it(self, clock):
        row = CredentialFactory.create()
        for _call in range(5):
            breaker.failed(row.pk, now=clock.now)

        assert breaker.allow(row.pk, now=clock.advance(seconds=30)).allowed
        assert not breaker.allow(row.pk, now=clock.now).allowed
        breaker.succeeded(row.pk, now=clock.now)

        assert breaker.allow(row.pk, now=clock.now).allowed
        row.refresh_from_db()
        assert row.breaker_state == BreakerState.CLOSED

    def test_waits_shrink_with_the_time_scale(self, clock):
        timing.set_scale(60)
        row = CredentialFactory.create()
        for _call in range(5):
            breaker.failed(row.pk, now=clock.now)

        assert breaker.allow(row.pk, now=clock.now).wait.total_seconds() == 0.5

    def test_success_without_failures_writes_nothing(
        self, clock, django_assert_num_queries
    ):
        row = CredentialFactory.create()

        with django_assert_num_queries(1):
            breaker.succeeded(row.pk, now=clock.now)


@pytest.mark.django_db(transaction=True)
class TestManyWorkers:
    def test_one_probe_goes_out(self, clock, monkeypatch):
        row = CredentialFactory.create()
        for _call in range(5):
            breaker.failed(row.pk, now=clock.now)
        clock.advance(seconds=30)
        monkeypatch.setattr(breaker, "_read", meet_after(breaker._read, 6))

        permits = run_together([lambda: breaker.allow(row.pk, now=clock.now)] * 6)

        assert sum(getattr(permit, "allowed", False) for permit in permits) == 1

    def test_no_failure_is_lost(self, clock, monkeypatch):
        row = CredentialFactory.create()
        monkeypatch.setattr(breaker, "_read", meet_after(breaker._read, 4))

        run_together([lambda: breaker.failed(row.pk, now=clock.now)] * 4)

        row.refresh_from_db()
        assert row.breaker_failures == 4
