"""Runs parsed queries over the organisation's rows as one user sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.salesforce.conditions import compiled
from connectors.sandbox.salesforce.refusals import (
    SoqlError,
    unknown_column,
    unknown_relationship,
    unsupported_type,
)
from connectors.sandbox.salesforce.schema import Field, Object, Schema
from connectors.sandbox.salesforce.soql_tree import FieldSet, Path, Select, Sort
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.world import Document

MAX_PARENTS = 5
MAX_FIELD_SET_ROWS = 200
ADDRESS_PARTS = {
    "city": "City",
    "country": "Country",
    "geocodeAccuracy": "GeocodeAccuracy",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "postalCode": "PostalCode",
    "state": "State",
    "street": "Street",
}
CODE_PARTS = {"countryCode": "CountryCode", "stateCode": "StateCode"}

Rows = list[Document]
Emit = Callable[[Document, Document], None]
Read = Callable[[Document], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One hop to a parent: through which field, to which object, by which name."""

    key: str
    parent: str
    name: str


class Query:
    """Everything one query, and the queries inside it, look at."""

    def __init__(
        self,
        world: SalesforceWorld,
        schema: Schema,
        *,
        text: str = "",
        version: str = "66.0",
        with_deleted: bool = False,
        unshared: frozenset[str] = frozenset(),
    ) -> None:
        self.world = world
        self.schema = schema
        self.text = text
        self.version = version
        self.with_deleted = with_deleted
        self.unshared = unshared

    def run(self, select: Select) -> tuple[Object, int, Rows]:
        """The object asked for, how many rows there are, and their records."""
        item = self.source(select)
        emit = self._emitter(select, item)
        every = self.world.visible_rows(item.name)
        shared = [row for row in every if row["Id"] not in self.unshared]
        rows = self.rows(select, item, shared)
        if select.is_count:
            return item, len(rows), []
        return item, len(rows), [self._record(item, row, emit) for row in rows]

    # -- names -------------------------------------------------------------

    def refuse(self, code: str, message: str, at: int) -> SoqlError:
        return SoqlError(code, message, query=self.text, at=at)

    def source(self, select: Select) -> Object:
        item = self.schema.object(select.source)
        if item is None:
            message = unsupported_type(select.source)
            raise self.refuse("INVALID_TYPE", message, select.source_at)
        return item

    def column(self, select: Select, item: Object, path: Path) -> tuple[Field, Read]:
        """The field at the end of a path, and how to read it from a row."""
        parts = self._without_alias(select, item, path)
        parents, name = parts[:-1], parts[-1]
        if len(parents) > MAX_PARENTS:
            raise self.refuse("MALFORMED_QUERY", "too many parents", path.at)
        steps: list[Step] = []
        for parent in parents:
            item = self._follow(item, parent, path.at, steps)
        column = item.field(name)
        if column is None:
            raise self.refuse("INVALID_FIELD", unknown_column(name, item.name), path.at)
        return column, self._reader(steps, column)

    def _without_alias(
        self, select: Select, item: Object, path: Path
    ) -> tuple[str, ...]:
        names = {select.alias.lower(), item.name.lower()} - {""}
        if len(path.parts) > 1 and path.parts[0].lower() in names:
            return path.parts[1:]
        return path.parts

    def _follow(self, item: Object, name: str, at: int, steps: list[Step]) -> Object:
        reference = item.by_relationship(name)
        if reference is None:
            raise self.refuse("INVALID_FIELD", unknown_relationship(name), at)
        step = Step(reference.name, reference.reference_to, reference.relationship)
        steps.append(step)
        return self.schema.known(reference.reference_to)

    def _reader(self, steps: list[Step], column: Field) -> Read:
        def read(row: Document) -> Any:
            current: Document | None = row
            for step in steps:
                current = self._parent(current, step)
            return None if current is None else field_value(column, current)

        return read

    def _parent(self, row: Document | None, step: Step) -> Document | None:
        parent_id = (row or {}).get(step.key)
        return self.world.visible(step.parent, parent_id) if parent_id else None

    # -- rows ----------------------------------------------------------------

    def rows(self, select: Select, item: Object, rows: Rows) -> Rows:
        """Those of `rows` that the query wants, in its order."""
        if not self.with_deleted:
            rows = [row for row in rows if not row["IsDeleted"]]
        if select.where is not None:
            wanted = compiled(self, select, item, select.where)
            rows = [row for row in rows if wanted(row)]
        for sort in reversed(select.order):
            rows = self._sorted(select, item, sort, rows)
        end = None if select.limit is None else select.offset + select.limit
        return rows[select.offset : end]

    def _sorted(self, select: Select, item: Object, sort: Sort, rows: Rows) -> Rows:
        column, read = self.column(select, item, sort.path)
        if not column.filterable:
            message = f"field '{sort.path}' can not be sorted in a query call"
            raise self.refuse("INVALID_FIELD", message, sort.path.at)
        empty = [row for row in rows if read(row) is None]
        filled = [row for row in rows if read(row) is not None]
        filled.sort(
            key=lambda row: sort_key(self, column, read(row)), reverse=sort.descending
        )
        return filled + empty if sort.nulls_last else empty + filled

    # -- records ---------------------------------------------------------------

    def _emitter(self, select: Select, item: Object) -> list[Emit]:
        emits: list[Emit] = []
        for column in self._expanded(select, item):
            if isinstance(column, Select):
                emits.append(self._child_emit(item, column))
            else:
                parts = self._without_alias(select, item, column)
                emits.append(self._path_emit(item, parts, column.at))
        return emits

    def _expanded(self, select: Select, item: Object) -> list[Path | Select]:
        columns: list[Path | Select] = []
        for column in select.columns:
            if isinstance(column, FieldSet):
                columns += self._field_set(select, item, column)
            else:
                columns.append(column)
        return columns

    def _field_set(self, select: Select, item: Object, wanted: FieldSet) -> list[Path]:
        bounded = select.limit is not None and select.limit <= MAX_FIELD_SET_ROWS
        if wanted.word != "STANDARD" and not bounded:
            message = (
                f"The SOQL FIELDS function must have a LIMIT of at most "
                f"{MAX_FIELD_SET_ROWS}"
            )
            raise self.refuse("MALFORMED_QUERY", message, wanted.at)
        kinds = {"ALL": (True, False), "CUSTOM": (True,), "STANDARD": (False,)}
        return [
            Path((column.name,))
            for column in item.fields.values()
            if column.custom in kinds[wanted.word]
        ]

    def _path_emit(self, item: Object, parts: tuple[str, ...], at: int) -> Emit:
        """Write one column into a record, inside its parents' records."""
        steps: list[Step] = []
        for part in parts[:-1]:
            item = self._follow(item, part, at, steps)
        column = item.field(parts[-1])
        if column is None:
            raise self.refuse("INVALID_FIELD", unknown_column(parts[-1], item.name), at)
        found = column

        def emit(row: Document, record: Document) -> None:
            for step in steps:
                above = self._parent(row, step)
                if above is None:
                    record.setdefault(step.name, None)
                    return
                if record.get(step.name) is None:
                    attributes = self._attributes(step.parent, above)
                    record[step.name] = {"attributes": attributes}
                row, record = above, record[step.name]
            record[found.name] = field_value(found, row)

        return emit

    def _child_emit(self, item: Object, select: Select) -> Emit:
        child = self.schema.children(item.name).get(select.source.lower())
        if child is None:
            raise self.refuse(
                "INVALID_TYPE", unknown_relationship(select.source), select.source_at
            )
        child_object = self.schema.known(child.sobject)
        emits = self._emitter(select, child_object)

        def emit(row: Document, record: Document) -> None:
            rows = [
                seen
                for found in self.world.related(
                    child.sobject, child.field.name, row["Id"]
                )
                if (seen := self.world.visible(child.sobject, found["Id"])) is not None
            ]
            wanted = self.rows(select, child_object, rows)
            records = [self._record(child_object, one, emits) for one in wanted]
            record[child.field.children] = (
                {"totalSize": len(records), "done": True, "records": records}
                if records
                else None
            )

        return emit

    def _record(self, item: Object, row: Document, emits: list[Emit]) -> Document:
        record: Document = {"attributes": self._attributes(item.name, row)}
        for emit in emits:
            emit(row, record)
        return record

    def _attributes(self, sobject: str, row: Document) -> Document:
        url = f"/services/data/v{self.version}/sobjects/{sobject}/{row['Id']}"
        return {"type": sobject, "url": url}


def field_value(column: Field, row: Document) -> Any:
    """A field as REST shows it; compound addresses are put together here."""
    if column.type != "address":
        return row.get(column.name)
    prefix = column.name.removesuffix("Address")
    parts = {key: row.get(prefix + part) for key, part in ADDRESS_PARTS.items()}
    if not any(parts.values()):
        return None
    codes = {
        key: row[prefix + part]
        for key, part in CODE_PARTS.items()
        if prefix + part in row
    }
    return {**parts, **codes}


def sort_key(query: Query, column: Field, value: Any) -> Any:
    """Picklists sort in their own order, text without regard to case."""
    if column.type == "picklist":
        values = column.picklist
        if column.name == "Status":
            values = values or tuple(query.world.order_statuses())
        if value in values:
            return (values.index(value), "")
        return (len(values), str(value).casefold())
    if isinstance(value, str) and column.type not in {"id", "reference"}:
        return value.casefold()
    return value
