"""What people do about a discrepancy that no reading settles.

Every action raises `PermissionDenied` for those who may not, and `ActionRefusedError`
with words for people when the state does not allow it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.sync import availability_rings
from connectors.sync.actions import ActionRefusedError, User
from inventory import stock
from inventory.models import (
    DiscrepancyKind,
    StockDiscrepancy,
    StockMovement,
    StockSource,
)
from inventory.records import Counts, Reason, StockRecord

NONE = Counts(0, 0, 0, 0, 0, 0, 0, 0)
CLOSED = "It is closed already."


def dismiss(*, row: StockDiscrepancy, why: str, user: User, now: datetime) -> None:
    """Close it without changing a count. What is still wrong opens another."""
    permissions.require(user, permissions.DISMISS, row.account)
    with transaction.atomic():
        _close(row, f"Dismissed: {why}", now)
        _note("dismiss_discrepancy", row, why, user, now)


def why_not_none(row: StockDiscrepancy) -> str:
    """Why nobody can say that none are there, or ""."""
    if row.closed_at is not None:
        return CLOSED
    if row.kind != DiscrepancyKind.ABSENT or row.warehouse is None:
        return "Only what snapshots leave out can be said to be gone."
    return ""


def none_there(*, row: StockDiscrepancy, why: str, user: User, now: datetime) -> None:
    """A person says that a SKU which snapshots leave out does not lie there any more.

    Its counts become zero, as the ledger tells; a later reading that names it wins.
    """
    permissions.require(user, permissions.OVERRIDE, row.account)
    refusal = why_not_none(row)
    if refusal:
        raise ActionRefusedError(refusal)
    assert row.warehouse is not None  # noqa: S101 - why_not_none saw to it
    with transaction.atomic():
        _close(row, f"{user}: none are there. {why}", now)
        reading = stock.Reading(row.account, now, StockSource.PERSON)
        told = StockRecord(row.sku, row.warehouse.remote_id, NONE)
        taken = stock.record(reading, [told], now=now)
        StockMovement.objects.filter(
            account=row.account,
            warehouse=row.warehouse,
            sku=row.sku,
            at=now,
            told_by=StockSource.PERSON,
        ).update(reason=Reason.COUNT, reason_text=f"{user}: {why}"[:255])
        _note("none_there", row, why, user, now)
        if taken.changed:
            availability_rings.moved(row.account, now=now)


def _close(row: StockDiscrepancy, how: str, now: datetime) -> None:
    closed = StockDiscrepancy.objects.filter(pk=row.pk, closed_at=None).update(
        closed_at=now, closed_how=how[:120]
    )
    if not closed:
        raise ActionRefusedError(CLOSED)


def _note(
    action: str, row: StockDiscrepancy, why: str, user: User, now: datetime
) -> None:
    if not why.strip():
        raise ActionRefusedError("Say why.")
    audit.record(
        action=action,
        actor=user,
        subject=row,
        account=row.account,
        note=why,
        now=now,
    )
