"""Every unit of a line is in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.quantities import (
    LineCount,
    balance,
    kits_in,
    loose_components,
    serial_problems,
)

READ = {"remote_shipped": 0, "pending": 5, "remote_quantity": 5}
# What is known; then open, allocated, backordered, shipped, canceled, resent.
CASES = {
    "never read": (LineCount(5), (5, 0, 0, 0, 0, 0)),
    "accepted": (LineCount(5, **READ), (5, 0, 0, 0, 0, 0)),
    "allocated": (LineCount(5, allocated=5, **READ), (0, 5, 0, 0, 0, 0)),
    "in part": (LineCount(5, allocated=3, backordered=2, **READ), (0, 3, 2, 0, 0, 0)),
    "picked": (LineCount(5, allocated=5, picked=5, **READ), (0, 5, 0, 0, 0, 0)),
    "a webhook before its reading": (
        LineCount(5, shipped=2, allocated=5, **READ),
        (0, 3, 0, 2, 0, 0),
    ),
    "all shipped by webhook": (
        LineCount(5, shipped=5, allocated=5, **READ),
        (0, 0, 0, 5, 0, 0),
    ),
    "shipped and read": (
        LineCount(5, 5, 0, remote_quantity=5, remote_shipped=5, shipped_as_read=5),
        (0, 0, 0, 5, 0, 0),
    ),
    "shipped before any reading": (LineCount(5, 2), (3, 0, 0, 2, 0, 0)),
    "canceled there": (LineCount(5, is_over=True), (0, 0, 0, 0, 5, 0)),
    "canceled after a part": (LineCount(5, 2, is_over=True), (0, 0, 0, 2, 3, 0)),
    "cut by staff": (
        LineCount(5, pending=3, remote_quantity=3, remote_shipped=0),
        (3, 0, 0, 0, 2, 0),
    ),
    "opened again to be sent again": (
        LineCount(5, 5, 5, 5, remote_quantity=5, remote_shipped=0, shipped_as_read=5),
        (0, 5, 0, 0, 0, 5),
    ),
    "sent again": (
        LineCount(5, 10, 0, remote_quantity=5, remote_shipped=5, shipped_as_read=10),
        (0, 0, 0, 5, 0, 5),
    ),
}


@pytest.mark.parametrize(("line", "places"), CASES.values(), ids=CASES)
def test_units_are_where_the_floor_has_them(
    line: LineCount, places: tuple[int, ...]
) -> None:
    told = balance(line)

    assert told.is_conserved, told
    assert places == (
        told.open,
        told.allocated,
        told.backordered,
        told.shipped,
        told.canceled,
        told.resent,
    )


BROKEN = {
    "more than ordered left": (LineCount(2, 3), "3 left of 2 ordered"),
    "staff raised the quantity": (
        LineCount(2, pending=4, remote_quantity=4, remote_shipped=0),
        "the warehouse has 4",
    ),
    "more promised than to ship": (
        LineCount(2, 0, 2, 2, 1, remote_quantity=2, remote_shipped=0),
        "2 allocated and 1 backordered",
    ),
    "a void that was not shipped again": (
        LineCount(2, 0, 0, remote_quantity=2, remote_shipped=2),
        "its shipments hold 0",
    ),
    "shipped without lowering what is to ship": (
        LineCount(2, 2, 2, remote_quantity=2, remote_shipped=2, shipped_as_read=2),
        "2 more shipped or to ship",
    ),
}


@pytest.mark.parametrize(("line", "words"), BROKEN.values(), ids=BROKEN)
def test_what_does_not_add_up_is_said(line: LineCount, words: str) -> None:
    told = balance(line)

    assert not told.is_conserved
    assert words in "; ".join(told.problems)


COUNT = st.integers(0, 40)
LINES = st.builds(
    LineCount,
    ordered=COUNT,
    shipped=COUNT,
    pending=st.none() | COUNT,
    allocated=COUNT,
    backordered=COUNT,
    picked=COUNT,
    packed=COUNT,
    remote_quantity=st.none() | COUNT,
    remote_shipped=st.none() | COUNT,
    shipped_as_read=COUNT,
    is_over=st.booleans(),
)


@given(LINES)
def test_no_unit_is_ever_lost_or_doubled_in_silence(line: LineCount) -> None:
    told = balance(line)
    places = (told.open, told.allocated, told.backordered, told.canceled)

    assert min(places) >= 0
    assert told.packed <= told.in_tote <= told.allocated
    assert not told.difference or told.problems


@given(st.data())
def test_whatever_an_honest_floor_does_adds_up(data: st.DataObject) -> None:
    """Ship, promise and cut units at random, read, and let later shipments arrive."""
    ordered = data.draw(COUNT)
    kept = data.draw(st.integers(0, ordered))
    shipped = data.draw(st.integers(0, kept))
    pending = kept - shipped
    allocated = data.draw(st.integers(0, pending))
    backordered = data.draw(st.integers(0, pending - allocated))
    fresh = data.draw(st.integers(0, allocated))
    told = balance(
        LineCount(
            ordered,
            shipped + fresh,
            pending,
            allocated,
            backordered,
            remote_quantity=kept,
            remote_shipped=shipped,
            shipped_as_read=shipped,
        )
    )

    assert told.is_conserved
    assert told.shipped == shipped + fresh
    assert told.canceled == ordered - kept


SET = {"CUP": 1, "SPOON": 2}


@pytest.mark.parametrize(
    ("shipped", "kits", "loose"),
    [
        ({"SET": 3}, 3, {}),
        ({"CUP": 2, "SPOON": 4}, 2, {}),
        ({"CUP": 2, "SPOON": 3}, 1, {"CUP": 1, "SPOON": 1}),
        ({"CUP": 2}, 0, {"CUP": 2}),
        ({}, 0, {}),
        ({"SET": 1, "CUP": 1, "SPOON": 2}, 2, {}),
    ],
)
def test_components_are_counted_as_their_kit(
    shipped: dict[str, int], kits: int, loose: dict[str, int]
) -> None:
    assert kits_in(shipped, SET, "SET") == kits
    assert loose_components(shipped, SET, "SET") == loose


def test_a_line_that_is_no_kit_counts_whatever_its_shipments_call_it() -> None:
    assert kits_in({"MUG": 2, "MUG-OLD": 1}, {}, "MUG") == 3


@pytest.mark.parametrize(
    ("quantity", "serials", "is_tracked", "problems"),
    [
        (2, ["a", "b"], True, []),
        (2, [], False, []),
        (2, [], True, ["0 serial numbers for 2 units"]),
        (2, ["a"], False, ["1 serial numbers for 2 units"]),
        (2, ["a", "a"], True, ["serial number a twice"]),
    ],
)
def test_serial_numbers_are_counted(
    quantity: int, serials: list[str], is_tracked: bool, problems: list[str]
) -> None:
    assert serial_problems(quantity, serials, is_tracked=is_tracked) == problems
