"""Counts and small tables that cost the same however large a table grows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

CAP = 1000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one statement answered: counts, and rows as plain values."""

    counts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)


def capped_counts(
    rows: Mapping[str, QuerySet[Any]], *, cap: int = CAP
) -> dict[str, int]:
    """How many rows each query finds, up to `cap` + 1, all in one statement."""
    return ask_at_once(rows, {}, cap=cap).counts


def ask_at_once(
    counted: Mapping[str, QuerySet[Any]],
    listed: Mapping[str, QuerySet[Any]],
    *,
    cap: int = CAP,
) -> Answers:
    """Counts up to `cap` + 1 and the rows of `.values()` queries, in one statement.

    Rows come as JSON carries them: `moment` reads their times.
    """
    answers = Answers(dict.fromkeys(counted, 0), {name: [] for name in listed})
    parts: dict[tuple[str, str], tuple[str, tuple[Any, ...]]] = {}
    for name, query in counted.items():
        few = query.order_by().values("pk")[: cap + 1]
        _add(parts, ("count", name), few, "COUNT(*)")
    for name, query in listed.items():
        _add(parts, ("rows", name), query, _as_json(query))
    if not parts:
        return answers
    with connection.cursor() as cursor:
        texts = ", ".join(text for text, _ in parts.values())
        values = [value for _, given in parts.values() for value in given]
        cursor.execute(f"SELECT {texts}", values)
        found = cursor.fetchone()
    for (shape, name), value in zip(parts, found, strict=True):
        if shape == "count":
            answers.counts[name] = value
        else:
            answers.rows[name] = _rows(value)
    return answers


def _add(
    parts: dict[tuple[str, str], tuple[str, tuple[Any, ...]]],
    key: tuple[str, str],
    query: QuerySet[Any],
    summed: str,
) -> None:
    try:
        sql, given = query.query.sql_with_params()
    except EmptyResultSet:
        return
    # The text is the ORM's own; the values stay apart from it.
    parts[key] = f"(SELECT {summed} FROM ({sql}) AS part)", tuple(given)  # noqa: S608


def _as_json(query: QuerySet[Any]) -> str:
    """The rows of a query as one JSON array, in the database's own words."""
    if connection.vendor == "postgresql":
        return "json_agg(part)"
    names = (*query.query.values_select, *query.query.annotation_select)
    pairs = ", ".join(f"'{name}', part.\"{name}\"" for name in names)
    return f"json_group_array(json_object({pairs}))"


def _rows(value: Any) -> list[Row]:
    read = json.loads(value) if isinstance(value, str) else value
    return list(read or [])


def distinct_values(model: type[Model], column: str, *, most: int = 100) -> list[str]:
    """The values of an indexed column, by leaps from one to the next in its index: as
    many steps as there are values, however many rows.
    """
    quote = connection.ops.quote_name
    table, name = quote(model._meta.db_table), quote(column)
    # Names of our own tables and columns.
    statement = (
        f"WITH RECURSIVE leap AS (SELECT MIN({name}) AS value FROM {table} UNION ALL "  # noqa: S608
        f"SELECT (SELECT MIN({name}) FROM {table} WHERE {name} > leap.value) "
        "FROM leap WHERE leap.value IS NOT NULL) "
        "SELECT value FROM leap WHERE value IS NOT NULL LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [most])
        return [row[0] for row in cursor.fetchall()]


def moment(text: str | None) -> datetime | None:
    """A time as a database writes it into JSON; without a zone it is UTC."""
    if not text:
        return None
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def words_of(count: int, cap: int = CAP) -> str:
    """The count for people: “1,000+” for more than were counted."""
    return f"{cap:,}+" if count > cap else f"{count:,}"
