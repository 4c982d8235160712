"""A reading beside what we hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.reconcile import (
    Known,
    Outcome,
    below_zero,
    compare,
    difference,
    is_believable,
)
from inventory.records import Counts

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEN = Counts(on_hand=10, allocated=2)


@pytest.mark.parametrize(
    ("known", "told", "read_at", "outcome", "on_hand"),
    [
        (None, TEN, NOON, Outcome.NEW, 10),
        (Known(TEN, NOON), TEN, NOON + MINUTE, Outcome.SAME, 10),
        (Known(TEN, NOON), Counts(8, 2), NOON + MINUTE, Outcome.CHANGED, 8),
        (Known(TEN, NOON), Counts(8, 2), NOON, Outcome.CHANGED, 8),
        (Known(TEN, NOON), Counts(8, 2), NOON - MINUTE, Outcome.OLDER, 10),
    ],
)
def test_the_newest_reading_wins(known, told, read_at, outcome, on_hand):
    found = compare(known, told, read_at)
    assert (found.outcome, found.counts.on_hand) == (outcome, on_hand)


def test_a_bucket_that_was_not_told_stays_as_it_was():
    held = Known(Counts(10, 2, sell_ahead=4, in_tote=1), NOON)
    found = compare(held, Counts(10, 3), NOON)
    assert found.counts == Counts(10, 3, sell_ahead=4, in_tote=1)


def test_a_bucket_told_for_the_first_time_is_a_change():
    assert (
        compare(Known(TEN, NOON), Counts(10, 2, reserve=0), NOON).outcome == "changed"
    )


def test_the_widest_difference_names_its_bucket():
    assert difference(Counts(10, 2), Counts(9, 7)) == ("allocated", 2, 7, 5)
    assert difference(Counts(10), Counts(10, 3)) == ("allocated", None, 3, 3)


def test_below_zero_is_told_but_for_available_which_may():
    assert below_zero(Counts(-1, available=-9, in_tote=-2)) == "on hand, in tote"
    assert below_zero(Counts(0, available=-9)) == ""


@pytest.mark.parametrize(
    ("counts", "believed"),
    [
        (Counts(2**31 - 1), True),
        (Counts(2**31), False),
        (Counts(0, allocated=-(2**40)), False),
    ],
)
def test_a_count_beyond_32_bits_is_not_believed(counts, believed):
    assert is_believable(counts) is believed


readings = st.lists(
    st.tuples(st.integers(0, 20), st.builds(Counts, st.integers(-5, 5))), min_size=1
)


@given(readings)
def test_whatever_the_order_of_arrival_the_newest_reading_is_held(told):
    held: Known | None = None
    for minute, counts in told:
        at = NOON + minute * MINUTE
        found = compare(held, counts, at)
        if found.outcome is not Outcome.OLDER:
            held = Known(found.counts, at)
    newest = max(minute for minute, _ in told)
    assert held is not None
    assert held.read_at == NOON + newest * MINUTE
    assert held.counts in [counts for minute, counts in told if minute == newest]
