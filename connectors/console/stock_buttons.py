"""The buttons of stock, and its panels on the home page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.console import offers, panels
from connectors.console.base import list_address
from connectors.console.chips import Tone
from connectors.console.counting import Row, moment
from connectors.console.offers import Call, Offer
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import by_account
from connectors.console.snapshot_pages import progress_of
from connectors.sync import stock_actions, unit_actions
from connectors.timing import scaled
from inventory.models import (
    Product,
    StockDiscrepancy,
    StockSnapshot,
    UnitFactor,
    Warehouse,
)

MAY_SEE = "inventory.view_stocklevel"


def _refresh_sku(call: Call) -> str:
    stock_actions.refresh_sku(product=call.subject, user=call.user, now=call.now)
    return f"{call.subject} is read in every warehouse now."


def _refresh_warehouse(call: Call) -> str:
    snapshot = stock_actions.refresh_warehouse(
        warehouse=call.subject, user=call.user, now=call.now
    )
    return f"{call.subject} is read now. {progress_of(snapshot)}."


def _refresh_account(call: Call) -> str:
    stock_actions.refresh_account(account=call.subject, user=call.user, now=call.now)
    return "All its stock is read now. Its progress stands under Snapshots."


def _remove_unit(call: Call) -> str:
    words = str(call.subject)
    unit_actions.remove_unit(row=call.subject, user=call.user, now=call.now)
    return f"“{words}” is removed. What went out keeps its factor."


def _unlisted(warehouse: Warehouse) -> str:
    if warehouse.is_listed:
        return ""
    return "ShipHero does not list this warehouse. It cannot be asked about it."


OFFERS = (
    Offer(
        "refresh",
        Product,
        "Refresh now",
        permissions.SYNC_NOW,
        _refresh_sku,
        help="Read this SKU's product and counts from ShipHero.",
        is_main=True,
    ),
    Offer(
        "refresh",
        Warehouse,
        "Refresh now",
        permissions.SYNC_NOW,
        _refresh_warehouse,
        _unlisted,
        help="Have ShipHero make a snapshot of this warehouse, and read it.",
        is_main=True,
    ),
    Offer(
        "refresh-stock",
        Account,
        "Read all stock now",
        permissions.SYNC_NOW,
        _refresh_account,
        help="Have ShipHero make a snapshot of all its warehouses, and read it.",
    ),
    Offer(
        "remove",
        UnitFactor,
        "Remove",
        permissions.CHANGE_CONFIG,
        _remove_unit,
        help="Take the row out. Lines that went out with it keep their factor.",
        leaves=True,
    ),
)


def register() -> None:
    offers.register(*OFFERS)
    panels.register(
        Panel(
            name="stock-freshness",
            title="Stock",
            query=_freshness,
            listed=_last_readings,
            link=lambda: list_address(StockSnapshot),
            permission=MAY_SEE,
            order=125,
            empty="No account's stock is read yet.",
        )
    )
    panels.register(
        Panel(
            name="stock-discrepancies",
            title="Open stock discrepancies",
            rows=_open_discrepancies,
            link=lambda: list_address(StockDiscrepancy),
            permission=MAY_SEE,
            order=35,
            shape="count",
        )
    )


def _open_discrepancies(view: View) -> QuerySet[StockDiscrepancy]:
    rows = StockDiscrepancy.objects.filter(closed_at=None)
    return rows if view.scope.everything else rows.filter(by_account()(view.scope))


def _last_readings(view: View) -> dict[str, QuerySet[Any]]:
    """Each account with stock, and when its last whole reading was asked for."""
    mine = StockSnapshot.objects.filter(account=OuterRef("pk"))
    whole = mine.filter(state="applied", warehouse=None, asked_at__isnull=False)
    accounts = Account.objects.filter(pk__in=Warehouse.objects.values("account"))
    if not view.scope.everything:
        accounts = accounts.filter(pk__in=view.scope.accounts)
    last = Subquery(whole.order_by("-asked_at").values("asked_at")[:1])
    found = accounts.order_by("name").values("pk", "name").annotate(last=last)
    return {"stock read": found[:20]}


def _freshness(view: View) -> Sequence[Line]:
    limits = view.settings["stock_stale_seconds"]
    return [
        _line(
            row,
            moment(row["last"]),
            scaled(timedelta(seconds=limits.get(row["pk"], limits[None]))),
            view.now,
        )
        for row in view.rows["stock read"]
    ]


def _line(row: Row, read_at: datetime | None, limit: timedelta, now: datetime) -> Line:
    account, address = row["name"], list_address(StockSnapshot, account=row["pk"])
    if read_at is None:
        note = "No snapshot has been read yet"
        return Line(account, address, note=note, tone=Tone.WAITING)
    is_stale = now - read_at > limit
    return Line(
        account,
        address,
        note="Stale" if is_stale else "Snapshot read",
        tone=Tone.WARN if is_stale else Tone.GOOD,
        moment=read_at,
    )
