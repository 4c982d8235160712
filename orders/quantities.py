"""Where the units of a line are: every one in exactly one place, or it is said why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineCount:
    """What is known of one line, in base units.

    `ordered` is what we asked for, `shipped` what live shipments hold. The rest is
    one reading of the warehouse: how many the line has there, how many are to ship,
    how many it counts as shipped, and how many of `shipped` that reading knew. None
    means that the line was never read. `is_over` says that nothing more will ship.
    """

    ordered: int
    shipped: int = 0
    pending: int | None = None
    allocated: int = 0
    backordered: int = 0
    picked: int = 0
    packed: int = 0
    remote_quantity: int | None = None
    remote_shipped: int | None = None
    shipped_as_read: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """ordered = open + allocated + backordered + shipped + canceled, if it adds up.

    What is in a tote or packed is part of what is allocated; `resent` is what left a
    second time for the same line and counts once. `problems` say what does not add up.
    """

    ordered: int
    open: int
    allocated: int
    backordered: int
    shipped: int
    canceled: int
    in_tote: int = 0
    packed: int = 0
    resent: int = 0
    problems: tuple[str, ...] = ()

    @property
    def difference(self) -> int:
        """How many units are in two places (above 0) or in none (below 0)."""
        places = (self.open, self.allocated, self.backordered, self.shipped)
        return sum(places) + self.canceled - self.ordered

    @property
    def is_conserved(self) -> bool:
        return not self.difference and not self.problems


def balance(line: LineCount) -> Balance:
    """Every unit of the line by where it is.

    Shipments that came after the reading take their units from what the reading
    allocated, so that a webhook does not make a line look oversold.
    """
    fresh = line.shipped - line.shipped_as_read
    resent = _resent(line)
    shipped = line.shipped - resent
    pending = _pending(line, shipped, fresh)
    allocated = min(max(line.allocated - max(fresh, 0), 0), pending)
    backordered = min(line.backordered, pending - allocated)
    canceled = max(line.ordered - shipped - pending, 0)
    in_tote = min(max(line.picked - line.shipped_as_read, 0), allocated)
    return Balance(
        ordered=line.ordered,
        open=pending - allocated - backordered,
        allocated=allocated,
        backordered=backordered,
        shipped=shipped,
        canceled=canceled,
        in_tote=in_tote,
        packed=min(line.packed, in_tote),
        resent=resent,
        problems=tuple(_problems(line, shipped, pending)),
    )


def _resent(line: LineCount) -> int:
    """What the reading knew as shipped, and the warehouse no longer counts.

    Re-opening a shipped order to ship it again sets the warehouse's count back.
    """
    if line.remote_shipped is None:
        return 0
    return max(min(line.shipped_as_read, line.shipped) - line.remote_shipped, 0)


def _pending(line: LineCount, shipped: int, fresh: int) -> int:
    if line.is_over:
        return 0
    if line.pending is None:
        return max(line.ordered - shipped, 0)
    return max(line.pending - max(fresh, 0), 0)


def _problems(line: LineCount, shipped: int, pending: int) -> list[str]:
    found = []
    if shipped > line.ordered:
        found.append(f"{shipped} left of {line.ordered} ordered")
    if line.is_over:
        return found
    there = line.remote_quantity
    if there is not None and there > line.ordered:
        found.append(f"the warehouse has {there}, {line.ordered} are ordered")
    if line.pending is not None and line.allocated + line.backordered > line.pending:
        found.append(
            f"{line.allocated} allocated and {line.backordered} backordered, but "
            f"{line.pending} to ship"
        )
    if (line.remote_shipped or 0) > line.shipped_as_read:
        found.append(
            f"the warehouse counts {line.remote_shipped} as shipped, its shipments "
            f"hold {line.shipped_as_read}"
        )
    over = shipped + pending - line.ordered
    if over > 0 and not found:
        found.append(f"{over} more shipped or to ship than ordered")
    return found


def kits_in(shipped: Mapping[str, int], components: Mapping[str, int], sku: str) -> int:
    """How many whole units of a kit left, whether as kits or as their components."""
    parts = {part: units for part, units in components.items() if units > 0}
    if not parts or sku in parts:
        return sum(shipped.values())
    whole = min(shipped.get(part, 0) // units for part, units in parts.items())
    others = sum(units for part, units in shipped.items() if part not in parts)
    return whole + others


def loose_components(
    shipped: Mapping[str, int], components: Mapping[str, int], sku: str
) -> dict[str, int]:
    """Components that left without the rest of their kit."""
    whole = kits_in(
        {part: n for part, n in shipped.items() if part != sku}, components, sku
    )
    left = {
        part: shipped.get(part, 0) - whole * units
        for part, units in components.items()
        if part != sku
    }
    return {part: units for part, units in left.items() if units}


def serial_problems(
    quantity: int, serials: Sequence[str], *, is_tracked: bool
) -> list[str]:
    """What is wrong with the serial numbers of one shipped line."""
    found = []
    twice = sorted({serial for serial in serials if serials.count(serial) > 1})
    if twice:
        found.append(f"serial number {', '.join(twice)} twice")
    if (serials or is_tracked) and len(serials) != quantity:
        found.append(f"{len(serials)} serial numbers for {quantity} units")
    return found
