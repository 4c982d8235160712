"""What needs somebody, as rows of Salesforce under the names an organization gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.errors import RejectedError, RowResult
from connectors.salesforce import writes
from connectors.salesforce.calls import Caller
from connectors.salesforce.writeback import WritebackFields, time_value
from orders.writeback_records import ExceptionWriteback

CATEGORIES = {"sku": "SKU"}  # the others are capitalized


class ExceptionCalls:
    """Raises ConnectorError, as the client does."""

    def __init__(
        self,
        caller: Caller,
        names: WritebackFields,
        describe: Callable[[str], Mapping[str, Any]],
    ) -> None:
        self._caller = caller
        self._names = names
        self._describe = describe

    def are_possible(self) -> bool:
        """Whether the organization has the object, wants it, and lets us write it."""
        if not self._names.exception_object:
            return False
        try:
            described = self._describe(self._names.exception_object)
        except RejectedError:
            return False
        return bool(described.get("createable", True))

    def write(
        self, rows: Sequence[ExceptionWriteback], lengths: Mapping[str, int]
    ) -> list[RowResult]:
        """One result per row, in order. Upserts by external id: a repeat is harmless."""
        names = self._names
        key = frozenset({names.exception_key})
        path = f"composite/sobjects/{names.exception_object}/{names.exception_key}"
        told = [
            (one.key, writes.clipped(exception_row(one, names), lengths, never=key))
            for one in rows
        ]
        outcomes = writes.send_all(self._caller, list(writes.cut(path, told)))
        return [RowResult(one.key, error=outcomes.errors.get(one.key)) for one in rows]


def exception_row(one: ExceptionWriteback, names: WritebackFields) -> dict[str, Any]:
    """The order is left as it stands there where the source has it no longer."""
    row: dict[str, Any] = {
        "attributes": {"type": names.exception_object},
        names.exception_key: one.key,
    }
    named = {
        names.exception_category: CATEGORIES.get(one.category)
        or one.category.capitalize(),
        names.exception_code: one.code,
        names.exception_owner: one.owner.capitalize(),
        names.exception_reason: one.reason,
        names.exception_fix: one.fix or None,
        names.exception_open: one.closed_at is None,
        names.exception_opened_at: time_value(one.opened_at),
        names.exception_closed_at: time_value(one.closed_at),
        names.exception_resolution: one.resolution or None,
    }
    if one.order_id:
        named[names.exception_order] = one.order_id
    return row | {name: value for name, value in named.items() if name}
