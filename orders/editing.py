"""Which calls bring a warehouse order to what is wanted, and what became of them.

Rules: what stands there already is not sent again, each kind of call is made at most
once, and the outcome is told by the reading afterwards, never by the answer.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.diff import (
    GROUPS,
    LINES,
    TAGS,
    Change,
    Picture,
    is_same,
    moved_fields,
)
from orders.pictures import from_picture, to_picture
from orders.records import (
    MISSING,
    LineChange,
    OrderChanges,
    RemoteLine,
    RemoteOrder,
    WantedLine,
    WantedOrder,
)

SHIPPING = "shipping"
ENDED_WORDS = frozenset({"fulfilled", "closed", "auto_canceled"})


class EditOutcome(enum.StrEnum):
    """What became of the last edit, by the reading after it."""

    APPLIED = "applied"
    PARTLY = "partly"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class EditPlan:
    """At most one call of each kind; `calls` is how many of them are needed.

    `tags` replaces all tags, with those that staff set kept; `warehouse` moves the
    whole order.
    """

    head: OrderChanges | None = None
    updated: tuple[LineChange, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[WantedLine, ...] = ()
    tags_added: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    warehouse: str = ""

    @property
    def calls(self) -> int:
        asked = (self.updated, self.removed, self.added, self.tags_added)
        heads = (self.head is not None, self.tags is not None, self.warehouse)
        return sum(map(bool, (*asked, *heads)))


def line_name(line: RemoteLine) -> str:
    """Our name for a warehouse line; the warehouse's where a person made the line."""
    return (line.key or line.remote_id)[:45]


def too_late(remote: RemoteOrder) -> str:  # noqa: PLR0911 - one answer a reason
    """Why an edit cannot reach the floor any more; empty while it still can."""
    if remote.is_canceled:
        return "The order is canceled in ShipHero; the edit came too late."
    if any(not shipment.is_void for shipment in remote.shipments or ()):
        return "The order has shipped; the edit came too late."
    if remote.merged_into:
        return "The order was merged into another in ShipHero; edit that one there."
    if remote.status.casefold() in ENDED_WORDS:
        return "The order is closed in ShipHero; the edit came too late."
    if any(line.picked for line in remote.lines or ()):
        return "The order is in a tote, being packed; the edit came too late."
    if any(row.is_locked for row in remote.allocations or ()):
        return "The order is being packed; the edit came too late."
    return ""


def plan_edit(
    changes: Sequence[Change], wanted: Picture, remote: RemoteOrder
) -> EditPlan:
    """The calls that these changes take, given what was just read.

    What reads as done is left out, so that a repeat after a crash is harmless.
    """
    known = _known(remote)
    lines = [c for c in changes if c.group in {"lines_added", "lines_changed"}]
    standing = [(c, line) for c in lines if (line := known.get(_line_of(c)))]
    updates = [
        made for c, line in standing if (made := _line_change(c, line)) is not None
    ]
    warehouse = _one_warehouse(updates, wanted)
    tags_added, tags = _tag_calls(changes, remote)
    return EditPlan(
        head=_head(changes, wanted, remote),
        updated=() if warehouse else tuple(updates),
        removed=tuple(
            line.remote_id
            for c in changes
            if c.group == "lines_removed"
            and (line := known.get(_line_of(c)))
            and line.quantity > 0
        ),
        added=tuple(
            from_picture(WantedLine, c.after) for c in lines if _line_of(c) not in known
        ),
        tags_added=tags_added,
        tags=tags,
        warehouse=warehouse,
    )


def _known(remote: RemoteOrder) -> dict[tuple[str, str], RemoteLine]:
    """Lines by name and SKU: while a line changes its SKU, the old and the new share
    a name.
    """
    return {(line_name(line), line.sku): line for line in remote.lines or ()}


def _line_of(change: Change) -> tuple[str, str]:
    picture = change.before if change.group == "lines_removed" else change.after
    return change.name, picture["sku"]


def _line_change(change: Change, line: RemoteLine) -> LineChange | None:
    """Quantity and price by what stands; the warehouse by what we had asked for."""
    after = change.after
    moved = moved_fields(change.before or {}, after)
    values: dict[str, Any] = {}
    if line.quantity != after["quantity"]:
        values["quantity"] = after["quantity"]
    if "price" in moved and not is_same("price", line.price, after["price"]):
        values["price"] = after["price"]
    if "warehouse" in moved and after["warehouse"]:
        values["warehouse"] = after["warehouse"]
    return LineChange(remote_id=line.remote_id, **values) if values else None


def _one_warehouse(updates: Sequence[LineChange], wanted: Picture) -> str:
    """The warehouse that the whole order moves to, if that is all that is to do."""
    lines = wanted.get(LINES, ())
    if not updates or len(updates) != len(lines):
        return ""
    targets = {change.warehouse for change in updates}
    others = [
        change
        for change in updates
        if change.quantity is not MISSING or change.price is not MISSING
    ]
    only = next(iter(targets))
    return only if len(targets) == 1 and not others and only is not MISSING else ""


def _tag_calls(
    changes: Sequence[Change], remote: RemoteOrder
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Tags of others stay: adding appends, and replacing keeps what was read."""
    standing = remote.tags
    add = [c.name for c in changes if c.group == "tags_added"]
    gone = {c.name for c in changes if c.group == "tags_removed"}
    if standing is MISSING:
        return tuple(add), None
    add = [tag for tag in add if tag not in standing]
    if gone & set(standing):
        return (), (*(tag for tag in standing if tag not in gone), *add)
    return tuple(add), None


def _head(
    changes: Sequence[Change], wanted: Picture, remote: RemoteOrder
) -> OrderChanges | None:
    standing = to_picture(remote)
    heads = [c for c in changes if c.family in GROUPS]
    open_ones = [
        c
        for c in heads
        if c.name not in standing or not is_same(c.name, standing[c.name], c.after)
    ]
    order = from_picture(WantedOrder, wanted)
    names = {c.name for c in open_ones if c.group != SHIPPING}
    if any(c.group == SHIPPING for c in open_ones):
        names |= set(GROUPS[SHIPPING])
    if not names:
        return None
    return OrderChanges(**{name: getattr(order, name) for name in names})


# -- afterwards ------------------------------------------------------------------


def left_undone(
    changes: Sequence[Change],
    before: RemoteOrder,
    after: RemoteOrder,
    *,
    free_groups: frozenset[str] = frozenset(),
) -> list[Change]:
    """Those of the changes that the reading afterwards does not show.

    A field of the head counts as applied when it moved at all: the warehouse may
    write an address in its own way. What was not read cannot speak against us, and
    neither do groups that the warehouse decides itself (`free_groups`).
    """
    stood, stands = to_picture(before), to_picture(after)
    lines = None if after.lines is MISSING else _known(after)
    return [
        change
        for change in changes
        if change.family not in free_groups
        and not _is_done(change, stood, stands, lines)
    ]


def _is_done(
    change: Change,
    stood: Picture,
    stands: Picture,
    lines: dict[tuple[str, str], RemoteLine] | None,
) -> bool:
    if change.family == LINES:
        return lines is None or _is_line_done(change, lines.get(_line_of(change)))
    if change.family == TAGS:
        tags = stands.get(TAGS)
        wanted = change.group == "tags_added"
        return tags is None or (change.name in tags) == wanted
    if change.name not in stands or change.name not in stood:
        return True
    is_there = is_same(change.name, stands[change.name], change.after)
    return is_there or stands[change.name] != stood[change.name]


def _is_line_done(change: Change, line: RemoteLine | None) -> bool:
    if change.group == "lines_removed":
        return line is None or line.quantity == 0
    if line is None:
        return False
    moved = moved_fields(change.before or {}, change.after)
    same_price = is_same("price", line.price, change.after.get("price"))
    if "price" in moved and line.price and not same_price:
        return False
    return bool(line.quantity == change.after["quantity"])


def accepted_picture(
    wanted: Picture,
    previous: Picture,
    undone: Sequence[Change],
    after: RemoteOrder,
    *,
    edited: Sequence[Change] | None = None,
) -> Picture:
    """What the warehouse has accepted of ours: as wanted, but for what was not done.

    Lines that were edited (all, where `edited` is not told) stand as they were read.
    The others stay as accepted: an edit of something else undoes nothing that people
    did there. Lines that staff added are not ours and are never taken away.
    """
    accepted = dict(wanted)
    for change in undone:
        if change.family in GROUPS:
            accepted[change.name] = change.before
        elif change.family == TAGS:
            accepted[TAGS] = previous.get(TAGS, [])
    if after.lines is not MISSING:
        read = _lines_as_read(wanted, previous, after.lines)
        accepted[LINES] = read if edited is None else _kept(previous, read, edited)
    return accepted


def _kept(old: Picture, read: list[Picture], edited: Sequence[Change]) -> list[Picture]:
    names = {change.name for change in edited if change.family == LINES}
    kept = [row for row in old.get(LINES, ()) if row["key"] not in names]
    return kept + [row for row in read if row["key"] in names]


def _lines_as_read(
    wanted: Picture, previous: Picture, lines: Sequence[RemoteLine]
) -> list[Picture]:
    rows = {
        row["key"]: row
        for picture in (previous, wanted)
        for row in picture.get(LINES, ())
    }
    return [
        {**rows[name], "sku": line.sku, "quantity": line.quantity}
        for line in lines
        if (name := line_name(line)) in rows
    ]
