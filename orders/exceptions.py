"""What may need a person although nothing has failed: each rule with its own predicate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from orders.backorders import backorder, never_finishes
from orders.watched import Found, Limits, Watched, units_of

OPEN_STATES = frozenset(
    {"sent", "on_hold", "in_warehouse", "backordered", "picking", "packed"}
)


Rule = Callable[[Watched, Limits, datetime], Found | None]


def find_all(order: Watched, limits: Limits, now: datetime) -> list[Found]:
    """Every rule that holds of this order now."""
    found = (rule(order, limits, now) for rule in RULES)
    return [one for one in found if one is not None]


def _stuck(order: Watched, limits: Limits, now: datetime) -> Found | None:
    limit = limits.stuck.get(order.state)
    if limit is None or order.since is None or now - order.since < limit:
        return None
    words = order.state.replace("_", " ")
    return Found(
        "stuck",
        f"It has been {words} for longer than {_span(limit)}.",
        "Ask the warehouse what keeps it, or look at its holds and stock.",
        {"state": order.state, "since": order.since.isoformat()},
    )


def _cut_off(order: Watched, limits: Limits, now: datetime) -> Found | None:
    if order.due is None or order.is_over or order.state not in OPEN_STATES:
        return None
    if now < order.due - limits.warn_before:
        return None
    at = f"{order.due:%d %B, %H:%M} UTC"
    is_late = now >= order.due
    return Found(
        "cut_off",
        f"It missed the cut-off of {at}." if is_late else f"It may miss {at}.",
        "Ask the floor to ship it first, or tell the customer.",
        {"due": order.due.isoformat(), "state": order.state},
    )


def _over_shipped(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    over = {
        line.sku: line.balance.shipped - line.balance.ordered
        for line in order.lines
        if line.balance.shipped > line.balance.ordered
    }
    if not over:
        return None
    return Found(
        "over_shipped",
        "More left than was ordered: " + units_of(over) + ".",
        "Tell sales; correct the order or ask for the goods back.",
        {"over": over},
    )


def _short_shipped(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    short = {x.sku: x.balance.canceled for x in order.lines if x.balance.canceled}
    if not (order.is_over and order.has_shipped and short) or order.is_accepted:
        return None
    return Found(
        "short_shipped",
        "Less left than was ordered, and the warehouse closed it: "
        + units_of(short)
        + " missing.",
        "Accept it, or re-open the order to ship the rest.",
        {"missing": short},
    )


def _closed_unshipped(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    if order.state != "closed" or order.is_merged or order.is_accepted:
        return None
    return Found(
        "closed_unshipped",
        f"The warehouse closed it as “{order.status}” without a shipment.",
        "Accept that nothing ships, re-open it, or cancel it.",
        {"status": order.status},
    )


def _held_too_late(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    late = [hold for hold in order.holds if hold.after_picking]
    if not late or order.is_over:
        return None
    kinds = ", ".join(sorted(hold.kind for hold in late))
    return Found(
        "held_too_late",
        f"The {kinds} hold was set after picking began: it may ship anyway.",
        "Call the floor if it must not leave.",
        {"holds": {hold.kind: hold.since.isoformat() for hold in late}},
    )


def _counts_differ(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    """Over-shipment has a rule of its own."""
    wrong = {
        line.sku: list(line.balance.problems)
        for line in order.lines
        if line.balance.problems and line.balance.shipped <= line.balance.ordered
    }
    wrong |= {
        line.sku: [f"{units_of(dict(line.loose))} left without the rest of the kit"]
        for line in order.lines
        if line.loose
    }
    if not wrong:
        return None
    words = "; ".join(f"{sku}: {', '.join(what)}" for sku, what in wrong.items())
    return Found(
        "counts_differ",
        f"The counts do not add up. {words}.",
        "Compare the order in ShipHero; it clears once the counts agree.",
        {"lines": wrong},
    )


def _serials_differ(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    wrong = {x.sku: list(x.serial_problems) for x in order.lines if x.serial_problems}
    if not wrong:
        return None
    words = "; ".join(f"{sku}: {', '.join(what)}" for sku, what in wrong.items())
    return Found(
        "serials_differ",
        f"Serial numbers do not match what left. {words}.",
        "Ask the packer for the numbers; they cannot be found later.",
        {"lines": wrong},
    )


def _lots_missing(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    bare = {line.sku: line.without_lot for line in order.lines if line.without_lot}
    if not bare:
        return None
    return Found(
        "lots_missing",
        "Left without the number of its lot: " + units_of(bare) + ".",
        "Ask the packer for the lot; a recall would not find these units.",
        {"without_lot": bare},
    )


def _cloned(order: Watched, _limits: Limits, _now: datetime) -> Found | None:
    if not order.clones:
        return None
    return Found(
        "cloned",
        f"Warehouse staff cloned it as {', '.join(order.clones)}.",
        "What the clone ships is not counted here. Tell sales, or cancel the clone.",
        {"clones": list(order.clones)},
    )


RULES: tuple[Rule, ...] = (
    backorder,
    _stuck,
    _cut_off,
    _over_shipped,
    _short_shipped,
    never_finishes,
    _closed_unshipped,
    _held_too_late,
    _counts_differ,
    _serials_differ,
    _lots_missing,
    _cloned,
)


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
