"""What people may do about an exception: wait, re-route, split, cancel, accept."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F

from connectors.accounts import permissions
from connectors.console import offers
from connectors.console.offers import Call, Choices, Input, Offer, User
from connectors.console.routing_buttons import warehouses_of
from connectors.sync import decisions
from connectors.sync.actions import ActionRefusedError
from orders.floor import ExceptionKind, OrderException

SHORT_KINDS = frozenset({ExceptionKind.BACKORDER, ExceptionKind.NEVER_FINISHES})
CLOSED_KINDS = frozenset({ExceptionKind.CLOSED_UNSHIPPED, ExceptionKind.SHORT_SHIPPED})


def _only(kinds: frozenset[ExceptionKind]) -> Callable[[OrderException], str]:
    def unfit(row: OrderException) -> str:
        if row.closed_at is not None:
            return "This exception has cleared already."
        return "" if row.kind in kinds else "It does not help against this."

    return unfit


def _wait(call: Call) -> str:
    try:
        hours = int(call.data["hours"].strip() or 0)
    except ValueError:
        raise ActionRefusedError("Say in whole hours how long it may wait.") from None
    decisions.wait(
        exception=call.subject,
        hours=hours,
        why=call.data["why"],
        user=call.user,
        now=call.now,
    )
    return f"It keeps quiet for {hours} hours, and still clears by itself."


def _reroute(call: Call) -> str:
    decisions.reroute(
        order=call.subject.order,
        warehouse=call.data["warehouse"],
        why=call.data["why"],
        user=call.user,
        now=call.now,
    )
    return "The order is moved to that warehouse now; its allocation shows the result."


def _cut(call: Call) -> str:
    decisions.cut_line(
        order=call.subject.order,
        sku=call.data["sku"],
        why=call.data["why"],
        user=call.user,
        now=call.now,
    )
    return "What of the line has not shipped is canceled in ShipHero now."


def _plain(deed: Callable[..., None], words: str) -> Callable[[Call], str]:
    def run(call: Call) -> str:
        deed(
            order=call.subject.order,
            why=call.data["why"],
            user=call.user,
            now=call.now,
        )
        return words

    return run


def _open_skus(row: OrderException, _user: User) -> Choices:
    """What of the order can still be canceled."""
    if row.export is None:
        return ()
    lines = row.export.lines.filter(is_removed=False, shipped__lt=F("quantity"))
    return tuple((sku, sku) for sku in lines.values_list("sku", flat=True).distinct())


_WHY = Input("why", "Why?")
OFFERS = (
    Offer(
        "wait",
        OrderException,
        "Wait",
        permissions.DISMISS,
        _wait,
        _only(frozenset(ExceptionKind)),
        (Input("hours", "Hours"), _WHY),
        help="Keep it quiet for a while. It is still checked.",
    ),
    Offer(
        "reroute",
        OrderException,
        "Re-route",
        permissions.SYNC_NOW,
        _reroute,
        _only(SHORT_KINDS),
        (Input("warehouse", "Warehouse", choose=warehouses_of), _WHY),
        help="Let another warehouse ship the order.",
        is_main=True,
    ),
    Offer(
        "split",
        OrderException,
        "Split",
        permissions.SYNC_NOW,
        _plain(decisions.split, "It may ship in parts and from several warehouses."),
        _only(SHORT_KINDS),
        (_WHY,),
        help="Ship what there is now, the rest later or from elsewhere.",
    ),
    Offer(
        "cut",
        OrderException,
        "Cancel line",
        permissions.HANDLED_OUTSIDE,
        _cut,
        _only(SHORT_KINDS),
        (Input("sku", "SKU", choose=_open_skus), _WHY),
        help="Cancel what of one line has not shipped.",
    ),
    Offer(
        "accept",
        OrderException,
        "Accept",
        permissions.HANDLED_OUTSIDE,
        _plain(decisions.accept_closing, "Accepted: nothing more ships."),
        _only(CLOSED_KINDS),
        (_WHY,),
        help="Take the warehouse's close as the end of the order.",
        is_main=True,
    ),
    Offer(
        "reopen",
        OrderException,
        "Re-open",
        permissions.SYNC_NOW,
        _plain(decisions.reopen, "It is opened again in ShipHero now."),
        _only(CLOSED_KINDS),
        (_WHY,),
        help="Let the warehouse ship it after all.",
    ),
    Offer(
        "cancel",
        OrderException,
        "Cancel order",
        permissions.HANDLED_OUTSIDE,
        _plain(decisions.cancel, "It is canceled in ShipHero now."),
        _only(frozenset({ExceptionKind.CLOSED_UNSHIPPED}) | SHORT_KINDS),
        (_WHY,),
        help="Nothing of it will ship.",
    ),
)


def register() -> None:
    offers.register(*OFFERS)
