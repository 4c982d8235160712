"""Search by the shape of the term: identifiers by index, words where people write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Search:
    """Which columns are asked for a term.

    `exact` and `prefix` have indexes and are asked for terms without spaces; `words`
    are read through, for terms that contain a letter. `numbers` are integer columns.
    """

    exact: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.exact, *self.prefix, *self.words, *self.numbers)

    def apply(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """The rows that match; a term that no column can hold matches none."""
        term = term.strip().replace("\x00", "")[:LONGEST]
        if not term:
            return rows
        return rows.filter(pk__in=self._matches(rows, term))

    def _matches(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        found = Q(pk__in=[])
        if " " not in term:
            spellings = {term, term.upper(), term.lstrip("#")}
            for column in self.exact:
                found |= Q(**{f"{column}__in": spellings})
            for column in self.prefix:
                found |= Q(**{f"{column}__startswith": term.lstrip("#")})
        if any(character.isalpha() for character in term):
            for column in self.words:
                found |= Q(**{f"{column}__icontains": term})
        if term.isascii() and term.isdigit() and len(term) < 19:
            for column in self.numbers:
                found |= Q(**{column: int(term)})
        matches: QuerySet[Any] = rows.model._default_manager.filter(found)
        return matches.values("pk")
