"""Queries built from what describe shows and what the mapping asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.salesforce.source_mapping import (
    STANDARD,
    FieldMap,
    OrderSource,
    SourceMapping,
)

ORDER = "Order"
ORDER_ITEM = "OrderItem"

# A request line of 16,384 bytes is refused (414); leave room for host and path.
LONGEST_QUERY = 14_000

# Salesforce numbers orders with eight digits unless an administrator changed it.
AUTONUMBER = 8
ANY_ID = re.compile("[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")

Describe = Callable[[str], Mapping[str, Any]]

_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """The readable part of a mapping as one SELECT.

    `absent` are the paths that do not exist or that we may not see. `children` is
    the name of the child rows, empty when they cannot be read.
    """

    select: str
    paths: frozenset[str]
    line_paths: frozenset[str]
    absent: tuple[FieldMap, ...]
    children: str

    def by_ids(self, ids: Sequence[str]) -> Iterator[str]:
        """Queries for the given orders, each short enough for a URL."""
        for chunk in chunked_ids(ids, prefix=f"{self.select} WHERE Id IN ()"):
            yield f"{self.select} WHERE Id IN ({id_list(chunk)})"


def order_query(mapping: SourceMapping, describe: Describe) -> OrderQuery:
    """The query that reads what of the mapping can be read.

    `describe` gives an object's describe result by its name and may be asked for
    the parents that the paths name.
    """
    order_paths = {"Id", "SystemModstamp", "IsDeleted"}
    line_paths = {"Id", "SystemModstamp", "IsDeleted"}
    absent: list[FieldMap] = []
    source = mapping.source
    for one in mapping.fields:
        root = source.lines if one.is_line else source.object
        wanted = line_paths if one.is_line else order_paths
        if is_readable(one.path, root, describe):
            wanted.add(one.path)
        else:
            absent.append(one)
    children = child_name(describe(source.object), source.lines, source.parent)
    columns = list(order_paths)
    if children:
        columns.append(f"({_select(line_paths, children)} ORDER BY Id)")
    return OrderQuery(
        select=_select(columns, source.object),
        paths=frozenset(order_paths),
        line_paths=frozenset(line_paths) if children else frozenset(),
        absent=tuple(absent),
        children=children,
    )


def named(
    mapping: SourceMapping, query: OrderQuery, describe: Describe, term: str
) -> str:
    """The condition for orders that people call `term`; empty when none can be asked.

    Asked are the mapped number and customer's order number, as far as Salesforce can
    filter by them, and the id.
    """
    spellings = sorted({term, term.zfill(AUTONUMBER) if term.isdigit() else term})
    paths = {
        one.path
        for one in mapping.order_maps()
        if one.field in {"order_number", "po_number"}
        and one.path in query.paths
        and is_filterable(one.path, mapping.source.object, describe)
    }
    wanted = id_list(spellings)
    conditions = [f"{path} IN ({wanted})" for path in sorted(paths)]
    if ANY_ID.fullmatch(term):
        conditions.append(f"Id = {text_literal(term)}")
    return " OR ".join(conditions)


def changed_orders(since: datetime, source: OrderSource = STANDARD) -> str:
    """The stamps of orders that moved, oldest first."""
    select = _select(("Id", "SystemModstamp", "IsDeleted"), source.object)
    return f"{select} WHERE {_from(since)} ORDER BY SystemModstamp, Id"


def changed_items(since: datetime, source: OrderSource = STANDARD) -> str:
    """Those of order products that moved: an edit of one need not move its order."""
    columns = ("Id", source.parent, "SystemModstamp", "IsDeleted")
    select = _select(columns, source.lines)
    return f"{select} WHERE {_from(since)} ORDER BY SystemModstamp, Id"


def _select(columns: Iterable[str], sobject: str) -> str:
    """Fields come first, in a stable order; names are checked before they get here."""
    fields = sorted(columns, key=lambda one: (one.startswith("("), one))
    return f"SELECT {', '.join(fields)} FROM {sobject}"  # noqa: S608 - it is SOQL


def is_readable(path: str, root: str, describe: Describe) -> bool:
    """Whether every step of a path exists for us, from object `root` on."""
    return bool(described(path, root, describe))


def is_filterable(path: str, root: str, describe: Describe) -> bool:
    """Whether a WHERE may name the path; long texts cannot be asked for."""
    found = described(path, root, describe)
    return any(one.get("filterable", True) for one in found)


def described(path: str, root: str, describe: Describe) -> list[Mapping[str, Any]]:
    """What describe says of the field at the end of a path; [] where none is seen.

    A reference to one of several objects can lead to several fields.
    """
    *parents, last = path.split(".")
    objects = [root]
    for step in parents:
        objects = [
            target
            for one in objects
            for field in describe(one).get("fields") or []
            if _same(field.get("relationshipName"), step)
            for target in field.get("referenceTo") or []
        ]
    return [
        field
        for one in objects
        for field in describe(one).get("fields") or []
        if _same(field.get("name"), last)
    ]


def child_name(description: Mapping[str, Any], child: str, parent: str) -> str:
    """The name under which an object's children of a kind are selected.

    `parent` is the children's field; an object can be its children's parent twice.
    """
    for relation in description.get("childRelationships") or []:
        is_meant = _same(relation.get("childSObject"), child)
        named = relation.get("field")
        is_meant = is_meant and (named is None or _same(named, parent))
        if is_meant and relation.get("relationshipName"):
            return str(relation["relationshipName"])
    return ""


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and one.casefold() == other.casefold()


# -- words of the language ---------------------------------------------------


def text_literal(text: str) -> str:
    """A text in SOQL's single quotes."""
    return f"'{text.translate(_ESCAPES)}'"


def time_literal(moment: datetime) -> str:
    """A time in UTC to the second; SOQL ignores fractions in comparisons.

    Raises ValueError for a time without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A time without a zone is not a time.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def id_list(ids: Iterable[str]) -> str:
    return ",".join(text_literal(one) for one in ids)


def chunked_ids(ids: Sequence[str], *, prefix: str) -> Iterator[list[str]]:
    """The ids without repeats, in runs that keep the encoded query short enough."""
    room = LONGEST_QUERY - len(quote(prefix))
    chunk: list[str] = []
    used = 0
    for one in dict.fromkeys(ids):
        size = len(quote(text_literal(one) + ",", safe=""))
        if chunk and used + size > room:
            yield chunk
            chunk, used = [], 0
        chunk.append(one)
        used += size
    if chunk:
        yield chunk


def _from(since: datetime) -> str:
    return f"SystemModstamp >= {time_literal(since)}"
