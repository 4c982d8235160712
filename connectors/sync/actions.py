"""What people may do to the sync. Permission and audit are inside; doors only call.

Every action raises `PermissionDenied` for those who may not, and `ActionRefusedError`
with words for people when the record's state does not allow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Q

from connectors.accounts import audit, permissions
from connectors.models import Closing, FailedPayload, JobState, SyncJob, Trigger
from connectors.sync import standings
from connectors.sync.rings import Ring, ring, ring_many
from connectors.sync.subjects import (
    push_rings,
    reading_rings,
    retry_ring,
    retry_rings,
    writeback_ring,
)
from orders.models import Export, Order

PERSON = Trigger.PERSON
User = AbstractBaseUser | AnonymousUser


class ActionRefusedError(Exception):
    """The record is not in a state in which this can be done; the text says why."""


def retry(*, failures: Sequence[FailedPayload], user: User, now: datetime) -> int:
    """Try parked work again, at once; answers how many were still open."""
    for failure in failures:
        permissions.require(user, permissions.RETRY, failure.account)
    open_ones = [failure for failure in failures if failure.closed_at is None]
    with transaction.atomic():
        ring_many(retry_rings(open_ones, user), now=now)
        for failure in open_ones:
            audit.record(
                action="retry_failure",
                actor=user,
                subject=failure,
                account=failure.account,
                note=failure.reason,
                now=now,
            )
    return len(open_ones)


def retry_job(*, job: SyncJob, user: User, now: datetime) -> None:
    """Make one waiting or parked job due now."""
    permissions.require(user, permissions.RETRY, job.account)
    if job.state == JobState.RUNNING:
        raise ActionRefusedError("This job is running now.")
    with transaction.atomic():
        ring(retry_ring(job, user), now=now)
        audit.record(
            action="retry_job", actor=user, subject=job, account=job.account, now=now
        )


def dismiss(*, failure: FailedPayload, why: str, user: User, now: datetime) -> None:
    """Close a failure without fixing it. The job rests until its source changes."""
    permissions.require(user, permissions.DISMISS, failure.account)
    if not why.strip():
        raise ActionRefusedError("Say why this can be dismissed.")
    with transaction.atomic():
        closed = FailedPayload.objects.filter(pk=failure.pk, closed_at=None).update(
            closed_at=now,
            closed_how=Closing.DISMISSED,
            closed_by_id=user.pk,
            closing_note=why[:255],
        )
        if not closed:
            raise ActionRefusedError("This failure is closed already.")
        audit.record(
            action="dismiss_failure",
            actor=user,
            subject=failure,
            account=failure.account,
            note=why,
            now=now,
        )
        if failure.order is not None:
            failure.order.refresh_from_db()
            standings.refresh(failure.order, now=now)
            cause = _by(user)
            ring(writeback_ring(failure.order, trigger=PERSON, cause=cause), now=now)


def sync_now(*, order: Order, user: User, now: datetime) -> None:
    """Read both sides of one order and bring them together, at once."""
    permissions.require(user, permissions.SYNC_NOW, order.account)
    with transaction.atomic():
        ring_many(
            [
                *push_rings(order, trigger=PERSON, cause=_by(user), user=user),
                *reading_rings(order, trigger=PERSON, cause=_by(user), user=user),
            ],
            now=now,
        )
        audit.record(
            action="sync_order",
            actor=user,
            subject=order,
            account=order.account,
            now=now,
        )


def set_handled_outside(
    *, order: Order, outside: bool, why: str, user: User, now: datetime
) -> None:
    """Keep an order out of the warehouse because a person ships it, or take it back."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if outside and not why.strip():
        raise ActionRefusedError("Say who ships this order.")
    if outside:
        insist_not_in_warehouse(order, now)
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(handled_outside=outside)
        order.refresh_from_db()
        audit.record(
            action="handle_outside" if outside else "handle_again",
            actor=user,
            subject=order,
            account=order.account,
            note=why,
            now=now,
        )
        _push(order, user, now)


def insist_not_in_warehouse(order: Order, now: datetime) -> None:
    """Neither an order there, nor one that may be there without our knowing."""
    live = order.exports.filter(canceled_at=None, closed_at=None)
    if live.exclude(remote_id="").exists():
        raise ActionRefusedError(
            "A warehouse order exists. Cancel it in ShipHero first, then mark the order."
        )
    if live.filter(Q(lease_until__gt=now) | Q(intent_at__isnull=False)).exists():
        raise ActionRefusedError(
            "It is not known yet whether ShipHero created this order. ShipSync looks "
            "it up within minutes; try again then."
        )


def include_anyway(*, order: Order, user: User, now: datetime) -> None:
    """Export an order that go-live excludes."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if order.include_anyway:
        raise ActionRefusedError("The order is included already.")
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(include_anyway=True)
        order.refresh_from_db()
        audit.record(
            action="include_order",
            actor=user,
            subject=order,
            account=order.account,
            now=now,
        )
        _push(order, user, now)


def link_export(*, order: Order, remote_id: str, user: User, now: datetime) -> None:
    """Bind an order to a warehouse order that exists already.

    `remote_id` is ShipHero's id, its number within ShipHero, or its order number.
    The worker looks it up and binds it; a mistake parks with its reason.
    """
    permissions.require(user, permissions.LINK, order.account)
    if order.account is None:
        raise ActionRefusedError("The order has no warehouse account yet.")
    if order.is_split:
        raise ActionRefusedError(
            "Several accounts ship its lines. Move it to one account first."
        )
    if not remote_id.strip():
        raise ActionRefusedError("Enter the ShipHero order's id or number.")
    if order.exports.exclude(remote_id="").filter(canceled_at=None).exists():
        raise ActionRefusedError("The order has a warehouse order already.")
    with transaction.atomic():
        audit.record(
            action="link_order",
            actor=user,
            subject=order,
            account=order.account,
            after={"shiphero": remote_id.strip()},
            now=now,
        )
        ring(
            Ring(
                kind="link_order",
                subject=f"{order.pk}:{remote_id.strip()}"[:80],
                account_id=order.account_id,
                order_id=order.pk,
                trigger=PERSON,
                cause=_by(user),
                actor_id=user.pk,
                reopens=True,
                hurries=True,
            ),
            now=now,
        )


def approve_export(*, export: Export, user: User, now: datetime) -> None:
    """Let one of the first exports of a new account go out."""
    permissions.require(user, permissions.SYNC_NOW, export.account)
    with transaction.atomic():
        changed = Export.objects.filter(pk=export.pk, approved_at=None).update(
            approved_at=now
        )
        if not changed:
            raise ActionRefusedError("This export is approved already.")
        audit.record(
            action="approve_export",
            actor=user,
            subject=export,
            account=export.account,
            now=now,
        )
        _push(export.order, user, now)


def release_now(*, export: Export, user: User, now: datetime) -> None:
    """End an export's hold window: the floor gets the order at once."""
    permissions.require(user, permissions.SYNC_NOW, export.account)
    with transaction.atomic():
        changed = Export.objects.filter(pk=export.pk, window_until__gt=now).update(
            window_until=now
        )
        if not changed:
            raise ActionRefusedError("No hold window is open for this export.")
        audit.record(
            action="release_now",
            actor=user,
            subject=export,
            account=export.account,
            before={"window_until": str(export.window_until)},
            now=now,
        )
        _push(export.order, user, now)


def _push(order: Order, user: User, now: datetime) -> None:
    ring_many(push_rings(order, trigger=PERSON, cause=_by(user), user=user), now=now)


def _by(user: User) -> str:
    return f"Asked for by {user}"
