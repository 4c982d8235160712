"""Mirrors orders as their source tells them. No network here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.accounts.models import Account, Brand, Organization
from orders.eligibility import Verdict
from orders.models import LineItem, Order
from orders.pictures import Picture, fingerprint, from_picture, to_picture
from orders.records import (
    MISSING,
    LineRecord,
    Missing,
    OrderRecord,
    OrderStage,
)

READ_STAMPS = frozenset({"modified_at", "modified_by", "line_stamps"})
READ_COLUMNS = (
    *("account", "brand", "order_number", "stage", "status", "customer_name"),
    *("po_number", "ship_to_name", "ship_to_place", "shipping_method", "is_deleted"),
    *("email", "value", "currency"),
    *("picture", "version", "source_modified_at", "activated_at", "pulled_at"),
    "read_whole_at",
)
STAMP_COLUMNS = ("picture", "source_modified_at", "pulled_at", "read_whole_at")
MOST_VALUE = Decimal(10) ** 15
LINE_COLUMNS = (
    *("line_number", "sku", "product_name", "quantity", "unit", "unit_price"),
)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """`changed` says whether anything but the source's own time stamps differs.

    Where nothing else does, the order has them, and `note_read` stores them.
    """

    order: Order
    changed: bool
    restamped: bool = False


def upsert_order(  # noqa: PLR0913 - all by name
    *,
    record: OrderRecord,
    organization: Organization,
    account: Account | None,
    brand: Brand | None,
    now: datetime,
    read_at: datetime | None = None,
    known: Order | Missing | None = MISSING,
) -> Mirrored:
    """Mirror one order as read. An older reading never replaces a newer one.

    What the reading did not contain keeps its last known value. `read_at` is when the
    reading was asked for, by our clock; without it, stamps prove nothing later.
    `known` is the order's row, or None for a new order, where the caller has looked
    for many at once.
    """
    order = known
    if order is MISSING:
        order = Order.objects.filter(
            organization=organization, salesforce_id=record.salesforce_id
        ).first()
    if order is None:
        order = _new_order(record, organization, account, brand, now, read_at)
        return Mirrored(order, True)
    if record.modified_at < order.source_modified_at:
        return Mirrored(order, False)
    picture = {**order.picture, **to_picture(record)}
    if _content(picture) == _content(order.picture):
        restamped = picture != order.picture
        order.picture = picture
        order.source_modified_at = record.modified_at
        order.pulled_at = now if restamped else order.pulled_at
        order.read_whole_at = _whole_at(record, read_at) or order.read_whole_at
        return Mirrored(order, False, restamped=restamped)
    order.source_modified_at = record.modified_at
    order.pulled_at = now
    order.picture = picture
    _show(order, from_picture(OrderRecord, picture), picture)
    order.version += 1
    order.account = order.account or account
    order.brand = order.brand or brand
    _mirror_lines(order, record.lines)
    order.read_whole_at = _whole_at(record, read_at) or order.read_whole_at
    order.save(update_fields=READ_COLUMNS)
    # People and the state's derivation write the other columns at any time.
    order.refresh_from_db(fields=_unread_columns())
    return Mirrored(order, True)


def note_read(read: Sequence[Mirrored]) -> None:
    """Store when these were read that say what they said before."""
    same = [one.order for one in read if not (one.changed or one.restamped)]
    for at in {order.read_whole_at for order in same} - {None}:
        mine = [order.pk for order in same if order.read_whole_at == at]
        Order.objects.filter(pk__in=mine).update(read_whole_at=at)
    Order.objects.bulk_update(
        [one.order for one in read if one.restamped], STAMP_COLUMNS
    )


def _whole_at(record: OrderRecord, read_at: datetime | None) -> datetime | None:
    return None if record.lines is MISSING else read_at


def _unread_columns() -> list[str]:
    names = {field.name for field in Order._meta.concrete_fields}
    return sorted(names - {*READ_COLUMNS, "id", "organization"})


def _new_order(
    record: OrderRecord,
    organization: Organization,
    account: Account | None,
    brand: Brand | None,
    now: datetime,
    read_at: datetime | None,
) -> Order:
    order = Order(
        organization=organization,
        account=account,
        brand=brand,
        salesforce_id=record.salesforce_id,
        source_modified_at=record.modified_at,
        pulled_at=now,
        read_whole_at=_whole_at(record, read_at),
        created_at=now,
        state_since=now,
    )
    _show(order, record, to_picture(record))
    order.save()
    _mirror_lines(order, record.lines)
    return order


def _content(picture: Picture) -> str:
    return fingerprint({k: v for k, v in picture.items() if k not in READ_STAMPS})


def _show(order: Order, record: OrderRecord, picture: Picture) -> None:
    """The searchable columns beside the picture."""
    order.picture = picture
    order.order_number = record.order_number[:80]
    order.stage = record.stage
    order.status = record.status[:80]
    order.is_deleted = record.is_deleted
    order.activated_at = _activated_at(order, record)
    order.customer_name = (record.account_name or "")[:255]
    order.po_number = (record.po_number or "")[:80]
    order.shipping_method = (record.shipping_method or "")[:120]
    order.email = (record.email or "").lower()[:254]
    order.currency = (record.currency or "")[:8]
    order.value = _value(record)
    if record.ship_to is not MISSING:
        to = record.ship_to
        order.ship_to_name = f"{to.first_name} {to.last_name}".strip() or to.company
        order.ship_to_name = order.ship_to_name[:255]
        order.ship_to_place = ", ".join(
            part for part in (to.city, to.state, to.country) if part
        )[:255]


def _value(record: OrderRecord) -> Decimal | None:
    """What its lines are worth; None where a price or quantity was not read."""
    if record.lines is MISSING:
        return None
    parts = [
        line.quantity * line.unit_price
        for line in record.lines
        if isinstance(line.quantity, Decimal) and isinstance(line.unit_price, Decimal)
    ]
    if len(parts) < len(record.lines):
        return None
    total = sum(parts, Decimal(0))
    return round(total, 2) if abs(total) < MOST_VALUE else None


def _activated_at(order: Order, record: OrderRecord) -> datetime | None:
    """When it was activated; where that may not be read, when it was first seen so."""
    if record.activated_at:
        return record.activated_at
    if record.stage is not OrderStage.ACTIVATED:
        return None
    return order.activated_at or record.modified_at


def _mirror_lines(order: Order, lines: tuple[LineRecord, ...] | Missing) -> None:
    if lines is MISSING:
        return
    known = {line.salesforce_id: line for line in LineItem.objects.filter(order=order)}
    new: list[LineItem] = []
    moved: list[LineItem] = []
    for key, values in {one.salesforce_id: _line_values(one) for one in lines}.items():
        row = known.pop(key, None)
        if row is None:
            new.append(LineItem(order=order, salesforce_id=key, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            moved.append(row)
    if known:
        LineItem.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    LineItem.objects.bulk_create(new)
    LineItem.objects.bulk_update(moved, LINE_COLUMNS)


def _line_values(line: LineRecord) -> dict[str, Any]:
    return {
        "line_number": line.line_number[:40],
        "sku": (line.sku or "")[:255],
        "product_name": (line.product_name or "")[:255],
        "quantity": _storable(line.quantity),
        "unit": (line.unit or "")[:40],
        "unit_price": _storable(line.unit_price),
    }


def _storable(number: Any) -> Any:
    if number is None or number is MISSING or not number.is_finite():
        return None
    return number if abs(number) < 10**13 else None


def source_record(order: Order) -> OrderRecord:
    """The order as last read from its source."""
    return from_picture(OrderRecord, order.picture)


def note_eligibility(*, order: Order, verdict: Verdict) -> None:
    Order.objects.filter(pk=order.pk).update(
        is_eligible=verdict.is_eligible, eligibility_reason=verdict.reason[:255]
    )
    order.is_eligible = verdict.is_eligible
    order.eligibility_reason = verdict.reason[:255]
