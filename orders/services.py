"""What may be done to an order's exports. No network here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q

from connectors.accounts.models import Account, Brand
from orders.models import Export, ExportLine, LineItem, Order, Override
from orders.records import WantedOrder


def current_export(order: Order) -> Export | None:
    """The export of the newest generation; of an order read with its exports, of these.

    Of an order in parts, which have generations of their own, one that stands.
    """
    return max(order.exports.all(), key=_newness, default=None)


def newest_of(order: Order, account_id: int) -> Export | None:
    """The newest export of an order in one account."""
    rows = (one for one in order.exports.all() if one.account_id == account_id)
    return max(rows, key=_newness, default=None)


def _newness(export: Export) -> tuple[int, bool, int]:
    return export.generation, export.canceled_at is None, export.pk


def stands_there(order: Order) -> bool:
    """Whether an export of the order reached the warehouse and was not canceled."""
    return any(one.remote_id and not one.canceled_at for one in order.exports.all())


def standing_overrides(order: Order, *, now: datetime) -> list[Override]:
    """What people set on the order and what still holds, the newest last."""
    rows = (row for row in order.overrides.all() if row.ended_at is None)
    held = (row for row in rows if row.until is None or row.until > now)
    return sorted(held, key=lambda row: row.pk)


def open_export(
    *,
    order: Order,
    account: Account,
    window_until: datetime | None = None,
    now: datetime,
) -> Export:
    """The account's export to work on: its newest, or a new one after we canceled it.

    What the warehouse canceled by itself is not exported again. Call it inside a
    transaction; two callers get the same row.
    """
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    rows = Export.objects.filter(order=order, account=account)
    newest = rows.order_by("-generation", "-pk").first()
    if newest is not None and not is_canceled_by_us(newest):
        return newest
    return open_next_generation(
        order=order, account=account, window_until=window_until, now=now
    )


def open_next_generation(
    *,
    order: Order,
    account: Account,
    window_until: datetime | None = None,
    now: datetime,
) -> Export:
    """Another warehouse order to come, whatever became of the one before.

    Generations are counted over an order; those of its parts, in each account.
    """
    before = Export.objects.filter(order=order)
    if order.is_split:
        before = before.filter(account=account)
    last = before.aggregate(last=Max("generation"))["last"]
    generation = (last or 0) + 1
    return Export.objects.create(
        order=order,
        account=account,
        generation=generation,
        brand=brand_of(order, account),
        key=export_key(account, order, generation),
        window_until=window_until,
        created_at=now,
    )


def brand_of(order: Order, account: Account) -> Brand | None:
    """The brand it is exported under; none where an account ships several of it."""
    if not order.is_split:
        return order.brand
    found = brands_of(order, account)
    return found[0] if len(found) == 1 else None


def brands_of(order: Order, account: Account) -> list[Brand]:
    """The account's brands among the lines that it ships of an order in parts."""
    lines = order.lines.filter(account=account).exclude(brand="")
    named = {name.casefold() for name in lines.values_list("brand", flat=True)}
    rows = Brand.objects.filter(account=account).order_by("pk")
    return [brand for brand in rows if brand.code.strip().casefold() in named]


def is_canceled_by_us(export: Export) -> bool:
    return bool(export.canceled_at and export.cancel_asked_at)


def export_key(account: Account, order: Order, generation: int) -> str:
    return f"{account.key_prefix}-{order.salesforce_id}-{generation}"


def claim_export(
    *, export: Export, owner: str, lease: timedelta, now: datetime
) -> bool:
    """Take the export for this worker, by compare-and-set; raises its fence.

    Only the holder of the newest fence may store anything on it.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now) | Q(lease_owner=owner)
    rows = Export.objects.filter(free, pk=export.pk).update(
        lease_owner=owner, lease_until=now + lease, fence=F("fence") + 1
    )
    if rows:
        export.refresh_from_db()
    return bool(rows)


def release_export(*, export: Export, fence: int) -> None:
    Export.objects.filter(pk=export.pk, fence=fence).update(
        lease_owner="", lease_until=None
    )


def change_export(
    *, export: Export, fence: int, where: Q | None = None, **values: Any
) -> int:
    """Store values if the fence is still ours; answers the number of rows, 0 or 1."""
    rows = Export.objects.filter(where or Q(), pk=export.pk, fence=fence)
    changed = rows.update(**values)
    if changed:
        for name, value in values.items():
            setattr(export, name, value)
    return changed


def freeze_lines(*, export: Export, wanted: WantedOrder) -> None:
    """Keep what each line meant when it was exported; removed lines stay as removed."""
    items = dict(
        LineItem.objects.filter(order=export.order_id).values_list(
            "salesforce_id", "pk"
        )
    )
    keys = [line.key for line in wanted.lines]
    export.lines.exclude(key__in=keys).update(is_removed=True)
    for sequence, line in enumerate(wanted.lines, start=1):
        ExportLine.objects.update_or_create(
            export=export,
            key=line.key,
            defaults={
                "line_item_id": items.get(line.key),
                "sequence": sequence,
                "sku": line.sku,
                "product_name": line.product_name[:255],
                "quantity": line.quantity,
                "unit": (line.unit or "")[:40],
                "unit_factor": line.factor or 1,
                "warehouse": line.warehouse,
                "is_removed": False,
            },
        )
