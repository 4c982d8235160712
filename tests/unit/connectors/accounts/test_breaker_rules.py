from datetime import UTC, datetime, timedelta

from connectors.accounts.breaker_rules import (
    Breaker,
    BreakerState,
    Limits,
    after_failure,
    after_success,
    ask,
)

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LIMITS = Limits()


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def run(outcomes: str, *, every: float = 1.0) -> Breaker:
    """`f` is a failure, `s` a success, one `every` so many seconds."""
    breaker = Breaker()
    for place, outcome in enumerate(outcomes):
        step = after_failure if outcome == "f" else after_success
        breaker = step(breaker, now=at(place * every), limits=LIMITS)
    return breaker


class TestOpening:
    def test_a_healthy_connection_changes_nothing(self):
        assert run("ssssssss") == Breaker()

    def test_five_failures_in_a_row_open(self):
        assert run("ffff").state is BreakerState.CLOSED
        assert run("fffff").state is BreakerState.OPEN

    def test_eight_failures_among_many_successes_stay_closed(self):
        assert run("fsfsfsfsfsfsfsfsfs").state is BreakerState.CLOSED

    def test_eight_failures_with_a_large_share_open(self):
        assert run("ffffsfff").state is BreakerState.CLOSED
        assert run("ffffsffff").state is BreakerState.OPEN

    def test_old_failures_leave_the_window(self):
        assert run("ffsffsffsffsffs", every=61).state is BreakerState.CLOSED

    def test_a_row_of_slow_failures_opens_too(self):
        assert run("fffff", every=61).state is BreakerState.OPEN


class TestOpen:
    def test_nothing_goes_out_until_the_probe(self):
        breaker = run("fffff")  # opened in second 4

        permit, after = ask(breaker, now=at(14), limits=LIMITS)

        assert not permit.allowed
        assert permit.wait == timedelta(seconds=20)
        assert after == breaker

    def test_one_probe_goes_out_and_the_next_caller_waits(self):
        first, probing = ask(run("fffff"), now=at(34), limits=LIMITS)
        second, _ = ask(probing, now=at(35), limits=LIMITS)

        assert first.allowed
        assert not second.allowed

    def test_a_lost_probe_lets_another_go(self):
        _, probing = ask(run("fffff"), now=at(34), limits=LIMITS)

        permit, _ = ask(probing, now=at(64), limits=LIMITS)

        assert permit.allowed

    def test_a_good_probe_closes(self):
        _, probing = ask(run("fffff"), now=at(34), limits=LIMITS)

        closed = after_success(probing, now=at(35), limits=LIMITS)

        assert closed == Breaker(closed_at=at(35))

    def test_what_piled_up_goes_out_at_a_limited_rate_for_a_while(self):
        _, probing = ask(run("fffff"), now=at(34), limits=LIMITS)
        breaker = after_success(probing, now=at(35), limits=LIMITS)
        let_through = 0
        for _tenth in range(100):
            permit, breaker = ask(breaker, now=at(36), limits=LIMITS)
            let_through += permit.allowed
        assert let_through == 3
        assert permit.wait == timedelta(milliseconds=500)

        free, _ = ask(breaker, now=at(35) + LIMITS.ramp, limits=LIMITS)

        assert free.allowed

    def test_a_failure_meanwhile_keeps_the_rate(self):
        breaker = Breaker(closed_at=at(35), resumed=9)

        failed = after_failure(breaker, now=at(36), limits=LIMITS)

        assert (failed.closed_at, failed.resumed) == (at(35), 9)

    def test_a_bad_probe_doubles_the_wait_up_to_five_minutes(self):
        breaker, waits = run("fffff"), []
        for _round in range(6):
            assert breaker.probe_at is not None
            now = breaker.probe_at
            _, probing = ask(breaker, now=now, limits=LIMITS)
            breaker = after_failure(probing, now=now, limits=LIMITS)
            assert breaker.probe_at is not None
            waits.append((breaker.probe_at - now).total_seconds())

        assert waits == [60, 120, 240, 300, 300, 300]

    def test_a_late_answer_from_before_does_not_close(self):
        breaker = run("fffff")

        assert after_success(breaker, now=at(6), limits=LIMITS) == breaker
