"""A `PurchaseOrder` of ShipHero's answers into our record of what is on its way."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.shiphero.connections import is_unfinished, nodes_of
from connectors.shiphero.values import Node, count_of, date_of, text_of
from inventory.records import PurchaseLineRecord, PurchaseRecord

# Recorded are "pending" and "closed"; accounts name others. What is closed has a date.
CLOSED = frozenset({"closed", "canceled", "cancelled"})


def purchase_from(node: Node) -> PurchaseRecord:
    """`po_date` is the day on which it is expected (developer.shiphero.com, its type)."""
    lines = node.get("line_items")
    status = text_of(node.get("fulfillment_status")).casefold()
    return PurchaseRecord(
        remote_id=text_of(node.get("id")),
        number=text_of(node.get("po_number")),
        is_open=status not in CLOSED and not text_of(node.get("date_closed")),
        warehouse_remote_id=text_of(node.get("warehouse_id")),
        due_on=date_of(node.get("po_date")),
        lines=tuple(_line(row) for row in nodes_of(lines)),
        is_whole=isinstance(lines, Mapping) and not is_unfinished(lines),
    )


def _line(row: Node) -> PurchaseLineRecord:
    """A line that was closed short, or whose numbers are none, brings nothing more."""
    told = [count_of(row.get(name)) for name in ("quantity", "quantity_received")]
    ordered, received = (count or 0 for count in told)
    rejected = count_of(row.get("quantity_rejected")) or 0
    is_closed = text_of(row.get("fulfillment_status")).casefold() in CLOSED
    left = 0 if is_closed else max(ordered - received - rejected, 0)
    return PurchaseLineRecord(text_of(row.get("id")), text_of(row.get("sku")), left)
