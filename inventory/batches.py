"""Rows in handfuls, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Row = TypeVar("Row")

# As many as one transaction may write where SQLite has a single writer.
MOST = 500


def in_batches(rows: Iterable[Row], size: int = MOST) -> Iterator[list[Row]]:
    """Lists of at most `size` rows; reads no further ahead than the next list."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch
