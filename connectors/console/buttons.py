"""Every button there is, bound to its service."""

from __future__ import annotations

from typing import Final

from connectors.accounts import permissions
from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
    ScopedSetting,
)
from connectors.console import deeds, offers
from connectors.console.offers import Input, Offer
from connectors.models import FailedPayload, JobState, SyncJob
from orders.models import Export, Order

BEFORE_GO_LIVE: Final = "Excluded: before go-live"


def _closed(failure: FailedPayload) -> str:
    return "This failure is closed already." if failure.closed_at else ""


def _busy(job: SyncJob) -> str:
    return "This job is running now." if job.state == JobState.RUNNING else ""


def _paused(account: Account) -> str:
    return "The account is paused already." if account.paused else ""


def _open(account: Account) -> str:
    return "" if account.paused else "The account is not paused."


def _usable(credential: Credential) -> str:
    shut = credential.breaker_state != BreakerState.CLOSED
    if credential.state == CredentialState.REFUSED or shut:
        return ""
    return "The login is in use."


def _nothing_parked(order: Order) -> str:
    parked = order.failures.filter(closed_at=None).exists()
    return "" if parked else "Nothing of this order is parked."


def _outside(order: Order) -> str:
    if order.handled_outside:
        return "The order is handled outside already."
    live = order.exports.filter(canceled_at=None, closed_at=None).exclude(remote_id="")
    if live.exists():
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
    if order.exports.exclude(remote_id="").filter(canceled_at=None).exists():
        return "The order has a warehouse order already."
    return ""


def _needs_no_yes(export: Export) -> str:
    if export.approved_at is not None:
        return "This export is approved already."
    if export.remote_id or export.canceled_at or export.closed_at:
        return "This export went out already."
    return "" if export.account.preview_first else "Its account asks for no preview."


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
    ),
    Offer(
        "sync",
        Order,
        "Sync now",
        permissions.SYNC_NOW,
        deeds.sync_order,
        help="Read Salesforce and ShipHero and bring both together.",
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
        _outside,
        (_WHY_OUTSIDE,),
        help="A person ships it without ShipSync.",
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
        "retry",
        FailedPayload,
        "Retry",
        permissions.RETRY,
        deeds.retry_failure,
        _closed,
        help="Try it again, now.",
        is_main=True,
    ),
    Offer(
        "dismiss",
        FailedPayload,
        "Dismiss",
        permissions.DISMISS,
        deeds.dismiss_failure,
        _closed,
        (Input("why", "Why can it be dismissed?"),),
        help="Close it without a fix.",
    ),
    Offer(
        "retry",
        SyncJob,
        "Make due now",
        permissions.RETRY,
        deeds.retry_job,
        _busy,
        help="Do not wait any longer.",
        is_main=True,
    ),
    Offer(
        "pause",
        Account,
        "Pause",
        permissions.PAUSE,
        deeds.pause_account,
        _paused,
        (Input("why", "Why is it paused?"),),
        help="Stop every write to ShipHero. Reading goes on, nothing is lost.",
    ),
    Offer(
        "resume",
        Account,
        "Resume",
        permissions.PAUSE,
        deeds.resume_account,
        _open,
        help="Write to ShipHero again. The first time, this is go-live: orders "
        "activated earlier stay excluded.",
        is_main=True,
    ),
    Offer(
        "resume",
        Credential,
        "Use again",
        permissions.PAUSE,
        deeds.resume_credential,
        _usable,
        help="Try the login again, and close its circuit breaker.",
        is_main=True,
    ),
    Offer(
        "inherit",
        ScopedSetting,
        "Inherit again",
        permissions.CHANGE_CONFIG,
        deeds.inherit_setting,
        help="Remove this value; the next wider one holds.",
        leaves=True,
    ),
)


def register_buttons() -> None:
    offers.register(*OFFERS)
