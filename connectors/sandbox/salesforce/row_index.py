"""Which rows hold which value, for the fields that rows are looked up by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from connectors.sandbox.salesforce.schema import Field, Object
from connectors.sandbox.world import Document

Key = tuple[str, str]


class RowIndex:
    """The ids of rows by their child references and their unique fields."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._columns = {
            (item.name, column.name): column
            for item in objects
            for column in item.fields.values()
            if column.children or column.unique or column.external_id
        }
        self._ids: dict[Key, dict[str, dict[str, None]]] = {}

    def ids(self, sobject: str, field: str, value: str) -> Iterable[str]:
        """In the order in which the rows came. KeyError for a field without index."""
        column = self._columns[sobject, field]
        return self._ids.get((sobject, field), {}).get(_spelled(column, value), {})

    def add(self, sobject: str, row_id: str, row: Document) -> None:
        for key, value in self._entries(sobject, row):
            self._ids.setdefault(key, {}).setdefault(value, {})[row_id] = None

    def drop(self, sobject: str, row_id: str, row: Document) -> None:
        for key, value in self._entries(sobject, row):
            self._ids[key][value].pop(row_id, None)

    def _entries(self, sobject: str, row: Document) -> Iterator[tuple[Key, str]]:
        for key, column in self._columns.items():
            if key[0] == sobject and row.get(key[1]) is not None:
                yield key, _spelled(column, row[key[1]])


def _spelled(column: Field, value: Any) -> str:
    text = str(value)
    return text if column.case_sensitive or column.reference_to else text.casefold()
