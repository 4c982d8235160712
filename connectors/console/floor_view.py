"""What the floor has to do with one order: where its units are, what holds it, and
what of it needs somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.accounts import permissions
from connectors.console import offers
from connectors.console.base import buttons_for
from orders.floor import HoldSpell, OrderException, Return
from orders.models import Export, ExportLine, Order
from orders.quantities import Balance
from orders.standing import balances_of

User = offers.User


@dataclass(frozen=True, slots=True)
class Attention:
    """One open exception, and what this person may do about it."""

    exception: OrderException
    is_quiet: bool
    offers: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class UnitsRow:
    """One line by where its pieces are; `problems` say what does not add up."""

    line: ExportLine
    told: Balance


@dataclass(frozen=True, slots=True)
class FloorView:
    attention: list[Attention]
    units: list[UnitsRow]
    holds: list[HoldSpell]
    returns: list[Return]
    read_at: datetime | None

    @property
    def next_step(self) -> str:
        """What the newest exception asks for that nobody has put off."""
        loud = (one.exception for one in self.attention if not one.is_quiet)
        return next((row.next_step for row in loud if row.next_step), "")


def of_order(
    order: Order, exports: Sequence[Export], user: User, now: datetime
) -> FloorView:
    """All of it, over the parts of an order in parts; empty before a warehouse has it.

    `read_at` is when the part that was read the longest ago was read.
    """
    there = [export for export in exports if export.remote_id]
    if not there:
        return FloorView([], [], [], [], None)
    balances = [row for export in there for row in balances_of(export)]
    holds = HoldSpell.objects.filter(export__in=there, ended_at=None)
    seen = permissions.of_seen_accounts(user)
    returns = Return.objects.filter(seen, export__order=order)
    read = [export.facts_read_at for export in there]
    return FloorView(
        attention=_attention(order, user, now),
        units=[UnitsRow(line, told) for line, told in balances],
        holds=list(holds.order_by("since")),
        returns=list(returns.prefetch_related("lines")),
        read_at=min(at for at in read if at) if all(read) else None,
    )


def _attention(order: Order, user: User, now: datetime) -> list[Attention]:
    seen = permissions.of_seen_accounts(user)
    rows = OrderException.objects.filter(seen, order=order, closed_at=None)
    found = list(rows.select_related("order__account", "account", "export"))
    return [Attention(row, row.is_quiet(now), buttons_for(row, user)) for row in found]


@dataclass(frozen=True, slots=True)
class ShortLine:
    """What is short of one SKU, and where more of it is or will be."""

    sku: str
    short: int
    elsewhere: Sequence[tuple[str, int]]
    expected: Sequence[dict[str, Any]]


def short_lines(row: OrderException) -> list[ShortLine]:
    """A backorder's evidence by SKU; empty for exceptions of another kind."""
    seen: dict[str, Any] = row.evidence or {}
    short = seen.get("short")
    if not isinstance(short, dict):
        return []
    return [
        ShortLine(
            sku,
            units,
            sorted(((seen.get("elsewhere") or {}).get(sku) or {}).items()),
            (seen.get("expected") or {}).get(sku) or [],
        )
        for sku, units in short.items()
    ]
