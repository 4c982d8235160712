"""What each button calls: one service, and the message people read afterwards."""

from __future__ import annotations

from connectors.accounts import scoped
from connectors.accounts.models import ScopedSetting
from connectors.console.offers import Call
from connectors.models import FailedPayload
from connectors.sync import actions
from orders.models import Order


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
