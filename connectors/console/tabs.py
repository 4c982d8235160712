"""Tabs with counts, kept in the address so that a view can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; `count` None shows no number, `tone` colors a number above zero."""

    words: str
    address: str
    is_current: bool = False
    count: int | None = None
    tone: str = "off"
    is_capped: bool = False


def with_query(given: QueryDict, **changes: object) -> str:
    """The query string with some values changed; None or "" takes one out.

    The page number is forgotten: another choice begins at its first page.
    """
    query = given.copy()
    for name in ("p", "after", "before"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


def tabs_of(  # noqa: PLR0913 - a row of tabs is its parts
    words: Mapping[str, str],
    given: QueryDict,
    *,
    name: str,
    current: str,
    counts: Mapping[str, int] | None = None,
    tones: Mapping[str, str] | None = None,
    cap: int | None = None,
) -> list[Tab]:
    """One tab for each value of the parameter `name`; `counts` above `cap` end in “+”."""
    known = counts or {}
    return [
        Tab(
            text,
            with_query(given, **{name: value}),
            value == current,
            min(known[value], cap) if cap and value in known else known.get(value),
            (tones or {}).get(value, "off"),
            cap is not None and known.get(value, 0) > cap,
        )
        for value, text in words.items()
    ]
