"""Search by the shape of the term: identifiers by index, words where people write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

LONGEST = 120
MOST = 1000
MOST_CAUSES = 10


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a list, by key, in which is searched: older than `below`, or newer
    than `above` and then the oldest first."""

    below: int | None = None
    above: int | None = None

    @property
    def direction(self) -> str:
        return "ASC" if self.above is not None else "DESC"

    def of(self, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
        if self.above is not None:
            return rows.filter(**{f"{key}__gt": self.above}).order_by(key)
        if self.below is not None:
            rows = rows.filter(**{f"{key}__lt": self.below})
        return rows.order_by(f"-{key}")


EVERYWHERE = Span()


@dataclass(frozen=True, slots=True)
class Via:
    """A column of another table; `key` is its column that names the row searched for."""

    label: str
    column: str
    key: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Which columns are asked for a term. Each has an index of its own.

    `exact` and `prefix` are asked for terms without spaces, `via` the same of other
    tables; `words` are asked for parts of words, from three letters on; `numbers` are
    integer columns. `emails` are asked for terms with an at sign, and nothing else is
    then. `by_cause` finds rows whose `fingerprint` is of a cause with these words.
    """

    exact: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    via: tuple[Via, ...] = ()
    emails: tuple[str, ...] = ()
    by_cause: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Not empty where there is a search; the admin asks."""
        own = (*self.exact, *self.prefix, *self.words, *self.numbers)
        return (*own, *(via.column for via in self.via))

    def apply(
        self, rows: QuerySet[Any], term: str, span: Span = EVERYWHERE
    ) -> QuerySet[Any]:
        """The rows that match, the newest 1,000 of the span; none for nonsense."""
        term = clean(term)
        if not term:
            return rows
        causes = fingerprints_of(term) if self.by_cause else ()
        queries = list(self.queries(rows, term, causes, span))
        return rows.filter(pk__in=keys_by_name({"": queries}, span)[""])

    def queries(
        self,
        rows: QuerySet[Any],
        term: str,
        causes: Sequence[str] = (),
        span: Span = EVERYWHERE,
    ) -> Iterator[QuerySet[Any]]:
        """One query of keys for each column that the term may stand in.

        `rows` are those among which is searched: what a filter leaves out uses up
        nothing of the number that is looked at. `causes` are the fingerprints of those whose words hold the term.
        """
        rows = span.of(rows, "pk")
        if self.emails and "@" in term:
            for column in self.emails:
                yield rows.filter(**{column: term.lower()}).values("pk")
            return
        if " " not in term:
            yield from self._identified(rows, term, span)
        if has_words(term):
            for column in self.words:
                yield rows.filter(**{f"{column}__icontains": term}).values("pk")
        for key in causes if self.by_cause else ():
            yield rows.filter(fingerprint=key).exclude(fingerprint="").values("pk")

    def _identified(
        self, rows: QuerySet[Any], term: str, span: Span
    ) -> Iterator[QuerySet[Any]]:
        spellings = {term, term.upper(), term.lstrip("#")}
        number = int(term) if is_number(term) else None
        for column in self.exact:
            yield rows.filter(**{f"{column}__in": spellings}).values("pk")
        for column in self.prefix:
            start = {f"{column}__startswith": term.lstrip("#")}
            yield rows.filter(**start).values("pk")
        for column in self.numbers if number is not None else ():
            yield rows.filter(**{column: number}).values("pk")
        for via in self.via:
            if via.is_number and number is None:
                continue
            wanted: Any = [number] if via.is_number else spellings
            others = apps.get_model(via.label)._default_manager
            found = others.filter(**{f"{via.column}__in": wanted})
            yield span.of(found, via.key).values(via.key)


def has_words(term: str) -> bool:
    """Whether parts of words may be searched for: three letters find little enough."""
    return len(term) > 2 and any(character.isalpha() for character in term)


def clean(term: str) -> str:
    return term.strip().replace("\x00", "")[:LONGEST]


def is_number(term: str) -> bool:
    return term.isascii() and term.isdigit() and len(term) < 19


def causes_with(term: str) -> QuerySet[Any]:
    """Reasons are searched among the causes, which are few, not among the tries."""
    causes = apps.get_model("connectors.Cause")._default_manager
    if not has_words(term):
        return causes.none()
    found = causes.filter(Q(title__icontains=term) | Q(code__icontains=term))
    return found.order_by("-last_seen_at")


def fingerprints_of(term: str) -> list[str]:
    return list(causes_with(term).values_list("fingerprint", flat=True)[:MOST_CAUSES])


def keys_by_name(
    queries: Mapping[str, Sequence[QuerySet[Any]]], span: Span = EVERYWHERE
) -> dict[str, list[Any]]:
    """For each name the keys that its one-column queries find, without doubles: those
    nearest to the span's end, `MOST` at most. All names are asked in one statement.
    """
    found: dict[str, list[Any]] = {name: [] for name in queries}
    texts: list[str] = []
    values: list[Any] = []
    for at, some in enumerate(queries.values()):
        parts = list(_parts(some, values))
        if parts:
            # The text is the ORM's own; the values stay apart from it.
            together = " UNION ".join(parts)
            texts.append(
                f"SELECT * FROM (SELECT {at}, every.* FROM ({together}) AS every "  # noqa: S608
                f"ORDER BY 2 {span.direction} LIMIT {MOST}) AS named{at}"
            )
    if not texts:
        return found
    names = list(queries)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(texts), values)
        for at, key in cursor.fetchall():
            found[names[at]].append(key)
    return found


def _parts(queries: Sequence[QuerySet[Any]], values: list[Any]) -> Iterator[str]:
    for at, query in enumerate(queries):
        try:
            sql, given = query[:MOST].query.sql_with_params()
        except EmptyResultSet:
            continue
        values.extend(given)
        yield f"SELECT * FROM ({sql}) AS part{at}"  # noqa: S608 - the ORM's own
