"""ShipHero's answers into our records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.shiphero.values import (
    Node,
    carried_by,
    count_of,
    int_of,
    is_count,
    text_of,
    time_of,
)
from orders.records import (
    MISSING,
    Address,
    AllocationRecord,
    HoldKind,
    Missing,
    PackageRecord,
    RemoteLine,
    RemoteOrder,
    ShipmentLineRecord,
    ShipmentRecord,
)

LIVE_LABEL = "valid"


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
        lines=_lines(node.get("line_items")),
        allocations=_allocations(node.get("allocations")),
        shipments=_shipments(node),
        merged_into=_merged_into(node.get("merged_orders"), remote_id),
        **_shipping(node.get("shipping_lines")),
    )


def nodes_of(connection: Any) -> list[Node]:
    edges = connection.get("edges") if isinstance(connection, Mapping) else None
    found = [edge.get("node") for edge in edges or [] if isinstance(edge, Mapping)]
    return [node for node in found if isinstance(node, Mapping)]


def next_cursor(connection: Any) -> str | None:
    """Where the next page begins; None at the end."""
    page = connection.get("pageInfo") if isinstance(connection, Mapping) else None
    if not isinstance(page, Mapping) or not page.get("hasNextPage"):
        return None
    return text_of(page.get("endCursor"))


def is_unfinished(connection: Any) -> bool:
    return next_cursor(connection) is not None


def _seen(node: Node, name: str, *, empty_is_known: bool = False) -> str | Missing:
    """A null may be a right that the token lacks, unless the field is not personal."""
    if name not in node:
        return MISSING
    if node[name] is None:
        return "" if empty_is_known else MISSING
    return text_of(node[name])


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
        return {"method_title": MISSING, "carrier": MISSING, "method": MISSING}
    return {
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
    )


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
    )


def _shipments(order: Node) -> tuple[ShipmentRecord, ...] | Missing:
    value = order.get("shipments")
    if not isinstance(value, list):
        return MISSING
    return tuple(
        shipment_from(node, order=order) for node in value if isinstance(node, Mapping)
    )


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
    return tuple(_shipped_line(row, numbers) for row in rows)


def _shipped_line(node: Node, numbers: Mapping[str, int]) -> ShipmentLineRecord:
    line = node.get("line_item") or {}
    return ShipmentLineRecord(
        line_key=text_of(line.get("partner_line_item_id")),
        sku=text_of(line.get("sku")),
        quantity=count_of(node.get("quantity")) or 0,
        remote_line_id=text_of(node.get("line_item_id")),
        package_number=numbers.get(text_of(node.get("shipping_label_id"))),
    )


def _merged_into(value: Any, own_id: str) -> str | Missing:
    if not isinstance(value, list):
        return MISSING
    for row in value:
        if isinstance(row, Mapping) and row.get("is_master"):
            master = text_of(row.get("order_id"))
            return "" if master == own_id else master
    return ""
