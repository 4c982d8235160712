"""Query cursors: a result that is fetched in pages.

A locator has 18 characters and begins with 0r8; a page is locator and offset.
Children's rows count toward a page's size. Cursors end with the process, as they
end by themselves after two days: a client starts again from its checkpoint.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.refusals import RefusedError
from connectors.sandbox.world import Document, SandboxClock

MAX_PAGE = 2_000
LIFETIME = 2 * 24 * 3600.0
KEPT = 500


@dataclass(slots=True)
class _Cursor:
    records: list[Document]
    version: str
    page: int
    until: datetime


class Cursors:
    """All open cursors of one organisation."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._count = 0

    def first_page(
        self, records: list[Document], *, version: str, page: int, child_page: int
    ) -> dict[str, Any]:
        """`child_page` is how many children of one row are given at once."""
        for record in records:
            self._page_children(record, version, child_page)
        return self._open(records, version, page)

    def page(self, reference: str) -> dict[str, Any]:
        """The page a `nextRecordsUrl` ends with. Raises INVALID_QUERY_LOCATOR."""
        locator, _, offset = reference.partition("-")
        cursor = self._cursors.get(locator)
        usable = cursor is not None and cursor.until > self._clock.now()
        if cursor is None or not usable or not (offset or "0").isdecimal():
            raise RefusedError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._answer(locator, cursor, int(offset or 0))

    def _open(self, records: list[Document], version: str, page: int) -> dict[str, Any]:
        self._count += 1
        until = self._clock.now() + self._clock.span(LIFETIME)
        locator = make_id("0r8", self._count)
        cursor = _Cursor(records, version, page, until)
        answer = self._answer(locator, cursor, 0)
        if not answer["done"]:
            self._cursors[locator] = cursor
        while len(self._cursors) > KEPT:
            self._cursors.popitem(last=False)
        return answer

    def _answer(self, locator: str, cursor: _Cursor, start: int) -> dict[str, Any]:
        end = _page_end(cursor.records, start, cursor.page)
        answer: dict[str, Any] = {
            "totalSize": len(cursor.records),
            "done": end >= len(cursor.records),
        }
        if not answer["done"]:
            base = f"/services/data/v{cursor.version}/query"
            answer["nextRecordsUrl"] = f"{base}/{locator}-{end}"
        return {**answer, "records": cursor.records[start:end]}

    def _page_children(self, record: Document, version: str, size: int) -> None:
        for name, value in record.items():
            if isinstance(value, dict) and "records" in value:
                for child in value["records"]:
                    self._page_children(child, version, size)
                record[name] = self._open(value["records"], version, size)


def _page_end(records: list[Document], start: int, size: int) -> int:
    """At least one record, then as many as fit with their children."""
    end, rows = start, 0
    while end < len(records):
        rows += 1 + _children(records[end])
        if rows > size and end > start:
            break
        end += 1
    return end


def _children(record: Document) -> int:
    return sum(
        len(value["records"])
        for value in record.values()
        if isinstance(value, dict) and "records" in value
    )
