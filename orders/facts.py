"""What a reading of the warehouse order says; the newest reading wins."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Q, prefetch_related_objects

from orders import shipments, sightings, touches
from orders.editing import line_name
from orders.floor import Fact
from orders.gathering import forget
from orders.models import Allocation, Export, ExportLine
from orders.pictures import Picture, to_picture
from orders.records import MISSING, AllocationRecord, RemoteLine, RemoteOrder
from orders.shipped_units import count_shipped

COUNTED = ("allocated", "backordered", "picked", "pending")
# A line that was there and a whole reading no longer has: somebody took it away.
NOTHING_LEFT = {**dict.fromkeys(COUNTED, 0), "remote_quantity": 0}
# What a reading is compared with.
HELD = ("lines", "picks", "hold_spells", "allocations")


# What a wanted picture and a reading call by the same name.
SHARED_FIELDS = (
    *("order_number", "ship_to", "bill_to", "email", "packing_note", "required_date"),
    *("carrier", "method", "method_title", "shipping_price"),
    *("gift_note", "is_gift", "require_signature", "adult_signature"),
    *("insurance", "insurance_amount", "total_tax", "total_discount"),
)


def acknowledged_picture(remote: RemoteOrder) -> Picture:
    """A remote order in the shape of a wanted picture, as far as it was read."""
    picture = to_picture(remote)
    shown = {name: picture[name] for name in SHARED_FIELDS if name in picture}
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
        export.refresh_from_db(
            from_queryset=Export.objects.select_related("order", "account")
        )
        prefetch_related_objects([export], *HELD)
        _note_ending(export, remote, now)
        _record_lines(export, remote)
        touches.record_holds(export=export, remote=remote)
        touches.record_picks(export=export, remote=remote)
        touches.count_packed(export)
        gone = _record_allocations(export, remote)
        if seen_by == sightings.READING:
            _note_seen(export, remote, gone, now)
    if remote.shipments is not MISSING:
        shipments.record(
            export=export,
            shipments=remote.shipments,
            seen_by=seen_by,
            read_at=remote.read_at if seen_by == "reading" else None,
            now=now,
        )
    count_shipped(export, as_read=_shipments_read(remote, fresh=fresh))
    forget(export, *HELD)
    return bool(fresh)


def _shipments_read(remote: RemoteOrder, *, fresh: int) -> frozenset[str] | None:
    """The shipments that the newest reading knew; None where it told none of them."""
    if not fresh or remote.shipments is MISSING:
        return None
    return frozenset(shipment.remote_id for shipment in remote.shipments)


def _note_seen(
    export: Export, remote: RemoteOrder, gone: frozenset[str], now: datetime
) -> None:
    """Facts that this reading tells, whether or not a message told them too."""
    told = {
        Fact.SHIPMENT: [one.remote_id for one in remote.shipments or ()],
        Fact.ALLOCATION: [one.reference for one in remote.allocations or ()],
        Fact.DEALLOCATION: sorted(gone) if not remote.shipments else [],
        Fact.CANCEL: [remote.remote_id] if remote.is_canceled else [],
        Fact.PICK: [remote.remote_id] if any(export.picks.all()) else [],
    }
    for fact, references in told.items():
        sightings.note(
            export=export,
            fact=fact,
            references=references,
            seen_by=sightings.READING,
            now=now,
        )


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


def _record_lines(export: Export, remote: RemoteOrder) -> None:
    if remote.lines is MISSING:
        return
    rows = {row.key: row for row in export.lines.all()}
    parts = _components(remote)
    told = {line_name(line): line for line in remote.lines}
    changed: list[ExportLine] = []
    names: set[str] = set()
    for key, row in rows.items():
        line = told.get(key)
        if line is not None:
            moved = _set(row, _read_values(line, remote, parts.get(line.remote_id)))
        else:
            moved = _set(row, NOTHING_LEFT) if row.remote_id else frozenset()
        if moved:
            changed.append(row)
            names |= moved
    if changed:
        ExportLine.objects.bulk_update(changed, sorted(names))


def _read_values(
    line: RemoteLine, remote: RemoteOrder, components: dict[str, int] | None
) -> dict[str, Any]:
    """What a reading says of a line. What it did not contain keeps its last value.

    Shipped units are compared with the shipments of the same reading, so without
    those they are not known.
    """
    values = {name: getattr(line, name) for name in (*COUNTED, "remote_id")}
    known = {name: value for name, value in values.items() if value is not None}
    known["remote_quantity"] = line.quantity
    known["remote_shipped"] = None if remote.shipments is MISSING else line.shipped
    if line.serial_numbers is not MISSING:
        known["serials_read"] = list(line.serial_numbers)
    if components:
        known["components"] = components
    return known


def _components(remote: RemoteOrder) -> dict[str, dict[str, int]]:
    """What one unit of each kit is made of, by line: the allocation tells the sum."""
    if remote.allocations is MISSING or remote.lines is MISSING:
        return {}
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for allocation in remote.allocations:
        for line_id, sku, units in allocation.components:
            totals[line_id][sku] += units
    kits = {line.remote_id: line.allocated or 0 for line in remote.lines}
    return {
        line_id: {sku: units // kits[line_id] for sku, units in parts.items()}
        for line_id, parts in totals.items()
        if kits.get(line_id)
        and all(units and units % kits[line_id] == 0 for units in parts.values())
    }


def _set(row: ExportLine, values: dict[str, Any]) -> frozenset[str]:
    """Set these on the row; answers what of it that changed.

    A kit's make-up is frozen as first seen: a change of the recipe changes no order.
    """
    if row.components:
        values.pop("components", None)
    changed = {n: value for n, value in values.items() if value != getattr(row, n)}
    for name, value in changed.items():
        setattr(row, name, value)
    return frozenset(changed)


def _record_allocations(export: Export, remote: RemoteOrder) -> frozenset[str]:
    """Store the allocations as read; answers the references that are gone."""
    if remote.allocations is MISSING:
        return frozenset()
    before = list(export.allocations.all())
    told = [_allocation(export, item) for item in remote.allocations]
    if sorted(map(_as_told, before)) != sorted(map(_as_told, told)):
        export.allocations.all().delete()
        Allocation.objects.bulk_create(told)
        forget(export, "allocations")
    return frozenset(
        {one.reference for one in before} - {one.reference for one in told}
    )


def _allocation(export: Export, item: AllocationRecord) -> Allocation:
    return Allocation(
        export=export,
        reference=item.reference[:80],
        warehouse=item.warehouse[:120],
        allocated_at=item.allocated_at,
        ready_to_ship=item.ready_to_ship,
        is_locked=item.is_locked,
        quantities=dict(item.quantities),
    )


def _as_told(row: Allocation) -> str:
    at = row.allocated_at and row.allocated_at.timestamp()
    told = (row.reference, row.warehouse, at, row.ready_to_ship, row.is_locked)
    return repr((*told, sorted(row.quantities.items())))
