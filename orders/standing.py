"""Where each order stands: facts gathered from the tables, status by the rules."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch

from orders import statuses
from orders.models import Export, Order, Shipment
from orders.pictures import Picture, fingerprint, to_picture
from orders.records import OrderWriteback
from orders.services import current_export
from orders.statuses import (
    LineFacts,
    OrderFacts,
    PackageFacts,
    ShipmentFacts,
    Status,
    WritebackIdentity,
)

ENDED = frozenset({statuses.SHIPPED, statuses.CANCELED})


def facts_of(order: Order, *, failure: str, waits_for: str = "") -> OrderFacts:
    """The facts of an order's newest export. `failure` is its open failure's reason."""
    export = current_export(order)
    excluded = "" if order.is_eligible else order.eligibility_reason
    if export is None:
        return OrderFacts(excluded=excluded, failure=failure, waits_for=waits_for)
    remote = export.facts or {}
    return OrderFacts(
        excluded=excluded,
        failure=failure,
        waits_for=waits_for,
        remote_id=export.remote_id,
        remote_status=str(remote.get("status", "")),
        is_settled=_is_settled(remote),
        merged_into=_merged_into(export),
        is_canceled=export.canceled_at is not None,
        is_held_by_us=export.is_held_by_us,
        holds=_foreign_holds(export),
        lines=_lines(export),
        shipments=_shipments(export),
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


def _lines(export: Export) -> tuple[LineFacts, ...]:
    return tuple(
        LineFacts(
            key=line.key,
            ordered=line.quantity,
            shipped=line.shipped,
            allocated=line.allocated,
            backordered=line.backordered,
            picked=line.picked,
        )
        for line in export.lines.filter(is_removed=False)
    )


def _shipments(export: Export) -> tuple[ShipmentFacts, ...]:
    rows = export.shipments.order_by("remote_id").prefetch_related(Prefetch("packages"))
    return tuple(_shipment(row) for row in rows)


def _shipment(row: Shipment) -> ShipmentFacts:
    return ShipmentFacts(
        key=row.remote_id,
        shipped_at=row.shipped_at,
        is_void=row.is_void,
        packages=tuple(
            PackageFacts(
                key=f"{row.account.key_prefix}-{row.remote_id}-{package.key}"[:80],
                carrier=package.carrier,
                method=package.method,
                tracking_number=package.tracking_number,
                tracking_url=package.tracking_url,
                is_void=package.is_void,
            )
            for package in sorted(row.packages.all(), key=lambda item: item.key)
        ),
    )


def refresh(*, order: Order, failure: str, waits_for: str = "", now: datetime) -> bool:
    """Derive and store the order's state; answers whether it or its reason moved."""
    facts = facts_of(order, failure=failure, waits_for=waits_for)
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
    if status.state in ENDED:
        Export.objects.filter(order=order, closed_at=None).exclude(remote_id="").update(
            closed_at=now
        )
    else:
        Export.objects.filter(order=order, canceled_at=None).exclude(
            closed_at=None
        ).update(closed_at=None)


def writeback_of(order: Order, *, failure: str) -> tuple[OrderWriteback, str]:
    """What Salesforce is to show of the order, and the digest of it."""
    facts = facts_of(order, failure=failure, waits_for="")
    export = current_export(order)
    identity = WritebackIdentity(
        salesforce_id=order.salesforce_id,
        account_id=str(order.picture.get("account_id", "")),
        remote_id=str(export.remote_legacy_id or export.remote_id) if export else "",
        remote_number=export.remote_number if export else "",
        state_since=order.state_since,
    )
    row = statuses.writeback(facts, identity, Status(order.state, order.state_reason))
    picture = to_picture(row)
    picture.pop("status_since", None)  # rides along, never causes a write
    return row, fingerprint(picture)
