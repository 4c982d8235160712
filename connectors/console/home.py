"""The panels of the sync on the home page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Model, QuerySet

from connectors import catalogue
from connectors.accounts import scoped
from connectors.console import filters, panels
from connectors.console.base import list_address, page_address
from connectors.console.chips import Tone, tone_of
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import Filter, by_account, by_account_or_organization
from connectors.models import (
    DeliveryState,
    FailedPayload,
    JobState,
    SyncJob,
    WebhookDelivery,
)
from connectors.timing import scaled
from orders.models import Export, Order, OrderState, Shipment

CAP = 5000
LATE_AFTER = timedelta(minutes=1)
OF_ORDERS = by_account_or_organization()
OF_JOBS = by_account_or_organization(order="order")
OF_ACCOUNTS = by_account()


def seen(model: type[Model], scope: Filter, view: View) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.all()
    return rows if view.scope.everything else rows.filter(scope(view.scope))


def _capped(rows: QuerySet[Any]) -> int:
    return int(rows.order_by()[:CAP].count())


def open_failures(view: View) -> list[Line]:
    rows = seen(FailedPayload, OF_JOBS, view).filter(closed_at=None)
    return [Line("Open failures", failures_address(), _capped(rows), tone=Tone.BAD)]


def held_too_long(view: View) -> list[Line]:
    limit = scaled(scoped.lookup("held_alarm_seconds").seconds)
    rows = filters.held(seen(Export, OF_ACCOUNTS, view))
    late = rows.filter(held_at__lt=view.now - limit)
    return [Line("Held by us too long", held_address(), _capped(late), tone=Tone.WARN)]


def unknown_outcomes(view: View) -> list[Line]:
    rows = seen(Export, OF_ACCOUNTS, view).filter(intent_at__isnull=False)
    address = list_address(Export, stand="unknown")
    return [Line("Outcome unknown", address, _capped(rows), tone=Tone.WARN)]


def late_jobs(view: View) -> list[Line]:
    limit = view.now - scaled(LATE_AFTER)
    rows = seen(SyncJob, OF_JOBS, view).filter(
        state=JobState.WAITING, not_before__lt=limit
    )
    address = list_address(SyncJob, need="due")
    return [Line("Jobs overdue", address, _capped(rows), tone=Tone.WARN)]


def unmatched(view: View) -> list[Line]:
    rows = seen(WebhookDelivery, OF_ACCOUNTS, view).filter(
        state__in=[DeliveryState.UNMATCHED, DeliveryState.FAILED]
    )
    address = list_address(WebhookDelivery, state__exact=DeliveryState.UNMATCHED)
    return [Line("Webhooks without order", address, _capped(rows), tone=Tone.WARN)]


def failures_by_reason(view: View) -> list[Line]:
    """Open failures grouped by what is wrong and whose it is, the most first."""
    groups = (
        seen(FailedPayload, OF_JOBS, view)
        .filter(closed_at=None)
        .order_by()
        .values("code", "owner", "error_kind")
        .annotate(rows=Count("id"), oldest=Min("opened_at"))
        .order_by("-rows", "code")[:12]
    )
    return [
        Line(
            _title(group["code"], group["error_kind"]),
            list_address(FailedPayload, q=group["code"], owner__exact=group["owner"]),
            group["rows"],
            f"for {group['owner']}",
            Tone.BAD,
            moment=group["oldest"],
        )
        for group in groups
    ]


def _title(code: str, kind: str) -> str:
    entry = catalogue.find(code, kind=kind)
    return entry.title if entry else code


def orders_by_state(view: View) -> list[Line]:
    groups = (
        seen(Order, OF_ORDERS, view)
        .order_by()
        .values_list("state")
        .annotate(rows=Count("id"))
    )
    counts = dict(groups)
    largest = max(counts.values(), default=0)
    return [
        Line(
            state.label,
            list_address(Order, state__exact=state.value),
            counts[state.value],
            tone=tone_of(state.value),
            share=max(1, round(100 * counts[state.value] / largest)),
        )
        for state in OrderState
        if counts.get(state.value)
    ]


def recent_shipments(view: View) -> list[Line]:
    rows = (
        seen(Shipment, OF_ACCOUNTS, view)
        .filter(is_void=False)
        .select_related("export__order")
        .prefetch_related("packages")
        .order_by("-id")[:8]
    )
    return [
        Line(
            str(row.export.order),
            page_address(row.export.order),
            note=_carriers(row.packages.all()),
            tone=Tone.GOOD,
            moment=row.shipped_at,
        )
        for row in rows
    ]


def _carriers(packages: Iterable[Any]) -> str:
    return ", ".join(
        f"{package.carrier} {package.tracking_number}".strip()
        for package in packages
        if not package.is_void
    )


def failures_address() -> str:
    return list_address(FailedPayload)


def held_address() -> str:
    return list_address(Export, stand="held")


def _tile(name: str, order: int, query: Any, permission: str) -> Panel:
    return Panel(name, "", query, lambda: "", permission, order, shape="tile")


_FAILURES = "connectors.view_failedpayload"
_EXPORTS = "orders.view_export"
_JOBS = "connectors.view_syncjob"
_DELIVERIES = "connectors.view_webhookdelivery"


def register_panels() -> None:
    for panel in (
        _tile("open_failures", 10, open_failures, _FAILURES),
        _tile("held_by_us", 20, held_too_long, _EXPORTS),
        _tile("unknown_outcomes", 30, unknown_outcomes, _EXPORTS),
        _tile("late_jobs", 40, late_jobs, _JOBS),
        _tile("unmatched", 50, unmatched, _DELIVERIES),
        Panel(
            "failures_by_reason",
            "What needs a person",
            failures_by_reason,
            failures_address,
            _FAILURES,
            110,
            empty="Nothing waits for a person.",
            is_empty_good=True,
        ),
        Panel(
            "orders_by_state",
            "Orders by state",
            orders_by_state,
            lambda: list_address(Order),
            "orders.view_order",
            120,
            shape="bars",
            empty="No order has been read from Salesforce yet.",
        ),
        Panel(
            "recent_shipments",
            "Last shipped",
            recent_shipments,
            lambda: list_address(Shipment),
            "orders.view_shipment",
            130,
            empty="Nothing has shipped yet.",
        ),
    ):
        panels.register(panel)
