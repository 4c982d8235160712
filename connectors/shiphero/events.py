"""A webhook's body, read tolerantly into a warehouse event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.errors import System
from connectors.shiphero.errors import MalformedEventError
from connectors.shiphero.mapping import (
    carried_by,
    global_id,
    int_of,
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

Body = Mapping[str, Any]

SHIPMENT_UPDATE = "Shipment Update"

KINDS = {
    SHIPMENT_UPDATE: WarehouseEventKind.SHIPMENT,
    "Order Allocated": WarehouseEventKind.ALLOCATED,
    "Order Deallocated": WarehouseEventKind.DEALLOCATED,
    "Order Canceled": WarehouseEventKind.CANCELED,
    "Order Packed Out": WarehouseEventKind.PACKED,
}

# Some bodies come without their type; these keys are theirs alone.
TELLTALE_KEYS = (
    ("deallocated_at", "Order Deallocated"),
    ("allocated_at", "Order Allocated"),
    ("fulfillment-status", "Order Canceled"),
    ("totes", "Tote Complete"),
    ("inventory", "Inventory Update"),
    ("return_id", "Return Update"),
    ("purchase_order", "PO Update"),
)

# What PostgreSQL cannot keep in a text: NUL and halves of surrogate pairs.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 12


def read_event(body: object, *, registered_type: str = "") -> WarehouseEvent:
    """The event that a webhook's parsed body tells.

    `registered_type` is the type that the receiving address was registered for; it
    decides when the body does not say. Raises MalformedEventError when the body is
    no object, cannot be stored, or says neither what happened nor to what.
    """
    if not isinstance(body, Mapping):
        raise _malformed("The message is not a JSON object.")
    _check_storable(body)
    type_name = _type_name(body) or registered_type
    if not type_name:
        raise _malformed("The message does not say what happened.")
    kind = KINDS.get(type_name, WarehouseEventKind.OTHER)
    if kind is WarehouseEventKind.SHIPMENT:
        return _shipment_event(body, type_name)
    return _plain_event(body, kind, type_name)


def _type_name(body: Body) -> str:
    inner = _mapping(body.get("fulfillment"))
    stated = text_of(body.get("webhook_type")) or text_of(inner.get("webhook_type"))
    if stated:
        return stated
    if "package_added_at" in inner:
        return "Package Added"
    if inner:
        return SHIPMENT_UPDATE
    found = [name for key, name in TELLTALE_KEYS if key in body]
    return found[0] if found else ""


def _plain_event(
    body: Body, kind: WarehouseEventKind, type_name: str
) -> WarehouseEvent:
    place = {**_mapping(body.get("fulfillment")), **body}
    first = next(_rows(body.get("items")), {})
    order_id = place.get("order_id", first.get("order_id"))
    event = WarehouseEvent(
        kind=kind,
        type_name=type_name,
        order_remote_id=text_of(place.get("order_uuid"))
        or text_of(first.get("order_uuid"))
        or _if_global(order_id),
        order_legacy_id=int_of(order_id),
        order_key=text_of(place.get("partner_order_id")),
        order_number=text_of(place.get("order_number")) or _only_order_of_totes(body),
        occurred_at=_first_time(place),
        reference=text_of(body.get("allocation_reference")),
        skus=_skus(body),
    )
    if kind is not WarehouseEventKind.OTHER and not _names_an_order(event):
        raise _malformed(f"The {type_name} message names no order.")
    return event


def _names_an_order(event: WarehouseEvent) -> bool:
    return bool(
        event.order_remote_id
        or event.order_legacy_id is not None
        or event.order_key
        or event.order_number
    )


def _if_global(value: Any) -> str:
    """GraphQL's `order_id` is an opaque text where the webhooks' is a number."""
    return value if isinstance(value, str) and int_of(value) is None else ""


def _first_time(place: Body) -> Any:
    names = (
        "allocated_at",
        "deallocated_at",
        "package_added_at",
        "timestamp",
        "created_at",
    )
    moments = (time_of(place.get(name)) for name in names)
    return next((moment for moment in moments if moment), None)


def _only_order_of_totes(body: Body) -> str:
    numbers = {
        text_of(order.get("order_number"))
        for tote in _rows(body.get("totes"))
        for order in _rows(tote.get("orders"))
    }
    return numbers.pop() if len(numbers) == 1 else ""


def _skus(body: Body) -> tuple[str, ...]:
    found = [text_of(body.get("sku"))]
    for name in ("inventory", "items", "line_items"):
        found.extend(text_of(row.get("sku")) for row in _rows(body.get(name)))
    return tuple(dict.fromkeys(sku for sku in found if sku))


# -- shipments ---------------------------------------------------------------


def _shipment_event(body: Body, type_name: str) -> WarehouseEvent:
    inner = _mapping(body.get("fulfillment")) or body
    shipment = _shipment(body, inner)
    if not shipment.remote_id:
        raise _malformed("The shipment message has no shipment id.")
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
        skus=_skus(inner),
    )


def _shipment(body: Body, inner: Body) -> ShipmentRecord:
    legacy_id = int_of(inner.get("shipment_id"))
    listed = list(_rows(body.get("packages"))) or list(_rows(inner.get("packages")))
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
    body: Body, inner: Body, listed: list[Body]
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


def _package(package: Body, outer: Body, position: int) -> PackageRecord:
    label = _mapping(package.get("shipping_label"))
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
    )


def _outer_package(inner: Body) -> PackageRecord:
    carrier, tracking = carried_by(
        inner.get("shipping_carrier"), inner.get("tracking_number")
    )
    return PackageRecord(
        remote_id="",
        number=int_of(inner.get("package_number")) or 1,
        carrier=carrier,
        method=text_of(inner.get("shipping_method")),
        tracking_number=tracking,
        tracking_url=text_of(inner.get("custom_tracking_url")),
    )


def _label_id(label: Body) -> str:
    for name in ("uuid", "shipping_label_uuid", "id"):
        found = text_of(label.get(name))
        if found:
            return global_id("ShippingLabel", int_of(found)) or found
    return ""


def _number_in(name: Any) -> int | None:
    """The number in ShipHero's "Package #2"."""
    found = re.search(r"#\s*(\d{1,6})\s*$", text_of(name), re.ASCII)
    return int(found[1]) if found else None


def _lines(inner: Body) -> tuple[ShipmentLineRecord, ...] | Missing:
    if not isinstance(inner.get("line_items"), list):
        return MISSING
    return tuple(_line(row) for row in _rows(inner["line_items"]))


def _line(row: Body) -> ShipmentLineRecord:
    serials = row.get("serial_numbers")
    return ShipmentLineRecord(
        line_key=text_of(row.get("id")),
        sku=text_of(row.get("sku")),
        quantity=int_of(row.get("quantity")) or 0,
        remote_line_id=global_id("LineItem", int_of(row.get("shiphero_id"))),
        package_number=_number_in(row.get("package")),
        serial_numbers=tuple(
            text_of(_mapping(serial).get("serial_number") or serial)
            for serial in (serials if isinstance(serials, list) else [])
        ),
        lot_name=text_of(row.get("lot_name")),
    )


# -- odd bodies --------------------------------------------------------------


def _mapping(value: Any) -> Body:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> Iterator[Body]:
    for row in value if isinstance(value, list) else []:
        if isinstance(row, Mapping):
            yield row


def _check_storable(body: Body) -> None:
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, Mapping):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, str) and UNSTORABLE.search(value):
                raise _malformed("The message holds characters that no text may hold.")
        level = inner
    if level:
        raise _malformed("The message is nested too deeply.")


def _malformed(reason: str) -> MalformedEventError:
    return MalformedEventError(
        reason, system=System.SHIPHERO, code="shiphero.malformed_event"
    )
