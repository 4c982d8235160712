"""A parsed SOQL query: plain values, nothing is ever evaluated as code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Path:
    """A dotted field path as written; `at` is its offset in the query."""

    parts: tuple[str, ...]
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class DateWord:
    """A date literal such as TODAY or LAST_N_DAYS:3."""

    word: str
    count: int = 0


Value = str | int | float | bool | None | date | datetime | DateWord


@dataclass(frozen=True, slots=True)
class Compare:
    path: Path
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Within:
    """IN and NOT IN, over values or over the rows of another query."""

    path: Path
    negated: bool
    values: tuple[Value, ...] | Select


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Junction:
    word: Literal["AND", "OR"]
    conditions: tuple[Condition, ...]


Condition = Compare | Within | Not | Junction


@dataclass(frozen=True, slots=True)
class Sort:
    path: Path
    descending: bool = False
    nulls_last: bool | None = None


@dataclass(frozen=True, slots=True)
class FieldSet:
    """FIELDS(ALL), FIELDS(CUSTOM) or FIELDS(STANDARD)."""

    word: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Select:
    """One query. `columns` is empty for COUNT(), whose answer has no rows."""

    columns: tuple[Path | FieldSet | Select, ...]
    source: str
    alias: str = ""
    where: Condition | None = None
    order: tuple[Sort, ...] = ()
    limit: int | None = None
    offset: int = 0
    source_at: int = field(default=0, compare=False)

    @property
    def is_count(self) -> bool:
        return not self.columns
