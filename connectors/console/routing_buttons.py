"""The buttons that choose an order's warehouse, and leave it to the rules again."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import now

from connectors.accounts import permissions
from connectors.console import offers
from connectors.console.deeds import moment_of
from connectors.console.offers import Call, Choices, Input, Offer, User
from connectors.sync import grounds, overrides, routing_actions
from orders.models import Order

MOST_PLACES = 100


def _cannot_choose(order: Order) -> str:
    if order.account_id is None:
        return "The order has no warehouse account yet."
    return "The order has ended." if order.state in overrides.ENDED else ""


def _by_rule(order: Order) -> str:
    chosen = grounds.live_override(order, now=now())
    return "" if chosen else "Nobody chose a warehouse for this order."


def warehouses_of(subject: Any, _user: User) -> Choices:
    """The warehouses in use of the subject's account, by name."""
    places = subject.account.warehouses.all()
    names = sorted(place.name for place in places if place.is_active and place.name)
    return tuple((name, name) for name in names[:MOST_PLACES])


def choose(call: Call) -> str:
    made = routing_actions.override_warehouse(
        order=call.subject,
        warehouse=call.data["warehouse"],
        why=call.data["why"],
        until=moment_of(call.data.get("until", "")),
        user=call.user,
        now=call.now,
    )
    until = f" until {made.until:%Y-%m-%d %H:%M} UTC" if made.until else ""
    return f"The order ships from there{until}, whatever the rules say."


def by_rule(call: Call) -> str:
    routing_actions.end_override(order=call.subject, user=call.user, now=call.now)
    return "The rules choose the warehouse again."


def register() -> None:
    offers.register(
        Offer(
            "ship-from",
            Order,
            "Ship from",
            permissions.OVERRIDE,
            choose,
            _cannot_choose,
            (
                Input("warehouse", "Warehouse", choose=warehouses_of),
                Input("why", "Why?"),
                Input("until", "Until", "A date, in UTC. Empty: for good.", (), True),
            ),
            help="Choose the warehouse for this order; it survives edits and new rules.",
        ),
        Offer(
            "ship-by-rule",
            Order,
            "Route by rule",
            permissions.OVERRIDE,
            by_rule,
            _by_rule,
            help="End the choice of a person; the rules decide again.",
        ),
    )
