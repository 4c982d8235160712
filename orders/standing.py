"""Where each order stands: facts gathered from the tables, status by the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from orders import parts, statuses
from orders.models import Export, ExportLine, LineItem, Order
from orders.part_facts import combine
from orders.pictures import Picture, fingerprint, to_picture
from orders.quantities import Balance, LineCount, balance
from orders.services import current_export
from orders.shipment_facts import SHIPMENTS, shipments_of
from orders.statuses import (
    LineFacts,
    OrderFacts,
    Status,
    is_closed_word,
)
from orders.writeback import WritebackIdentity, writeback
from orders.writeback_records import OrderWriteback

# What the facts of an order are gathered from, to be read for many orders at once.
GATHERED: tuple[Any, ...] = (
    Prefetch("exports", Export.objects.select_related("account")),
    *("exports__allocations", "exports__hold_spells", "exports__lines"),
    *(f"exports__{name}" for name in SHIPMENTS),
)
ENDED = frozenset({statuses.SHIPPED, statuses.CANCELED})
ACCEPTABLE = frozenset({statuses.CLOSED, statuses.PARTIALLY_SHIPPED})


def facts_of(order: Order, *, failure: str, waits_for: str = "") -> OrderFacts:
    """The facts of an order's newest export, or of all its parts' together.

    `failure` is its open failure's reason.
    """
    told = OrderFacts(
        excluded="" if order.is_eligible else order.eligibility_reason,
        failure=failure,
        waits_for=waits_for,
    )
    exports = exports_in_force(order)
    found = [export_facts(export, told) for export in exports]
    if not order.is_split:
        return found[0] if found else told
    rest = tuple(_not_there(line) for line in parts.unexported(order))
    return combine(found or [told], rest)


def exports_in_force(order: Order) -> list[Export]:
    """The newest export; of an order in parts one for each part that has one."""
    if order.is_split:
        return parts.in_force(order)
    export = current_export(order)
    return [] if export is None else [export]


def _not_there(line: LineItem) -> LineFacts:
    """How many pieces they will be is known when they are exported."""
    return LineFacts(line.salesforce_id, max(int(line.quantity or 1), 1))


def export_facts(export: Export, told: OrderFacts) -> OrderFacts:
    """What one warehouse says; `told` is what is known of the order besides."""
    remote = export.facts or {}
    return OrderFacts(
        excluded=told.excluded,
        failure=told.failure,
        waits_for=told.waits_for,
        remote_id=export.remote_id,
        remote_status=str(remote.get("status", "")),
        is_settled=_is_settled(remote),
        merged_into=_merged_into(export),
        is_canceled=export.canceled_at is not None,
        is_held_by_us=export.is_held_by_us,
        holds=_foreign_holds(export),
        late_holds=_late_holds(export),
        accepted=export.close_accepted_why,
        is_locked=any(row.is_locked for row in export.allocations.all()),
        lines=_lines(export),
        shipments=shipments_of(export),
    )


def _is_settled(remote: Picture) -> bool:
    """Whether nothing is left to ship on any line, as far as that was read."""
    pending = [line.get("pending") for line in remote.get("lines") or ()]
    return bool(pending) and all(left == 0 for left in pending)


def _merged_into(export: Export) -> str:
    master_id = (export.facts or {}).get("merged_into")
    if not master_id:
        return ""
    master = (
        Export.objects.filter(account=export.account_id, remote_id=master_id)
        .select_related("order")
        .first()
    )
    if master is None:
        return f"order {master_id}"
    return f"order {master.remote_number} (our {master.order.order_number})"


def _foreign_holds(export: Export) -> tuple[str, ...]:
    """Our own kind is ours only as long as we hold; afterwards somebody else set it."""
    holds = (export.facts or {}).get("holds", [])
    ours = export.hold_kind if export.is_held_by_us else ""
    return tuple(sorted(hold for hold in holds if hold != ours))


def _late_holds(export: Export) -> tuple[str, ...]:
    """The holds that were first seen when goods were already in a tote."""
    rows = (row for row in export.hold_spells.all() if row.ended_at is None)
    late = (row.kind for row in rows if row.after_picking and not row.is_ours)
    return tuple(sorted(late))


def _lines(export: Export) -> tuple[LineFacts, ...]:
    found = []
    for line, told in balances_of(export):
        still_open = told.open + told.allocated + told.backordered
        found.append(
            LineFacts(
                key=line.key,
                ordered=line.quantity,
                shipped=line.shipped,
                allocated=line.allocated,
                backordered=line.backordered,
                picked=line.picked,
                packed=line.packed,
                canceled=told.canceled,
                resending=still_open if told.resent else 0,
            )
        )
    return tuple(found)


def balances_of(export: Export) -> list[tuple[ExportLine, Balance]]:
    """Where every unit of each line is."""
    is_over = is_over_there(export)
    return [
        (line, balance(_count(line, is_over=is_over)))
        for line in export.lines.all()
        if not line.is_removed
    ]


def is_over_there(export: Export) -> bool:
    """Whether the warehouse will ship nothing more of it, as far as was read."""
    remote = export.facts or {}
    status = str(remote.get("status", ""))
    return (
        export.canceled_at is not None
        or bool(remote.get("merged_into"))
        or is_closed_word(status, is_settled=_is_settled(remote))
    )


def _count(line: ExportLine, *, is_over: bool) -> LineCount:
    return LineCount(
        ordered=line.quantity,
        shipped=line.shipped,
        pending=line.pending,
        allocated=line.allocated,
        backordered=line.backordered,
        picked=line.picked,
        packed=line.packed,
        remote_quantity=line.remote_quantity,
        remote_shipped=line.remote_shipped,
        shipped_as_read=line.shipped_as_read,
        is_over=is_over,
    )


def refresh(*, order: Order, failure: str, waits_for: str = "", now: datetime) -> bool:
    """Derive and store the order's state; answers whether it or its reason moved."""
    return _store(order, facts_of(order, failure=failure, waits_for=waits_for), now)


def refresh_and_tell(
    *, order: Order, failure: str, now: datetime
) -> tuple[bool, OrderWriteback, str]:
    """As `refresh` and then `writeback_of`, with the facts gathered once."""
    facts = facts_of(order, failure=failure)
    moved = _store(order, facts, now)
    return moved, *_told(order, facts)


def _store(order: Order, facts: OrderFacts, now: datetime) -> bool:
    status = statuses.derive(facts)
    _close_if_ended(order, status, now)
    if (order.state, order.state_reason) == (status.state, status.reason):
        return False
    if order.state != status.state:
        order.state_since = now
    order.state, order.state_reason = status.state, status.reason
    order.save(update_fields=["state", "state_reason", "state_since"])
    return True


def _close_if_ended(order: Order, status: Status, now: datetime) -> None:
    exports = order.exports.all()
    ended = status.state in ENDED or _is_accepted(order, status)
    if ended:
        moved = [one for one in exports if one.remote_id and not one.closed_at]
        still_so = Q(closed_at=None)
    else:
        moved = [one for one in exports if one.closed_at and not one.canceled_at]
        still_so = Q(canceled_at=None)
    if not moved:
        return
    closed_at = now if ended else None
    rows = Export.objects.filter(still_so, pk__in=[one.pk for one in moved])
    rows.update(closed_at=closed_at)
    for one in moved:
        one.closed_at = closed_at


def _is_accepted(order: Order, status: Status) -> bool:
    """A person took the close, or the part that left, as the end of it."""
    if status.state not in ACCEPTABLE:
        return False
    return any(one.close_accepted_at is not None for one in exports_in_force(order))


def writeback_of(order: Order, *, failure: str) -> tuple[OrderWriteback, str]:
    """What Salesforce is to show of the order, and the digest of it."""
    return _told(order, facts_of(order, failure=failure))


def _told(order: Order, facts: OrderFacts) -> tuple[OrderWriteback, str]:
    exports = exports_in_force(order)
    there = [one for one in exports if one.canceled_at is None] or exports
    ids = (str(one.remote_legacy_id or one.remote_id) for one in there)
    numbers = (one.remote_number for one in there)
    identity = WritebackIdentity(
        salesforce_id=order.salesforce_id,
        account_id=str(order.picture.get("account_id", "")),
        remote_id=", ".join(one for one in ids if one),
        remote_number=", ".join(dict.fromkeys(one for one in numbers if one)),
        state_since=order.state_since,
    )
    status = Status(order.state, order.state_reason)
    row = writeback(facts, identity, status, written=order.written_items)
    picture = to_picture(row)
    picture.pop("status_since", None)  # rides along, never causes a write
    return row, fingerprint(picture)
