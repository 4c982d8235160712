"""What left the warehouse, gathered from the tables as the rules see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from inventory.models import Warehouse
from orders.models import Export, Shipment, ShipmentLine
from orders.pictures import fingerprint
from orders.statuses import ItemFacts, PackageFacts, ShipmentFacts

SHIPMENTS = ("shipments__packages", "shipments__lines__export_line__line_item")


def shipments_of(export: Export) -> tuple[ShipmentFacts, ...]:
    prefetch_related_objects([export], *SHIPMENTS)
    rows = sorted(export.shipments.all(), key=lambda row: row.remote_id)
    places = _warehouse_names(export, rows)
    prefix = export.account.key_prefix
    return tuple(_shipment(row, prefix, places) for row in rows)


def _warehouse_names(export: Export, rows: Sequence[Shipment]) -> dict[str, str]:
    wanted = {row.warehouse for row in rows} - {""}
    if not wanted:
        return {}
    known = Warehouse.objects.filter(account=export.account_id, remote_id__in=wanted)
    return dict(known.values_list("remote_id", "name"))


def _shipment(row: Shipment, prefix: str, places: dict[str, str]) -> ShipmentFacts:
    return ShipmentFacts(
        key=row.remote_id,
        name=f"{prefix}-{row.remote_id}"[:80],
        remote_id=str(row.remote_legacy_id or row.remote_id),
        warehouse=places.get(row.warehouse, ""),
        shipped_at=row.shipped_at,
        is_void=row.is_void,
        packages=tuple(
            PackageFacts(
                key=f"{prefix}-{row.remote_id}-{package.key}"[:80],
                number=package.number,
                carrier=package.carrier,
                method=package.method,
                tracking_number=package.tracking_number,
                tracking_url=package.tracking_url,
                is_void=package.is_void,
            )
            for package in sorted(row.packages.all(), key=lambda item: item.key)
        ),
        items=tuple(_items(row, prefix)),
    )


def _items(row: Shipment, prefix: str) -> Iterator[ItemFacts]:
    """What left, in a stable order: each keeps its name however often it is read."""
    lines = sorted(row.lines.all(), key=_content)
    nth: Counter[str] = Counter()
    for line in lines:
        place = f"{line.export_line.key if line.export_line else ''}|{line.sku}"
        nth[place] += 1
        mark = fingerprint([place, nth[place]])[:16]
        yield ItemFacts(
            key=f"{prefix}-{row.remote_id}"[:60] + f"-{mark}",
            line_id=_source_id(line),
            sku=line.sku,
            quantity=line.quantity,
            package_number=line.package_number,
            serial_numbers=tuple(_serials(line)),
            lot_name=line.lot_name,
            lot_expires_on=line.lot_expires_on,
            **_unit_of(line),
        )


def _unit_of(line: ShipmentLine) -> dict[str, Any]:
    """The unit it was ordered in; a kit's component is not what was ordered."""
    ordered = line.export_line
    if ordered is None or ordered.sku != line.sku:
        return {}
    return {"unit": ordered.unit, "factor": ordered.unit_factor}


def _content(line: ShipmentLine) -> tuple[str, int, str, int]:
    return (line.sku, line.package_number or 0, line.lot_name, line.quantity)


def _source_id(line: ShipmentLine) -> str:
    """The source's id of the line, as long as the source still has it."""
    item = line.export_line.line_item if line.export_line else None
    return item.salesforce_id if item else ""


def _serials(line: ShipmentLine) -> list[str]:
    """A message tells them by shipment; a reading by line, which tells it too if all
    of the line left at once."""
    if line.serial_numbers or line.export_line is None:
        return list(line.serial_numbers)
    read = line.export_line.serials_read
    return list(read) if len(read) == line.quantity == line.export_line.shipped else []
