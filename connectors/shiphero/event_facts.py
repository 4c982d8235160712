"""Returns and picks as webhooks tell them: facts with a name of their own."""

from __future__ import annotations

from connectors.shiphero.event_shipments import malformed
from connectors.shiphero.event_types import EventType
from connectors.shiphero.values import (
    Node,
    count_of,
    global_id,
    int_of,
    is_count,
    rows_of,
    text_of,
    time_of,
)
from orders.records import (
    MISSING,
    Missing,
    PickRecord,
    ReturnLineRecord,
    ReturnRecord,
    WarehouseEventKind,
)


def return_in(body: Node, kind: EventType) -> ReturnRecord | None:
    """The return a message tells of. Raises MalformedEventError without its id."""
    if kind.kind is not WarehouseEventKind.RETURN:
        return None
    legacy_id = int_of(body.get("return_id"))
    remote_id = text_of(body.get("return_uuid")) or global_id("Return", legacy_id)
    if not remote_id:
        raise malformed("The return message has no return id.")
    return ReturnRecord(
        remote_id=remote_id,
        legacy_id=legacy_id,
        status=text_of(body.get("status")),
        reason=text_of(body.get("reason")),
        opened_at=time_of(body.get("created_at")),
        label_type=text_of(body.get("label_type")),
        tracking_number=text_of(body.get("tracking_number")),
        lines=_return_lines(body),
    )


def _return_lines(body: Node) -> tuple[ReturnLineRecord, ...] | Missing:
    if not isinstance(body.get("items"), list):
        return MISSING
    rows = list(rows_of(body["items"]))
    told = [row.get(name) for row in rows for name in ("quantity", "quantity_received")]
    if not all(map(is_count, told)):
        raise malformed("The return message has a quantity that cannot come back.")
    return tuple(
        ReturnLineRecord(
            sku=text_of(row.get("sku")),
            quantity=count_of(row.get("quantity")) or 0,
            received=count_of(row.get("quantity_received")) or 0,
            line_key=text_of(row.get("partner_line_item_id")),
            reason=text_of(row.get("item_reason")),
            restocked=count_of(row.get("restock")),
        )
        for row in rows
    )


def picks_in(body: Node, kind: EventType) -> tuple[PickRecord, ...]:
    """The picks that were packed out of a tote. What was put back is only read."""
    if kind.kind is not WarehouseEventKind.PACKED:
        return ()
    tote = text_of(body.get("tote_name")) or text_of(body.get("tote_id"))
    found = []
    for row in rows_of(body.get("items")):
        number = int_of(row.get("pick_id"))
        if number:
            line = global_id("LineItem", int_of(row.get("line_item_id")))
            found.append(PickRecord(number, text_of(row.get("sku")), line, tote))
    return tuple(found)
