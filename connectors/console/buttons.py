"""Every button there is, bound to its service."""

from __future__ import annotations

from typing import Final

from connectors.accounts import permissions, scoped
from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
    ScopedSetting,
)
from connectors.console import offers
from connectors.console.offers import Call, Input, Offer
from connectors.models import FailedPayload, JobState, SyncJob
from connectors.sync import actions
from orders.models import Export, Order

BEFORE_GO_LIVE: Final = "Excluded: before go-live"


def retry_failure(call: Call) -> str:
    count = actions.retry(failures=[call.subject], user=call.user, now=call.now)
    if not count:
        raise actions.ActionRefusedError("This failure is closed already.")
    return "It is tried again now."


def dismiss_failure(call: Call) -> str:
    actions.dismiss(
        failure=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return "Dismissed. The job rests until its source changes."


def retry_job(call: Call) -> str:
    actions.retry_job(job=call.subject, user=call.user, now=call.now)
    return "The job is due now."


def pause_account(call: Call) -> str:
    actions.pause_account(
        account=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return f"{call.subject} is paused. Nothing is written to it; reading goes on."


def resume_account(call: Call) -> str:
    actions.resume_account(account=call.subject, user=call.user, now=call.now)
    return f"{call.subject} is open. What waited goes out in its order."


def resume_credential(call: Call) -> str:
    actions.resume_credential(credential=call.subject, user=call.user, now=call.now)
    return "The login is used again."


def sync_order(call: Call) -> str:
    actions.sync_now(order=call.subject, user=call.user, now=call.now)
    return f"Order {call.subject} is read on both sides now."


def retry_order(call: Call) -> str:
    """All open failures of an order at once."""
    order: Order = call.subject
    failures = list(
        FailedPayload.objects.filter(order=order, closed_at=None).select_related(
            "job", "account"
        )
    )
    count = actions.retry(failures=failures, user=call.user, now=call.now)
    if not count:
        raise actions.ActionRefusedError("Nothing of this order is parked.")
    return "It is tried again now."


def handle_outside(call: Call) -> str:
    actions.set_handled_outside(
        order=call.subject,
        outside=True,
        why=call.data["why"],
        user=call.user,
        now=call.now,
    )
    return f"Order {call.subject} stays out of the warehouse."


def take_back(call: Call) -> str:
    actions.set_handled_outside(
        order=call.subject, outside=False, why="", user=call.user, now=call.now
    )
    return f"ShipSync handles order {call.subject} again."


def include_order(call: Call) -> str:
    actions.include_anyway(order=call.subject, user=call.user, now=call.now)
    return f"Order {call.subject} is exported in spite of go-live."


def link_order(call: Call) -> str:
    actions.link_export(
        order=call.subject,
        remote_id=call.data["shiphero"],
        user=call.user,
        now=call.now,
    )
    return "The ShipHero order is looked up and linked; the result shows here."


def approve_export(call: Call) -> str:
    actions.approve_export(export=call.subject, user=call.user, now=call.now)
    return "Approved. It goes out now."


def inherit_setting(call: Call) -> str:
    row: ScopedSetting = call.subject
    scoped.assign(
        row.key,
        None,
        actor=call.user,
        now=call.now,
        account=row.account,
        brand=row.brand,
    )
    return f"“{row.key}” is inherited again."


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
    return "The order is handled outside already." if order.handled_outside else ""


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
        retry_order,
        _nothing_parked,
        help="Try what failed again, now.",
        is_main=True,
    ),
    Offer(
        "sync",
        Order,
        "Sync now",
        permissions.SYNC_NOW,
        sync_order,
        help="Read Salesforce and ShipHero and bring both together.",
    ),
    Offer(
        "include",
        Order,
        "Include anyway",
        permissions.HANDLED_OUTSIDE,
        include_order,
        _not_excluded,
        help="Export it although it was activated before go-live.",
        is_main=True,
    ),
    Offer(
        "handle-outside",
        Order,
        "Handled outside",
        permissions.HANDLED_OUTSIDE,
        handle_outside,
        _outside,
        (_WHY_OUTSIDE,),
        help="A person ships it without ShipSync.",
    ),
    Offer(
        "take-back",
        Order,
        "Take back",
        permissions.HANDLED_OUTSIDE,
        take_back,
        _inside,
        help="Let ShipSync handle it again.",
        is_main=True,
    ),
    Offer(
        "link",
        Order,
        "Link to ShipHero order",
        permissions.LINK,
        link_order,
        _not_linkable,
        (_SHIPHERO,),
        help="It was made by hand there already.",
    ),
    Offer(
        "approve",
        Export,
        "Approve export",
        permissions.SYNC_NOW,
        approve_export,
        _needs_no_yes,
        help="One of the account's first exports: it waits for a person's yes.",
        is_main=True,
    ),
    Offer(
        "retry",
        FailedPayload,
        "Retry",
        permissions.RETRY,
        retry_failure,
        _closed,
        help="Try it again, now.",
        is_main=True,
    ),
    Offer(
        "dismiss",
        FailedPayload,
        "Dismiss",
        permissions.DISMISS,
        dismiss_failure,
        _closed,
        (Input("why", "Why can it be dismissed?"),),
        help="Close it without a fix.",
    ),
    Offer(
        "retry",
        SyncJob,
        "Make due now",
        permissions.RETRY,
        retry_job,
        _busy,
        help="Do not wait any longer.",
        is_main=True,
    ),
    Offer(
        "pause",
        Account,
        "Pause",
        permissions.PAUSE,
        pause_account,
        _paused,
        (Input("why", "Why is it paused?"),),
        help="Stop every write to ShipHero. Reading goes on, nothing is lost.",
    ),
    Offer(
        "resume",
        Account,
        "Resume",
        permissions.PAUSE,
        resume_account,
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
        resume_credential,
        _usable,
        help="Try the login again, and close its circuit breaker.",
        is_main=True,
    ),
    Offer(
        "inherit",
        ScopedSetting,
        "Inherit again",
        permissions.CHANGE_CONFIG,
        inherit_setting,
        help="Remove this value; the next wider one holds.",
        leaves=True,
    ),
)


def register_buttons() -> None:
    offers.register(*OFFERS)
