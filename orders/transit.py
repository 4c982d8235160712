"""When a parcel leaves a warehouse, and when it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

A_DAY = timedelta(days=1)
# A calendar without a working day within this long has none at all.
LONGEST_WAIT = 370
SATURDAY = 6


@dataclass(frozen=True, slots=True)
class Site:
    """A warehouse as routing sees it.

    `key` is the warehouse's own id; `cutoff` is in local time, None means that what
    comes on a working day leaves on it. `working_days` are ISO numbers, Monday is 1.
    """

    key: str
    name: str = ""
    is_active: bool = True
    time_zone: str = "UTC"
    cutoff: time | None = None
    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = frozenset()

    @property
    def label(self) -> str:
        return self.name or self.key


def ships_on(site: Site, now: datetime) -> date | None:
    """The day on which what is ordered now leaves; None for one that never works."""
    local = now.astimezone(_zone(site.time_zone))
    day = local.date()
    if site.cutoff is not None and local.time() > site.cutoff:
        day += A_DAY
    for _ in range(LONGEST_WAIT):
        if day.isoweekday() in site.working_days and day not in site.holidays:
            return day
        day += A_DAY
    return None


def due_at(site: Site, ordered: datetime) -> datetime | None:
    """The cut-off of the day on which what was ordered then leaves."""
    day = ships_on(site, ordered)
    if day is None or site.cutoff is None:
        return None
    local = datetime.combine(day, site.cutoff, tzinfo=_zone(site.time_zone))
    return local.astimezone(UTC)


def arrives_on(shipped: date, days: int) -> date:
    """That many working days later; carriers rest on Saturdays and Sundays."""
    weeks, rest = divmod(days, 5)
    day = shipped + timedelta(weeks=weeks)
    while rest:
        day += A_DAY
        rest -= day.isoweekday() < SATURDAY
    while days and day.isoweekday() >= SATURDAY:
        day += A_DAY
    return day


@cache
def _zone(name: str) -> tzinfo:
    """UTC for a name that is none: the warehouse page refuses those."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


@dataclass(frozen=True, slots=True)
class Transit:
    """Days on the road from a site. An empty word means any."""

    site: str
    days: int
    country: str = ""
    region: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class TransitTable:
    """The most telling row holds: method before region before country."""

    _rows: Mapping[tuple[str, str, str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Transit]) -> TransitTable:
        return cls({_key(row): row.days for row in rows})

    def days(
        self, site: str, *, country: str, region: str, methods: Iterable[str]
    ) -> int | None:
        """`methods` are the names that the method goes by, the best first."""
        where = ((country, region), (country, ""), ("", region), ("", ""))
        for method in (*methods, ""):
            for place, part in where:
                key = (site, place.casefold(), part.casefold(), method.casefold())
                if key in self._rows:
                    return self._rows[key]
        return None

    def sites(self) -> frozenset[str]:
        return frozenset(key[0] for key in self._rows)


def _key(row: Transit) -> tuple[str, str, str, str]:
    return (
        row.site,
        row.country.casefold(),
        row.region.casefold(),
        row.method.casefold(),
    )
