"""What people may do to accounts and logins: pause and resume."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.breaker import reset as reset_breaker
from connectors.accounts.models import Account, Credential, CredentialState
from connectors.sync import pauses, twins
from connectors.sync.actions import ActionRefusedError, User
from connectors.sync.pauses import Direction


def pause_account(
    *,
    account: Account,
    why: str,
    user: User,
    now: datetime,
    direction: str = Direction.WAREHOUSE,
    until: datetime | None = None,
) -> None:
    """Stop every write to this ShipHero account, or what is told to Salesforce of it.

    Reading goes on, nothing is lost. `until` resumes it by itself.
    """
    permissions.require(user, permissions.PAUSE, account)
    if not why.strip():
        raise ActionRefusedError("Say why the account is paused.")
    if until is not None and until <= now:
        raise ActionRefusedError("The end of a pause must lie in the future.")
    _set_pause(
        account,
        paused=True,
        why=why,
        direction=Direction(direction),
        until=until,
        user=user,
        now=now,
    )


def resume_account(
    *,
    account: Account,
    user: User,
    now: datetime,
    direction: str = Direction.WAREHOUSE,
) -> None:
    """Write again; what waited goes out in its order.

    The first resume of a new account is its go-live: orders activated earlier stay
    excluded unless a person includes them.
    """
    permissions.require(user, permissions.PAUSE, account)
    if direction == Direction.WAREHOUSE and (why := twins.why_not(account)):
        raise ActionRefusedError(why)
    _set_pause(
        account,
        paused=False,
        why="",
        direction=Direction(direction),
        until=None,
        user=user,
        now=now,
    )


def _set_pause(  # noqa: PLR0913 - a pause is its fields
    account: Account,
    *,
    paused: bool,
    why: str,
    direction: Direction,
    until: datetime | None,
    user: User,
    now: datetime,
) -> None:
    with transaction.atomic():
        changed = pauses.set_pause(
            account,
            direction=direction,
            paused=paused,
            why=why,
            by=str(user) if paused else "",
            until=until,
            actor=user,
            now=now,
        )
        if not changed:
            raise ActionRefusedError(
                "The account is paused already." if paused else "It is not paused."
            )
        if not paused and direction is Direction.WAREHOUSE:
            Account.objects.filter(pk=account.pk, export_from=None).update(
                export_from=now
            )


def resume_credential(*, credential: Credential, user: User, now: datetime) -> None:
    """Use a login again that was refused, or whose circuit breaker is open."""
    permissions.require_shared(user, permissions.PAUSE, credential)
    with transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(
            state=CredentialState.OK, refused_reason="", refused_at=None
        )
        reset_breaker(credential.pk)
        audit.record(
            action="resume_credential", actor=user, subject=credential, now=now
        )
