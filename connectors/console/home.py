"""The panels of the sync on the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Model, OuterRef, QuerySet, Subquery

from connectors.casework import Cause
from connectors.console import needs, panels
from connectors.console.base import list_address, page_address
from connectors.console.case_filter import failures_of
from connectors.console.chips import Tone, tone_of
from connectors.console.counting import moment, words_of
from connectors.console.pages import address
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import (
    Filter,
    by_account,
    by_account_or_organization,
)
from connectors.models import (
    FailedPayload,
    SyncCursor,
    SyncJob,
    WebhookDelivery,
)
from orders.models import Export, Order, OrderState
from orders.proposals import Proposal

OF_ORDERS = by_account_or_organization(brand="brand")
OF_READINGS = by_account_or_organization()
OF_JOBS = by_account_or_organization(order="order")
OF_EXPORTS = by_account(brand="brand")
OF_DELIVERIES = by_account(brand="order__brand")


def seen(model: type[Model], scope: Filter, view: View) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.all()
    return rows if view.scope.everything else rows.filter(scope(view.scope))


def late(view: View) -> QuerySet[Any]:
    return needs.late_orders(seen(Order, OF_ORDERS, view), view.now, view.limits)


def blocked(view: View) -> QuerySet[Any]:
    return needs.blocked_orders(seen(Order, OF_ORDERS, view))


def held_too_long(view: View) -> QuerySet[Any]:
    return needs.held_too_long(seen(Export, OF_EXPORTS, view), view.now, view.limits)


def unknown_outcomes(view: View) -> QuerySet[Any]:
    return needs.unknown_outcomes(seen(Export, OF_EXPORTS, view))


def drifting(view: View) -> QuerySet[Any]:
    return needs.drifting(seen(Export, OF_EXPORTS, view))


def late_jobs(view: View) -> QuerySet[Any]:
    return needs.late_jobs(seen(SyncJob, OF_JOBS, view), view.now)


def open_proposals(view: View) -> QuerySet[Any]:
    rows = seen(Proposal, by_account("export__account", brand="export__brand"), view)
    return rows.filter(decided_at=None)


def stale_readings(view: View) -> QuerySet[Any]:
    return needs.stale_cursors(
        seen(SyncCursor, OF_READINGS, view), view.now, view.limits
    )


def unmatched(view: View) -> QuerySet[Any]:
    return needs.unmatched(seen(WebhookDelivery, OF_DELIVERIES, view))


def causes(view: View) -> dict[str, QuerySet[Any]]:
    """Open failures grouped by cause, the most first."""
    known = Cause.objects.filter(fingerprint=OuterRef("fingerprint"))
    groups = (
        failures_of(view.user)
        .filter(closed_at=None)
        .order_by()
        .values("fingerprint", "code", "owner")
        .annotate(
            rows=Count("id"),
            newest=Max("opened_at"),
            key=Subquery(known.values("pk")),
            title=Subquery(known.values("title")),
        )
        .order_by("-rows", "code")[:10]
    )
    return {"causes": groups}


def failures_by_cause(view: View) -> list[Line]:
    return [_cause_line(group) for group in view.rows["causes"]]


def _cause_line(group: Any) -> Line:
    key, code = group["key"], group["code"]
    listed = list_address(FailedPayload, q=group["fingerprint"] or code)
    return Line(
        (group["title"] or code)[:90],
        address("cause", key) if key else listed,
        group["rows"],
        f"for {group['owner']}",
        Tone.BAD,
        moment=moment(group["newest"]),
    )


def states(view: View) -> dict[str, QuerySet[Any]]:
    orders = seen(Order, OF_ORDERS, view)
    return {f"state:{state.value}": orders.filter(state=state) for state in OrderState}


def orders_by_state(view: View) -> list[Line]:
    """Each state with how many stand in it, counted to a cap."""
    counts = {state: view.counts[f"state:{state.value}"] for state in OrderState}
    largest = max(counts.values())
    return [
        Line(
            state.label,
            list_address(Order, state__exact=state.value),
            count,
            words_of(count),
            tone=tone_of(state.value),
            share=max(1, round(100 * count / largest)),
        )
        for state, count in counts.items()
        if count
    ]


@dataclass(frozen=True, slots=True)
class Oldest:
    """The order that waits longest for the warehouse or for a person."""

    order_number: str
    since: datetime | None
    reason: str
    address: str


def waiting_longest(view: View) -> dict[str, QuerySet[Any]]:
    waiting = seen(Order, OF_ORDERS, view).filter(
        state__in=[OrderState.WAITING, OrderState.FAILED], is_eligible=True
    )
    columns = ("pk", "order_number", "state_since", "state_reason")
    return {"oldest": waiting.order_by("state_since").values(*columns)[:1]}


def oldest_waiting(view: View) -> Oldest | None:
    """None where nothing waits, or the role shows no orders."""
    for row in view.rows.get("oldest", ()):
        return Oldest(
            row["order_number"],
            moment(row["state_since"]),
            row["state_reason"],
            page_address(Order(pk=row["pk"])),
        )
    return None


def _count(name: str, order: int, title: str, **how: Any) -> Panel:
    return Panel(name, title, order=order, shape="count", **how)


_FAILURES = "connectors.view_failedpayload"
_ORDERS = "orders.view_order"
_EXPORTS = "orders.view_export"
_JOBS = "connectors.view_syncjob"
_DELIVERIES = "connectors.view_webhookdelivery"

TILES = (
    _count(
        "late",
        10,
        "Orders late",
        rows=late,
        link=lambda: list_address(Order, need="late"),
        permission=_ORDERS,
    ),
    _count(
        "blocked",
        20,
        "Orders blocked",
        rows=blocked,
        link=lambda: list_address(Order, need="blocked"),
        permission=_ORDERS,
        tone=Tone.BAD,
    ),
    _count(
        "drifting",
        30,
        "Drifting",
        rows=drifting,
        link=lambda: list_address(Export, stand="drift"),
        permission=_EXPORTS,
    ),
    _count(
        "proposals",
        25,
        "To decide",
        rows=open_proposals,
        link=lambda: list_address(Proposal, decided_at__isempty=1),
        permission="orders.view_proposal",
    ),
    _count(
        "stale",
        40,
        "Readings stale",
        rows=stale_readings,
        link=lambda: list_address(SyncCursor, need="stale"),
        permission="connectors.view_synccursor",
    ),
    _count(
        "held_by_us",
        50,
        "Held by us too long",
        rows=held_too_long,
        link=lambda: list_address(Export, stand="held_long"),
        permission=_EXPORTS,
    ),
    _count(
        "unknown_outcomes",
        60,
        "Outcome unknown",
        rows=unknown_outcomes,
        link=lambda: list_address(Export, stand="unknown"),
        permission=_EXPORTS,
    ),
    _count(
        "late_jobs",
        70,
        "Jobs overdue",
        rows=late_jobs,
        link=lambda: list_address(SyncJob, need="late"),
        permission=_JOBS,
    ),
    _count(
        "unmatched",
        80,
        "Webhooks without order",
        rows=unmatched,
        link=lambda: list_address(WebhookDelivery, need="unmatched"),
        permission=_DELIVERIES,
    ),
)


def register_panels() -> None:
    for panel in (
        *TILES,
        Panel(
            "failures_by_reason",
            "What needs a person",
            failures_by_cause,
            lambda: address("failures"),
            _FAILURES,
            110,
            listed=causes,
            empty="Nothing waits for a person.",
            is_empty_good=True,
        ),
        Panel(
            "orders_by_state",
            "Orders by state",
            orders_by_state,
            lambda: list_address(Order),
            _ORDERS,
            120,
            shape="bars",
            counted=states,
            listed=waiting_longest,
            empty="No order has been read from Salesforce yet.",
        ),
    ):
        panels.register(panel)
