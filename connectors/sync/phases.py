"""The phase runner: the only place where the engine's own commits happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from connectors.failpoints import failpoint


class LeaseLostError(Exception):
    """Another worker took the record over; what we know is void and changes nothing."""


@contextmanager
def commit(name: str) -> Iterator[None]:
    """One short transaction between two failpoints. No remote call belongs in it."""
    failpoint(f"before:commit.{name}")
    with transaction.atomic():
        yield
    failpoint(f"after:commit.{name}")


def fenced(rows: int) -> None:
    """Insist that a compare-and-set changed its row. Raises `LeaseLostError`."""
    if rows != 1:
        raise LeaseLostError
