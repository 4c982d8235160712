"""The smallest change between two pictures, by field group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Picture = dict[str, Any]

GROUPS: dict[str, tuple[str, ...]] = {
    "address": ("ship_to",),
    "shipping": ("carrier", "method", "method_title"),
    "header": ("packing_note", "required_date"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to bring over; `before` and `after` are None where there is nothing."""

    group: str
    name: str
    before: Any
    after: Any


def diff(wanted: Picture, acknowledged: Picture) -> list[Change]:
    """What must change for `acknowledged` to become `wanted`.

    A field that `acknowledged` does not contain was not read and makes no change;
    lines are compared by their key, and only if both pictures have them.
    """
    return [*_fields(wanted, acknowledged), *_lines(wanted, acknowledged)]


def _fields(wanted: Picture, acknowledged: Picture) -> Iterable[Change]:
    for group, names in GROUPS.items():
        for name in names:
            if name not in wanted or name not in acknowledged:
                continue
            if wanted[name] != acknowledged[name]:
                yield Change(group, name, acknowledged[name], wanted[name])


def _lines(wanted: Picture, acknowledged: Picture) -> Iterable[Change]:
    if "lines" not in wanted or "lines" not in acknowledged:
        return
    before = {line["key"]: line for line in acknowledged["lines"]}
    after = {line["key"]: line for line in wanted["lines"]}
    for key, line in after.items():
        old = before.get(key)
        if old is None:
            yield Change("lines_added", key, None, line)
        elif old["sku"] != line["sku"]:
            yield Change("lines_removed", key, old, None)
            yield Change("lines_added", key, None, line)
        elif old["quantity"] != line["quantity"]:
            yield Change("lines_changed", key, old, line)
    for key, line in before.items():
        if key not in after and line["quantity"] > 0:
            yield Change("lines_removed", key, line, None)
