"""What people may do to stock: have it read now. Permission and audit are inside."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.models import Trigger
from connectors.sync.actions import ActionRefusedError
from connectors.sync.rings import Ring, ring
from connectors.sync.stock_taken import reading_ring
from inventory.models import Product, SnapshotState, StockSnapshot, Warehouse

User = AbstractBaseUser | AnonymousUser
OPEN = (
    SnapshotState.WANTED,
    SnapshotState.ASKED,
    SnapshotState.READY,
    SnapshotState.READING,
)


def refresh_sku(*, product: Product, user: User, now: datetime) -> None:
    """Read a product and its counts in every warehouse, at once."""
    permissions.require(user, permissions.SYNC_NOW, product.account)
    with transaction.atomic():
        ring(
            reading_ring(product, _by(user), trigger=Trigger.PERSON, actor_id=user.pk),
            now=now,
        )
        _note("refresh_sku", product, product.account, user, now)


def refresh_warehouse(
    *, warehouse: Warehouse, user: User, now: datetime
) -> StockSnapshot:
    """Have a snapshot of one warehouse made and read; answers where it stands.

    One that is under way already is answered instead of a second one.
    """
    permissions.require(user, permissions.SYNC_NOW, warehouse.account)
    if not warehouse.is_listed:
        raise ActionRefusedError(
            "ShipHero does not list this warehouse. It cannot be asked about it."
        )
    with transaction.atomic():
        found = StockSnapshot.objects.filter(
            warehouse=warehouse, state__in=OPEN
        ).first()
        snapshot = found or StockSnapshot.objects.create(
            account=warehouse.account,
            warehouse=warehouse,
            created_at=now,
            asked_by_id=user.pk,
        )
        _ring("refresh_warehouse", str(snapshot.pk), warehouse.account, user, now)
        _note("refresh_warehouse", warehouse, warehouse.account, user, now)
    return snapshot


def refresh_account(*, account: Account, user: User, now: datetime) -> None:
    """Have a snapshot of all the account's stock made and read now."""
    permissions.require(user, permissions.SYNC_NOW, account)
    with transaction.atomic():
        _ring("pull_stock_snapshot", "all", account, user, now)
        _note("refresh_stock", account, account, user, now)


def _ring(kind: str, subject: str, account: Account, user: User, now: datetime) -> None:
    ring(
        Ring(
            kind=kind,
            subject=subject,
            account_id=account.pk,
            trigger=Trigger.PERSON,
            cause=_by(user),
            actor_id=user.pk,
            reopens=True,
            hurries=True,
        ),
        now=now,
    )


def _note(
    action: str,
    subject: Product | Warehouse | Account,
    account: Account,
    user: User,
    now: datetime,
) -> None:
    audit.record(action=action, actor=user, subject=subject, account=account, now=now)


def _by(user: User) -> str:
    return f"Asked for by {user}"
