"""What each button calls: one service, and the message people read afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils.dateparse import parse_date, parse_datetime

from connectors.accounts import scoped
from connectors.accounts.models import Account, ScopedSetting
from connectors.console.offers import Call
from connectors.models import FailedPayload
from connectors.sync import (
    account_actions,
    actions,
    overrides,
    placements,
    webhook_actions,
)
from connectors.sync.pauses import Direction
from orders.models import Order
from orders.proposals import Proposal, ProposalKind


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
    until = _in_hours(call)
    account_actions.pause_account(
        account=call.subject,
        why=call.data["why"],
        until=until,
        user=call.user,
        now=call.now,
    )
    end = f" until {until:%H:%M} UTC" if until else ""
    return f"{call.subject} is paused{end}. Nothing is written to it; reading goes on."


def _in_hours(call: Call) -> datetime | None:
    text = call.data.get("hours", "").strip()
    if not text:
        return None
    try:
        hours = float(text)
        return call.now + timedelta(hours=hours)
    except (ValueError, OverflowError):
        raise actions.ActionRefusedError(
            "Enter the hours as a number, or nothing."
        ) from None


def resume_account(call: Call) -> str:
    account_actions.resume_account(account=call.subject, user=call.user, now=call.now)
    return f"{call.subject} is open. What waited goes out in its order."


def check_webhooks(call: Call) -> str:
    webhook_actions.check_webhooks(account=call.subject, user=call.user, now=call.now)
    return "The registrations are looked at now; the result shows under Webhook set-up."


def rotate_webhooks(call: Call) -> str:
    webhook_actions.rotate_webhooks(
        account=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return "New registrations are made now; the old ones end in an hour."


def resume_credential(call: Call) -> str:
    account_actions.resume_credential(
        credential=call.subject, user=call.user, now=call.now
    )
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


def override_field(call: Call) -> str:
    field, value = call.data["field"], call.data["value"]
    overrides.set_override(
        order=call.subject,
        field=field,
        value=value,
        why=call.data["why"],
        until=moment_of(call.data["until"]),
        user=call.user,
        now=call.now,
    )
    return f"“{value}” counts for {field} from now on."


def moment_of(text: str) -> datetime | None:
    """A date, or a date and time, in UTC; a date alone means its end."""
    words = text.strip()
    if not words:
        return None
    try:
        moment, day = parse_datetime(words), parse_date(words)
    except ValueError:
        moment = day = None
    if moment is not None and len(words) > len("2026-11-27"):
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if day is not None:
        return datetime.combine(day, time.max, tzinfo=UTC)
    raise actions.ActionRefusedError(
        "Write until when as 2026-11-27 or 2026-11-27 14:00."
    )


def end_override(call: Call) -> str:
    field = call.data["field"]
    overrides.end_override(
        order=call.subject, field=field, user=call.user, now=call.now
    )
    return f"Salesforce's value counts for {field} again."


def approve_export(call: Call) -> str:
    actions.approve_export(export=call.subject, user=call.user, now=call.now)
    return "Approved. It goes out now."


def release_now(call: Call) -> str:
    actions.release_now(export=call.subject, user=call.user, now=call.now)
    return "The hold window has ended. The floor gets the order now."


def never_export(call: Call) -> str:
    placements.never_export(
        order=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return f"Order {call.subject} is never exported."


def export_again(call: Call) -> str:
    placements.export_again(order=call.subject, user=call.user, now=call.now)
    return f"Order {call.subject} may be exported again."


def re_export(call: Call) -> str:
    placements.re_export(
        order=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return "Another warehouse order is made, with a key of its own."


def move_order(call: Call) -> str:
    name = call.data["account"].strip()
    account = Account.objects.filter(name__iexact=name).first()
    if account is None:
        raise actions.ActionRefusedError(f"There is no account “{name}”.")
    placements.move_order(
        order=call.subject,
        account=account,
        why=call.data["why"],
        user=call.user,
        now=call.now,
    )
    return f"It is canceled where it stands, then created in {account}."


def accept_proposal(call: Call) -> str:
    placements.accept_proposal(proposal=call.subject, user=call.user, now=call.now)
    return "Accepted. It is done now."


def refuse_proposal(call: Call) -> str:
    placements.refuse_proposal(
        proposal=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return "Refused. The order stays on hold."


def accept_cancel(call: Call) -> str:
    placements.accept_proposal(
        proposal=_open_cancel(call.subject), user=call.user, now=call.now
    )
    return "Its warehouse order is canceled now."


def refuse_cancel(call: Call) -> str:
    placements.refuse_proposal(
        proposal=_open_cancel(call.subject),
        why=call.data["why"],
        user=call.user,
        now=call.now,
    )
    return "Refused. The order stays on hold."


def _open_cancel(order: Order) -> Proposal:
    for proposal in placements.open_proposals(order):
        if proposal.kind == ProposalKind.CANCEL:
            return proposal
    raise actions.ActionRefusedError("No cancel is proposed for this order.")


def pause_back(call: Call) -> str:
    account_actions.pause_account(
        account=call.subject,
        why=call.data["why"],
        direction=Direction.SALESFORCE,
        user=call.user,
        now=call.now,
    )
    return f"Nothing of {call.subject} is told to Salesforce for now."


def resume_back(call: Call) -> str:
    account_actions.resume_account(
        account=call.subject,
        direction=Direction.SALESFORCE,
        user=call.user,
        now=call.now,
    )
    return "Salesforce is told again what happens."


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
