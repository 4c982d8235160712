"""When to try again: a table, full jitter, then park."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

BACKOFF: Sequence[timedelta] = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)


def next_wait(
    attempts: int, *, jitter: float, table: Sequence[timedelta] = BACKOFF
) -> timedelta | None:
    """How long to wait after the `attempts`-th failure (1 for the first).

    `jitter` is a number in [0, 1); the wait lies between half the table's entry
    and the entry itself, so that a crowd of records spreads out but none returns
    at once. None means that the attempts are spent: park.
    """
    if attempts < 1:
        raise ValueError("attempts counts from 1")
    if attempts > len(table):
        return None
    return table[attempts - 1] * (0.5 + jitter / 2)
