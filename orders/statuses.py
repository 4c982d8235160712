"""Facts in, status out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

NOT_EXPORTED = "not_exported"
WAITING = "waiting"
SENT = "sent"
ON_HOLD = "on_hold"
IN_WAREHOUSE = "in_warehouse"
BACKORDERED = "backordered"
PICKING = "picking"
PACKED = "packed"
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
    PACKED: "Packed",
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
    packed: int = 0
    canceled: int = 0
    resending: int = 0


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What left of one line with a shipment; `line_id` is the source's id of the line.

    It was ordered in `unit`, of `factor` pieces; `quantity` is in pieces.
    """

    key: str
    line_id: str
    sku: str
    quantity: int
    package_number: int | None = None
    serial_numbers: tuple[str, ...] = ()
    lot_name: str = ""
    lot_expires_on: date | None = None
    unit: str = ""
    factor: int = 1


@dataclass(frozen=True, slots=True)
class PackageFacts:
    key: str
    carrier: str
    method: str
    tracking_number: str
    tracking_url: str
    is_void: bool
    number: int = 1


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    key: str
    shipped_at: datetime | None
    is_void: bool
    packages: tuple[PackageFacts, ...]
    name: str = ""
    remote_id: str = ""
    warehouse: str = ""
    items: tuple[ItemFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """All that the status of an order follows from.

    `excluded` says why the order is not exported ("" when it is). `failure` is the
    reason of the newest open failure ("" when there is none). `remote_status` is
    the warehouse's free text; `is_settled` says that no line there has anything left
    to ship; `holds` are the kinds set there by others than us. `merged_into` names
    the order that took this one's lines over. `late_holds` are those of `holds` that
    were set after picking began. `accepted` is a person's word for a close without a
    shipment. `is_locked` says that the floor works on it.
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
    late_holds: tuple[str, ...] = ()
    accepted: str = ""
    is_locked: bool = False
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


def is_closed_word(status: str, *, is_settled: bool) -> bool:
    """Whether the warehouse's free word for an order means that it is over there."""
    word = status.casefold()
    return word in CLOSED_WORDS or (word not in OPEN_WORDS and is_settled)


def _is_closed(facts: OrderFacts) -> bool:
    return is_closed_word(facts.remote_status, is_settled=facts.is_settled)


def _shipping_state(facts: OrderFacts) -> str | None:
    """Shipped follows from shipments alone: a closed status does not prove one."""
    if not any(not shipment.is_void for shipment in facts.shipments):
        return None
    if all(line.shipped >= line.ordered for line in facts.lines):
        return SHIPPED
    return PARTIALLY_SHIPPED


def _open_state(facts: OrderFacts) -> str:
    picked = sum(line.picked for line in facts.lines)
    if picked:
        is_packed = picked <= sum(line.packed for line in facts.lines)
        return PACKED if is_packed else PICKING
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
    words = _REASONS.get(state)
    return words(facts) if words else ""


def _why_closed(facts: OrderFacts) -> str:
    words = f"Closed in the warehouse as “{facts.remote_status}” without a shipment."
    return f"{words} Accepted: {facts.accepted}" if facts.accepted else words


def _why_held(facts: OrderFacts) -> str:
    words = "On hold in the warehouse: " + ", ".join(sorted(facts.holds)) + "."
    if facts.late_holds:
        words += " Set after picking began: it may ship anyway."
    return words


def _why_backordered(facts: OrderFacts) -> str:
    return f"Waiting for stock: {sum(x.backordered for x in facts.lines)} short."


def _why_partial(facts: OrderFacts) -> str:
    """How much left, and what becomes of the rest."""
    shipped = sum(min(line.shipped, line.ordered) for line in facts.lines)
    words = f"{shipped} of {sum(line.ordered for line in facts.lines)} units shipped."
    canceled = sum(line.canceled for line in facts.lines)
    short = sum(line.backordered for line in facts.lines)
    if canceled:
        words += f" {canceled} will not ship."
    if short:
        words += f" {short} wait for stock."
    return words


def _why_shipped(facts: OrderFacts) -> str:
    again = sum(line.resending for line in facts.lines)
    return f"The warehouse ships {again} units once more." if again else ""


def _why_waiting(facts: OrderFacts) -> str:
    return facts.waits_for


_REASONS: dict[str, Callable[[OrderFacts], str]] = {
    CLOSED: _why_closed,
    ON_HOLD: _why_held,
    BACKORDERED: _why_backordered,
    PARTIALLY_SHIPPED: _why_partial,
    SHIPPED: _why_shipped,
    SENT: _why_waiting,
    CANCELED: _why_waiting,
}

WINDOW = {
    "open": "Open: changes still reach the warehouse.",
    "closing": "Closing: it is being picked; changes may come too late.",
    SHIPPED: "Closed: it has shipped.",
    PARTIALLY_SHIPPED: "Closed: part of it has shipped.",
    CANCELED: "Closed: it is canceled.",
    CLOSED: "Closed: the warehouse closed it.",
    PACKED: "Closed: it is packed.",
}


def edit_window(facts: OrderFacts, state: str) -> str:
    """Whether a change in the source still reaches the warehouse, in words for sales."""
    if state in WINDOW:
        return WINDOW[state]
    if state == PICKING or facts.is_locked:
        return WINDOW["closing"]
    return WINDOW["open"] if facts.remote_id else ""
