"""Warehouses as readings name them: found, made known, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import CharField

from connectors.accounts.models import Account
from inventory.models import DiscrepancyKind, StockDiscrepancy, Warehouse
from inventory.records import WarehouseRecord

THEIRS = (
    "remote_legacy_id",
    "name",
    "company_name",
    "address1",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "phone",
)

LONGEST = {
    field.name: field.max_length
    for field in Warehouse._meta.get_fields()
    if isinstance(field, CharField) and field.max_length
}


def found(
    account: Account, remote_ids: Iterable[str], *, now: datetime
) -> dict[str, Warehouse]:
    """The warehouses of these ShipHero ids by their id, locked for writing.

    The lock makes readings of one warehouse take turns, so that comparing and storing
    is one step. One that the account does not list is kept, shown, and not promised
    from.
    """
    ids = set(remote_ids)
    rows = Warehouse.objects.filter(account=account, remote_id__in=ids)
    locked = rows.select_for_update(no_key=True).order_by("pk")
    known = {row.remote_id: row for row in locked.all()}
    strangers = sorted(ids - known.keys())
    if strangers:
        _take_in(account, strangers, now)
        known = {row.remote_id: row for row in locked.all()}
    return known


def _take_in(account: Account, strangers: Sequence[str], now: datetime) -> None:
    Warehouse.objects.bulk_create(
        [
            Warehouse(
                account=account,
                remote_id=remote_id[:80],
                is_listed=False,
                is_active=False,
                is_chosen=False,
            )
            for remote_id in strangers
        ],
        ignore_conflicts=True,
    )
    rows = Warehouse.objects.filter(account=account, remote_id__in=strangers)
    StockDiscrepancy.objects.bulk_create(
        StockDiscrepancy(
            account=account,
            warehouse=row,
            kind=DiscrepancyKind.UNKNOWN_WAREHOUSE,
            detail=f"Stock was told of a warehouse that the account does not list: "
            f"{row.remote_id}."[:255],
            found_at=now,
            seen_at=now,
        )
        for row in rows
    )


def record_warehouses(
    account: Account, records: Sequence[WarehouseRecord], *, now: datetime
) -> list[Warehouse]:
    """Take over the account's list: names and addresses are ShipHero's, the rest ours.

    A warehouse that the list lacks stays with all it has, marked as not listed. An
    empty list is not believed: an account without a warehouse ships nothing.
    """
    if not records:
        return []
    with transaction.atomic():
        known = {
            row.remote_id: row for row in Warehouse.objects.filter(account=account)
        }
        for record in records:
            _take_over(account, known.get(record.remote_id), record, now)
        listed = [record.remote_id for record in records]
        gone = Warehouse.objects.filter(account=account).exclude(remote_id__in=listed)
        gone.filter(is_listed=True).update(is_listed=False)
        StockDiscrepancy.objects.filter(
            account=account,
            kind=DiscrepancyKind.UNKNOWN_WAREHOUSE,
            warehouse__is_listed=True,
            closed_at=None,
        ).update(closed_at=now, closed_how="The account lists it now.")
    return list(Warehouse.objects.filter(account=account, remote_id__in=listed))


def _take_over(
    account: Account, row: Warehouse | None, record: WarehouseRecord, now: datetime
) -> None:
    """One that turns up in the list for the first time is used and promised from."""
    if row is None:
        row = Warehouse(account=account, remote_id=record.remote_id)
    elif not row.is_listed:
        row.is_active = row.is_chosen = True
    for name in THEIRS:
        value = getattr(record, name)
        setattr(row, name, value[: LONGEST[name]] if name in LONGEST else value)
    row.is_listed = True
    row.read_at = now
    row.save()
