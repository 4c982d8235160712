"""The circuit breaker as a rule: a state and what happened in, the next state out.

The window opens with the first failure, so that a healthy connection writes nothing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


class BreakerState(enum.StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Limits:
    """When to open, and for how long. Times are real time, scaled by the caller."""

    window: timedelta = timedelta(seconds=60)
    failures: int = 8
    share: float = 0.7
    streak: int = 5
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=5)
    ramp: timedelta = timedelta(minutes=2)
    ramp_pause: timedelta = timedelta(milliseconds=500)

    def wait(self, openings: int) -> timedelta:
        """How long the `openings`-th opening in a row lasts, 1 for the first."""
        doubled: timedelta = self.first_wait * 2 ** min(openings - 1, 16)
        return min(doubled, self.longest_wait)


@dataclass(frozen=True, slots=True)
class Breaker:
    """`streak` counts failures in a row, `openings` openings without a success.

    When open, `probe_at` is when one call may try; when half open, when the probe is
    given up for lost. For a while after `closed_at` calls go out at a limited rate;
    `resumed` counts them.
    """

    state: BreakerState = BreakerState.CLOSED
    calls: int = 0
    failures: int = 0
    streak: int = 0
    openings: int = 0
    window_started: datetime | None = None
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    closed_at: datetime | None = None
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether a call may go out now; if not, how long to wait before asking again."""

    allowed: bool
    wait: timedelta = timedelta(0)


def ask(breaker: Breaker, *, now: datetime, limits: Limits) -> tuple[Permit, Breaker]:
    """Whether a call may go out, and the state after letting it (one probe at a time)."""
    if breaker.state is BreakerState.CLOSED:
        return _ask_closed(breaker, now=now, limits=limits)
    if breaker.probe_at is not None and now < breaker.probe_at:
        return Permit(False, breaker.probe_at - now), breaker
    probing = replace(
        breaker, state=BreakerState.HALF_OPEN, probe_at=now + limits.first_wait
    )
    return Permit(True), probing


def _ask_closed(
    breaker: Breaker, *, now: datetime, limits: Limits
) -> tuple[Permit, Breaker]:
    """What piled up during an outage does not come down on the remote all at once."""
    if breaker.closed_at is None or now - breaker.closed_at >= limits.ramp:
        return Permit(True), breaker
    due = breaker.closed_at + limits.ramp_pause * breaker.resumed
    if now < due:
        return Permit(False, due - now), breaker
    return Permit(True), replace(breaker, resumed=breaker.resumed + 1)


def after_no_call(breaker: Breaker, *, now: datetime) -> Breaker:
    """A probe that never went out gives its place to the next caller at once."""
    if breaker.state is not BreakerState.HALF_OPEN:
        return breaker
    return replace(breaker, state=BreakerState.OPEN, probe_at=now)


def after_success(breaker: Breaker, *, now: datetime, limits: Limits) -> Breaker:
    """An answer came, whatever it said."""
    if breaker.state is BreakerState.HALF_OPEN:
        return Breaker(closed_at=now)
    if breaker.state is BreakerState.OPEN or breaker.window_started is None:
        return breaker  # an answer to a call from before the opening proves little
    if now - breaker.window_started > limits.window:
        return Breaker(closed_at=breaker.closed_at, resumed=breaker.resumed)
    return replace(breaker, calls=breaker.calls + 1, streak=0)


def after_failure(breaker: Breaker, *, now: datetime, limits: Limits) -> Breaker:
    """No answer came, or one that says the system itself is down."""
    if breaker.state is BreakerState.OPEN:
        return breaker
    if breaker.state is BreakerState.HALF_OPEN:
        return _opened(breaker, now=now, limits=limits)
    counted = _in_window(breaker, now=now, limits=limits)
    counted = replace(
        counted,
        calls=counted.calls + 1,
        failures=counted.failures + 1,
        streak=counted.streak + 1,
    )
    if _is_too_much(counted, limits):
        return _opened(counted, now=now, limits=limits)
    return counted


def _in_window(breaker: Breaker, *, now: datetime, limits: Limits) -> Breaker:
    started = breaker.window_started
    if started is not None and now - started <= limits.window:
        return breaker
    return Breaker(
        window_started=now,
        streak=breaker.streak,
        closed_at=breaker.closed_at,
        resumed=breaker.resumed,
    )


def _is_too_much(breaker: Breaker, limits: Limits) -> bool:
    if breaker.streak >= limits.streak:
        return True
    share = breaker.failures / breaker.calls
    return breaker.failures >= limits.failures and share >= limits.share


def _opened(breaker: Breaker, *, now: datetime, limits: Limits) -> Breaker:
    openings = breaker.openings + 1
    return replace(
        breaker,
        state=BreakerState.OPEN,
        openings=openings,
        opened_at=now,
        probe_at=now + limits.wait(openings),
    )
