"""What left the building: a union over all readings and events, never undone by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from orders import sightings
from orders.floor import Fact
from orders.models import Export, Package, Shipment, ShipmentLine
from orders.records import MISSING, PackageRecord, ShipmentLineRecord, ShipmentRecord

SHIPMENT_COLUMNS = (
    "remote_legacy_id",
    "warehouse",
    "shipped_at",
    "is_void",
    "void_seen_at",
    "facts_read_at",
)
PACKAGE_COLUMNS = (
    "number",
    "carrier",
    "method",
    "tracking_number",
    "tracking_url",
    "is_void",
    "is_pickup",
)
Names = dict[str, int]
Place = tuple[int | None, str, int | None]


@dataclass(slots=True)
class _Writing:
    """What differs from the tables, gathered so that it is written in one go."""

    shipments: list[Shipment] = field(default_factory=list)
    new_packages: list[Package] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    relined: list[Shipment] = field(default_factory=list)
    lines: list[ShipmentLine] = field(default_factory=list)

    def store(self) -> None:
        Shipment.objects.bulk_update(self.shipments, SHIPMENT_COLUMNS)
        Package.objects.bulk_create(self.new_packages, ignore_conflicts=True)
        Package.objects.bulk_update(self.packages, PACKAGE_COLUMNS)
        if self.relined:
            ShipmentLine.objects.filter(shipment__in=self.relined).delete()
        ShipmentLine.objects.bulk_create(self.lines)


def record(
    *,
    export: Export,
    shipments: Sequence[ShipmentRecord],
    seen_by: str,
    read_at: datetime | None,
    now: datetime,
) -> None:
    """Add shipments to the union, or what a later reading says about them.

    `read_at` is None for an event: it never undoes what a reading has said. The
    number of queries does not grow with what is known already.
    """
    known = _known(export, shipments)
    names = _line_names(export) if shipments else {}
    writing = _Writing()
    for shipment in shipments:
        row = _find(known, shipment)
        if row is None:
            row = _new(export, shipment, seen_by, now)
        elif _is_older(row, read_at):
            continue
        mine = names if row.export_id == export.pk else _line_names(row.export)
        _complete(row, shipment, read_at, mine, writing)
    writing.store()
    if seen_by in {sightings.WEBHOOK, sightings.READING}:
        sightings.note(
            export=export,
            fact=Fact.SHIPMENT,
            references=[shipment.remote_id for shipment in shipments],
            seen_by=seen_by,
            now=now,
        )


def _known(
    export: Export, shipments: Sequence[ShipmentRecord]
) -> dict[str | int, Shipment]:
    ids = [shipment.remote_id for shipment in shipments]
    numbers = [shipment.legacy_id for shipment in shipments if shipment.legacy_id]
    rows = Shipment.objects.filter(
        Q(remote_id__in=ids) | Q(remote_legacy_id__in=numbers),
        account=export.account_id,
    ).prefetch_related("packages", "lines")
    found: dict[str | int, Shipment] = {}
    for row in rows if shipments else ():
        found[row.remote_id] = row
        if row.remote_legacy_id:
            found.setdefault(row.remote_legacy_id, row)
    return found


def _find(
    known: dict[str | int, Shipment], shipment: ShipmentRecord
) -> Shipment | None:
    """By its id, else by its number: some events tell only that."""
    return known.get(shipment.remote_id) or known.get(shipment.legacy_id or "")


def _new(
    export: Export, shipment: ShipmentRecord, seen_by: str, now: datetime
) -> Shipment:
    row, _ = Shipment.objects.get_or_create(
        account_id=export.account_id,
        remote_id=shipment.remote_id,
        defaults={
            "export": export,
            "remote_legacy_id": shipment.legacy_id,
            "is_void": shipment.is_void,
            "first_seen_by": seen_by,
            "remote_event_at": shipment.shipped_at,
            "received_at": now,
        },
    )
    return row


def _is_older(row: Shipment, read_at: datetime | None) -> bool:
    if row.facts_read_at is None:
        return False
    return read_at is None or read_at < row.facts_read_at


def _complete(
    row: Shipment,
    shipment: ShipmentRecord,
    read_at: datetime | None,
    names: Names,
    writing: _Writing,
) -> None:
    if read_at is not None:
        row.facts_read_at = read_at
        if shipment.is_void != row.is_void:
            row.void_seen_at = read_at if shipment.is_void else None
        row.is_void = shipment.is_void
    row.shipped_at = shipment.shipped_at or row.shipped_at
    row.warehouse = shipment.warehouse[:120] or row.warehouse
    row.remote_legacy_id = shipment.legacy_id or row.remote_legacy_id
    writing.shipments.append(row)
    if shipment.packages is not MISSING:
        _compare_packages(
            row, shipment.packages, writing, is_reading=read_at is not None
        )
    if shipment.lines is not MISSING and shipment.lines:
        _compare_lines(row, shipment.lines, names, writing)


def package_key(package: PackageRecord) -> str:
    """Names a package alike in events and readings: by its tracking number."""
    return (package.tracking_number or f"package {package.number}")[:120]


def _compare_packages(
    row: Shipment,
    packages: Sequence[PackageRecord],
    writing: _Writing,
    *,
    is_reading: bool,
) -> None:
    known = {package.key: package for package in row.packages.all()}
    told = {package_key(package): package for package in packages}
    for key, package in told.items():
        values = _package_values(package)
        if key not in known:
            writing.new_packages.append(Package(shipment=row, key=key, **values))
        elif _set(known[key], values):
            writing.packages.append(known[key])
    for key, gone in known.items():
        if is_reading and key not in told and _set(gone, {"is_void": True}):
            writing.packages.append(gone)


def _package_values(package: PackageRecord) -> dict[str, Any]:
    return {
        "number": package.number,
        "carrier": package.carrier[:80],
        "method": package.method[:120],
        "tracking_number": package.tracking_number[:120],
        "tracking_url": package.tracking_url[:500],
        "is_void": package.is_void,
        "is_pickup": package.is_pickup,
    }


def _set(row: Package, values: dict[str, Any]) -> bool:
    """Set these on the row; answers whether that changed it."""
    changed = {n: value for n, value in values.items() if value != getattr(row, n)}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _line_names(export: Export) -> Names:
    """Each line's key by our name for it, and by the warehouse's.

    What has neither name and is part of one kit only is that kit's.
    """
    rows = list(export.lines.values_list("pk", "key", "remote_id", "components"))
    theirs = {remote_id: pk for pk, _, remote_id, _ in rows if remote_id}
    parts = Counter(sku for *_, components in rows for sku in components)
    of_kits = {
        _component(sku): pk
        for pk, _, _, components in rows
        for sku in components
        if parts[sku] == 1
    }
    return {**of_kits, **theirs, **{key: pk for pk, key, _, _ in rows}}


def _component(sku: str) -> str:
    return f"component {sku}"


def _compare_lines(
    row: Shipment,
    lines: Sequence[ShipmentLineRecord],
    names: Names,
    writing: _Writing,
) -> None:
    known = {_place(line): line for line in row.lines.all()}
    if _knows_better(known.values(), lines, names):
        return
    told = [_shipped_line(row, line, names, known) for line in lines]
    if sorted(map(_content, told)) != sorted(map(_content, row.lines.all())):
        writing.relined.append(row)
        writing.lines += told


def _shipped_line(
    row: Shipment,
    line: ShipmentLineRecord,
    names: Names,
    known: dict[Place, ShipmentLine],
) -> ShipmentLine:
    """The row to store; serial numbers and lots that were told once are kept."""
    made = ShipmentLine(
        shipment=row,
        export_line_id=names.get(line.line_key)
        or names.get(line.remote_line_id)
        or names.get(_component(line.sku)),
        sku=line.sku[:255],
        quantity=line.quantity,
        package_number=line.package_number,
    )
    old = known.get(_place(made)) or made
    made.serial_numbers = list(line.serial_numbers or ()) or old.serial_numbers
    made.lot_name = (line.lot_name or "")[:120] or old.lot_name
    made.lot_expires_on = line.lot_expires_on or old.lot_expires_on
    return made


def _knows_better(
    known: Iterable[ShipmentLine], told: Sequence[ShipmentLineRecord], names: Names
) -> bool:
    """Whether we know the components of a kit, where a reading tells only its line."""
    parts = [line for line in known if _component(line.sku) in names]
    if not parts or any(_component(line.sku) in names for line in told):
        return False
    return sum(line.quantity for line in known) == sum(x.quantity for x in told)


def _place(line: ShipmentLine) -> Place:
    return (line.export_line_id, line.sku, line.package_number)


def _content(line: ShipmentLine) -> str:
    return repr(
        (
            line.export_line_id,
            line.sku,
            line.quantity,
            line.package_number,
            line.serial_numbers,
            line.lot_name,
            line.lot_expires_on,
        )
    )
