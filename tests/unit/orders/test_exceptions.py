"""Each exception's own predicate, at its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from orders.exceptions import find_all
from orders.quantities import Balance
from orders.records import Arrival
from orders.watched import Limits, Watched, WatchedHold, WatchedLine

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = Limits(
    stuck={"sent": 2 * HOUR, "picking": 4 * HOUR},
    warn_before=HOUR,
    hopeless=timedelta(days=14),
)
CALM = Watched("in_warehouse", NOW)


def line(sku: str = "MUG", **values: object) -> WatchedLine:
    told = {"ordered": 5, "open": 0, "allocated": 0, "backordered": 0, "shipped": 0}
    counts = {name: values.pop(name) for name in list(values) if name in COUNTS}
    more = {"canceled": 0} | told | counts
    return WatchedLine("k", sku, Balance(**more), **values)


COUNTS = {"ordered", "open", "allocated", "backordered", "shipped", "canceled"} | {
    "problems",
    "resent",
}


def kinds(order: Watched, now: datetime = NOW) -> set[str]:
    return {found.kind for found in find_all(order, LIMITS, now)}


def waiting(**more: object) -> Watched:
    return replace(CALM, state="backordered", lines=(line(backordered=2, **more),))


CASES = {
    "calm": (CALM, set()),
    "backordered": (waiting(), {"backorder"}),
    "backordered, then canceled": (replace(waiting(), is_over=True), set()),
    "too long sent": (Watched("sent", NOW - 2 * HOUR), {"stuck"}),
    "not yet too long": (Watched("sent", NOW - 2 * HOUR + timedelta(seconds=1)), set()),
    "a state without a limit": (Watched("shipped", NOW - 99 * HOUR), set()),
    "near the cut-off": (replace(CALM, due=NOW + HOUR), {"cut_off"}),
    "far from it": (replace(CALM, due=NOW + HOUR + timedelta(seconds=1)), set()),
    "after it": (replace(CALM, due=NOW - HOUR), {"cut_off"}),
    "shipped before it": (replace(CALM, state="shipped", due=NOW), set()),
    "too much left": (replace(CALM, lines=(line(shipped=6),)), {"over_shipped"}),
    "closed with a part": (
        Watched(
            "partially_shipped",
            NOW,
            lines=(line(shipped=3, canceled=2),),
            is_over=True,
            has_shipped=True,
        ),
        {"short_shipped"},
    ),
    "that part accepted": (
        Watched(
            "partially_shipped",
            NOW,
            lines=(line(shipped=3, canceled=2),),
            is_over=True,
            has_shipped=True,
            is_accepted=True,
        ),
        set(),
    ),
    "short for ever": (
        replace(waiting(), since=NOW - timedelta(days=14)),
        {"backorder", "never_finishes"},
    ),
    "short, but others have it": (
        replace(waiting(elsewhere=(("West", 9),)), since=NOW - timedelta(days=14)),
        {"backorder"},
    ),
    "closed there": (Watched("closed", NOW, is_over=True), {"closed_unshipped"}),
    "merged there": (Watched("closed", NOW, is_over=True, is_merged=True), set()),
    "closed and accepted": (
        Watched("closed", NOW, is_over=True, is_accepted=True),
        set(),
    ),
    "short, but it is coming": (
        replace(
            waiting(expected=(Arrival("PO-1", "", 2, None),)),
            since=NOW - timedelta(days=14),
        ),
        {"backorder"},
    ),
    "without its lot": (replace(CALM, lines=(line(without_lot=2),)), {"lots_missing"}),
    "held too late": (
        replace(CALM, holds=(WatchedHold("payment", NOW, True),)),
        {"held_too_late"},
    ),
    "held in time": (replace(CALM, holds=(WatchedHold("payment", NOW, False),)), set()),
    "counts that differ": (
        replace(CALM, lines=(line(problems=("one too many",)),)),
        {"counts_differ"},
    ),
    "half a kit": (
        replace(CALM, lines=(line(loose=(("CUP", 1),)),)),
        {"counts_differ"},
    ),
    "a serial number too few": (
        replace(CALM, lines=(line(serial_problems=("1 of 2",)),)),
        {"serials_differ"},
    ),
    "cloned": (replace(CALM, clones=("A-1-clone",)), {"cloned"}),
}


@pytest.mark.parametrize(("order", "wanted"), CASES.values(), ids=CASES)
def test_a_rule_holds_when_it_should(order: Watched, wanted: set[str]) -> None:
    assert kinds(order) == wanted


@pytest.mark.parametrize(
    ("elsewhere", "words"),
    [
        ((("West", 2),), "West has all of it: re-route or split."),
        ((("West", 1),), "No warehouse has it: wait for stock, or cancel the line."),
        ((), "No warehouse has it: wait for stock, or cancel the line."),
    ],
)
def test_a_backorder_names_its_next_step(
    elsewhere: tuple[tuple[str, int], ...], words: str
) -> None:
    (found,) = find_all(waiting(elsewhere=elsewhere), LIMITS, NOW)

    assert found.next_step == words
    assert found.reason == "Waits for stock: 2 MUG."


SOON = Arrival("PO-1", "Primary", 1, date(2026, 12, 3))
LATER = Arrival("PO-2", "West", 9, date(2026, 12, 24))
SOME_DAY = Arrival("PO-3", "", 9, None)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (
            (replace(SOON, units=2), LATER),
            "It is on its way, due 03 December at Primary (purchase order PO-1): wait.",
        ),
        (
            (SOON, LATER),
            "It is on its way, due 24 December at West (purchase order PO-2): wait.",
        ),
        (
            (SOME_DAY,),
            "It is on its way, without a date (purchase order PO-3): wait.",
        ),
        ((SOON,), "No warehouse has it: wait for stock, or cancel the line."),
    ],
)
def test_a_backorder_names_when_what_is_short_will_have_come(
    expected: tuple[Arrival, ...], words: str
) -> None:
    (found,) = find_all(waiting(expected=expected), LIMITS, NOW)

    assert found.next_step == words
    assert [row["units"] for row in found.evidence["expected"]["MUG"]] == [
        one.units for one in expected
    ]


def test_of_two_short_lines_one_may_be_on_its_way() -> None:
    cups = line("CUP", backordered=1, expected=(SOON,))
    mugs = line("MUG", backordered=1)
    (found,) = find_all(replace(waiting(), lines=(cups, mugs)), LIMITS, NOW)

    assert found.next_step == (
        "Part of it is on its way, due 03 December at Primary (purchase order PO-1): "
        "wait, or cancel the rest."
    )


def test_two_short_lines_that_no_one_place_has_are_split() -> None:
    cups = line("CUP", backordered=1, elsewhere=(("East", 4),))
    mugs = line("MUG", backordered=1, elsewhere=(("West", 4),))
    (found,) = find_all(replace(waiting(), lines=(cups, mugs)), LIMITS, NOW)

    assert found.next_step == "East, West has part of it: split."


def test_what_is_said_holds_the_evidence() -> None:
    (found,) = find_all(replace(CALM, due=NOW), LIMITS, NOW)

    assert found.evidence == {"due": NOW.isoformat(), "state": "in_warehouse"}
    assert found.reason == "It missed the cut-off of 27 November, 12:00 UTC."
