"""Facts in, status out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.records import OrderWriteback, PackageWriteback

NOT_EXPORTED = "not_exported"
WAITING = "waiting"
SENT = "sent"
ON_HOLD = "on_hold"
IN_WAREHOUSE = "in_warehouse"
BACKORDERED = "backordered"
PICKING = "picking"
PARTIALLY_SHIPPED = "partially_shipped"
SHIPPED = "shipped"
CANCELED = "canceled"
CLOSED = "closed"
FAILED = "failed"

WORDS = {
    NOT_EXPORTED: "Not Exported",
    WAITING: "Waiting",
    SENT: "Sent",
    ON_HOLD: "On Hold",
    IN_WAREHOUSE: "In Warehouse",
    BACKORDERED: "Backordered",
    PICKING: "Picking",
    PARTIALLY_SHIPPED: "Partially Shipped",
    SHIPPED: "Shipped",
    CANCELED: "Canceled",
    CLOSED: "Closed",
    FAILED: "Failed",
}

# An account defines statuses of its own: what is none of these words is open as
# long as something is left to ship.
OPEN_WORDS = frozenset({"", "pending", "unfulfilled"})
CLOSED_WORDS = frozenset(
    {"fulfilled", "closed", "canceled", "cancelled", "auto_canceled"}
)


@dataclass(frozen=True, slots=True)
class LineFacts:
    key: str
    ordered: int
    shipped: int = 0
    allocated: int = 0
    backordered: int = 0
    picked: int = 0


@dataclass(frozen=True, slots=True)
class PackageFacts:
    key: str
    carrier: str
    method: str
    tracking_number: str
    tracking_url: str
    is_void: bool


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    key: str
    shipped_at: datetime | None
    is_void: bool
    packages: tuple[PackageFacts, ...]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """All that the status of an order follows from.

    `excluded` says why the order is not exported ("" when it is). `failure` is the
    reason of the newest open failure ("" when there is none). `remote_status` is
    the warehouse's free text; `is_settled` says that no line there has anything left
    to ship; `holds` are the kinds set there by others than us. `merged_into` names
    the order that took this one's lines over.
    """

    excluded: str = ""
    failure: str = ""
    remote_id: str = ""
    remote_status: str = ""
    is_settled: bool = False
    is_canceled: bool = False
    merged_into: str = ""
    is_held_by_us: bool = False
    waits_for: str = ""
    holds: tuple[str, ...] = ()
    lines: tuple[LineFacts, ...] = ()
    shipments: tuple[ShipmentFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    state: str
    reason: str


def derive(facts: OrderFacts) -> Status:
    """The one status of an order. Independent of the order in which facts came."""
    state = _floor_state(facts)
    if state is None:
        if facts.failure:
            return Status(FAILED, facts.failure)
        if facts.excluded:
            return Status(NOT_EXPORTED, facts.excluded)
        return Status(WAITING, facts.waits_for)
    return Status(state, facts.failure or _reason(facts, state))


def _floor_state(facts: OrderFacts) -> str | None:
    shipped = _shipping_state(facts)
    if shipped:
        return shipped
    if facts.is_canceled and not facts.merged_into:
        return CANCELED
    if not facts.remote_id:
        return None
    if facts.merged_into or _is_closed(facts):
        return CLOSED
    if facts.holds:
        return ON_HOLD
    return _open_state(facts)


def _is_closed(facts: OrderFacts) -> bool:
    word = facts.remote_status.casefold()
    return word in CLOSED_WORDS or (word not in OPEN_WORDS and facts.is_settled)


def _shipping_state(facts: OrderFacts) -> str | None:
    """Shipped follows from shipments alone: a closed status does not prove one."""
    if not any(not shipment.is_void for shipment in facts.shipments):
        return None
    if all(line.shipped >= line.ordered for line in facts.lines):
        return SHIPPED
    return PARTIALLY_SHIPPED


def _open_state(facts: OrderFacts) -> str:
    if any(line.picked for line in facts.lines):
        return PICKING
    if any(line.backordered for line in facts.lines):
        return BACKORDERED
    if facts.is_held_by_us:
        return SENT
    if any(line.allocated for line in facts.lines):
        return IN_WAREHOUSE
    return SENT


def _reason(facts: OrderFacts, state: str) -> str:
    if state == CLOSED and facts.merged_into:
        return f"Merged in the warehouse into {facts.merged_into}; ships with that."
    if state == CLOSED:
        return f"Closed in the warehouse as “{facts.remote_status}” without a shipment."
    if state == ON_HOLD:
        return "On hold in the warehouse: " + ", ".join(sorted(facts.holds)) + "."
    if state == BACKORDERED:
        return f"Waiting for stock: {sum(x.backordered for x in facts.lines)} short."
    if state in {SENT, CANCELED}:
        return facts.waits_for
    return ""


@dataclass(frozen=True, slots=True)
class WritebackIdentity:
    """Whose facts these are, in the source's terms."""

    salesforce_id: str
    account_id: str
    remote_id: str
    remote_number: str
    state_since: datetime | None


def writeback(
    facts: OrderFacts, identity: WritebackIdentity, status: Status
) -> OrderWriteback:
    """Everything Salesforce is to show of the order: a pure function of the facts.

    The order's own tracking fields name the first live package; every package has
    its own row besides.
    """
    rows = _rows(facts.shipments)
    live = [
        (shipment, package)
        for shipment, package in rows
        if not (shipment.is_void or package.is_void)
    ]
    first = live[0][1] if live else None
    moments = [shipment.shipped_at for shipment, _ in live if shipment.shipped_at]
    return OrderWriteback(
        salesforce_id=identity.salesforce_id,
        account_id=identity.account_id,
        status=WORDS[status.state],
        reason=status.reason,
        status_since=identity.state_since,
        remote_id=identity.remote_id,
        remote_number=identity.remote_number,
        carrier=first.carrier if first else "",
        method=first.method if first else "",
        tracking_number=first.tracking_number if first else "",
        tracking_url=first.tracking_url if first else "",
        shipped_at=min(moments, default=None),
        packages=_packages(rows),
    )


Row = tuple[ShipmentFacts, PackageFacts]


def _rows(shipments: Sequence[ShipmentFacts]) -> list[Row]:
    """Every package with its shipment, in the order in which they left."""
    rows = [
        (shipment, package) for shipment in shipments for package in shipment.packages
    ]
    return sorted(rows, key=_when_it_left)


def _when_it_left(row: Row) -> tuple[bool, float, str, str]:
    shipment, package = row
    left = shipment.shipped_at
    return (left is None, left.timestamp() if left else 0.0, shipment.key, package.key)


def _packages(rows: Sequence[Row]) -> tuple[PackageWriteback, ...]:
    return tuple(
        PackageWriteback(
            key=package.key,
            carrier=package.carrier,
            method=package.method,
            tracking_number=package.tracking_number,
            tracking_url=package.tracking_url,
            shipped_at=shipment.shipped_at,
            is_void=shipment.is_void or package.is_void,
        )
        for shipment, package in rows
    )
