"""Purchase orders as they are read: what is still to come is kept, the rest is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from connectors.accounts.models import Account
from inventory.models import ExpectedGoods, Warehouse
from inventory.records import PurchaseLineRecord, PurchaseRecord
from orders.records import Arrival

COLUMNS = (
    *("purchase_remote_id", "number", "warehouse_remote_id"),
    *("sku", "units", "due_on", "read_at"),
)


def record(
    account: Account, purchases: Sequence[PurchaseRecord], *, read_at: datetime
) -> int:
    """Replace what is known of these purchase orders; answers how many lines are due.

    Of one that was read in part, lines that were not read stay; a closed one brings
    nothing.
    """
    rows = {
        line.remote_id: _row(account, one, line, read_at)
        for one in purchases
        if one.is_open
        for line in one.lines
        if line.left and line.remote_id
    }
    whole = [one.remote_id for one in purchases if one.is_whole or not one.is_open]
    mine = ExpectedGoods.objects.filter(account=account)
    with transaction.atomic():
        mine.filter(purchase_remote_id__in=whole).exclude(remote_id__in=rows).delete()
        ExpectedGoods.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["account", "remote_id"],
            update_fields=COLUMNS,
        )
    return len(rows)


def _row(
    account: Account,
    purchase: PurchaseRecord,
    line: PurchaseLineRecord,
    read_at: datetime,
) -> ExpectedGoods:
    return ExpectedGoods(
        account=account,
        remote_id=line.remote_id[:80],
        purchase_remote_id=purchase.remote_id[:80],
        number=purchase.number[:120],
        warehouse_remote_id=purchase.warehouse_remote_id[:80],
        sku=line.sku[:255],
        units=line.left,
        due_on=purchase.due_on,
        read_at=read_at,
    )


def forget(account: Account, *, before: datetime) -> int:
    """Let go of what no reading has shown since: deleted there, or too old to be read."""
    rows = ExpectedGoods.objects.filter(account=account, read_at__lt=before)
    return rows.delete()[0]


def of_skus(account_id: int, skus: Collection[str]) -> dict[str, tuple[Arrival, ...]]:
    """What is on its way of these SKUs, the soonest first and the undated last."""
    rows = list(ExpectedGoods.objects.filter(account=account_id, sku__in=skus))
    places = dict(
        Warehouse.objects.filter(account=account_id).values_list("remote_id", "name")
    )
    found: dict[str, list[Arrival]] = {}
    for row in sorted(rows, key=lambda row: (row.due_on is None, row.due_on, row.pk)):
        place = places.get(row.warehouse_remote_id, "")
        one = Arrival(row.number, place, row.units, row.due_on)
        found.setdefault(row.sku, []).append(one)
    return {sku: tuple(arrivals) for sku, arrivals in found.items()}
