"""Reading orders: queries, pages, and child rows to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.errors import (
    AuthError,
    ConnectorError,
    RejectedError,
    System,
    TransientError,
)
from connectors.salesforce import soql
from connectors.salesforce.calls import Caller, unreadable
from connectors.salesforce.mapping import order_from, text_of, time_of
from connectors.salesforce.order_fields import ESSENTIAL_FIELDS
from connectors.salesforce.soql import OrderQuery
from connectors.salesforce.source_mapping import OrderSource, SourceMapping
from orders.records import MISSING, Missing, OrderRecord, SourceStamp

# The most there is: child rows count toward a page, and each page is a call.
PAGE = {"Sforce-Query-Options": "batchSize=2000"}

# Of those that one composite call may hold.
MOST_QUERIES = 3

# More orders than these under one number or customer reference are none anybody meant.
MOST_FOUND = 5


@dataclass(frozen=True, slots=True)
class BadRow:
    """An order that Salesforce gave us and that could not be read as one."""

    salesforce_id: str
    reason: str


class OrderReader:
    """Reads for the client, which says what each reading promises; raises as it does.

    Rows that could not be read are kept until they are taken.
    """

    def __init__(
        self, caller: Caller, describe: Callable[[str], Mapping[str, Any]]
    ) -> None:
        self._caller = caller
        self._describe = describe
        self._bad_rows: list[BadRow] = []

    def changed(
        self, orders_since: datetime, items_since: datetime, source: OrderSource
    ) -> tuple[Iterator[list[SourceStamp]], Iterator[list[SourceStamp]]]:
        asked = (
            soql.changed_orders(orders_since, source),
            soql.changed_items(items_since, source),
        )
        orders, items = (self._pages_of(first) for first in self._first_pages(asked))
        return _stamps(orders, of="Id"), _stamps(items, of=source.parent)

    def read_rows(
        self, mapping: SourceMapping, ids: Sequence[str]
    ) -> list[tuple[Mapping[str, Any], OrderRecord | None]]:
        query = self.order_query(mapping)
        found: list[tuple[Mapping[str, Any], OrderRecord | None]] = []
        for text in query.by_ids(ids):
            for rows in self.query(text, deleted_too=True):
                for row in rows:
                    made = self._records([row], mapping, query)
                    found.append((row, made[0] if made else None))
        return found

    def read_orders(
        self, mapping: SourceMapping, ids: Sequence[str]
    ) -> list[OrderRecord]:
        if not ids:
            return []
        query = self.order_query(mapping)
        texts = list(query.by_ids(ids))
        return [
            record
            for start in range(0, len(texts), MOST_QUERIES)
            for result in self._first_pages(texts[start : start + MOST_QUERIES])
            for rows in self._pages_of(result)
            for record in self._records(rows, mapping, query)
        ]

    def find_orders(self, mapping: SourceMapping, term: str) -> list[OrderRecord]:
        query = self.order_query(mapping)
        where = soql.named(mapping, query, self._describe, term)
        if not where:
            return []
        text = f"{query.select} WHERE {where} ORDER BY Id LIMIT {MOST_FOUND}"
        return [
            record
            for rows in self.query(text, deleted_too=True)
            for record in self._records(rows, mapping, query)
        ]

    def take_bad_rows(self) -> list[BadRow]:
        taken, self._bad_rows = self._bad_rows, []
        return taken

    def order_query(self, mapping: SourceMapping) -> OrderQuery:
        """Raises AuthError when a field without which no order can be read is gone."""
        query = soql.order_query(mapping, self._describe)
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
        """One row that makes no sense is set aside; the others are read."""
        records = []
        for row in rows:
            children = self._children(row, query.children)
            try:
                records.append(order_from(row, mapping, query, children=children))
            except (ValueError, TypeError, ArithmeticError) as error:
                self._bad_rows.append(BadRow(_id_of(row), str(error)))
        return records

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

    def query(self, text: str, *, deleted_too: bool = False) -> Iterator[list[Any]]:
        path = self._caller.data_path("queryAll" if deleted_too else "query")
        yield from self._pages_of(
            self._caller.get(path, params={"q": text}, headers=PAGE)
        )

    def _first_pages(self, texts: Sequence[str]) -> list[Any]:
        """Of queries that see deleted rows too, in one call."""
        path = self._caller.data_path("queryAll")
        if len(texts) == 1:
            return [self._caller.get(path, params={"q": texts[0]}, headers=PAGE)]
        return self._caller.get_all([f"{path}?q={quote(text)}" for text in texts], PAGE)

    def _pages_of(self, result: Any) -> Iterator[list[Any]]:
        if isinstance(result, ConnectorError):
            raise result
        while True:
            rows = result.get("records") if isinstance(result, Mapping) else None
            if not isinstance(rows, list):
                raise unreadable()
            yield rows
            more = result.get("nextRecordsUrl")
            if result.get("done", True) or not more:
                return
            result = self._caller.get(str(more), headers=PAGE)


def _stamps(pages: Iterator[list[Any]], *, of: str) -> Iterator[list[SourceStamp]]:
    """Each row's stamp, with the order that its field `of` names; none without one."""
    for rows in pages:
        stamps = [_stamp(row, of=of) for row in rows]
        yield [one for one in stamps if one.order_id]


def _stamp(row: Any, *, of: str) -> SourceStamp:
    """Raises TransientError for what is no row, or one without a time."""
    row_id = _id_of(row)
    try:
        moved_at = time_of(row.get("SystemModstamp"))
    except ValueError:
        raise unreadable() from None
    return SourceStamp(
        row_id, text_of(row.get(of)), moved_at, is_deleted=row.get("IsDeleted") is True
    )


def _id_of(row: Any) -> str:
    """Raises TransientError for what is no row at all."""
    if not isinstance(row, Mapping) or not row.get("Id"):
        raise unreadable()
    return str(row["Id"])
