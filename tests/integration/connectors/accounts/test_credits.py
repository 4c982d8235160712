import pytest

from connectors import timing
from connectors.accounts.credits import CreditBucket
from connectors.errors import ThrottledError
from tests.factories.accounts import CredentialFactory
from tests.waiting import meet_after, run_together


@pytest.fixture
def bucket(clock):
    made = CreditBucket(CredentialFactory.create().pk)
    made.learn(remaining=100, capacity=4004, rate=60, now=clock.now)
    return made


@pytest.mark.django_db
class TestCreditBucket:
    def test_an_unknown_bucket_refuses_nothing(self, clock):
        CreditBucket(CredentialFactory.create().pk).take(1000, now=clock.now)

    def test_says_how_long_to_wait(self, bucket, clock):
        bucket.take(70, now=clock.now)

        with pytest.raises(ThrottledError) as caught:
            bucket.take(150, now=clock.now)

        assert caught.value.wait.total_seconds() == 2

    def test_a_refused_call_costs_nothing(self, bucket, clock):
        with pytest.raises(ThrottledError):
            bucket.take(101, now=clock.now)

        bucket.take(100, now=clock.now)

    def test_refills_with_time_up_to_the_capacity(self, bucket, clock):
        bucket.take(4004, now=clock.advance(hours=1))

        with pytest.raises(ThrottledError):
            bucket.take(1, now=clock.now)

    def test_refills_faster_under_a_time_scale(self, bucket, clock):
        timing.set_scale(10)

        bucket.take(700, now=clock.advance(seconds=1))

        with pytest.raises(ThrottledError) as caught:
            bucket.take(600, now=clock.now)
        assert caught.value.wait.total_seconds() == 1

    def test_a_cost_above_the_capacity_goes_out_on_a_full_bucket(self, bucket, clock):
        with pytest.raises(ThrottledError):
            bucket.take(9000, now=clock.now)

        bucket.take(9000, now=clock.advance(hours=1))

    def test_the_newest_answer_wins(self, bucket, clock):
        earlier = clock.now
        bucket.learn(remaining=50, capacity=4004, rate=60, now=clock.advance(seconds=2))
        bucket.learn(remaining=4000, capacity=4004, rate=60, now=earlier)

        with pytest.raises(ThrottledError):
            bucket.take(51, now=clock.now)


@pytest.mark.django_db(transaction=True)
class TestManyWorkers:
    def test_together_take_no_more_than_there_is(self, bucket, clock, monkeypatch):
        monkeypatch.setattr(bucket, "_read", meet_after(bucket._read, 6))
        outcomes = run_together([lambda: bucket.take(40, now=clock.now)] * 6)

        assert sum(outcome is None for outcome in outcomes) == 2
