"""What is read once for a batch of work, and holds until its end."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("_kept", default=None)


@contextmanager
def one_batch() -> Iterator[None]:
    """Inside, what `once` is asked for is made at the first time only.

    A batch takes seconds: what is changed meanwhile holds from the next one on, so
    that no rule changes half-way.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def is_open() -> bool:
    return _kept.get() is not None


def once(key: Hashable, make: Callable[[], T]) -> T:
    """What was made for this key in this batch; outside of any, it is made each time."""
    kept = _kept.get()
    if kept is None:
        return make()
    if key not in kept:
        kept[key] = make()
    found: T = kept[key]
    return found
