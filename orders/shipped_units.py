"""How many units of each line have left, counted from what is known to have left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from orders.models import Export, ExportLine, Package, ShipmentLine
from orders.quantities import kits_in


def count_shipped(export: Export, *, as_read: frozenset[str] | None = None) -> None:
    """Derive each line's shipped units from the shipments that are not void.

    `as_read` are the ids of the shipments that the newest reading knew, where it told
    them: what the warehouse counts as shipped is compared with those.
    """
    rows = list(_live_rows(export))
    changed: list[ExportLine] = []
    names = ["shipped"] if as_read is None else ["shipped", "shipped_as_read"]
    for line in export.lines.all():
        mine = [row for row in rows if row.export_line_id == line.pk]
        before = (line.shipped, line.shipped_as_read)
        line.shipped = _units(line, mine)
        if as_read is not None:
            known = [row for row in mine if row.shipment.remote_id in as_read]
            line.shipped_as_read = _units(line, known)
        if before != (line.shipped, line.shipped_as_read):
            changed.append(line)
    ExportLine.objects.bulk_update(changed, names)


def _live_rows(export: Export) -> list[ShipmentLine]:
    """What left and was not made void: neither the shipment nor the whole package."""
    rows = ShipmentLine.objects.filter(
        export_line__export=export, shipment__is_void=False
    ).select_related("shipment")
    found = list(rows)
    dead = _void_packages({row.shipment_id for row in found})
    return [row for row in found if (row.shipment_id, row.package_number) not in dead]


def _void_packages(shipment_ids: set[int]) -> set[tuple[int, int]]:
    """Package numbers on which every label is void; a new label takes the number over."""
    live: dict[tuple[int, int], bool] = defaultdict(bool)
    rows = Package.objects.filter(shipment__in=shipment_ids)
    for shipment_id, number, is_void in rows.values_list(
        "shipment", "number", "is_void"
    ):
        live[shipment_id, number] |= not is_void
    return {place for place, is_live in live.items() if not is_live}


def _units(line: ExportLine, rows: Sequence[ShipmentLine]) -> int:
    left: Counter[str] = Counter()
    for row in rows:
        left[row.sku] += row.quantity
    if set(left) == {line.sku} and line.components:
        return _kits_of_parts(line, left[line.sku])
    return kits_in(left, line.components, line.sku)


def _kits_of_parts(line: ExportLine, units: int) -> int:
    """A reading names the kit's line for each of its components: units of parts, then.

    The warehouse's own count of the line tells which of both it is.
    """
    per_kit = sum(line.components.values())
    whole, rest = divmod(units, per_kit)
    is_parts = not rest and (whole == line.remote_shipped or units > line.quantity)
    return whole if is_parts else units
