"""What may be done to the mirror, its exports and their facts. No network here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, Sum

from connectors.accounts.models import Account, Brand, Organization
from orders.eligibility import Verdict
from orders.models import (
    Allocation,
    Export,
    ExportLine,
    LineItem,
    Order,
    Package,
    Shipment,
    ShipmentLine,
)
from orders.pictures import Picture, fingerprint, from_picture, to_picture
from orders.records import (
    MISSING,
    LineRecord,
    Missing,
    OrderRecord,
    OrderStage,
    PackageRecord,
    RemoteLine,
    RemoteOrder,
    ShipmentRecord,
    WantedOrder,
)

READ_STAMPS = frozenset({"modified_at", "modified_by"})


@dataclass(frozen=True, slots=True)
class Mirrored:
    """`changed` says whether anything but the source's own time stamps differs."""

    order: Order
    changed: bool


def upsert_order(
    *,
    record: OrderRecord,
    organization: Organization,
    account: Account | None,
    brand: Brand | None,
    now: datetime,
) -> Mirrored:
    """Mirror one order as read. An older reading never replaces a newer one.

    What the reading did not contain keeps its last known value.
    """
    order = Order.objects.filter(
        organization=organization, salesforce_id=record.salesforce_id
    ).first()
    if order is None:
        return Mirrored(_new_order(record, organization, account, brand, now), True)
    if record.modified_at < order.source_modified_at:
        return Mirrored(order, False)
    picture = {**order.picture, **to_picture(record)}
    changed = _content(picture) != _content(order.picture)
    if not changed and record.modified_at == order.source_modified_at:
        return Mirrored(order, False)
    order.source_modified_at = record.modified_at
    order.pulled_at = now
    if changed:
        _show(order, from_picture(OrderRecord, picture), picture)
        order.version += 1
        order.account = order.account or account
        order.brand = order.brand or brand
        _mirror_lines(order, record.lines)
    order.save()
    return Mirrored(order, changed)


def _new_order(
    record: OrderRecord,
    organization: Organization,
    account: Account | None,
    brand: Brand | None,
    now: datetime,
) -> Order:
    order = Order(
        organization=organization,
        account=account,
        brand=brand,
        salesforce_id=record.salesforce_id,
        source_modified_at=record.modified_at,
        pulled_at=now,
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
    if record.ship_to is not MISSING:
        to = record.ship_to
        order.ship_to_name = f"{to.first_name} {to.last_name}".strip() or to.company
        order.ship_to_name = order.ship_to_name[:255]
        order.ship_to_place = ", ".join(
            part for part in (to.city, to.state, to.country) if part
        )[:255]


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
    kept = [line.salesforce_id for line in lines]
    LineItem.objects.filter(order=order).exclude(salesforce_id__in=kept).delete()
    for line in lines:
        LineItem.objects.update_or_create(
            order=order,
            salesforce_id=line.salesforce_id,
            defaults={
                "line_number": line.line_number[:40],
                "sku": (line.sku or "")[:255],
                "product_name": (line.product_name or "")[:255],
                "quantity": _storable(line.quantity),
                "unit_price": _storable(line.unit_price),
            },
        )


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


# -- exports -------------------------------------------------------------------


def current_export(order: Order) -> Export | None:
    """The export of the newest generation."""
    return order.exports.order_by("-generation").first()


def open_export(*, order: Order, account: Account, now: datetime) -> Export:
    """The export to work on: the newest, or a new generation after we canceled it.

    What the warehouse canceled by itself is not exported again. Call it inside a transaction; two callers get the same row.
    """
    newest = current_export(order)
    if newest is not None and not is_canceled_by_us(newest):
        return newest
    generation = newest.generation + 1 if newest else 1
    export, _ = Export.objects.get_or_create(
        order=order,
        account=account,
        generation=generation,
        defaults={
            "brand": order.brand,
            "key": export_key(account, order, generation),
            "created_at": now,
        },
    )
    return export


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
                "warehouse": line.warehouse,
                "is_removed": False,
            },
        )


def acknowledged_picture(remote: RemoteOrder) -> Picture:
    """A remote order in the shape of a wanted picture, as far as it was read."""
    picture = to_picture(remote)
    names = ("order_number", "ship_to", "carrier", "method", "method_title", "email")
    shown = {
        name: picture[name]
        for name in (*names, "packing_note", "required_date")
        if name in picture
    }
    if remote.lines is not MISSING:
        shown["lines"] = [
            {"key": line_name(line), "sku": line.sku, "quantity": line.quantity}
            for line in remote.lines
        ]
    return shown


# -- facts ---------------------------------------------------------------------


def record_remote_order(
    *, export: Export, remote: RemoteOrder, seen_by: str, now: datetime
) -> bool:
    """Take over a reading of the warehouse order; the newest reading wins.

    Shipments are a union over all readings and events; everything else is state.
    Answers False for a reading that is older than what we have.
    """
    newest = Q(facts_read_at__isnull=True) | Q(facts_read_at__lte=remote.read_at)
    fresh = Export.objects.filter(newest, pk=export.pk).update(
        facts_read_at=remote.read_at,
        facts=_merged_facts(export, remote),
        remote_number=remote.order_number[:80],
        remote_event_at=remote.updated_at,
        received_at=now,
    )
    if fresh:
        export.refresh_from_db()
        _note_ending(export, remote, now)
        _record_lines(export, remote.lines)
        _record_allocations(export, remote)
    if remote.shipments is not MISSING:
        for shipment in remote.shipments:
            record_shipment(
                export=export,
                shipment=shipment,
                seen_by=seen_by,
                read_at=remote.read_at if seen_by == "reading" else None,
                now=now,
            )
    count_shipped(export)
    return bool(fresh)


def _merged_facts(export: Export, remote: RemoteOrder) -> Picture:
    return {**(export.facts or {}), **to_picture(remote)}


def _note_ending(export: Export, remote: RemoteOrder, now: datetime) -> None:
    rows = Export.objects.filter(pk=export.pk)
    if remote.is_canceled:
        rows.filter(canceled_at=None).update(canceled_at=now)
    elif remote.holds is not MISSING and export.hold_kind:
        held = export.hold_kind in {kind.value for kind in remote.holds}
        if not held:
            rows.filter(released_at=None).update(released_at=remote.read_at)
    export.refresh_from_db()


def _record_lines(export: Export, lines: tuple[RemoteLine, ...] | Missing) -> None:
    if lines is MISSING:
        return
    for line in lines:
        values = {
            name: value
            for name, value in (
                ("allocated", line.allocated),
                ("backordered", line.backordered),
                ("picked", line.picked),
                ("remote_id", line.remote_id),
            )
            if value is not None
        }
        export.lines.filter(key=line_name(line)).update(**values)


def _record_allocations(export: Export, remote: RemoteOrder) -> None:
    if remote.allocations is MISSING:
        return
    export.allocations.all().delete()
    Allocation.objects.bulk_create(
        Allocation(
            export=export,
            reference=item.reference[:80],
            warehouse=item.warehouse[:120],
            allocated_at=item.allocated_at,
            ready_to_ship=item.ready_to_ship,
            is_locked=item.is_locked,
            quantities=dict(item.quantities),
        )
        for item in remote.allocations
    )


def record_shipment(
    *,
    export: Export,
    shipment: ShipmentRecord,
    seen_by: str,
    read_at: datetime | None,
    now: datetime,
) -> Shipment:
    """Add a shipment to the union, or what a later reading says about it.

    `read_at` is None for an event: it never undoes what a reading has said.
    """
    row, created = Shipment.objects.get_or_create(
        account_id=export.account_id,
        remote_id=shipment.remote_id,
        defaults={
            "export": export,
            "remote_legacy_id": shipment.legacy_id,
            "warehouse": shipment.warehouse[:120],
            "shipped_at": shipment.shipped_at,
            "is_void": shipment.is_void,
            "first_seen_by": seen_by,
            "remote_event_at": shipment.shipped_at,
            "received_at": now,
        },
    )
    if not created and read_at is None and row.facts_read_at is not None:
        return row
    if not created and read_at and row.facts_read_at and read_at < row.facts_read_at:
        return row
    _complete_shipment(row, shipment, read_at)
    return row


def _complete_shipment(
    row: Shipment, shipment: ShipmentRecord, read_at: datetime | None
) -> None:
    if read_at is not None:
        row.facts_read_at = read_at
        row.is_void = shipment.is_void
    row.shipped_at = shipment.shipped_at or row.shipped_at
    row.warehouse = shipment.warehouse[:120] or row.warehouse
    row.remote_legacy_id = shipment.legacy_id or row.remote_legacy_id
    row.save()
    if shipment.packages is not MISSING:
        _record_packages(row, shipment.packages, is_reading=read_at is not None)
    if shipment.lines is not MISSING and shipment.lines:
        _record_shipment_lines(row, shipment)


def package_key(package: PackageRecord) -> str:
    """Names a package alike in events and readings: by its tracking number."""
    return (package.tracking_number or f"package {package.number}")[:120]


def _record_packages(
    row: Shipment, packages: Sequence[PackageRecord], *, is_reading: bool
) -> None:
    for package in packages:
        Package.objects.update_or_create(
            shipment=row,
            key=package_key(package),
            defaults={
                "number": package.number,
                "carrier": package.carrier[:80],
                "method": package.method[:120],
                "tracking_number": package.tracking_number[:120],
                "tracking_url": package.tracking_url[:500],
                "is_void": package.is_void,
            },
        )
    if is_reading:
        keys = [package_key(package) for package in packages]
        row.packages.exclude(key__in=keys).update(is_void=True)


def _record_shipment_lines(row: Shipment, shipment: ShipmentRecord) -> None:
    assert isinstance(shipment.lines, tuple)  # noqa: S101 - the caller looked
    by_key = {line.key: line.pk for line in row.export.lines.all()}
    by_remote = {line.remote_id: line.pk for line in row.export.lines.all()}
    row.lines.all().delete()
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            shipment=row,
            export_line_id=by_key.get(line.line_key)
            or by_remote.get(line.remote_line_id),
            sku=line.sku[:255],
            quantity=line.quantity,
            package_number=line.package_number,
            serial_numbers=list(line.serial_numbers),
            lot_name=line.lot_name[:120],
        )
        for line in shipment.lines
    )


def count_shipped(export: Export) -> None:
    """Derive each line's shipped quantity from the shipments that are not void."""
    for line in export.lines.all():
        left = ShipmentLine.objects.filter(
            export_line=line, shipment__is_void=False
        ).aggregate(total=Sum("quantity"))["total"]
        ExportLine.objects.filter(pk=line.pk).exclude(shipped=left or 0).update(
            shipped=left or 0
        )


def exports_to_read(
    *, account: Account, read_before: datetime, limit: int
) -> Iterable[Export]:
    """Open exports whose facts are older than that, the oldest first."""
    stale = Q(facts_read_at__isnull=True) | Q(facts_read_at__lt=read_before)
    return (
        Export.objects.filter(stale, account=account, closed_at=None, canceled_at=None)
        .exclude(remote_id="")
        .order_by(F("facts_read_at").asc(nulls_first=True))[:limit]
    )


def line_name(line: RemoteLine) -> str:
    """Our name for a warehouse line; the warehouse's where a person made the line."""
    return (line.key or line.remote_id)[:45]


def with_linked_lines(*, export: Export, wanted: WantedOrder) -> WantedOrder:
    """The wanted lines by the names that a linked order gives them, matched by SKU."""
    rows = list(export.lines.exclude(remote_id="").values_list("key", "sku"))
    names = {key for key, _ in rows}
    free: dict[str, list[str]] = defaultdict(list)
    for key, sku in rows:
        if key not in {line.key for line in wanted.lines}:
            free[sku].append(key)
    lines = tuple(
        replace(line, key=free[line.sku].pop(0))
        if line.key not in names and free[line.sku]
        else line
        for line in wanted.lines
    )
    return replace(wanted, lines=lines)


def adopt_line_keys(*, export: Export, remote: RemoteOrder) -> None:
    """For an order made by hand: know its lines by what the warehouse calls them."""
    if remote.lines is MISSING:
        return
    for sequence, line in enumerate(remote.lines, start=1):
        known = export.lines.filter(sku=line.sku, is_removed=False).first()
        values = {"remote_id": line.remote_id, "key": line_name(line)}
        if known is not None:
            ExportLine.objects.filter(pk=known.pk).update(**values)
        else:
            ExportLine.objects.create(
                export=export,
                sequence=export.lines.count() + sequence,
                sku=line.sku[:255],
                quantity=line.quantity,
                **values,
            )
