"""Which jobs an order's ring means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from connectors.errors import Kind
from connectors.models import FailedPayload, SyncJob, Trigger
from connectors.sync import moves, verdicts
from connectors.sync.registry import Lane
from connectors.sync.rings import Ring
from orders import parts
from orders.eligibility import Verdict, Wish
from orders.models import Order

User = AbstractBaseUser | AnonymousUser


def push_rings(
    order: Order,
    *,
    trigger: str,
    cause: str,
    user: User | None = None,
    verdict: Verdict | None = None,
) -> list[Ring]:
    """Bring what the source wants to the warehouse: create, edit, hold or cancel.

    The cancel is a job of its own, so that a parked edit never blocks it. The push
    is rung besides, so that what it failed at ends too: nobody wants it any more.
    `verdict` is the one of this order where the caller has judged it already.
    """
    if order.account_id is None:
        return []
    wish = (verdict or verdicts.of(order)).wish
    also = ("cancel_order",) if wish is Wish.CANCEL else ()
    standing = list(
        order.exports.filter(canceled_at=None, closed_at=None).values(
            "account_id", "remote_id"
        )
    )
    accounts = parts.accounts_of(order)
    left = [
        Ring(
            kind="cancel_order",
            subject=str(order.pk),
            account_id=account_id,
            order_id=order.pk,
            trigger=trigger,
            cause=moves.WHY,
            actor_id=user.pk if user is not None else None,
            reopens=True,
            hurries=trigger == Trigger.PERSON,
        )
        for account_id in moves.left_behind(order, standing)
    ]
    return left + [
        Ring(
            kind=kind,
            subject=str(order.pk),
            account_id=account_id,
            order_id=order.pk,
            trigger=trigger,
            cause=cause,
            actor_id=user.pk if user is not None else None,
            reopens=True,
            hurries=trigger == Trigger.PERSON,
            lane=_lane(_of(account_id, standing, accounts), wish),
        )
        for account_id in accounts
        for kind in (*also, "push_order")
    ]


def _of(
    account_id: int, standing: Sequence[Mapping[str, Any]], accounts: Sequence[int]
) -> Sequence[Mapping[str, Any]]:
    """A part counts as new whatever of the order others have."""
    if len(accounts) < 2:
        return standing
    return [row for row in standing if row["account_id"] == account_id]


def _lane(standing: Sequence[Mapping[str, Any]], wish: Wish) -> Lane:
    """What must be stopped goes before everything, a new order before an edit."""
    if wish in {Wish.CANCEL, Wish.HOLD}:
        return Lane.CANCEL
    sent = any(row["remote_id"] for row in standing)
    return Lane.EDIT if sent else Lane.NEW_ORDER


def reading_rings(
    order: Order, *, trigger: str, cause: str, user: User | None = None
) -> list[Ring]:
    """Read both sides again and write what follows from it to Salesforce."""
    person = user.pk if user is not None else None
    hurries = trigger == Trigger.PERSON
    rings = [
        Ring(
            kind="read_source",
            subject=str(order.pk),
            organization_id=order.organization_id,
            order_id=order.pk,
            trigger=trigger,
            cause=cause,
            actor_id=person,
            reopens=True,
            hurries=hurries,
        ),
        writeback_ring(order, trigger=trigger, cause=cause),
    ]
    exports = order.exports.exclude(remote_id="").filter(account__isnull=False)
    rings += [
        Ring(
            kind="read_warehouse",
            subject=str(export.pk),
            account_id=export.account_id,
            order_id=order.pk,
            trigger=trigger,
            cause=cause,
            actor_id=person,
            hurries=hurries,
        )
        for export in exports
    ]
    return rings


def writeback_ring(order: Order, *, trigger: str, cause: str) -> Ring:
    return Ring(
        kind="push_fulfillment",
        subject=str(order.pk),
        organization_id=order.organization_id,
        order_id=order.pk,
        trigger=trigger,
        cause=cause,
        reopens=True,
    )


def retry_rings(failures: Sequence[FailedPayload], user: User) -> list[Ring]:
    """The work of each once more; where its order was at fault, the order is read too.

    What was corrected in a contact or an account moves nothing by which a poll would
    see it.
    """
    orders = {
        failure.order_id
        for failure in failures
        if failure.order_id and failure.error_kind in {Kind.MAPPING, Kind.INVALID}
    }
    owners = Order.objects.filter(pk__in=orders).values_list("pk", "organization_id")
    readings = [
        Ring(
            kind="read_source",
            subject=str(order_id),
            organization_id=organization_id,
            order_id=order_id,
            trigger=Trigger.PERSON,
            cause=f"Retried by {user}",
            actor_id=user.pk,
            reopens=True,
            hurries=True,
        )
        for order_id, organization_id in owners
    ]
    return [*readings, *(retry_ring(one.job, user) for one in failures)]


def retry_ring(job: SyncJob, user: User) -> Ring:
    """The same work once more, at once, because a person asked."""
    return Ring(
        kind=job.kind,
        subject=job.subject,
        account_id=job.account_id,
        organization_id=job.organization_id,
        order_id=job.order_id,
        trigger=Trigger.PERSON,
        cause=f"Retried by {user}",
        actor_id=user.pk,
        reopens=True,
        hurries=True,
    )
