"""What people decide about one order's place in the warehouse.

As in `actions`: permission and audit are inside, `ActionRefusedError` says why not.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.models import Trigger
from connectors.sync import (
    cancel_proposals,
    drift,
    hold_window,
    moves,
    overrides,
    verdicts,
)
from connectors.sync.actions import ActionRefusedError, insist_not_in_warehouse
from connectors.sync.rings import ring_many
from connectors.sync.subjects import push_rings
from orders import services
from orders.eligibility import Wish
from orders.models import Export, Order
from orders.proposals import Decision, Proposal, ProposalKind
from orders.standing import exports_in_force, is_over_there

User = AbstractBaseUser | AnonymousUser


def never_export(*, order: Order, why: str, user: User, now: datetime) -> None:
    """Keep an order out of every warehouse for good, whatever Salesforce says."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why this order is never exported.")
    if order.never_export:
        raise ActionRefusedError("The order is never exported already.")
    insist_not_in_warehouse(order, now)
    _set_never(order, never=True, why=why, user=user, now=now)


def export_again(*, order: Order, user: User, now: datetime) -> None:
    """Take “never export” back."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if not order.never_export:
        raise ActionRefusedError("The order is not kept from being exported.")
    _set_never(order, never=False, why="", user=user, now=now)


def _set_never(
    order: Order, *, never: bool, why: str, user: User, now: datetime
) -> None:
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(
            never_export=never, exclusion_why=why[:255]
        )
        order.refresh_from_db()
        _record("never_export" if never else "export_again", order, user, now, why)
        _push(order, user, now)


def re_export(*, order: Order, why: str, user: User, now: datetime) -> None:
    """Make another warehouse order for an order whose own has ended there.

    It is a new generation with a key of its own; the ended one stays on record, and
    an alarm rises should somebody open it again. Of an order in parts it is done for
    those that were canceled or closed without a shipment.
    """
    permissions.require(user, permissions.LINK, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why the order is exported again.")
    words = why_not_again(order)
    if words:
        raise ActionRefusedError(words)
    verdict = verdicts.of(order)
    if verdict.wish is not Wish.SHIP or order.account is None:
        raise ActionRefusedError(f"It would not be exported: {verdict.reason}")
    with transaction.atomic():
        for export in ended_exports(order):
            services.open_next_generation(
                order=order,
                account=export.account if order.is_split else order.account,
                window_until=hold_window.end_of(export.account, now=now),
                now=now,
            )
        _record("re_export", order, user, now, why)
        _push(order, user, now)


def why_not_again(order: Order) -> str:
    """Why nothing of the order can be exported once more; "" where something can."""
    exports = [one for one in exports_in_force(order) if one.remote_id]
    if not exports:
        return "The order was not exported yet."
    if ended_exports(order):
        return ""
    if order.is_split:
        return "No part of it was canceled or closed without a shipment."
    return "Its warehouse order still stands. Cancel it in ShipHero first."


def ended_exports(order: Order) -> list[Export]:
    """Those to be made again. A part that has shipped is not: its units are gone."""
    found = []
    for export in exports_in_force(order):
        has_ended = export.canceled_at is not None or export.closed_at is not None
        if order.is_split:
            shipped = any(line.shipped for line in export.lines.all())
            has_ended = not shipped and (has_ended or is_over_there(export))
        if export.remote_id and has_ended:
            found.append(export)
    return found


def accept_proposal(*, proposal: Proposal, user: User, now: datetime) -> None:
    """Do what ShipSync proposes."""
    export = proposal.export
    permissions.require(user, permissions.SYNC_NOW, export.account)
    with transaction.atomic():
        by = str(user)
        if proposal.kind == ProposalKind.CANCEL:
            done = cancel_proposals.accept(
                proposal, why=f"Cancel accepted by {by}.", by=by, now=now
            )
        else:
            done = _accept_address(proposal, user, now)
        if not done:
            raise ActionRefusedError("This proposal is decided already.")
        _record("accept_proposal", export.order, user, now, proposal.reason)


def _accept_address(proposal: Proposal, user: User, now: datetime) -> bool:
    """Let ShipHero's address count from now on: nothing is sent, nothing is undone."""
    done = cancel_proposals.decide(
        proposal, Decision.ACCEPTED, why="", by=str(user), now=now
    )
    if done:
        drift.take_as_accepted(proposal)
        for part, value in (proposal.value or {}).items():
            overrides.set_override(
                order=proposal.export.order,
                field=f"ship_to.{part}",
                value=value,
                why="Fixed in ShipHero",
                user=user,
                now=now,
            )
    return done


def refuse_proposal(*, proposal: Proposal, why: str, user: User, now: datetime) -> None:
    """An order proposed for a cancel stays on hold; an address is sent once more."""
    export = proposal.export
    permissions.require(user, permissions.SYNC_NOW, export.account)
    if not why.strip():
        raise ActionRefusedError("Say why it is refused.")
    with transaction.atomic():
        done = cancel_proposals.decide(
            proposal, Decision.REFUSED, why=why, by=str(user), now=now
        )
        if not done:
            raise ActionRefusedError("This proposal is decided already.")
        if proposal.kind == ProposalKind.ADDRESS:
            # What stands there is not what is wanted: the address is sent again.
            drift.take_as_accepted(proposal)
            _push(export.order, user, now)
        _record("refuse_proposal", export.order, user, now, why)


def move_order(
    *, order: Order, account: Account, why: str, user: User, now: datetime
) -> None:
    """Let another account ship the order: confirmed cancel there, then create here."""
    permissions.require(user, permissions.LINK, order.account)
    permissions.require(user, permissions.LINK, account)
    if not why.strip():
        raise ActionRefusedError("Say why the order moves.")
    if account.organization_id != order.organization_id:
        raise ActionRefusedError("The account belongs to another organization.")
    if account.pk == order.account_id and not order.is_split:
        raise ActionRefusedError(f"The order is in {account} already.")
    before = str(order.account) if order.account else ""
    with transaction.atomic():
        moves.move(order, account)
        _begin_anew(order, account, now)
        audit.record(
            action="move_order",
            actor=user,
            subject=order,
            account=account,
            before={"account": before},
            after={"account": str(account)},
            note=why,
            now=now,
        )
        _push(order, user, now)


def _begin_anew(order: Order, account: Account, now: datetime) -> None:
    """Where the account's own warehouse canceled it before, a person wants it again."""
    there = services.newest_of(order, account.pk)
    if there is None or not there.canceled_at or services.is_canceled_by_us(there):
        return
    until = hold_window.end_of(account, now=now)
    services.open_next_generation(
        order=order, account=account, window_until=until, now=now
    )


def _record(action: str, order: Order, user: User, now: datetime, why: str) -> None:
    audit.record(
        action=action,
        actor=user,
        subject=order,
        account=order.account,
        note=why,
        now=now,
    )


def _push(order: Order, user: User, now: datetime) -> None:
    rings = push_rings(
        order, trigger=Trigger.PERSON, cause=f"Asked for by {user}", user=user
    )
    ring_many(rings, now=now)


def open_proposals(order: Order) -> list[Proposal]:
    rows = Proposal.objects.filter(export__order=order, decided_at=None)
    return list(rows.select_related("export__order", "export__account"))
