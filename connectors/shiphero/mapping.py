"""ShipHero's orders into our records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.shiphero.connections import is_unfinished, nodes_of
from connectors.shiphero.shipment_mapping import shipment_from
from connectors.shiphero.values import (
    Node,
    count_of,
    int_of,
    money_of,
    rows_of,
    text_of,
    time_of,
)
from orders.records import (
    MISSING,
    Address,
    AllocationRecord,
    HoldKind,
    Missing,
    PickRecord,
    RemoteLine,
    RemoteOrder,
    ShipmentRecord,
)


def order_from(node: Node, *, read_at: datetime) -> RemoteOrder:
    """An `Order` as far as it was selected and may be seen; the rest is MISSING."""
    remote_id = text_of(node.get("id"))
    return RemoteOrder(
        remote_id=remote_id,
        legacy_id=int_of(node.get("legacy_id")),
        key=text_of(node.get("partner_order_id")),
        order_number=text_of(node.get("order_number")),
        status=text_of(node.get("fulfillment_status")),
        read_at=read_at,
        shop_name=text_of(node.get("shop_name")),
        source=text_of(node.get("source")),
        updated_at=time_of(node.get("updated_at")),
        holds=_holds(node.get("holds")),
        tags=_tags(node.get("tags")),
        ship_to=_address(node.get("shipping_address")),
        email=_seen(node, "email"),
        packing_note=_seen(node, "packing_note", empty_is_known=True),
        required_date=_seen(node, "required_ship_date", empty_is_known=True),
        bill_to=_address(node.get("billing_address")),
        gift_note=_seen(node, "gift_note"),
        is_gift=_flag(node, "gift_invoice"),
        require_signature=_flag(node, "require_signature"),
        adult_signature=_flag(node, "adult_signature_required"),
        insurance=_flag(node, "insurance"),
        insurance_amount=_money(node, "insurance_amount"),
        total_tax=_money(node, "total_tax", none="0.00"),
        total_discount=_money(node, "total_discounts", none="0.00"),
        lines=_lines(node.get("line_items")),
        allocations=_allocations(node.get("allocations")),
        shipments=_shipments(node),
        merged_into=_merged_into(node.get("merged_orders"), remote_id),
        **_shipping(node.get("shipping_lines")),
    )


def _seen(node: Node, name: str, *, empty_is_known: bool = False) -> str | Missing:
    """A null may be a right that the token lacks, unless the field is not personal."""
    if name not in node:
        return MISSING
    if node[name] is None:
        return "" if empty_is_known else MISSING
    return text_of(node[name])


def _flag(node: Node, name: str) -> bool | Missing:
    value = node.get(name)
    return bool(value) if isinstance(value, bool | int) else MISSING


def _money(node: Node, name: str, *, none: str = "") -> str | Missing:
    """An amount with two digits; ShipHero changes how many it shows ("66.7500")."""
    if name not in node:
        return MISSING
    return money_of(node[name]) or none


def _holds(value: Any) -> frozenset[HoldKind] | Missing:
    if not isinstance(value, Mapping):
        return MISSING
    return frozenset(kind for kind in HoldKind if value.get(f"{kind.value}_hold"))


def _tags(value: Any) -> tuple[str, ...] | Missing:
    return tuple(map(text_of, value)) if isinstance(value, list) else MISSING


def _address(value: Any) -> Address | Missing:
    """MISSING when what no address lacks is null: so a scoped token sees it."""
    if not isinstance(value, Mapping) or value.get("address1") is None:
        return MISSING
    if all(value.get(name) is None for name in ("first_name", "last_name", "company")):
        return MISSING
    return Address(
        first_name=text_of(value.get("first_name")),
        last_name=text_of(value.get("last_name")),
        company=text_of(value.get("company")),
        address1=text_of(value.get("address1")),
        address2=text_of(value.get("address2")),
        city=text_of(value.get("city")),
        state=text_of(value.get("state_code")) or text_of(value.get("state")),
        zip=text_of(value.get("zip")),
        country=text_of(value.get("country_code")) or text_of(value.get("country")),
        phone=text_of(value.get("phone")),
        email=text_of(value.get("email")),
    )


def _shipping(value: Any) -> dict[str, str | Missing]:
    if not isinstance(value, Mapping):
        return {
            "method_title": MISSING,
            "carrier": MISSING,
            "method": MISSING,
            "shipping_price": MISSING,
        }
    return {
        "shipping_price": _money(value, "price", none="0.00"),
        "method_title": text_of(value.get("title")),
        "carrier": text_of(value.get("carrier")),
        "method": text_of(value.get("method")),
    }


def _lines(connection: Any) -> tuple[RemoteLine, ...] | Missing:
    if not isinstance(connection, Mapping) or is_unfinished(connection):
        return MISSING
    return tuple(line_from(node) for node in nodes_of(connection))


def line_from(node: Node) -> RemoteLine:
    picks = node.get("tote_picks")
    return RemoteLine(
        remote_id=text_of(node.get("id")),
        legacy_id=int_of(node.get("legacy_id")),
        key=text_of(node.get("partner_line_item_id")),
        sku=text_of(node.get("sku")),
        quantity=count_of(node.get("quantity")) or 0,
        pending=count_of(node.get("quantity_pending_fulfillment")),
        shipped=count_of(node.get("quantity_shipped")),
        allocated=count_of(node.get("quantity_allocated")),
        backordered=count_of(node.get("backorder_quantity")),
        picked=_picked(picks) if isinstance(picks, list) else None,
        price=text_of(node.get("price")),
        product_name=text_of(node.get("product_name")),
        picks=_picks(node),
        serial_numbers=_scanned(node.get("serial_numbers")),
    )


def _picks(line: Node) -> tuple[PickRecord, ...] | Missing:
    rows = line.get("tote_picks")
    if not isinstance(rows, list):
        return MISSING
    return tuple(
        PickRecord(
            legacy_id=number,
            sku=text_of(row.get("sku")) or text_of(line.get("sku")),
            remote_line_id=text_of(line.get("id")),
            tote=text_of(row.get("tote_id")),
            quantity=count_of(row.get("picked_quantity")),
            picked_at=time_of(row.get("updated_at")) or time_of(row.get("created_at")),
        )
        for row in rows_of(rows)
        if (number := int_of(row.get("legacy_id")))
    )


def _scanned(value: Any) -> tuple[str, ...] | Missing:
    """The serial numbers that were scanned; one that says nothing of it was."""
    if not isinstance(value, list):
        return MISSING
    rows = [row for row in rows_of(value) if row.get("scanned") is not False]
    return tuple(filter(None, (text_of(row.get("serial_number")) for row in rows)))


def _picked(picks: list[Any]) -> int:
    return sum(
        count_of(pick.get("picked_quantity")) or 0
        for pick in picks
        if isinstance(pick, Mapping)
    )


def _allocations(value: Any) -> tuple[AllocationRecord, ...] | Missing:
    """`quantities` are (line's remote id, quantity); a kit's components stay out."""
    if not isinstance(value, list):
        return MISSING
    return tuple(_allocation(node) for node in value if isinstance(node, Mapping))


def _allocation(node: Node) -> AllocationRecord:
    rows = [row for row in node.get("line_items") or [] if isinstance(row, Mapping)]
    return AllocationRecord(
        reference=text_of(node.get("allocation_reference")),
        warehouse=text_of(node.get("warehouse_id")),
        allocated_at=time_of(node.get("allocated_at")),
        ready_to_ship=bool(node.get("ready_to_ship")),
        is_locked=bool(node.get("is_locked")),
        quantities=tuple(
            (
                text_of(row.get("line_item_id")),
                count_of(row.get("quantity_allocated")) or 0,
            )
            for row in rows
            if not row.get("is_kit_component")
        ),
        components=tuple(
            (
                text_of(row.get("line_item_id")),
                text_of(row.get("sku")),
                count_of(row.get("quantity_allocated")) or 0,
            )
            for row in rows
            if row.get("is_kit_component")
        ),
    )


def _shipments(order: Node) -> tuple[ShipmentRecord, ...] | Missing:
    value = order.get("shipments")
    if not isinstance(value, list):
        return MISSING
    return tuple(
        shipment_from(node, order=order) for node in value if isinstance(node, Mapping)
    )


def _merged_into(value: Any, own_id: str) -> str | Missing:
    if not isinstance(value, list):
        return MISSING
    for row in value:
        if isinstance(row, Mapping) and row.get("is_master"):
            master = text_of(row.get("order_id"))
            return "" if master == own_id else master
    return ""
