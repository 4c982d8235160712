"""What people may do about webhooks. Permission and audit are inside."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.sync.actions import ActionRefusedError
from connectors.sync.register_webhooks import has_address, ring_for, start_rotation

User = AbstractBaseUser | AnonymousUser


def check_webhooks(*, account: Account, user: User, now: datetime) -> None:
    """Look at the account's registrations now: make what lacks, enable what is off."""
    permissions.require(user, permissions.SYNC_NOW, account)
    _insist_on_address()
    with transaction.atomic():
        ring_for(account, cause=f"Asked for by {user}", now=now, actor_id=user.pk)
        audit.record(
            action="check_webhooks",
            actor=user,
            subject=account,
            account=account,
            now=now,
        )


def rotate_webhooks(*, account: Account, why: str, user: User, now: datetime) -> None:
    """Give every registration a new address and secret; the old ones overlap a while."""
    permissions.require(user, permissions.PAUSE, account)
    _insist_on_address()
    if not why.strip():
        raise ActionRefusedError("Say why the secrets are changed.")
    with transaction.atomic():
        if not start_rotation(account, now=now):
            raise ActionRefusedError(
                "There is nothing to rotate: no registration is active, or a rotation "
                "is under way."
            )
        ring_for(account, cause=f"Rotated by {user}", now=now, actor_id=user.pk)
        audit.record(
            action="rotate_webhooks",
            actor=user,
            subject=account,
            account=account,
            note=why,
            now=now,
        )


def _insist_on_address() -> None:
    if not has_address():
        raise ActionRefusedError(
            "ShipSync does not know its own address: set SHIPSYNC_BASE_URL."
        )
