"""A webhook's body, read tolerantly into a warehouse event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.shiphero.event_shipments import (
    malformed,
    shipment_event,
    skus_of,
)
from connectors.shiphero.values import (
    Node,
    int_of,
    mapping_of,
    rows_of,
    text_of,
    time_of,
)
from orders.records import WarehouseEvent, WarehouseEventKind

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
        raise malformed("The message is not a JSON object.")
    _check_storable(body)
    type_name = _type_name(body) or registered_type
    if not type_name:
        raise malformed("The message does not say what happened.")
    kind = KINDS.get(type_name, WarehouseEventKind.OTHER)
    if kind is WarehouseEventKind.SHIPMENT:
        return shipment_event(body, type_name)
    return _plain_event(body, kind, type_name)


def _type_name(body: Node) -> str:
    inner = mapping_of(body.get("fulfillment"))
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
    body: Node, kind: WarehouseEventKind, type_name: str
) -> WarehouseEvent:
    place = {**mapping_of(body.get("fulfillment")), **body}
    first = next(rows_of(body.get("items")), {})
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
        skus=skus_of(body),
    )
    if kind is not WarehouseEventKind.OTHER and not _names_an_order(event):
        raise malformed(f"The {type_name} message names no order.")
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


def _first_time(place: Node) -> Any:
    names = (
        "allocated_at",
        "deallocated_at",
        "package_added_at",
        "timestamp",
        "created_at",
    )
    moments = (time_of(place.get(name)) for name in names)
    return next((moment for moment in moments if moment), None)


def _only_order_of_totes(body: Node) -> str:
    numbers = {
        text_of(order.get("order_number"))
        for tote in rows_of(body.get("totes"))
        for order in rows_of(tote.get("orders"))
    }
    return numbers.pop() if len(numbers) == 1 else ""


def _check_storable(body: Node) -> None:
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, Mapping):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, str) and UNSTORABLE.search(value):
                raise malformed("The message holds characters that no text may hold.")
        level = inner
    if level:
        raise malformed("The message is nested too deeply.")
