"""A held order that nobody wants any more: propose its cancel, and decide by setting."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.models import SyncJob, Trigger
from connectors.sync import alerts
from connectors.sync.exports import Held
from connectors.sync.phases import commit
from connectors.sync.rings import ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import push_rings
from connectors.timing import scaled
from orders.eligibility import Verdict, Why
from orders.models import Export, Order
from orders.proposals import Decision, Proposal, ProposalKind

BY_SETTING = "Canceled by the account's setting."


def consider(run: Run, job: SyncJob, held: Held, verdict: Verdict) -> None:
    """Once its time has come, propose that a held order be canceled.

    A draft is given the account's time, a deleted order none. What a person refused
    is not proposed again as long as the order stays held.
    """
    export = held.export
    if not export.remote_id or export.canceled_at or export.closed_at:
        return
    if _is_decided(export):
        return
    due = _due(export, verdict)
    if run.now() < due:
        run.later(job, due, "Held in ShipHero; its cancel is proposed then.")
        return
    with commit("propose_cancel"):
        proposal = _open(export, verdict.reason, run.now())
        run.did(job, "Proposed to cancel it", export=export)
        if scoped.lookup("cancel_by_itself", account=export.account).value:
            accept(proposal, why=BY_SETTING, by="", now=run.now())


def _is_decided(export: Export) -> bool:
    """Whether it is proposed already, or was answered since the order is held."""
    rows = export.proposals.filter(kind=ProposalKind.CANCEL)
    return any(
        row.decided_at is None
        or (row.decision == Decision.REFUSED and row.opened_at >= _since(export))
        for row in rows
    )


def _since(export: Export) -> datetime:
    return export.held_at or export.created_at


def _due(export: Export, verdict: Verdict) -> datetime:
    if verdict.why is Why.DELETED or not export.is_held_by_us:
        return _since(export)
    wait: timedelta = scoped.lookup(
        "draft_cancel_seconds", account=export.account
    ).seconds
    return _since(export) + scaled(wait)


def _open(export: Export, reason: str, now: datetime) -> Proposal:
    proposal, made = Proposal.objects.get_or_create(
        export=export,
        kind=ProposalKind.CANCEL,
        decided_at=None,
        defaults={"reason": reason[:255], "opened_at": now},
    )
    if made:
        alerts.send(
            f"ShipSync: cancel order {export.order}?",
            f"{reason} The warehouse order {export.remote_number} is on hold in "
            f"{export.account}. Accept or refuse its cancel in the console.",
        )
    return proposal


def accept(proposal: Proposal, *, why: str, by: str, now: datetime) -> bool:
    """Want the cancel from now on; call inside a transaction. False: decided before.

    An order is canceled whole: what is proposed of its other parts is accepted too.
    """
    if not decide(proposal, Decision.ACCEPTED, why=why, by=by, now=now):
        return False
    beside = Proposal.objects.filter(
        export__order=proposal.export.order_id, kind=proposal.kind, decided_at=None
    )
    for other in beside:
        decide(other, Decision.ACCEPTED, why=why, by=by, now=now)
    order = Order.objects.select_related("organization", "account").get(
        pk=proposal.export.order_id
    )
    order.cancel_wanted = why[:255]
    order.save(update_fields=["cancel_wanted"])
    trigger = Trigger.PERSON if by else Trigger.FOLLOW_UP
    ring_many(push_rings(order, trigger=trigger, cause="Cancel accepted"), now=now)
    return True


def decide(
    proposal: Proposal, decision: Decision, *, why: str, by: str, now: datetime
) -> bool:
    """Close a proposal; answers whether it was still open."""
    rows = Proposal.objects.filter(pk=proposal.pk, decided_at=None)
    return bool(
        rows.update(
            decided_at=now, decision=decision, decided_by_name=by[:150], note=why[:255]
        )
    )


def withdraw(held: Held, *, now: datetime) -> None:
    """The order is wanted again: nothing of the kind is to be decided any more."""
    export = held.export
    rows = Proposal.objects.filter(
        export=export, kind=ProposalKind.CANCEL, decided_at=None
    )
    if not (export.order.cancel_wanted or rows.exists()):
        return
    with commit("withdraw_cancel"):
        rows.update(decided_at=now, decision=Decision.WITHDRAWN)
        Order.objects.filter(pk=export.order_id).update(cancel_wanted="")
