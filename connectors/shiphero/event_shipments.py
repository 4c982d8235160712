"""A shipment as a webhook tells it: the one event that is a fact by itself."""

from __future__ import annotations

import re
from typing import Any

from connectors.errors import System
from connectors.shiphero.errors import MalformedEventError
from connectors.shiphero.values import (
    Node,
    carried_by,
    count_of,
    date_of,
    global_id,
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
    WarehouseEvent,
    WarehouseEventKind,
)


def shipment_event(body: Node, type_name: str) -> WarehouseEvent:
    inner = mapping_of(body.get("fulfillment")) or body
    shipment = _shipment(body, inner)
    if not shipment.remote_id:
        raise malformed("The shipment message has no shipment id.")
    return WarehouseEvent(
        kind=WarehouseEventKind.SHIPMENT,
        type_name=type_name,
        order_remote_id=shipment.order_remote_id,
        order_legacy_id=int_of(inner.get("order_id")),
        order_key=shipment.order_key,
        order_number=shipment.order_number,
        occurred_at=shipment.shipped_at,
        reference=shipment.remote_id,
        shipment=shipment,
    )


def _shipment(body: Node, inner: Node) -> ShipmentRecord:
    legacy_id = int_of(inner.get("shipment_id"))
    listed = list(rows_of(body.get("packages"))) or list(rows_of(inner.get("packages")))
    return ShipmentRecord(
        remote_id=text_of(inner.get("shipment_uuid"))
        or global_id("Shipment", legacy_id),
        legacy_id=legacy_id,
        shipped_at=time_of(inner.get("created_at")),
        warehouse=text_of(inner.get("warehouse_uuid"))
        or global_id("Warehouse", int_of(inner.get("warehouse_id"))),
        packages=_packages(body, inner, listed),
        lines=_lines(inner),
        order_remote_id=text_of(inner.get("order_uuid")),
        order_key=text_of(inner.get("partner_order_id")),
        order_number=text_of(inner.get("order_number")),
    )


def _packages(
    body: Node, inner: Node, listed: list[Node]
) -> tuple[PackageRecord, ...] | Missing:
    """The listed packages; the outer words describe one package only.

    So with several packages and no list, they are not known here.
    """
    total = int_of(body.get("total_packages")) or int_of(inner.get("total_packages"))
    if listed:
        outer = inner if len(listed) == 1 else {}
        return tuple(
            _package(package, outer, at) for at, package in enumerate(listed, start=1)
        )
    if (total or 1) > 1:
        return MISSING
    return (_outer_package(inner),)


def _package(package: Node, outer: Node, position: int) -> PackageRecord:
    label = mapping_of(package.get("shipping_label"))
    alone = _outer_package(outer) if outer else None
    carrier, tracking = carried_by(
        label.get("carrier") or label.get("shipping_carrier"),
        label.get("tracking_number") or package.get("tracking_number"),
    )
    return PackageRecord(
        remote_id=_label_id(label),
        number=_number_in(package.get("name")) or position,
        carrier=carrier or (alone.carrier if alone else ""),
        method=text_of(label.get("method") or label.get("shipping_method"))
        or (alone.method if alone else ""),
        tracking_number=tracking or (alone.tracking_number if alone else ""),
        tracking_url=text_of(label.get("tracking_url"))
        or (alone.tracking_url if alone else ""),
        is_pickup=(alone.is_pickup if alone else False)
        or is_pickup(carrier, label.get("tracking_number")),
    )


def _outer_package(inner: Node) -> PackageRecord:
    carrier, tracking = carried_by(
        inner.get("shipping_carrier"), inner.get("tracking_number")
    )
    return PackageRecord(
        remote_id="",
        number=count_of(inner.get("package_number")) or 1,
        carrier=carrier,
        method=text_of(inner.get("shipping_method")),
        tracking_number=tracking,
        tracking_url=text_of(inner.get("custom_tracking_url")),
        is_pickup=is_pickup(
            inner.get("shipping_carrier"), inner.get("tracking_number")
        ),
    )


def _label_id(label: Node) -> str:
    for name in ("uuid", "shipping_label_uuid", "id"):
        found = text_of(label.get(name))
        if found:
            return global_id("ShippingLabel", int_of(found)) or found
    return ""


def _number_in(name: Any) -> int | None:
    """The number in ShipHero's "Package #2"."""
    found = re.search(r"#\s*(\d{1,6})\s*$", text_of(name), re.ASCII)
    return int(found[1]) if found else None


def _lines(inner: Node) -> tuple[ShipmentLineRecord, ...] | Missing:
    if not isinstance(inner.get("line_items"), list):
        return MISSING
    rows = list(rows_of(inner["line_items"]))
    if any(not is_count(row.get("quantity")) for row in rows):
        raise malformed("The shipment message has a quantity that cannot have left.")
    return tuple(_line(row) for row in rows)


def _line(row: Node) -> ShipmentLineRecord:
    return ShipmentLineRecord(
        line_key=text_of(row.get("id")),
        sku=text_of(row.get("sku")),
        quantity=count_of(row.get("quantity")) or 0,
        remote_line_id=global_id("LineItem", int_of(row.get("shiphero_id"))),
        package_number=_number_in(row.get("package")),
        serial_numbers=_serials(row.get("serial_numbers")),
        lot_name=text_of(row.get("lot_name")) if "lot_name" in row else MISSING,
        lot_expires_on=date_of(row.get("lot_expiration")),
    )


def _serials(value: Any) -> tuple[str, ...] | Missing:
    """Texts, or objects with the number inside."""
    if not isinstance(value, list):
        return MISSING
    told = (text_of(mapping_of(one).get("serial_number") or one) for one in value)
    return tuple(filter(None, told))


def malformed(reason: str) -> MalformedEventError:
    """The error of a body that cannot be read, with words for people."""
    return MalformedEventError(
        reason, system=System.SHIPHERO, code="shiphero.malformed_event"
    )
