"""What people do about a cause: assign it, close what it stopped, be spared its mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.casework import Cause
from connectors.models import Closing, FailedPayload, Trigger
from connectors.sync import standings
from connectors.sync.actions import ActionRefusedError
from connectors.sync.rings import ring_many
from connectors.sync.subjects import writeback_ring
from orders.models import Order

Person = AbstractBaseUser | AnonymousUser
MOST = 500
ENDINGS = {"dismiss": Closing.DISMISSED, "resolve": Closing.BY_HAND}


def close_many(
    *,
    failures: Sequence[FailedPayload],
    how: str,
    why: str,
    user: Person,
    now: datetime,
) -> int:
    """Close failures without trying them again; answers how many were still open.

    `how` is “dismiss” (nobody wants it) or “resolve” (a person settled it elsewhere).
    Their jobs rest until the source changes, and a failure may come again. Raises
    ActionRefusedError without a reason or for more than 500.
    """
    if not why.strip():
        raise ActionRefusedError("Say why.")
    if len(failures) > MOST:
        raise ActionRefusedError(f"At most {MOST} at once. Narrow the choice.")
    for account in _accounts(failures):
        permissions.require(user, permissions.DISMISS, account)
    permissions.require(user, permissions.DISMISS)
    with transaction.atomic():
        return sum(_close(failure, how, why, user, now) for failure in failures)


def _accounts(failures: Sequence[FailedPayload]) -> list[Account]:
    keys = {failure.account_id for failure in failures if failure.account_id}
    return list(Account.objects.filter(pk__in=keys))


def _close(
    failure: FailedPayload, how: str, why: str, user: Person, now: datetime
) -> int:
    closed = FailedPayload.objects.filter(pk=failure.pk, closed_at=None).update(
        closed_at=now,
        closed_how=ENDINGS[how],
        closed_by_id=user.pk,
        closing_note=why[:255],
    )
    if closed:
        audit.record(
            action=f"{how}_failure",
            actor=user,
            subject=failure,
            account=failure.account,
            note=why,
            now=now,
        )
        if failure.order_id is not None:
            order = Order.objects.get(pk=failure.order_id)
            standings.refresh(order, now=now)
            cause = f"Asked for by {user}"
            told = writeback_ring(order, trigger=Trigger.PERSON, cause=cause)
            ring_many([told], now=now)
    return closed


def assign(*, cause: Cause, to: User | None, user: Person, now: datetime) -> None:
    """Make it somebody's to see to; None gives it back to all."""
    permissions.require(user, permissions.RETRY, cause.account)
    with transaction.atomic():
        Cause.objects.filter(pk=cause.pk).update(
            assigned_to=to, assigned_at=now if to is not None else None
        )
        audit.record(
            action="assign_cause",
            actor=user,
            subject=cause,
            account=cause.account,
            after={"to": str(to) if to is not None else None},
            now=now,
        )


def mute(*, cause: Cause, user: Person, muted: bool) -> None:
    """Spare the user the mail about this cause, or not any more."""
    if not user.is_authenticated:
        raise ActionRefusedError("Sign in first.")
    if muted:
        cause.muted_by.add(user.pk)
    else:
        cause.muted_by.remove(user.pk)
