"""Credits: what a call will cost, how large a page may be, what an answer teaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

# The smallest bucket on record; larger ones show themselves in the first answer.
CAUTIOUS_CAPACITY = 1001
# ShipHero's own limit today, were nothing said: 60 credits a second.
USUAL_RATE = 60
MAX_PAGE = 100


class Credits(Protocol):
    """One credential's credit bucket, shared by all processes."""

    def take(self, cost: int) -> None:
        """Take `cost` credits before a call; raises ThrottledError when they lack."""

    def learn(self, remaining: int, capacity: int, rate: int) -> None:
        """What the remote last said: credits left, bucket size, credits per second."""


class UnmeteredCredits:
    """Credits that are never refused, for set-up commands and tests.

    ShipHero still refuses what it will not serve; only our own waiting is left out.
    """

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.learned: tuple[int, int, int] | None = None

    def take(self, cost: int) -> None:
        self.taken.append(cost)

    def learn(self, remaining: int, capacity: int, rate: int) -> None:
        self.learned = (remaining, capacity, rate)


def page_size(capacity: int, cost_per_row: int) -> int:
    """Rows to ask for, so that the estimate stays under a quarter of the bucket."""
    affordable = (capacity // 4 - 2) // max(cost_per_row, 1)
    return max(1, min(MAX_PAGE, affordable))


def quota_of(body: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """(remaining, capacity, rate) from an answer's `extensions`, if it says so."""
    quota: Any = body
    for step in ("extensions", "throttling", "user_quota"):
        quota = quota.get(step) if isinstance(quota, Mapping) else None
    return quota_from(quota)


def quota_from(quota: Any) -> tuple[int, int, int] | None:
    """(remaining, capacity, rate) from a `UserQuota` object."""
    if not isinstance(quota, Mapping):
        return None
    remaining = quota.get("credits_remaining")
    capacity = quota.get("max_available")
    rate = quota.get("increment_rate")
    if not (_is_number(remaining) and _is_number(capacity) and _is_number(rate)):
        return None
    return int(remaining), int(capacity), int(rate)  # type: ignore[arg-type]


def cost_of(body: Mapping[str, Any]) -> int | None:
    """The credits that were really charged."""
    throttling: Any = body
    for step in ("extensions", "throttling"):
        throttling = throttling.get(step) if isinstance(throttling, Mapping) else None
    cost = throttling.get("cost") if isinstance(throttling, Mapping) else None
    return int(cost) if _is_number(cost) else None  # type: ignore[arg-type]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
