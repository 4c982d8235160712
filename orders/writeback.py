"""Facts and status in, everything that Salesforce is to show of the order out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.units import in_units
from orders.statuses import (
    WORDS,
    ItemFacts,
    OrderFacts,
    PackageFacts,
    ShipmentFacts,
    Status,
    edit_window,
)
from orders.writeback_records import (
    OrderWriteback,
    PackageWriteback,
    ShipmentItemWriteback,
    ShipmentWriteback,
)


@dataclass(frozen=True, slots=True)
class WritebackIdentity:
    """Whose facts these are, in the source's terms."""

    salesforce_id: str
    account_id: str
    remote_id: str
    remote_number: str
    state_since: datetime | None


def writeback(
    facts: OrderFacts,
    identity: WritebackIdentity,
    status: Status,
    written: Sequence[str] = (),
) -> OrderWriteback:
    """Everything Salesforce is to show of the order: a pure function of the facts.

    The order's own tracking fields name the first live package; every package has
    its own row besides. `written` are the keys of the shipped lines that the source
    has: one that is no longer told is made void there, never left standing.
    """
    rows = _rows(facts.shipments)
    live = [
        (shipment, package)
        for shipment, package in rows
        if not (shipment.is_void or package.is_void)
    ]
    first = live[0][1] if live else None
    moments = [shipment.shipped_at for shipment, _ in live if shipment.shipped_at]
    return OrderWriteback(
        salesforce_id=identity.salesforce_id,
        account_id=identity.account_id,
        status=WORDS[status.state],
        reason=status.reason,
        status_since=identity.state_since,
        remote_id=identity.remote_id,
        remote_number=identity.remote_number,
        carrier=first.carrier if first else "",
        method=first.method if first else "",
        tracking_number=first.tracking_number if first else "",
        tracking_url=first.tracking_url if first else "",
        shipped_at=min(moments, default=None),
        packages=_packages(rows),
        edit_window=edit_window(facts, status.state),
        shipments=tuple(_shipment(one) for one in _by_time(facts.shipments)),
        items=_all_items(facts.shipments, written),
    )


def _all_items(
    shipments: Sequence[ShipmentFacts], written: Sequence[str]
) -> tuple[ShipmentItemWriteback, ...]:
    told = [_item(item, one) for one in _by_time(shipments) for item in one.items]
    gone = sorted(set(written) - {item.key for item in told})
    return (*told, *(_untold(key) for key in gone))


def _untold(key: str) -> ShipmentItemWriteback:
    return ShipmentItemWriteback(key, "", "", "", 0, is_void=True)


def _by_time(shipments: Sequence[ShipmentFacts]) -> list[ShipmentFacts]:
    def left(one: ShipmentFacts) -> tuple[bool, float, str]:
        at = one.shipped_at
        return (at is None, at.timestamp() if at else 0.0, one.key)

    return sorted(shipments, key=left)


def _shipment(one: ShipmentFacts) -> ShipmentWriteback:
    packages = sorted(one.packages, key=lambda package: package.key)
    live = [package for package in packages if not package.is_void]
    shown = next(iter((*live, *packages)), None)
    return ShipmentWriteback(
        key=one.name,
        remote_id=one.remote_id,
        status="Voided" if one.is_void else "Shipped",
        warehouse=one.warehouse,
        carrier=shown.carrier if shown else "",
        method=shown.method if shown else "",
        tracking_number=shown.tracking_number if shown else "",
        tracking_url=shown.tracking_url if shown else "",
        shipped_at=one.shipped_at,
        package_count=len(live),
        is_void=one.is_void,
    )


def _item(item: ItemFacts, shipment: ShipmentFacts) -> ShipmentItemWriteback:
    """Void with its shipment, or with every label of its package."""
    labels = [p for p in shipment.packages if p.number == item.package_number]
    is_void = shipment.is_void or bool(labels and all(p.is_void for p in labels))
    return ShipmentItemWriteback(
        key=item.key,
        shipment_key=shipment.name,
        line_id=item.line_id,
        sku=item.sku,
        quantity=item.quantity,
        serial_numbers=item.serial_numbers,
        lot_name=item.lot_name,
        lot_expires_on=item.lot_expires_on,
        is_void=is_void,
        **_in_order_units(item),
    )


def _in_order_units(item: ItemFacts) -> dict[str, Any]:
    """Whole units of what was ordered, and the pieces that make no whole one."""
    if item.factor == 1 and not item.unit:
        return {}
    whole, over = in_units(item.quantity, item.factor)
    name = f"{item.unit} of {item.factor}"
    words = f"{name}, and {over} pieces over" if over else name
    return {"order_quantity": whole, "order_unit": words[:80]}


Row = tuple[ShipmentFacts, PackageFacts]


def _rows(shipments: Sequence[ShipmentFacts]) -> list[Row]:
    """Every package with its shipment, in the order in which they left."""
    rows = [
        (shipment, package) for shipment in shipments for package in shipment.packages
    ]
    return sorted(rows, key=_when_it_left)


def _when_it_left(row: Row) -> tuple[bool, float, str, str]:
    shipment, package = row
    left = shipment.shipped_at
    return (left is None, left.timestamp() if left else 0.0, shipment.key, package.key)


def _packages(rows: Sequence[Row]) -> tuple[PackageWriteback, ...]:
    return tuple(
        PackageWriteback(
            key=package.key,
            carrier=package.carrier,
            method=package.method,
            tracking_number=package.tracking_number,
            tracking_url=package.tracking_url,
            shipped_at=shipment.shipped_at,
            is_void=shipment.is_void or package.is_void,
            shipment_key=shipment.name,
        )
        for shipment, package in rows
    )
