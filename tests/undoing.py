"""Several trials on one set of records: each is undone before the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is gone afterwards, and counts for no throttle."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
