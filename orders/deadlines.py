"""When orders must have left: the cut-offs of the warehouses that have them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors import batch
from connectors.accounts.models import Account
from inventory.models import Warehouse
from orders.models import Export, Order
from orders.transit import Site, due_at


class Deadlines:
    """When an order of an account must have left: the cut-off after its activation.

    It is that of the first warehouse that has some of it, or else of the first in use.
    """

    def __init__(self, account: Account) -> None:
        rows = Warehouse.objects.filter(account=account, is_active=True)
        rows = rows.order_by("name", "pk").prefetch_related("holidays")
        self._sites = {row.remote_id: site_of(row) for row in rows}

    @property
    def has_any(self) -> bool:
        return any(site.cutoff for site in self._sites.values())

    def __call__(
        self, activated_at: datetime, places: Sequence[str]
    ) -> datetime | None:
        named = (self._sites[place] for place in places if place in self._sites)
        site = next(named, None) if places else next(iter(self._sites.values()), None)
        if site is None or site.cutoff is None:
            return None
        return due_at(site, activated_at)


def due_of(order: Order, export: Export) -> datetime | None:
    if order.activated_at is None:
        return None
    rows = sorted(export.allocations.all(), key=lambda row: row.pk)
    places = [row.warehouse for row in rows]
    account = export.account
    deadlines = batch.once(("deadlines", account.pk), lambda: Deadlines(account))
    return deadlines(order.activated_at, places)


def site_of(row: Warehouse) -> Site:
    days: Any = row.working_days
    return Site(
        key=row.remote_id,
        name=row.name,
        time_zone=row.time_zone,
        cutoff=row.cutoff,
        working_days=frozenset(days),
        holidays=frozenset(holiday.date for holiday in row.holidays.all()),
    )
