"""ShipHero's shipments into our records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.shiphero.connections import is_unfinished, nodes_of
from connectors.shiphero.values import (
    Node,
    carried_by,
    count_of,
    date_of,
    int_of,
    is_count,
    is_pickup,
    mapping_of,
    rows_of,
    text_of,
    time_of,
)
from orders.records import (
    MISSING,
    Missing,
    PackageRecord,
    ShipmentLineRecord,
    ShipmentRecord,
)

LIVE_LABEL = "valid"


def shipment_from(node: Node, *, order: Node | None = None) -> ShipmentRecord:
    """A `Shipment`; its void is the void of all its labels, or a refund of its own."""
    of_order = order if order is not None else node.get("order") or {}
    packages = _packages(node.get("shipping_labels"))
    all_void = bool(packages) and all(package.is_void for package in packages or ())
    return ShipmentRecord(
        remote_id=text_of(node.get("id")),
        legacy_id=int_of(node.get("legacy_id")),
        shipped_at=time_of(node.get("created_date")),
        warehouse=text_of(node.get("warehouse_id")),
        packages=packages,
        lines=_shipped_lines(node),
        order_remote_id=text_of(node.get("order_id")) or text_of(of_order.get("id")),
        order_key=text_of(of_order.get("partner_order_id")),
        order_number=text_of(of_order.get("order_number")),
        is_void=all_void or _is_refunded(node),
    )


def _packages(value: Any) -> tuple[PackageRecord, ...] | Missing:
    if not isinstance(value, list):
        return MISSING
    labels = [label for label in value if isinstance(label, Mapping)]
    return tuple(_package(label, at) for at, label in enumerate(labels, start=1))


def _package(label: Node, position: int) -> PackageRecord:
    status = text_of(label.get("status"))
    carrier, tracking = carried_by(label.get("carrier"), label.get("tracking_number"))
    return PackageRecord(
        remote_id=text_of(label.get("id")),
        number=count_of(label.get("package_number")) or position,
        carrier=carrier,
        method=text_of(label.get("shipping_method")),
        tracking_number=tracking,
        tracking_url=text_of(label.get("tracking_url")),
        is_void=status not in {"", LIVE_LABEL} or _is_refunded(label),
        is_pickup=is_pickup(label.get("carrier"), label.get("tracking_number")),
    )


def _is_refunded(node: Node) -> bool:
    return bool(node.get("refunded")) or bool(node.get("needs_refund"))


def _shipped_lines(shipment: Node) -> tuple[ShipmentLineRecord, ...] | Missing:
    """MISSING where a number is none that can have left: what is known stays."""
    connection = shipment.get("line_items")
    if not isinstance(connection, Mapping) or is_unfinished(connection):
        return MISSING
    labels = shipment.get("shipping_labels")
    numbers = {
        text_of(label.get("id")): count_of(label.get("package_number")) or at
        for at, label in enumerate(labels if isinstance(labels, list) else [], start=1)
        if isinstance(label, Mapping)
    }
    rows = nodes_of(connection)
    if any(not is_count(row.get("quantity")) for row in rows):
        return MISSING
    return tuple(part for row in rows for part in _by_lot(row, numbers))


def _by_lot(node: Node, numbers: Mapping[str, int]) -> Iterator[ShipmentLineRecord]:
    """One record for each lot that says how many pieces came of it, and the rest.

    `lot` alone, or lots without quantities, stand for all of the row.
    """
    whole = _shipped_line(node, numbers)
    told = [
        (count, lot)
        for lot in rows_of(node.get("lots"))
        if text_of(lot.get("name")) and (count := count_of(lot.get("quantity")))
    ]
    left = whole.quantity - sum(count for count, _ in told)
    if not told or left < 0:
        yield whole
        return
    for count, lot in told:
        yield replace(whole, quantity=count, **_lot(lot))
    if left:
        yield replace(whole, quantity=left, lot_name="", lot_expires_on=None)


def _lot(lot: Node) -> dict[str, Any]:
    return {
        "lot_name": text_of(lot.get("name")),
        "lot_expires_on": date_of(lot.get("expires_at")),
    }


def _shipped_line(node: Node, numbers: Mapping[str, int]) -> ShipmentLineRecord:
    line = node.get("line_item") or {}
    lots = [mapping_of(node.get("lot")), *rows_of(node.get("lots"))]
    lot = next((one for one in lots if text_of(one.get("name"))), None)
    is_told = "lot" in node or "lots" in node
    return ShipmentLineRecord(
        line_key=text_of(line.get("partner_line_item_id")),
        sku=text_of(line.get("sku")),
        quantity=count_of(node.get("quantity")) or 0,
        remote_line_id=text_of(node.get("line_item_id")),
        package_number=numbers.get(text_of(node.get("shipping_label_id"))),
        lot_name=text_of(lot.get("name")) if lot else "" if is_told else MISSING,
        lot_expires_on=date_of(lot.get("expires_at")) if lot else MISSING,
    )
