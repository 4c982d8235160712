"""The buttons of orders and exports."""

from __future__ import annotations

from typing import Final

from django.utils.timezone import now

from connectors.accounts import permissions
from connectors.console import deeds
from connectors.console.offers import Choices, Input, Offer, User
from connectors.sync import hold_window, overrides
from orders import overriding, services
from orders.models import Export, Order

BEFORE_GO_LIVE: Final = "Excluded: before go-live"


def _nothing_parked(order: Order) -> str:
    parked = order.failures.filter(closed_at=None).exists()
    return "" if parked else "Nothing of this order is parked."


def why_not_outside(order: Order) -> str:
    if order.handled_outside:
        return "The order is handled outside already."
    live = (one for one in order.exports.all() if one.remote_id)
    if any(one.canceled_at is None and one.closed_at is None for one in live):
        return "A warehouse order exists. Cancel it in ShipHero first."
    return ""


def _inside(order: Order) -> str:
    return "" if order.handled_outside else "The order is handled by ShipSync already."


def _not_excluded(order: Order) -> str:
    if order.include_anyway:
        return "The order is included already."
    if order.eligibility_reason.startswith(BEFORE_GO_LIVE):
        return ""
    return "The order is not excluded by go-live."


def _not_linkable(order: Order) -> str:
    if order.account_id is None:
        return "The order has no warehouse account yet."
    if order.is_split:
        return "Several accounts ship its lines. Move it to one account first."
    if services.stands_there(order):
        return "The order has a warehouse order already."
    return ""


def _needs_no_yes(export: Export) -> str:
    if export.approved_at is not None:
        return "This export is approved already."
    if export.remote_id or export.canceled_at or export.closed_at:
        return "This export went out already."
    return "" if export.account.preview_first else "Its account asks for no preview."


def _no_window(export: Export) -> str:
    if hold_window.is_open(export, now=now()):
        return ""
    return "No hold window is open for this export."


def _nothing_set(order: Order) -> str:
    there = overrides.in_force(order, now=now())
    return "" if there else "Nobody has set a value on this order."


def _has_ended(order: Order) -> str:
    return "The order has ended." if order.state in overrides.ENDED else ""


def _named(field: str) -> str:
    return field.removeprefix("ship_to.").replace("_", " ").capitalize()


def _set_fields(order: Order, _user: User) -> Choices:
    """The fields whose value a person set."""
    there = overrides.in_force(order, now=now())
    return tuple((one.field, _named(one.field)) for one in there)


_FIELD = Input(
    "field", "Field", choices=tuple((name, _named(name)) for name in overriding.FIELDS)
)
_UNTIL = Input(
    "until",
    "Until (UTC)",
    "Like 2026-12-24 18:00. Empty: until somebody ends it.",
    is_optional=True,
)
_WHY_OUTSIDE = Input("why", "Who ships it, and why?")
_SHIPHERO = Input("shiphero", "ShipHero order", "Its id, legacy id or order number.")

OFFERS = (
    Offer(
        "retry",
        Order,
        "Retry",
        permissions.RETRY,
        deeds.retry_order,
        _nothing_parked,
        help="Try what failed again, now.",
        is_main=True,
        is_explained=True,
    ),
    Offer(
        "sync",
        Order,
        "Sync now",
        permissions.SYNC_NOW,
        deeds.sync_order,
        help="Read Salesforce and ShipHero and bring both together.",
        is_explained=True,
    ),
    Offer(
        "include",
        Order,
        "Include anyway",
        permissions.HANDLED_OUTSIDE,
        deeds.include_order,
        _not_excluded,
        help="Export it although it was activated before go-live.",
        is_main=True,
    ),
    Offer(
        "handle-outside",
        Order,
        "Handled outside",
        permissions.HANDLED_OUTSIDE,
        deeds.handle_outside,
        why_not_outside,
        (_WHY_OUTSIDE,),
        help="A person ships it without ShipSync.",
        is_explained=True,
    ),
    Offer(
        "take-back",
        Order,
        "Take back",
        permissions.HANDLED_OUTSIDE,
        deeds.take_back,
        _inside,
        help="Let ShipSync handle it again.",
        is_main=True,
    ),
    Offer(
        "link",
        Order,
        "Link to ShipHero order",
        permissions.LINK,
        deeds.link_order,
        _not_linkable,
        (_SHIPHERO,),
        help="It was made by hand there already.",
    ),
    Offer(
        "override",
        Order,
        "Set a value",
        permissions.OVERRIDE,
        deeds.override_field,
        _has_ended,
        (
            _FIELD,
            Input("value", "Value", "Empty takes the value away.", is_optional=True),
            Input("why", "Why is it right?"),
            _UNTIL,
        ),
        help="It counts instead of Salesforce's value, checked by the same rules.",
    ),
    Offer(
        "end-override",
        Order,
        "End a set value",
        permissions.OVERRIDE,
        deeds.end_override,
        _nothing_set,
        (Input("field", "Field", choose=_set_fields),),
        help="Let Salesforce's value count again.",
    ),
    Offer(
        "approve",
        Export,
        "Approve export",
        permissions.SYNC_NOW,
        deeds.approve_export,
        _needs_no_yes,
        help="One of the account's first exports: it waits for a person's yes.",
        is_main=True,
    ),
    Offer(
        "release-now",
        Export,
        "Release now",
        permissions.SYNC_NOW,
        deeds.release_now,
        _no_window,
        help="End the hold window: the floor gets the order at once.",
        is_main=True,
    ),
)
