"""A `Return` of ShipHero's answers into our record."""

from __future__ import annotations

from connectors.shiphero.values import (
    Node,
    count_of,
    int_of,
    is_count,
    mapping_of,
    rows_of,
    text_of,
    time_of,
)
from orders.records import MISSING, Missing, ReturnLineRecord, ReturnRecord


def return_from(node: Node) -> ReturnRecord:
    """Lines with a number that cannot come back count as not read."""
    order = mapping_of(node.get("order"))
    return ReturnRecord(
        remote_id=text_of(node.get("id")),
        legacy_id=int_of(node.get("legacy_id")),
        status=text_of(node.get("status")),
        reason=text_of(node.get("reason")),
        opened_at=time_of(node.get("created_at")),
        label_type=text_of(node.get("label_type")),
        lines=_lines(node),
        order_remote_id=text_of(node.get("order_id")),
        order_key=text_of(order.get("partner_order_id")),
    )


def _lines(node: Node) -> tuple[ReturnLineRecord, ...] | Missing:
    if not isinstance(node.get("line_items"), list):
        return MISSING
    rows = list(rows_of(node["line_items"]))
    told = [row.get(name) for row in rows for name in ("quantity", "quantity_received")]
    if not all(map(is_count, told)):
        return MISSING
    return tuple(_line(row) for row in rows)


def _line(row: Node) -> ReturnLineRecord:
    line = mapping_of(row.get("line_item"))
    return ReturnLineRecord(
        sku=text_of(line.get("sku")),
        quantity=count_of(row.get("quantity")) or 0,
        received=count_of(row.get("quantity_received")) or 0,
        line_key=text_of(line.get("partner_line_item_id")),
        remote_line_id=text_of(row.get("line_item_id")),
        reason=text_of(row.get("reason")),
        restocked=count_of(row.get("restock")),
    )
