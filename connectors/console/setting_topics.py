"""The settings as their page shows them: by topic, with values that people can read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.accounts import scoped
from connectors.accounts.models import ScopedSetting
from connectors.accounts.setting_specs import SettingSpec
from connectors.console.base import add_address
from connectors.console.markup import span

# A key belongs to the first topic one of whose beginnings it has.
_TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Availability", ("availability_", "linger_availability", "push_availability")),
    (
        "Stock",
        (
            *("stock_", "snapshot_", "poll_stock", "thin_stock", "movements_"),
            *("pull_catalogue", "whole_catalogue", "pull_warehouses", "poll_products"),
        ),
    ),
    (
        "Late, stuck, stale",
        (
            *("stuck_", "late_", "stale_", "held_alarm", "hopeless_", "cutoff_"),
            *("watch_", "loss_"),
        ),
    ),
    ("How often it is read", ("poll_", "check_", "reconcile_", "push_", "linger_")),
    ("How long it is kept", ("messages_", "api_use_", "return_window", "shipment_w")),
)
_REST = "Orders and exports"
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_SHORT = {"seconds": "s", "minutes": "min", "hours": "h", "days": "d"}


@dataclass(frozen=True, slots=True)
class Held:
    """One setting: its default for people, and the rows where another value stands."""

    spec: SettingSpec
    default: str
    rows: list[tuple[ScopedSetting, str]]
    add: str


def by_topic(rows: Iterable[ScopedSetting]) -> dict[str, list[Held]]:
    """Every setting below its topic; topics with the most frequent use first."""
    set_somewhere: dict[str, list[ScopedSetting]] = {}
    for row in rows:
        set_somewhere.setdefault(row.key, []).append(row)
    found: dict[str, list[Held]] = {_REST: [], **{name: [] for name, _ in _TOPICS}}
    for key, spec in sorted(scoped.REGISTRY.items()):
        others = [(row, words_of(key, row.value)) for row in set_somewhere.get(key, [])]
        add = add_address(ScopedSetting, key=key)
        held = Held(spec, words_of(key, spec.default), others, add)
        found[_topic_of(key)].append(held)
    return {name: held for name, held in found.items() if held}


def words_of(key: str, value: Any) -> str:
    """The value for people: yes and no, and long times in their largest unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, ""):
        return "none"
    unit = key.rsplit("_", 1)[-1]
    if unit not in _UNITS or not isinstance(value, int):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if value == 0:
        return f"0 {_SHORT[unit]}"
    length = timedelta(seconds=value * _UNITS[unit])
    words = span(length)
    return words if _is_exact(length, words) else f"{value:,} {_SHORT[unit]}"


def _topic_of(key: str) -> str:
    return next((name for name, begins in _TOPICS if key.startswith(begins)), _REST)


def _is_exact(length: timedelta, words: str) -> bool:
    """Whether nothing was left out when the length was put into words."""
    number, _, unit = words.partition(" ")
    sizes = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    return int(number) * sizes[unit] == length.total_seconds()
