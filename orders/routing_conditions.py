"""What routing looks at in an order, and whether a rule's conditions fit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from orders.routing_rules import LISTS, NUMBERS, When


@dataclass(frozen=True, slots=True)
class RoutableLine:
    """`types` are the product's types, lower case."""

    key: str
    sku: str
    units: int
    types: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RoutableOrder:
    """What routing looks at. Codes are in capitals; brand, tags, method and the
    warehouse somebody asked for are lower case."""

    lines: tuple[RoutableLine, ...]
    country: str = ""
    state: str = ""
    zip: str = ""
    brand: str = ""
    tags: frozenset[str] = frozenset()
    method: str = ""
    asked: str = ""
    required: date | None = None

    @cached_property
    def units(self) -> int:
        return sum(line.units for line in self.lines)

    @cached_property
    def needs(self) -> dict[str, int]:
        """Units by SKU."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.sku] = found.get(line.sku, 0) + line.units
        return found


@dataclass(frozen=True, slots=True)
class Miss:
    """A condition that the order does not meet; its words are made when asked for."""

    axis: str
    wanted: frozenset[str] | int
    order: RoutableOrder
    number: int | None = None

    @property
    def words(self) -> str:
        if isinstance(self.wanted, int):
            bound = "at least" if self.axis.startswith("min_") else "at most"
            wanted, found = f"{bound} {self.wanted}", self.number
            shown = "none" if found is None else str(found)
        else:
            wanted = _listed(self.axis, self.wanted)
            shown = _found(self.axis, self.order) or "none"
        return f"{AXIS_WORDS[self.axis]} is {shown}, not {wanted}"


AXIS_WORDS = {
    "countries": "country",
    "states": "state",
    "zips": "postal code",
    "brands": "brand",
    "tags": "tag",
    "without_tags": "tag",
    "product_types": "product type",
    "skus": "SKU",
    "methods": "shipping method",
    "asked": "warehouse asked for",
    "min_units": "number of units",
    "max_units": "number of units",
    "min_days_left": "days to the required date",
    "max_days_left": "days to the required date",
}


def misses_of(when: When, order: RoutableOrder, today: date) -> Iterator[Miss]:
    """The conditions that the order does not meet; none means that the rule fits."""
    lists, numbers = _conditions(when)
    for name, wanted in lists:
        if not _FITS[name](wanted, order):
            yield Miss(name, wanted, order)
    for name, bound in numbers:
        number = _number(name, order, today)
        is_least = name.startswith("min_")
        if number is None or (number < bound if is_least else number > bound):
            yield Miss(name, bound, order, number)


@lru_cache(maxsize=2048)
def _conditions(
    when: When,
) -> tuple[list[tuple[str, frozenset[str]]], list[tuple[str, int]]]:
    """Those conditions that ask for something: most rules ask for one or two."""
    lists = [(name, getattr(when, name)) for name in LISTS if getattr(when, name)]
    bounds = [(name, getattr(when, name)) for name in NUMBERS]
    return lists, [(name, bound) for name, bound in bounds if bound is not None]


def _number(name: str, order: RoutableOrder, today: date) -> int | None:
    if name.endswith("units"):
        return order.units
    return (order.required - today).days if order.required is not None else None


def matches(patterns: frozenset[str], word: str) -> bool:
    """Whether a word is listed, or begins like one that ends in `*`."""
    if word in patterns:
        return True
    return any(one.endswith("*") and word.startswith(one[:-1]) for one in patterns)


_FITS: dict[str, Callable[[frozenset[str], RoutableOrder], bool]] = {
    "countries": lambda wanted, order: order.country in wanted,
    "states": lambda wanted, order: (
        order.state in wanted or f"{order.country}-{order.state}" in wanted
    ),
    "zips": lambda wanted, order: matches(wanted, order.zip),
    "brands": lambda wanted, order: order.brand in wanted,
    "tags": lambda wanted, order: not wanted.isdisjoint(order.tags),
    "without_tags": lambda wanted, order: wanted.isdisjoint(order.tags),
    "product_types": lambda wanted, order: any(
        not wanted.isdisjoint(line.types) for line in order.lines
    ),
    "skus": lambda wanted, order: any(
        matches(wanted, line.sku) for line in order.lines
    ),
    "methods": lambda wanted, order: order.method in wanted,
    "asked": lambda wanted, order: order.asked in wanted,
}


def _listed(name: str, wanted: frozenset[str]) -> str:
    words = sorted(wanted)
    shown = ", ".join(words[:5]) + (f" or {len(words) - 5} more" if words[5:] else "")
    return f"one without {shown}" if name == "without_tags" else shown


def _found(name: str, order: RoutableOrder) -> str:
    if name in {"tags", "without_tags"}:
        return ", ".join(sorted(order.tags))
    if name == "product_types":
        return ", ".join(sorted({word for line in order.lines for word in line.types}))
    if name == "skus":
        return ", ".join(sorted(order.needs)[:5])
    single = {"countries": "country", "states": "state", "zips": "zip"}
    single |= {"brands": "brand", "methods": "method", "asked": "asked"}
    return str(getattr(order, single[name]))
