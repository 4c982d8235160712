"""An order as the rules about exceptions see it, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orders.quantities import Balance
from orders.records import Arrival


@dataclass(frozen=True, slots=True)
class WatchedLine:
    """One line as the rules see it. `elsewhere` is (warehouse, units free there),
    `expected` what is on its way of its SKU, the soonest first."""

    key: str
    sku: str
    balance: Balance
    elsewhere: tuple[tuple[str, int], ...] = ()
    expected: tuple[Arrival, ...] = ()
    loose: tuple[tuple[str, int], ...] = ()
    serial_problems: tuple[str, ...] = ()
    without_lot: int = 0


@dataclass(frozen=True, slots=True)
class WatchedHold:
    kind: str
    since: datetime
    after_picking: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """An order as the rules see it. `due` is when it must have left the warehouse."""

    state: str
    since: datetime | None
    lines: tuple[WatchedLine, ...] = ()
    holds: tuple[WatchedHold, ...] = ()
    status: str = ""
    is_over: bool = False
    is_canceled: bool = False
    is_merged: bool = False
    is_accepted: bool = False
    has_shipped: bool = False
    due: datetime | None = None
    clones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on waiting is too long. A state that is not named is never stuck."""

    stuck: Mapping[str, timedelta] = field(default_factory=dict)
    warn_before: timedelta = timedelta(hours=1)
    hopeless: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Found:
    """That a rule holds: why, what to do next, and what it saw."""

    kind: str
    reason: str
    next_step: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


def units_of(lines: Mapping[str, int]) -> str:
    """Units by SKU, in words."""
    return ", ".join(f"{units} {sku}" for sku, units in lines.items())
