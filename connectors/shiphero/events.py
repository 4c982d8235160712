"""A webhook's body, read tolerantly into a warehouse event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.shiphero.event_facts import picks_in, return_in
from connectors.shiphero.event_shipments import malformed, shipment_event
from connectors.shiphero.event_types import (
    SHIPMENT_UPDATE,
    EventType,
    texts_at,
    type_of,
    values_at,
)
from connectors.shiphero.values import Node, int_of, text_of, time_of
from orders.records import OrderNames, WarehouseEvent, WarehouseEventKind

__all__ = ["SHIPMENT_UPDATE", "read_event"]

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
    kind = type_of(body, registered_type)
    if kind is None:
        raise malformed("The message does not say what happened.")
    event = _event(body, kind)
    if kind.kind is WarehouseEventKind.SHIPMENT:
        shipment = shipment_event(body, kind.name)
        return replace(shipment, skus=event.skus)
    return event


def _event(body: Node, kind: EventType) -> WarehouseEvent:
    first, *others = _orders(body, kind) or (OrderNames(),)
    if kind.must_name and not first:
        raise malformed(f"The {kind.name} message names no order.")
    if kind.must_tell and not any(texts_at(body, kind.must_tell)):
        raise malformed(f"The {kind.name} message names nothing that we could look at.")
    return WarehouseEvent(
        kind=kind.kind,
        type_name=kind.name,
        order_remote_id=first.remote_id,
        order_legacy_id=first.legacy_id,
        order_key=first.key,
        order_number=first.number,
        others=tuple(others),
        occurred_at=_moment(body, kind),
        reference=next(texts_at(body, kind.references), ""),
        returned=return_in(body, kind),
        picks=picks_in(body, kind),
        skus=tuple(texts_at(body, kind.skus)),
    )


def _orders(body: Node, kind: EventType) -> tuple[OrderNames, ...]:
    """The orders named in the first place that names any."""
    for place in kind.orders:
        found = [names for value in values_at(body, place) if (names := _names(value))]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _names(value: Any) -> OrderNames:
    """GraphQL's `order_id` is an opaque text where the webhooks' is a number."""
    if not isinstance(value, Mapping):
        return OrderNames()
    order_id = value.get("order_id")
    opaque = text_of(order_id) if int_of(order_id) is None else ""
    return OrderNames(
        remote_id=text_of(value.get("order_uuid")) or opaque,
        legacy_id=int_of(order_id),
        key=text_of(value.get("partner_order_id")),
        number=text_of(value.get("order_number")),
    )


def _moment(body: Node, kind: EventType) -> Any:
    moments = (time_of(v) for path in kind.moments for v in values_at(body, path))
    return next((moment for moment in moments if moment), None)


def _check_storable(body: Node) -> None:
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        inner = [part for value in level for part in _parts(value)]
        if any(isinstance(text, str) and UNSTORABLE.search(text) for text in inner):
            raise malformed("The message holds characters that no text may hold.")
        level = inner
    if level:
        raise malformed("The message is nested too deeply.")


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value
