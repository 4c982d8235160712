"""The smallest change between two pictures, by field group.

A group is what reaches the warehouse, or fails to, as one: a group whose hash equals
the acknowledged one is never sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

Picture = dict[str, Any]

GROUPS: dict[str, tuple[str, ...]] = {
    "address": ("ship_to",),
    "billing": ("bill_to",),
    "shipping": ("carrier", "method", "method_title", "shipping_price"),
    "header": ("packing_note", "required_date"),
    "gift": ("gift_note", "is_gift"),
    "signature": ("require_signature", "adult_signature"),
    "insurance": ("insurance", "insurance_amount"),
    "totals": ("total_tax", "total_discount"),
}
# What an order is made with and cannot be given afterwards.
AT_CREATION = frozenset(
    {"key", "order_number", "shop_name", "currency", "email", "order_date"}
)
TAGS = "tags"
LINES = "lines"
LINE_FIELDS = ("quantity", "price", "warehouse")
MONEY = frozenset(
    {"price", "shipping_price", "insurance_amount", "total_tax", "total_discount"}
)
EVERY_GROUP = (*GROUPS, TAGS, LINES)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to bring over; `before` and `after` are None where there is nothing."""

    group: str
    name: str
    before: Any
    after: Any

    @property
    def family(self) -> str:
        """The group whose hash it moves: the three kinds of line changes are one."""
        for whole in (LINES, TAGS):
            if self.group.startswith(whole):
                return whole
        return self.group


def diff(wanted: Picture, acknowledged: Picture) -> list[Change]:
    """What must change for `acknowledged` to become `wanted`.

    A field that `acknowledged` does not contain was not read and makes no change;
    lines are compared by their key, and only if both pictures have them.
    """
    return [
        *_fields(wanted, acknowledged),
        *_tags(wanted, acknowledged),
        *_lines(wanted, acknowledged),
    ]


def apply(changes: Iterable[Change], picture: Picture) -> Picture:
    """The picture that a warehouse ends with which does exactly these changes."""
    after = dict(picture)
    lines = {line["key"]: line for line in picture.get(LINES, ())}
    tags = list(picture.get(TAGS, ()))
    for change in changes:
        if change.group == "lines_removed":
            lines.pop(change.name, None)
        elif change.family == LINES:
            lines[change.name] = change.after
        elif change.group == "tags_added":
            tags.append(change.name)
        elif change.group == "tags_removed":
            tags = [tag for tag in tags if tag != change.name]
        else:
            after[change.name] = change.after
    if LINES in picture:
        after[LINES] = list(lines.values())
    if TAGS in picture:
        after[TAGS] = tags
    return after


def group_hashes(picture: Picture) -> dict[str, str]:
    """A digest for each group that the picture contains, whatever its order."""
    found = {
        group: _digest({name: _plain(name, picture[name]) for name in known})
        for group, names in GROUPS.items()
        if (known := [name for name in names if picture.get(name) is not None])
    }
    if TAGS in picture:
        found[TAGS] = _digest(sorted(set(picture[TAGS])))
    if LINES in picture:
        rows = [_line_essence(line) for line in picture[LINES] if line["quantity"]]
        found[LINES] = _digest(sorted(rows, key=lambda row: str(row["key"])))
    return found


def unchanged_groups(
    wanted: Mapping[str, str], acknowledged: Mapping[str, str]
) -> list[str]:
    """The groups that stand as they are wanted, by their hashes."""
    return [
        group
        for group in EVERY_GROUP
        if group in wanted and wanted[group] == acknowledged.get(group)
    ]


def families(changes: Sequence[Change]) -> set[str]:
    return {change.family for change in changes}


def is_same(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field mean the same; money is compared as numbers."""
    return bool(_plain(name, one) == _plain(name, other))


def _plain(name: str, value: Any) -> Any:
    if name not in MONEY:
        return value
    try:
        return str(Decimal(value or "0").normalize())
    except (InvalidOperation, TypeError):
        return value


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _line_essence(line: Picture) -> Picture:
    known = {name: _plain(name, line[name]) for name in LINE_FIELDS if name in line}
    return {"key": line["key"], "sku": line["sku"], **known}


def _fields(wanted: Picture, acknowledged: Picture) -> Iterable[Change]:
    for group, names in GROUPS.items():
        for name in names:
            if name not in acknowledged or wanted.get(name) is None:
                continue  # not read there, or nothing is wanted of it
            if not is_same(name, wanted[name], acknowledged[name]):
                yield Change(group, name, acknowledged[name], wanted[name])


def _tags(wanted: Picture, acknowledged: Picture) -> Iterable[Change]:
    if TAGS not in wanted or TAGS not in acknowledged:
        return
    before, after = set(acknowledged[TAGS]), set(wanted[TAGS])
    for tag in sorted(after - before):
        yield Change("tags_added", tag, None, tag)
    for tag in sorted(before - after):
        yield Change("tags_removed", tag, tag, None)


def _lines(wanted: Picture, acknowledged: Picture) -> Iterable[Change]:
    if LINES not in wanted or LINES not in acknowledged:
        return
    before = {line["key"]: line for line in acknowledged[LINES]}
    after = {line["key"]: line for line in wanted[LINES]}
    for key, line in after.items():
        old = before.get(key)
        if old is None:
            yield Change("lines_added", key, None, line)
        elif old["sku"] != line["sku"]:
            yield Change("lines_removed", key, old, None)
            yield Change("lines_added", key, None, line)
        elif moved_fields(old, line):
            yield Change("lines_changed", key, old, line)
    for key, line in before.items():
        if key not in after and line["quantity"] > 0:
            yield Change("lines_removed", key, line, None)


def moved_fields(before: Picture, after: Picture) -> list[str]:
    """Which fields of a line differ, of those that both pictures of it contain."""
    return [
        name
        for name in LINE_FIELDS
        if name in before
        and name in after
        and not is_same(name, before[name], after[name])
    ]
