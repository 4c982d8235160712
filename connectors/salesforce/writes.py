"""How a batch of facts is packed into composite calls, and its answers unpacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError, RejectedError, System, TransientError
from connectors.salesforce.calls import Caller
from connectors.salesforce.errors import classify_complaint, complaints_in
from connectors.salesforce.writeback import (
    WritebackFields,
    item_row,
    order_row,
    package_row,
    shipment_row,
)
from orders.writeback_records import OrderWriteback

# Salesforce's limits: rows in a collection, collections in a composite call.
MOST_ROWS = 200
MOST_COLLECTIONS = 5


@dataclass(frozen=True, slots=True)
class Collection:
    """One collections call: `orders` tells for each row whose order it is."""

    path: str
    rows: tuple[Mapping[str, Any], ...]
    orders: tuple[str, ...]


@dataclass(slots=True)
class Outcomes:
    """The first error of each order, over all its rows."""

    errors: dict[str, ConnectorError] = field(default_factory=dict)

    def note(self, order_id: str, error: ConnectorError | None) -> None:
        if error is not None:
            self.errors.setdefault(order_id, error)


Lengths = Mapping[str, Mapping[str, int]]
Rows = list[tuple[str, dict[str, Any]]]


def collections(
    orders: Sequence[OrderWriteback],
    fields: WritebackFields,
    lengths: Lengths | None = None,
) -> list[Collection]:
    """Order updates, then upserts of shipments and what hangs on them.

    Salesforce locks the parents of what it writes, so one account's orders stand side
    by side, and their rows in one call. Rows that would stand twice are sent once, the
    last of them. `lengths` are the longest texts of each object's fields.
    """
    last = {order.salesforce_id: order for order in orders}
    ordered = sorted(last.values(), key=lambda one: (one.account_id, one.salesforce_id))
    order_rows = [(one.salesforce_id, order_row(one, fields)) for one in ordered]
    parts = list(
        cut(
            "composite/sobjects",
            _clipped(order_rows, fields.orders_in, lengths, frozenset()),
        )
    )
    for name, key, rows in _children(ordered, fields):
        if name and rows:
            upsert = f"composite/sobjects/{name}/{key}"
            parts += cut(upsert, _clipped(rows, name, lengths, frozenset({key})))
    return parts


def _children(
    orders: Sequence[OrderWriteback], fields: WritebackFields
) -> Iterator[tuple[str, str, Rows]]:
    """Parents before their children, each row once, beside its order's id."""
    shipments: dict[str, tuple[str, dict[str, Any]]] = {}
    packages: dict[str, tuple[str, dict[str, Any]]] = {}
    items: dict[str, tuple[str, dict[str, Any]]] = {}
    for one in orders:
        own = one.salesforce_id
        for shipment in one.shipments:
            shipments[shipment.key] = (own, shipment_row(shipment, own, fields))
        for package in one.packages:
            packages[package.key] = (own, package_row(package, own, fields))
        for item in one.items:
            items[item.key] = (own, item_row(item, own, fields))
    yield fields.shipment_object, fields.shipment_key, list(shipments.values())
    yield fields.package_object, fields.package_key, list(packages.values())
    yield fields.item_object, fields.item_key, list(items.values())


def _clipped(
    rows: Rows, name: str, lengths: Lengths | None, never: frozenset[str]
) -> Rows:
    of_object = (lengths or {}).get(name) or {}
    return [(own, clipped(row, of_object, never=never)) for own, row in rows]


def clipped(
    row: dict[str, Any], lengths: Mapping[str, int], *, never: frozenset[str]
) -> dict[str, Any]:
    """The row with texts cut to what its fields hold, with an ellipsis to show it.

    `never` are fields that are left whole: a cut key would name another row.
    """
    return {
        name: _cut(value, lengths.get(name, 0)) if name not in never else value
        for name, value in row.items()
    }


def _cut(value: Any, length: int) -> Any:
    if not isinstance(value, str) or not length or len(value) <= length:
        return value
    return value[: length - 1] + "…"


def composites(parts: Sequence[Collection]) -> Iterator[Sequence[Collection]]:
    for start in range(0, len(parts), MOST_COLLECTIONS):
        yield parts[start : start + MOST_COLLECTIONS]


def composite_body(parts: Sequence[Collection], base: str) -> dict[str, Any]:
    """`base` is the version's path, `/services/data/v66.0/`."""
    return {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": "PATCH",
                "url": base + part.path,
                "referenceId": f"part{number}",
                "body": {"allOrNone": False, "records": list(part.rows)},
            }
            for number, part in enumerate(parts)
        ],
    }


def send_all(caller: Caller, parts: Sequence[Collection]) -> Outcomes:
    """Send all parts, as many to a call as it takes.

    A call that fails as a whole is the error of every row in it, and unless it was
    refused for what it said, of every row after it.
    """
    outcomes = Outcomes()
    stopped: ConnectorError | None = None
    for group in composites(parts):
        error = stopped or send(caller, group, outcomes)
        if error is not None:
            note_failure(group, error, outcomes)
        if not isinstance(error, RejectedError):
            stopped = error
    return outcomes


def note_answer(parts: Sequence[Collection], answer: Any, outcomes: Outcomes) -> None:
    """Maps each row's answer, by its place, to its order."""
    listed = answer.get("compositeResponse") if isinstance(answer, Mapping) else None
    found = {
        part.get("referenceId"): part
        for part in (listed if isinstance(listed, list) else [])
        if isinstance(part, Mapping)
    }
    for number, part in enumerate(parts):
        body = (found.get(f"part{number}") or {}).get("body")
        for order_id, error in zip(part.orders, _errors_of(part, body), strict=True):
            outcomes.note(order_id, error)


def note_failure(
    parts: Sequence[Collection], error: ConnectorError, outcomes: Outcomes
) -> None:
    """The call that carried these parts failed as a whole."""
    for part in parts:
        for order_id in part.orders:
            outcomes.note(order_id, error)


def send(
    caller: Caller, parts: Sequence[Collection], outcomes: Outcomes
) -> ConnectorError | None:
    """One call. Answers the error of the whole; errors of rows go to `outcomes`."""
    try:
        answer = caller.write(
            "POST",
            caller.data_path("composite"),
            composite_body(parts, caller.data_path("")),
        )
    except ConnectorError as error:
        return error
    note_answer(parts, answer, outcomes)
    return None


def _errors_of(part: Collection, body: Any) -> list[ConnectorError | None]:
    """One per row: a part refused as a whole is refused for each of its rows."""
    rows = body if isinstance(body, list) else []
    if len(rows) == len(part.rows) and all(_is_row(row) for row in rows):
        return [_error_of(row) for row in rows]
    complaints = complaints_in(body)
    if complaints:
        return [classify_complaint(complaints[0], is_write=True) for _ in part.rows]
    return [_unanswered() for _ in part.rows]


def _is_row(row: Any) -> bool:
    return isinstance(row, Mapping) and "success" in row


def _error_of(row: Mapping[str, Any]) -> ConnectorError | None:
    if row["success"] is True:
        return None
    complaints = complaints_in(row.get("errors"))
    if not complaints:
        return _unanswered()
    return classify_complaint(complaints[0], is_write=True)


def _unanswered() -> TransientError:
    return TransientError(
        "Salesforce did not say what became of this record.",
        system=System.SALESFORCE,
        code="salesforce.unreadable",
        outcome_unknown=True,
    )


def cut(path: str, rows: list[tuple[str, dict[str, Any]]]) -> Iterator[Collection]:
    for start in range(0, len(rows), MOST_ROWS):
        chunk = rows[start : start + MOST_ROWS]
        yield Collection(
            path=path,
            rows=tuple(row for _, row in chunk),
            orders=tuple(order_id for order_id, _ in chunk),
        )
