"""What a decision on warehouses is made of, and how it reads."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from orders.routing_conditions import Miss


class Axis(enum.StrEnum):
    """What a warehouse is checked for."""

    OPEN = "open"
    METHOD = "method"
    STOCK = "stock"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Check:
    """`found` and `wanted` are the numbers; None is a number that nobody knows."""

    axis: Axis
    is_ok: bool
    found: Any = None
    wanted: Any = None
    sku: str = ""

    @property
    def words(self) -> str:
        return _WORDS[self.axis](self)


def _stock_words(check: Check) -> str:
    if check.found is None:
        return f"no stock of {check.sku} is known"
    if check.is_ok:
        return f"has {check.found} of {check.sku}, needs {check.wanted}"
    lacks = check.wanted - check.found
    return f"lacks {lacks} of {check.sku} (has {check.found} of {check.wanted})"


def _date_words(check: Check) -> str:
    if check.found is None:
        return "no transit time is known"
    if check.wanted is None:
        return f"arrives {day_words(check.found)}"
    return f"arrives {day_words(check.found)}, required {day_words(check.wanted)}"


def day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


_WORDS: dict[Axis, Callable[[Check], str]] = {
    Axis.OPEN: lambda check: "in use" if check.is_ok else "not in use",
    Axis.METHOD: lambda check: f"shipping method: {check.found or 'valid'}",
    Axis.STOCK: _stock_words,
    Axis.DATE: _date_words,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A warehouse as one rule saw it. `spare` is what is left of the scarcest SKU."""

    site: str
    label: str
    checks: tuple[Check, ...]
    spare: int = 0
    arrives: date | None = None

    @property
    def is_ok(self) -> bool:
        return all(check.is_ok for check in self.checks)

    @property
    def is_able(self) -> bool:
        """Whether only stock stands in its way, if anything."""
        return all(one.is_ok for one in self.checks if one.axis is not Axis.STOCK)

    @property
    def faults(self) -> str:
        return ", ".join(check.words for check in self.checks if not check.is_ok)


@dataclass(frozen=True, slots=True)
class RuleView:
    """What one rule said. One that was not asked has neither misses nor candidates."""

    position: int
    name: str
    verdict: str
    misses: tuple[Miss, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class Outcome(enum.StrEnum):
    """`LEFT`: ShipHero decides."""

    ROUTED = "routed"
    LEFT = "left"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Decision:
    """`warehouses` pairs each line's key with a site; empty unless it is routed.

    Under an `override`, `would_be` says what the rules alone would have said.
    """

    outcome: Outcome
    reason: str
    warehouses: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    views: tuple[RuleView, ...] = ()
    override: str = ""
    would_be: str = ""

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that ship, each once, in the order of the lines."""
        return tuple(dict.fromkeys(site for _, site in self.warehouses))

    @property
    def result(self) -> tuple[Any, ...]:
        """What makes two decisions the same for the warehouse."""
        return (self.outcome, self.warehouses)
