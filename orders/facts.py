"""What a reading of the warehouse order says; the newest reading wins."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from orders import shipments
from orders.linking import line_name
from orders.models import Allocation, Export, ExportLine
from orders.pictures import Picture, to_picture
from orders.records import MISSING, Missing, RemoteLine, RemoteOrder

COUNTED = ("allocated", "backordered", "picked")


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
        shipments.record(
            export=export,
            shipments=remote.shipments,
            seen_by=seen_by,
            read_at=remote.read_at if seen_by == "reading" else None,
            now=now,
        )
    shipments.count_shipped(export)
    return bool(fresh)


def _merged_facts(export: Export, remote: RemoteOrder) -> Picture:
    return {**(export.facts or {}), **to_picture(remote)}


def _note_ending(export: Export, remote: RemoteOrder, now: datetime) -> None:
    """What the newest reading says of the order's end, also where it takes it back."""
    ended: dict[str, datetime | None] = {}
    if remote.is_canceled and not (export.facts or {}).get("merged_into"):
        ended["canceled_at"] = export.canceled_at or now
    elif remote.status:
        ended["canceled_at"] = None
        if _asked_in_vain(export, remote):
            ended["cancel_asked_at"] = None
    if not remote.is_canceled and _has_lost_our_hold(export, remote):
        ended["released_at"] = export.released_at or remote.read_at
    changed = {n: at for n, at in ended.items() if at != getattr(export, n)}
    if changed:
        Export.objects.filter(pk=export.pk).update(**changed)
        for name, at in changed.items():
            setattr(export, name, at)


def _asked_in_vain(export: Export, remote: RemoteOrder) -> bool:
    """A cancel that did not come about, of an order that is to ship again."""
    asked = export.cancel_asked_at
    return bool(asked and asked < remote.read_at and export.order.is_eligible)


def _has_lost_our_hold(export: Export, remote: RemoteOrder) -> bool:
    if remote.holds is MISSING or not export.hold_kind:
        return False
    return export.hold_kind not in {kind.value for kind in remote.holds}


def _record_lines(export: Export, lines: tuple[RemoteLine, ...] | Missing) -> None:
    if lines is MISSING:
        return
    rows = {row.key: row for row in export.lines.all()}
    changed = [
        rows[name]
        for line in lines
        if (name := line_name(line)) in rows and _takes_over(rows[name], line)
    ]
    ExportLine.objects.bulk_update(changed, [*COUNTED, "remote_id"])


def _takes_over(row: ExportLine, line: RemoteLine) -> bool:
    """Set what was read on the row; answers whether that changed it."""
    read = {name: getattr(line, name) for name in (*COUNTED, "remote_id")}
    changed = {
        name: value
        for name, value in read.items()
        if value is not None and value != getattr(row, name)
    }
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


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
