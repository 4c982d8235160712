"""What waits for stock: what is short, what would help, and what never will."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from orders.records import Arrival
from orders.watched import Found, Limits, Watched, WatchedLine, units_of


def backorder(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    short = [line for line in order.lines if line.balance.backordered]
    if not short or order.is_over:
        return None
    lines = {line.sku: line.balance.backordered for line in short}
    return Found(
        "backorder",
        "Waits for stock: " + units_of(lines) + ".",
        _way_out(short),
        {
            "short": lines,
            "elsewhere": {x.sku: dict(x.elsewhere) for x in short},
            "expected": {x.sku: [_arrival(one) for one in x.expected] for x in short},
        },
    )


def _arrival(one: Arrival) -> dict[str, Any]:
    return {
        "purchase_order": one.number,
        "warehouse": one.place,
        "units": one.units,
        "due": one.due.isoformat() if one.due else None,
    }


def _way_out(short: Sequence[WatchedLine]) -> str:
    """The cheapest step that helps, in words for the person who takes it."""
    helpers = {
        place
        for line in short
        for place, free in line.elsewhere
        if free >= line.balance.backordered
    }
    all_of_it = [place for place in helpers if all(_has(line, place) for line in short)]
    if all_of_it:
        return f"{', '.join(sorted(all_of_it))} has all of it: re-route or split."
    if helpers:
        return f"{', '.join(sorted(helpers))} has part of it: split."
    coming = [one for line in short if (one := _covered_by(line))]
    if not coming:
        return "No warehouse has it: wait for stock, or cancel the line."
    last = max(coming, key=lambda one: (one.due is None, one.due or date.max))
    if len(coming) < len(short):
        return f"Part of it is on its way{_when(last)}: wait, or cancel the rest."
    return f"It is on its way{_when(last)}: wait."


def _covered_by(line: WatchedLine) -> Arrival | None:
    """The arrival with which enough of it will have come."""
    coming = 0
    for one in line.expected:
        coming += one.units
        if coming >= line.balance.backordered:
            return one
    return None


def _when(one: Arrival) -> str:
    day = f", due {one.due:%d %B}" if one.due else ", without a date"
    place = f" at {one.place}" if one.place else ""
    return f"{day}{place} (purchase order {one.number})"


def _has(line: WatchedLine, place: str) -> bool:
    return dict(line.elsewhere).get(place, 0) >= line.balance.backordered


def never_finishes(order: Watched, limits: Limits, now: datetime) -> Found | None:
    """Waiting for stock that nobody has, for longer than stock ever takes."""
    if order.is_over or order.since is None or now - order.since < limits.hopeless:
        return None
    short = [
        x
        for x in order.lines
        if x.balance.backordered and not (x.elsewhere or x.expected)
    ]
    if not short or order.state not in {"backordered", "partially_shipped"}:
        return None
    lines = {line.sku: line.balance.backordered for line in short}
    return Found(
        "never_finishes",
        f"Nobody has {units_of(lines)}, and it waits since {order.since:%d %B}.",
        "Cancel the line, or ship what there is.",
        {"short": lines, "since": order.since.isoformat()},
    )
