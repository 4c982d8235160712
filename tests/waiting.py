"""Waiting for what other threads and processes bring about, and starting them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local
from typing import Any, TypeVar

from django.db import connections

Result = TypeVar("Result")


def wait_until(
    predicate: Callable[[], object], timeout: float = 10.0, message: str = ""
) -> None:
    """Return as soon as `predicate` holds; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not predicate():
        if time.monotonic() > deadline:
            raise AssertionError(message or f"Not so within {timeout} seconds.")
        time.sleep(0.02)  # noqa: TID251 - the one place where a test sleeps


def run_together(calls: list[Callable[[], Result]]) -> list[Result | Exception]:
    """Each call's result or error, every call in a thread and connection of its own."""
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(_outcome, calls))


def _outcome(call: Callable[[], Result]) -> Result | Exception:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - the caller judges it
        return error
    finally:
        connections.close_all()


def meet_after(function: Callable[..., Result], parties: int) -> Callable[..., Result]:
    """`function`, but each thread's first call waits until all have come through.

    Wrapped around a read, it makes every thread decide on the same stale picture.
    """
    barrier = Barrier(parties, timeout=20)
    seen = local()

    def wrapped(*args: Any, **kwargs: Any) -> Result:
        result = function(*args, **kwargs)
        if not getattr(seen, "been_here", False):
            seen.been_here = True
            barrier.wait()
        return result

    return wrapped
