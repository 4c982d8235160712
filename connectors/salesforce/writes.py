"""How a batch of facts is packed into composite calls, and its answers unpacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError, System, TransientError
from connectors.salesforce.errors import classify_complaint, complaints_in
from connectors.salesforce.writeback import WritebackFields, order_row, package_row
from orders.records import OrderWriteback

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


def collections(
    orders: Sequence[OrderWriteback], fields: WritebackFields
) -> list[Collection]:
    """Order updates, then package upserts; one account's orders side by side.

    Salesforce locks the parents of what it writes, so rows of one account belong in
    one call. Rows that would stand twice are sent once, the last of them.
    """
    last = {order.salesforce_id: order for order in orders}
    ordered = sorted(last.values(), key=lambda one: (one.account_id, one.salesforce_id))
    order_rows = [(one.salesforce_id, order_row(one, fields)) for one in ordered]
    package_rows = {
        package.key: (
            one.salesforce_id,
            package_row(package, one.salesforce_id, fields),
        )
        for one in ordered
        for package in one.packages
    }
    upsert = f"composite/sobjects/{fields.package_object}/{fields.package_key}"
    return [
        *_cut("composite/sobjects", order_rows),
        *_cut(upsert, list(package_rows.values())),
    ]


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


def _cut(path: str, rows: list[tuple[str, dict[str, Any]]]) -> Iterator[Collection]:
    for start in range(0, len(rows), MOST_ROWS):
        chunk = rows[start : start + MOST_ROWS]
        yield Collection(
            path=path,
            rows=tuple(row for _, row in chunk),
            orders=tuple(order_id for order_id, _ in chunk),
        )
