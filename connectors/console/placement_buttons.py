"""The buttons of where an order is exported, and of what is proposed about it."""

from __future__ import annotations

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.console import deeds
from connectors.console.offers import Choices, Input, Offer, User
from connectors.console.order_buttons import why_not_outside
from connectors.sync import placements
from orders.models import Order
from orders.proposals import Proposal, ProposalKind


def _kept_out(order: Order) -> str:
    if order.never_export:
        return "The order is never exported already."
    return why_not_outside(order)


def _not_kept_out(order: Order) -> str:
    return "" if order.never_export else "The order is not kept from being exported."


def _stands(order: Order) -> str:
    words = placements.why_not_again(order)
    return words or ("" if order.is_eligible else "It would not be exported.")


def _others(order: Order) -> list[Account]:
    """The accounts that an order could be moved to."""
    here = 0 if order.is_split else order.account_id
    return [one for one in order.organization.account_set.all() if one.pk != here]


def _others_seen(order: Order, user: User) -> Choices:
    """The accounts that this person can move it to, by name."""
    names = sorted(one.name for one in _others(order) if permissions.sees(user, one))
    return tuple((name, name) for name in names)


def _alone(order: Order) -> str:
    return "" if _others(order) else "The organization has no other account."


def _nothing_proposed(order: Order) -> str:
    kinds = {one.kind for one in placements.open_proposals(order)}
    return "" if ProposalKind.CANCEL in kinds else "No cancel is proposed."


def _decided(proposal: Proposal) -> str:
    return "This proposal is decided already." if proposal.decided_at else ""


_WHY = Input("why", "Why?")

OFFERS = (
    Offer(
        "accept-cancel",
        Order,
        "Cancel in ShipHero",
        permissions.SYNC_NOW,
        deeds.accept_cancel,
        _nothing_proposed,
        help="It is held there and nobody wants it any more: accept its cancel.",
        is_main=True,
    ),
    Offer(
        "refuse-cancel",
        Order,
        "Keep on hold",
        permissions.SYNC_NOW,
        deeds.refuse_cancel,
        _nothing_proposed,
        (_WHY,),
        help="Refuse the proposed cancel; the order stays held in ShipHero.",
    ),
    Offer(
        "never-export",
        Order,
        "Never export",
        permissions.HANDLED_OUTSIDE,
        deeds.never_export,
        _kept_out,
        (_WHY,),
        help="No warehouse ever gets this order.",
    ),
    Offer(
        "export-again",
        Order,
        "Allow export",
        permissions.HANDLED_OUTSIDE,
        deeds.export_again,
        _not_kept_out,
        help="Take “never export” back.",
        is_main=True,
    ),
    Offer(
        "re-export",
        Order,
        "Export again",
        permissions.LINK,
        deeds.re_export,
        _stands,
        (_WHY,),
        help="Its warehouse order has ended: make another one, a new generation.",
    ),
    Offer(
        "move",
        Order,
        "Move to another account",
        permissions.LINK,
        deeds.move_order,
        _alone,
        (Input("account", "To which account?", choose=_others_seen), _WHY),
        help="Confirmed cancel where it stands, then created in the other account. "
        "The parts of an order are put together there.",
    ),
    Offer(
        "accept",
        Proposal,
        "Accept",
        permissions.SYNC_NOW,
        deeds.accept_proposal,
        _decided,
        help="Do what is proposed.",
        is_main=True,
    ),
    Offer(
        "refuse",
        Proposal,
        "Refuse",
        permissions.SYNC_NOW,
        deeds.refuse_proposal,
        _decided,
        (_WHY,),
        help="Leave things as they are.",
    ),
)
