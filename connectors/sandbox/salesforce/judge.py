"""Questions that tests and the demo ask about what really happened."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.salesforce.world import INTEGRATION_USERNAME, SalesforceWorld
from connectors.sandbox.world import Document, LedgerEntry


def order(world: SalesforceWorld, order_id: str) -> Document:
    """An order's stored fields, visible or not yet. KeyError when there is none."""
    return _copy(world, "Order", order_id)


def lines(world: SalesforceWorld, order_id: str) -> list[Document]:
    """The order's lines that are not deleted, oldest first."""
    return _children(world, "OrderItem", "OrderId", order_id)


def packages(world: SalesforceWorld, order_id: str) -> list[Document]:
    """The package rows under an order, oldest first."""
    return _children(world, "ShipSync_Package__c", "Order__c", order_id)


def order_by_number(world: SalesforceWorld, number: str) -> Document:
    for row in world.snapshot("Order"):
        if row["OrderNumber"] == number:
            return row
    raise KeyError(number)


def integration_writes(
    world: SalesforceWorld, subject: str | None = None
) -> list[LedgerEntry]:
    """Writes that the integration user really made, optionally to one record."""
    user_id = world.user_id(INTEGRATION_USERNAME)
    return [
        entry
        for entry in world.ledger()
        if entry.outcome == "applied"
        and entry.detail.get("user") == user_id
        and subject in {None, entry.subject}
    ]


def values_over_time(world: SalesforceWorld, subject: str, field: str) -> list[Any]:
    """Each value that a field of one record was given, in order."""
    return [
        entry.detail["changes"][field]
        for entry in world.ledger()
        if entry.outcome == "applied"
        and entry.subject == subject
        and field in entry.detail.get("changes", {})
    ]


def refusals(world: SalesforceWorld, code: str | None = None) -> list[LedgerEntry]:
    """What was refused, optionally with one error code."""
    return [
        entry
        for entry in world.ledger()
        if entry.outcome == "refused" and code in {None, entry.detail.get("code")}
    ]


def _copy(world: SalesforceWorld, sobject: str, row_id: str) -> Document:
    with world.lock:
        row = world.get(sobject, row_id)
        if row is None:
            raise KeyError(row_id)
        return dict(row)


def _children(
    world: SalesforceWorld, sobject: str, field: str, parent_id: str
) -> list[Document]:
    with world.lock:
        found = world.related(sobject, field, parent_id)
        return [dict(row) for row in found if not row["IsDeleted"]]
