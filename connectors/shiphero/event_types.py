"""Every webhook type as a row: how it is told apart, and where it keeps what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.shiphero.values import Node, mapping_of, rows_of, text_of
from orders.records import WarehouseEventKind as Kind

# An older layout of stock messages had the type in the row, in capitals.
SEPARATORS = str.maketrans({"_": " ", "-": " "})


@dataclass(frozen=True, slots=True)
class EventType:
    """`signs` are paths that no other type has, for bodies that lack their type.

    `orders` are the places where an order may be named, the best first; a place with
    `[]` may name several. `must_name` says that a message without an order's name is
    malformed, `must_tell` names paths of which one must hold something. A path is
    keys joined by dots, with `[]` for every row of a list.
    """

    name: str
    kind: Kind
    signs: tuple[str, ...] = ()
    orders: tuple[str, ...] = ("", "fulfillment")
    moments: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    must_name: bool = True
    must_tell: tuple[str, ...] = ()


SHIPMENT_UPDATE = "Shipment Update"
# Source of the keys: developer.shiphero.com/webhooks, its page of each type.
EVENT_TYPES = (
    EventType(
        "Package Added",
        Kind.STAGED,
        signs=("fulfillment.package_added_at", "package_added_at"),
        moments=("fulfillment.package_added_at", "package_added_at"),
        references=("fulfillment.shipping_label_uuid", "fulfillment.shipping_label_id"),
    ),
    EventType(
        SHIPMENT_UPDATE,
        Kind.SHIPMENT,
        signs=("fulfillment",),
        skus=("fulfillment.line_items[].sku", "line_items[].sku"),
    ),
    EventType(
        "Order Deallocated",
        Kind.DEALLOCATED,
        signs=("deallocated_at",),
        moments=("deallocated_at",),
        references=("allocation_reference",),
    ),
    EventType(
        "Order Allocated",
        Kind.ALLOCATED,
        signs=("allocated_at", "ready_to_ship"),
        moments=("allocated_at",),
        references=("allocation_reference",),
        skus=("line_items[].sku",),
    ),
    EventType("Order Canceled", Kind.CANCELED, signs=("fulfillment-status",)),
    EventType(
        "Tote Complete",
        Kind.PICKED,
        signs=("totes",),
        orders=("totes[].orders[]", ""),
        references=("batch_id",),
        skus=("totes[].orders[].items[].sku",),
    ),
    EventType(
        "Order Packed Out",
        Kind.PACKED,
        signs=("tote_uuid",),
        orders=("", "items[]"),
        references=("tote_uuid", "tote_id"),
        skus=("items[].sku",),
    ),
    EventType(
        "Tote Cleared",
        Kind.PUT_BACK,
        signs=("tote_id",),
        orders=("", "items[]"),
        references=("tote_id",),
        skus=("items[].sku",),
    ),
    EventType(
        "Return Update",
        Kind.RETURN,
        signs=("return_id", "return_uuid"),
        moments=("created_at",),
        references=("return_uuid", "return_id"),
        skus=("items[].sku",),
    ),
    EventType(
        "Inventory Change",
        Kind.STOCK,
        signs=("previous_on_hand", "old_quantity"),
        orders=(),
        moments=("timestamp",),
        skus=("sku",),
        must_name=False,
        must_tell=("sku",),
    ),
    EventType(
        "Inventory Update",
        Kind.STOCK,
        signs=("inventory",),
        orders=(),
        moments=("timestamp", "inventory[].timestamp"),
        skus=("inventory[].sku", "sku"),
        must_name=False,
        must_tell=("inventory[].sku", "sku"),
    ),
    EventType("Automation Rules", Kind.RULE, signs=("action_data",)),
    EventType(
        "PO Update",
        Kind.PURCHASE,
        signs=("purchase_order",),
        orders=(),
        references=("purchase_order.po_uuid", "purchase_order.po_id"),
        skus=("purchase_order.line_items[].sku", "line_items[].sku"),
        must_name=False,
    ),
    *(
        EventType(name, Kind.OTHER, must_name=False)
        for name in (
            "Capture Payment",
            "Generate Label",
            "Print Barcode",
            "Product Update",
            "Shipment ASN",
            "Work Order Status Update",
        )
    ),
)
BY_NAME: Mapping[str, EventType] = {kind.name.casefold(): kind for kind in EVENT_TYPES}


def type_of(body: Node, registered: str) -> EventType | None:
    """The row of a body: by the type it states, by its registration, by its signs.

    Each address is registered for one type, so that says more than what a body looks
    like. A type that nobody lists is a row of its own. None when nothing tells.
    """
    stated = [name for value in _stated(body) if (name := text_of(value))]
    known = (find(name) for name in (*stated, registered) if name)
    found = next((kind for kind in known if kind), None) or _signed(body)
    if found is not None:
        return found
    return next((unlisted(name) for name in (registered, *stated) if name), None)


def _signed(body: Node) -> EventType | None:
    for kind in EVENT_TYPES:
        if any(next(values_at(body, sign), None) is not None for sign in kind.signs):
            return kind
    return None


def find(name: str) -> EventType | None:
    return BY_NAME.get(name.translate(SEPARATORS).casefold().strip())


def unlisted(name: str) -> EventType:
    """A type we have not heard of: kept and shown, and followed if it names an order."""
    return EventType(name[:40], Kind.OTHER, must_name=False)


def _stated(body: Node) -> Iterator[Any]:
    """`webhook_type` stands at the top, one object down, or in the rows."""
    yield body.get("webhook_type")
    for value in body.values():
        yield mapping_of(value).get("webhook_type")
        for row in rows_of(value):
            yield row.get("webhook_type")


def values_at(body: Any, path: str) -> Iterator[Any]:
    """Every value under a path, in the order of the body; nothing where it ends."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    found = mapping_of(body).get(name) if name else body
    inner = rows_of(found) if head.endswith("[]") else iter((found,))
    for value in inner:
        if rest:
            yield from values_at(value, rest)
        elif value is not None:
            yield value


def texts_at(body: Any, paths: tuple[str, ...]) -> Iterator[str]:
    """Every text under any of the paths, the best first, each once."""
    found = (text_of(value) for path in paths for value in values_at(body, path))
    return iter(dict.fromkeys(text for text in found if text))
