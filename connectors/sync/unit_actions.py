"""What an integrator does to the table of units.

Every action raises `PermissionDenied` for those who may not, and `ActionRefusedError`
with words for people when the state does not allow it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.sync import availability_rings, units
from connectors.sync.actions import User
from connectors.sync.rings import Ring, ring
from inventory import promises
from inventory.models import UnitFactor
from inventory.units import same_unit


def set_unit(
    *, account: Account, sku: str, unit: str, pieces: int, user: User, now: datetime
) -> UnitFactor:
    """Say how many pieces one unit of a SKU holds; an empty SKU stands for every SKU."""
    permissions.require(user, permissions.CHANGE_CONFIG, account)
    with transaction.atomic():
        held = named(account, sku, unit)
        before = {"pieces": held.factor} if held is not None else None
        row = held or UnitFactor(account=account, sku=sku, unit=unit.strip())
        row.factor = pieces
        row.save()
        audit.record(
            action="set_unit",
            actor=user,
            subject=row,
            account=account,
            before=before,
            after={"sku": sku, "unit": row.unit, "pieces": pieces},
            now=now,
        )
        took_hold(account, {sku}, now=now)
    return row


def remove_unit(*, row: UnitFactor, user: User, now: datetime) -> None:
    """Take a row out. Lines that went out with it keep their factor."""
    permissions.require(user, permissions.CHANGE_CONFIG, row.account)
    with transaction.atomic():
        audit.record(
            action="remove_unit",
            actor=user,
            subject=row,
            account=row.account,
            before={"sku": row.sku, "unit": row.unit, "pieces": row.factor},
            now=now,
        )
        row.delete()
        took_hold(row.account, {row.sku}, now=now)


def named(
    account: Account, sku: str, unit: str, *, but: int | None = None
) -> UnitFactor | None:
    """The row of that unit, however it is written: “Case” and “case” are one."""
    rows = UnitFactor.objects.filter(account=account, sku=sku)
    alike = (row for row in rows if row.pk != but and same_unit(row.unit, unit))
    return next(alike, None)


def took_hold(account: Account, skus: set[str], *, now: datetime) -> int:
    """Let waiting orders try again and numbers be shown anew; answers how many orders."""
    if "" in skus:
        ring(
            Ring(
                kind="update_availability",
                subject="all",
                account_id=account.pk,
                cause=units.CAUSE,
                reopens=True,
            ),
            now=now,
        )
    if promises.refresh(account, skus - {""}, now=now):
        availability_rings.moved(account, now=now, cause=units.CAUSE)
    return units.wake(account, now=now)
