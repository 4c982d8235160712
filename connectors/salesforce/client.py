"""The Salesforce organization as ShipSync sees it: records in, records out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import (
    AuthError,
    ConnectorError,
    RejectedError,
    RowResult,
    System,
    TransientError,
)
from connectors.http import Exchange, RemoteSession
from connectors.salesforce import soql, writes
from connectors.salesforce.calls import ApiUsage, Caller
from connectors.salesforce.login import LoginSettings
from connectors.salesforce.mapping import order_from
from connectors.salesforce.soql import OrderQuery
from connectors.salesforce.source_mapping import (
    ESSENTIAL_FIELDS,
    FieldMap,
    SourceMapping,
)
from connectors.salesforce.writeback import WritebackFields
from connectors.tokens import TokenStore
from orders.records import MISSING, Missing, OrderRecord, OrderWriteback

__all__ = ["DEFAULT_VERSION", "Identity", "LoginSettings", "SalesforceClient"]

# Child rows count toward a page, so pages stay small enough to hold whole orders.
PAGE = {"Sforce-Query-Options": "batchSize=500"}

DEFAULT_VERSION = "66.0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token this is. `is_sandbox` is None where we may not ask."""

    organization_id: str
    user_id: str
    is_sandbox: bool | None


class SalesforceClient:
    """One organization over one credential. Not shared between threads.

    Every method raises ConnectorError: ThrottledError, TransientError (for a write
    with `outcome_unknown` where it may have been done), AuthError, RejectedError.
    `exchanges` grows with each call until `drain` empties it; `describe` is read once
    per client, or not at all where `descriptions` of an earlier one are handed in.
    """

    def __init__(
        self,
        *,
        session: RemoteSession,
        tokens: TokenStore,
        login: LoginSettings,
        clock: Callable[[], datetime],
        api_version: str = DEFAULT_VERSION,
        descriptions: dict[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._caller = Caller(
            session=session,
            tokens=tokens,
            login=login,
            api_version=api_version,
            clock=clock,
        )
        self._descriptions = {} if descriptions is None else descriptions

    # -- the log -------------------------------------------------------------

    @property
    def exchanges(self) -> list[Exchange]:
        return self._caller.exchanges

    @property
    def last_call(self) -> Exchange | None:
        return self.exchanges[-1] if self.exchanges else None

    @property
    def api_usage(self) -> ApiUsage | None:
        """As the latest answer said it, whether it was an error or not."""
        return self._caller.api_usage

    def drain(self) -> list[Exchange]:
        """The exchanges since the last drain, oldest first."""
        taken, self._caller.exchanges = self._caller.exchanges, []
        return taken

    # -- the organization ----------------------------------------------------

    def identity(self) -> Identity:
        told = self._caller.get("/services/oauth2/userinfo")
        if not isinstance(told, Mapping):
            raise _unreadable()
        return Identity(
            organization_id=str(told.get("organization_id") or ""),
            user_id=str(told.get("user_id") or ""),
            is_sandbox=self._is_sandbox(),
        )

    def _is_sandbox(self) -> bool | None:
        try:
            pages = self._query("SELECT IsSandbox FROM Organization LIMIT 1")
            rows = next(pages, [])
        except RejectedError:
            return None
        told = rows[0].get("IsSandbox") if rows else None
        return told if isinstance(told, bool) else None

    def limits(self) -> dict[str, tuple[int, int]]:
        """(maximum, remaining) by Salesforce's name. Needs the right View Setup."""
        told = self._caller.get(self._caller.data_path("limits"))
        return {
            str(name): (int(both["Max"]), int(both["Remaining"]))
            for name, both in (told if isinstance(told, Mapping) else {}).items()
            if isinstance(both, Mapping) and "Max" in both and "Remaining" in both
        }

    def describe(self, sobject: str) -> Mapping[str, Any]:
        """Salesforce's description of an object as far as we may see it."""
        if sobject not in self._descriptions:
            told = self._caller.get(
                self._caller.data_path(f"sobjects/{sobject}/describe")
            )
            if not isinstance(told, Mapping):
                raise _unreadable()
            self._descriptions[sobject] = told
        return self._descriptions[sobject]

    def available_fields(self, sobject: str) -> frozenset[str]:
        """The fields of an object that exist and that we may read."""
        described = self.describe(sobject).get("fields") or []
        return frozenset(str(one["name"]) for one in described if "name" in one)

    def absent_fields(self, mapping: SourceMapping) -> tuple[FieldMap, ...]:
        """The maps whose path does not exist, or that we may not read."""
        return self._order_query(mapping).absent

    # -- reading orders ------------------------------------------------------

    def changed_orders(
        self,
        mapping: SourceMapping,
        since: datetime,
        until: datetime | None = None,
        *,
        max_pages: int | None = None,
    ) -> Iterator[list[OrderRecord]]:
        """Pages of the orders that moved in [since, until), deleted ones included.

        Ordered by (SystemModstamp, Id). A row can appear with a stamp behind the
        newest one seen, so windows must overlap.
        """
        query = self._order_query(mapping)
        pages = self._query(query.changed(since, until), deleted_too=True)
        for number, rows in enumerate(pages, start=1):
            yield self._records(rows, mapping, query)
            if number == max_pages:
                return

    def changed_item_orders(
        self, since: datetime, until: datetime | None = None
    ) -> Iterator[list[str]]:
        """Pages of the ids of orders whose products moved in [since, until)."""
        pages = self._query(soql.changed_items(since, until), deleted_too=True)
        for rows in pages:
            yield list(dict.fromkeys(str(row.get("OrderId") or "") for row in rows))

    def read_orders(
        self, mapping: SourceMapping, ids: Sequence[str]
    ) -> list[OrderRecord]:
        """The orders, deleted ones included; ids unknown to us are left out."""
        if not ids:
            return []
        query = self._order_query(mapping)
        return [
            record
            for text in query.by_ids(ids)
            for rows in self._query(text, deleted_too=True)
            for record in self._records(rows, mapping, query)
        ]

    def _order_query(self, mapping: SourceMapping) -> OrderQuery:
        """Raises AuthError when a field without which no order can be read is gone."""
        query = soql.order_query(mapping, self.describe)
        readable = {one.field for one in mapping.fields if one.path in query.paths}
        gone = [name for name in ESSENTIAL_FIELDS if name not in readable]
        if gone:
            raise AuthError(
                f"Salesforce does not let us read {', '.join(gone)} of an order.",
                system=System.SALESFORCE,
                code="salesforce.essential_field_hidden",
            )
        return query

    def _records(
        self, rows: list[Any], mapping: SourceMapping, query: OrderQuery
    ) -> list[OrderRecord]:
        return [
            order_from(
                row, mapping, query, children=self._children(row, query.children)
            )
            for row in rows
        ]

    def _children(self, row: Mapping[str, Any], name: str) -> list[Any] | Missing:
        """All child rows of an order, paged to their end, or MISSING.

        Salesforce says null for no children. A page's locator that is gone leaves
        the list unfinished; a wire that broke is an error like any other.
        """
        if not name or name not in row:
            return MISSING
        result = row[name]
        if result is None:
            return []
        try:
            return [child for page in self._pages_of(result) for child in page]
        except (RejectedError, TransientError) as error:
            if error.code != "salesforce.invalid_query_locator":
                raise
            return MISSING

    def _query(self, text: str, *, deleted_too: bool = False) -> Iterator[list[Any]]:
        path = self._caller.data_path("queryAll" if deleted_too else "query")
        yield from self._pages_of(
            self._caller.get(path, params={"q": text}, headers=PAGE)
        )

    def _pages_of(self, result: Any) -> Iterator[list[Any]]:
        while True:
            rows = result.get("records") if isinstance(result, Mapping) else None
            if not isinstance(rows, list):
                raise _unreadable()
            yield rows
            more = result.get("nextRecordsUrl")
            if result.get("done", True) or not more:
                return
            result = self._caller.get(str(more), headers=PAGE)

    # -- writing back --------------------------------------------------------

    def write_orders(
        self,
        rows: Sequence[OrderWriteback],
        fields: WritebackFields | None = None,
    ) -> list[RowResult]:
        """Writes the facts of many orders; one result per given row, in its order.

        A repeat is harmless: orders are set by id, packages upserted by external id.
        An error is the first of the order's own rows; a locked row is a
        TransientError to be tried again alone. A call that fails as a whole is the
        error of every row in it and after it; earlier calls stand.
        """
        outcomes = writes.Outcomes()
        parts = writes.collections(rows, fields or WritebackFields())
        stopped: ConnectorError | None = None
        for group in writes.composites(parts):
            error = stopped or self._write(group, outcomes)
            if error is not None:
                writes.note_failure(group, error, outcomes)
            if not isinstance(error, RejectedError):
                stopped = error
        return [
            RowResult(row.salesforce_id, error=outcomes.errors.get(row.salesforce_id))
            for row in rows
        ]

    def _write(
        self, group: Sequence[writes.Collection], outcomes: writes.Outcomes
    ) -> ConnectorError | None:
        """The error of the call as a whole; errors of rows go to `outcomes`."""
        try:
            answer = self._caller.write(
                "POST",
                self._caller.data_path("composite"),
                writes.composite_body(group, self._caller.data_path("")),
            )
        except ConnectorError as error:
            return error
        writes.note_answer(group, answer, outcomes)
        return None


def _unreadable() -> TransientError:
    return TransientError(
        "Salesforce's answer could not be read.",
        system=System.SALESFORCE,
        code="salesforce.unreadable",
    )
