"""How often Salesforce is looked at. Numbers in, a time out; no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# However quiet it is: a lost message is made up for within this time.
LONGEST_QUIET = timedelta(seconds=60)
QUIET = 2
SHORT_OF_CALLS = 4
NEARLY_OUT = 20
NEARLY = 0.95
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`used` is the share of the organization's daily calls spent by everybody, None
    where nobody told; `background` the share from which polling stands back. `is_told`
    says that its messages have been arriving, `is_busy` that something changed lately.
    """

    used: float | None
    background: float
    is_told: bool
    is_busy: bool


def interval(base: timedelta, now: Circumstances) -> timedelta:
    """The time until the next look, `base` where nothing speaks against it.

    Calls that are nearly spent count first: others need them too. Where messages
    arrive and nothing has changed for a while, looking is only the safety net.
    """
    if now.used is not None and now.used > max(NEARLY, now.background):
        return base * NEARLY_OUT
    if now.used is not None and now.used > now.background:
        return base * SHORT_OF_CALLS
    if now.is_told and not now.is_busy:
        return max(base, min(base * QUIET, LONGEST_QUIET))
    return base


def daily_share(interval: timedelta, calls: float, limit: int) -> float:
    """The share of a day's calls that looking costs; `calls` is what one look takes."""
    if limit <= 0 or interval <= timedelta(0):
        return 0.0
    return (DAY / interval) * calls / limit
