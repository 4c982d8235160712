"""What came back from the warehouse: state by its newest reading, shipments as a union."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, Q, Sum

from connectors.accounts.models import Account
from orders.linking import line_name
from orders.models import (
    Allocation,
    Export,
    ExportLine,
    Package,
    Shipment,
    ShipmentLine,
)
from orders.pictures import Picture, to_picture
from orders.records import (
    MISSING,
    Missing,
    PackageRecord,
    RemoteLine,
    RemoteOrder,
    ShipmentRecord,
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
