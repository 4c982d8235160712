"""What every test may ask for; nothing about one app."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors import failpoints, timing


class Clock:
    """Time that stands still until a test moves it. Calling it gives `now`."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """Move on by `timedelta(**duration)`."""
        self.now += timedelta(**duration)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _process_wide_switches() -> Iterator[None]:
    """Put back what a test set for the whole process."""
    scale = timing.scale()
    yield
    timing.set_scale(scale)
    failpoints.arm(None)
