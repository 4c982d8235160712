"""An order in parts: what each account has of it, as far as its reader sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.console import comparison, markup
from connectors.console.offers import User
from connectors.sync import forecast
from orders import parts, services
from orders.models import Export, LineItem, Order


@dataclass(frozen=True, slots=True)
class PartView:
    """What one account ships of an order, and what a push of it would do now.

    Of an account that its reader does not see only the lines are told: they are the
    order's own.
    """

    account: Account | None
    lines: list[str]
    export: Export | None
    tone: str
    word: str
    forecast: forecast.Forecast | None


@dataclass(frozen=True, slots=True)
class Side:
    """The order's fields beside one export's; `title` names it among several."""

    title: str
    rows: list[comparison.Row]


def sides_of(
    order: Order, in_parts: Sequence[Export], current: Export | None
) -> list[Side]:
    if len(in_parts) < 2:
        return [Side("", comparison.compare(order, current))]
    return [
        Side(str(export.account), comparison.compare(order, export))
        for export in in_parts
    ]


def parts_of(
    order: Order, lines: list[LineItem], mine: set[int], user: User, now: datetime
) -> list[PartView]:
    """Each part, and after them what an account has of it that ships none any more."""
    views = []
    for account, told in forecast.of_parts(order, now=now):
        skus = [line.sku for line in lines if line.account_id == account.pk]
        if permissions.sees(user, account):
            newest = services.newest_of(order, account.pk)
            is_mine = newest is None or newest.pk in mine
            views.append(_part(account, skus, newest if is_mine else None, told))
        else:
            views.append(PartView(None, skus, None, "", "", None))
    for export in parts.leaving(order):
        if export.pk in mine:
            views.append(_part(export.account, [], export, None))
    return views


def _part(
    account: Account,
    skus: list[str],
    export: Export | None,
    told: forecast.Forecast | None,
) -> PartView:
    tone, word = markup.stand_of(export) if export else ("waiting", "Not exported yet")
    return PartView(account, skus, export, tone, word, told)
