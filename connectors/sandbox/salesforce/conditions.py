"""Compiles a WHERE clause into one function of a row."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.sandbox.salesforce.ids import normalize
from connectors.sandbox.salesforce.moments import stamp
from connectors.sandbox.salesforce.refusals import SoqlError
from connectors.sandbox.salesforce.schema import NUMBER_TYPES, Field, Object
from connectors.sandbox.salesforce.soql_tree import (
    Compare,
    Condition,
    DateWord,
    Junction,
    Not,
    Path,
    Select,
    Value,
    Within,
)
from connectors.sandbox.world import Document

if TYPE_CHECKING:
    from connectors.sandbox.salesforce.query import Query

Test = Callable[[Document], bool]
Check = Callable[[Any], bool]

ORDERINGS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ID_TYPES = {"id", "reference"}


def compiled(query: Query, select: Select, item: Object, condition: Condition) -> Test:
    """Raises SoqlError when a name or a literal does not fit."""
    if isinstance(condition, Not):
        inner = compiled(query, select, item, condition.condition)
        return lambda row: not inner(row)
    if isinstance(condition, Junction):
        tests = [compiled(query, select, item, one) for one in condition.conditions]
        both: Callable[[Iterable[bool]], bool] = all if condition.word == "AND" else any
        return lambda row: both(test(row) for test in tests)
    column, read = query.column(select, item, condition.path)
    if not column.filterable:
        message = f"field '{condition.path}' can not be filtered in a query call"
        raise query.refuse("INVALID_FIELD", message, condition.path.at)
    check = _check(query, column, condition)
    return lambda row: check(read(row))


def _check(query: Query, column: Field, condition: Compare | Within) -> Check:
    if isinstance(condition, Within):
        members = _members(query, column, condition)
        return lambda value: (_key(column, value) in members) != condition.negated
    if condition.operator == "LIKE":
        return _like(query, column, condition)
    if condition.value is None:
        return _null_check(query, condition)
    if isinstance(condition.value, DateWord):
        return _period_check(query, column, condition)
    wanted = _literal(query, column, condition.path, condition.value)
    if condition.operator in {"=", "!="}:
        return lambda value: (
            (_key(column, value) == wanted) == (condition.operator == "=")
        )
    compare = ORDERINGS[condition.operator]
    return lambda value: (
        value is not None and bool(compare(_key(column, value), wanted))
    )


def _null_check(query: Query, condition: Compare) -> Check:
    if condition.operator not in {"=", "!="}:
        raise query.refuse(
            "MALFORMED_QUERY",
            "null can be compared with = and != only",
            condition.path.at,
        )
    return lambda value: (value is None) == (condition.operator == "=")


def _members(query: Query, column: Field, condition: Within) -> set[Any]:
    if isinstance(condition.values, Select):
        return _inner_values(query, column, condition.path, condition.values)
    return {
        None if value is None else _literal(query, column, condition.path, value)
        for value in condition.values
    }


def _inner_values(query: Query, column: Field, path: Path, inner: Select) -> set[Any]:
    """A semi-join: its inner column must be an id or a reference."""
    item = query.source(inner)
    columns = inner.columns
    if len(columns) != 1 or not isinstance(columns[0], Path):
        message = "semi join sub-selects can only query one field"
        raise query.refuse("MALFORMED_QUERY", message, inner.source_at)
    field, read = query.column(inner, item, columns[0])
    if field.type not in ID_TYPES or column.type not in ID_TYPES:
        message = f"The inner and outer selects of '{path}' must be reference fields"
        raise query.refuse("MALFORMED_QUERY", message, path.at)
    rows = query.rows(inner, item, list(query.world.visible_rows(item.name)))
    return {read(row) for row in rows} - {None}


def _like(query: Query, column: Field, condition: Compare) -> Check:
    if column.type in NUMBER_TYPES | ID_TYPES | {"date", "datetime", "boolean"}:
        message = f"invalid operator on {column.type} field"
        raise query.refuse("INVALID_QUERY_FILTER_OPERATOR", message, condition.path.at)
    pattern = re.compile(_like_pattern(str(condition.value)), re.IGNORECASE | re.DOTALL)
    return lambda value: value is not None and bool(pattern.fullmatch(value))


def _like_pattern(text: str) -> str:
    wild = {"%": ".*", "_": "."}
    pieces = re.findall(r"\\[%_]|.", text, flags=re.DOTALL)
    return "".join(wild.get(piece) or re.escape(piece[-1]) for piece in pieces)


def _period_check(query: Query, column: Field, condition: Compare) -> Check:
    if column.type not in {"date", "datetime"} or not isinstance(
        condition.value, DateWord
    ):
        raise _wrong_type(query, column, condition.path, quoted=False)
    start, end = _period(query, condition.value)
    first, after = _day_key(column, start), _day_key(column, end)
    checks: dict[str, Check] = {
        "=": lambda value: first <= value < after,
        "!=": lambda value: not first <= value < after,
        "<": lambda value: value < first,
        "<=": lambda value: value < after,
        ">": lambda value: value >= after,
        ">=": lambda value: value >= first,
    }
    check = checks[condition.operator]
    return lambda value: value is not None and check(value)


def _period(query: Query, word: DateWord) -> tuple[date, date]:
    """First day, and the day after the last, in the organisation's time zone (GMT)."""
    today = query.world.clock.now().astimezone(UTC).date()
    day = timedelta(days=1)
    periods = {
        "TODAY": (today, today + day),
        "YESTERDAY": (today - day, today),
        "TOMORROW": (today + day, today + 2 * day),
        "LAST_N_DAYS": (today - min(word.count, 10_000) * day, today + day),
        "NEXT_N_DAYS": (today + day, today + (min(word.count, 10_000) + 1) * day),
    }
    return periods[word.word]


def _day_key(column: Field, day: date) -> str:
    if column.type == "date":
        return day.isoformat()
    return stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _key(column: Field, value: Any) -> Any:
    if isinstance(value, str) and column.type not in ID_TYPES | {"date", "datetime"}:
        return value if column.case_sensitive else value.casefold()
    return value


def _literal(query: Query, column: Field, path: Path, value: Value) -> Any:
    """A literal in the form that rows are compared in."""
    if column.type == "datetime" and isinstance(value, datetime):
        return stamp(value)
    if column.type == "date" and _is_plain_date(value):
        return value.isoformat()  # type: ignore[union-attr]
    if column.type == "boolean" and isinstance(value, bool):
        return value
    if column.type in NUMBER_TYPES and _is_number(value):
        return value
    if column.type in ID_TYPES and isinstance(value, str):
        return _id_literal(query, path, value)
    typed = NUMBER_TYPES | ID_TYPES | {"date", "datetime", "boolean"}
    if column.type not in typed and isinstance(value, str):
        return _key(column, re.sub(r"\\([%_])", r"\1", value)) or None
    raise _wrong_type(query, column, path, quoted=isinstance(value, str))


def _is_plain_date(value: Value) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _id_literal(query: Query, path: Path, value: str) -> str | None:
    if not value:
        return None
    known = normalize(value)
    if known is None:
        message = f"invalid ID field: {value}"
        raise query.refuse("INVALID_QUERY_FILTER_OPERATOR", message, path.at)
    return known


def _wrong_type(query: Query, column: Field, path: Path, *, quoted: bool) -> SoqlError:
    names = {"datetime": "dateTime", "reference": "ID", "id": "ID"}
    kind = names.get(column.type, column.type)
    ending = "should not be" if quoted else "should be"
    message = (
        f"value of filter criterion for field '{path}' must be of type {kind} and "
        f"{ending} enclosed in quotes"
    )
    return query.refuse("INVALID_FIELD", message, path.at)
