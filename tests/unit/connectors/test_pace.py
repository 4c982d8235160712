from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.pace import Circumstances, daily_share, interval

BASE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("used", "is_told", "is_busy", "seconds"),
    [
        (None, False, False, 30),
        (0.1, False, False, 30),
        (0.1, True, True, 30),
        (0.1, True, False, 60),
        (0.8, True, True, 30),
        (0.81, False, True, 120),
        (0.96, False, True, 600),
    ],
)
def test_the_time_to_the_next_look(used, is_told, is_busy, seconds):
    now = Circumstances(used, 0.8, is_told, is_busy)

    assert interval(BASE, now) == timedelta(seconds=seconds)


@given(
    st.floats(0, 1),
    st.integers(1, 3600),
    st.booleans(),
    st.booleans(),
)
def test_it_is_never_shorter_than_set_and_quiet_is_bounded(used, base, told, busy):
    set_to = timedelta(seconds=base)
    found = interval(set_to, Circumstances(used, 0.8, told, busy))

    assert found >= set_to
    if used <= 0.8:
        assert found <= max(set_to, timedelta(seconds=60))


def test_what_looking_costs_of_a_day():
    assert daily_share(BASE, 3, 100_000) == pytest.approx(0.0864)
    assert daily_share(BASE, 3, 0) == 0
