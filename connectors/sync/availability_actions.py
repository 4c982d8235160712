"""What people may do about availability on its way to Salesforce.

Every action raises `PermissionDenied` for those who may not, and `ActionRefusedError`
with words for people when the state does not allow it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.models import Trigger
from connectors.sync import availability_rings
from connectors.sync.actions import ActionRefusedError, User
from inventory import outbox
from inventory.models import Availability, AvailabilityRun, RunState, Standing


def approve(*, large: AvailabilityRun, user: User, now: datetime) -> None:
    """Say yes to the price of a large write."""
    _decide(large, RunState.RUNNING, "approve_large_write", user=user, now=now)
    _ring(large.account, user, now)


def decline(*, large: AvailabilityRun, user: User, now: datetime) -> None:
    """Say no. What it was to write is proposed anew when stock moves again."""
    _decide(large, RunState.DECLINED, "decline_large_write", user=user, now=now)


def _decide(
    large: AvailabilityRun, state: RunState, action: str, *, user: User, now: datetime
) -> None:
    permissions.require(user, permissions.PAUSE, large.account)
    ended = {"finished_at": now} if state == RunState.DECLINED else {}
    with transaction.atomic():
        changed = AvailabilityRun.objects.filter(
            pk=large.pk, state=RunState.PROPOSED
        ).update(state=state, decided_at=now, decided_by_id=user.pk, **ended)
        if not changed:
            raise ActionRefusedError("This large write waits for nobody.")
        if state == RunState.DECLINED:
            outbox.leave_out(large.account, "A person said no to this large write.")
        _note(action, large, user, now)


def stop(*, large: AvailabilityRun, user: User, now: datetime) -> None:
    """Give the Bulk job up; what it has written stands, the rest is due as before."""
    permissions.require(user, permissions.PAUSE, large.account)
    with transaction.atomic():
        changed = AvailabilityRun.objects.filter(
            pk=large.pk, state=RunState.RUNNING
        ).update(state=RunState.STOPPING, decided_at=now, decided_by_id=user.pk)
        if not changed:
            raise ActionRefusedError("This large write is not under way.")
        _note("stop_large_write", large, user, now)
    _ring(large.account, user, now)


def try_again(*, row: Availability, user: User, now: datetime) -> None:
    """Write one number again, whatever became of it."""
    permissions.require(user, permissions.RETRY, row.account)
    with transaction.atomic():
        if not outbox.try_again(Availability.objects.filter(pk=row.pk)):
            raise ActionRefusedError("This number is being written now.")
        audit.record(
            action="write_availability_again",
            actor=user,
            subject=row,
            account=row.account,
            now=now,
        )
    _ring(row.account, user, now)


def try_refused_again(*, account: Account, user: User, now: datetime) -> int:
    """Write everything again that Salesforce refused; answers how much that is."""
    permissions.require(user, permissions.RETRY, account)
    with transaction.atomic():
        count = outbox.try_again(
            Availability.objects.filter(account=account, standing=Standing.REFUSED)
        )
        if not count:
            raise ActionRefusedError("Salesforce has refused nothing.")
        audit.record(
            action="write_refused_again",
            actor=user,
            subject=account,
            account=account,
            after={"rows": count},
            now=now,
        )
    _ring(account, user, now)
    return count


def _ring(account: Account, user: User, now: datetime) -> None:
    availability_rings.moved(
        account,
        now=now,
        trigger=Trigger.PERSON,
        cause=f"Asked for by {user}",
        actor_id=user.pk,
    )


def _note(action: str, large: AvailabilityRun, user: User, now: datetime) -> None:
    audit.record(
        action=action,
        actor=user,
        subject=large,
        account=large.account,
        after={"rows": large.rows, "calls": large.calls},
        now=now,
    )
