"""One order's page: where it stands, what it waits for, and what a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.safestring import SafeString

from connectors import catalogue
from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.console import (
    comparison,
    floor_view,
    markup,
    offers,
    order_parts,
    timeline,
)
from connectors.console.base import buttons_for
from connectors.console.order_buttons import BEFORE_GO_LIVE
from connectors.models import FailedPayload, JobState, SyncJob
from connectors.sync import forecast
from inventory.models import Warehouse
from orders import parts
from orders.models import Export, LineItem, Order, OrderState, Shipment

User = AbstractBaseUser | AnonymousUser

STEPS = ("Read", "Sent", "In warehouse", "Packed", "Shipped")
_REACHED = {
    OrderState.SENT: 2,
    OrderState.ON_HOLD: 2,
    OrderState.BACKORDERED: 2,
    OrderState.IN_WAREHOUSE: 3,
    OrderState.PICKING: 3,
    OrderState.PACKED: 4,
    OrderState.PARTIALLY_SHIPPED: 4,
    OrderState.SHIPPED: 5,
}


@dataclass(frozen=True, slots=True)
class Step:
    words: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class ExportView:
    export: Export
    tone: str
    word: str
    offers: list[Any]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the order page shows; `next_step` is one sentence for people."""

    order: Order
    next_step: str
    steps: list[Step]
    failures: list[FailedPayload]
    jobs: list[SyncJob]
    sides: list[order_parts.Side]
    columns: tuple[str, ...]
    lines: list[comparison.LineRow]
    exports: list[ExportView]
    parts: list[order_parts.PartView]
    shipments: list[Shipment]
    floor: floor_view.FloorView
    places: dict[str, str]
    events: list[timeline.Event]
    forecast: forecast.Forecast
    changes: list[comparison.ChangeRow]
    forecast_body: SafeString | str
    refused: list[tuple[offers.Offer, str]]


def tell(order: Order, user: User, now: datetime) -> Story:
    # An order may have moved here from an account of others.
    exports = [
        one
        for one in order.exports.all()
        if permissions.sees_brand(user, one.account_id, one.brand_id)
    ]
    mine = {one.pk for one in exports}
    shown = exports[:1]
    if order.is_split:
        shown = [one for one in parts.in_force(order) if one.pk in mine]
    current = next(
        (one for one in shown if one.account_id == order.account_id),
        exports[0] if exports else None,
    )
    lines: list[LineItem] = list(order.lines.all())
    seen = permissions.of_seen_accounts(user)
    failures = list(order.failures.filter(seen, closed_at=None).order_by("-id"))
    open_jobs = order.jobs.filter(seen).exclude(state=JobState.DONE)
    jobs = list(open_jobs.order_by("not_before"))
    shipments = list(
        Shipment.objects.filter(export__in=exports).prefetch_related(
            "packages", "lines"
        )
    )
    told = forecast.of_order(
        order, now=now, is_seen=lambda account: permissions.sees(user, account)
    )
    in_parts = (
        order_parts.parts_of(order, lines, mine, user, now) if order.is_split else []
    )
    floor = floor_view.of_order(order, shown, user, now)
    return Story(
        order=order,
        next_step=next_step(order, current, failures, jobs, now, floor.next_step),
        steps=steps_of(order),
        failures=failures,
        jobs=jobs,
        sides=order_parts.sides_of(order, shown if order.is_split else [], current),
        columns=comparison.COLUMNS,
        lines=comparison.compare_lines(
            lines,
            shown,
            {one.account.pk: one.account.name for one in in_parts if one.account},
        ),
        exports=[_view(export, user) for export in exports],
        parts=in_parts,
        shipments=shipments,
        floor=floor,
        places=_places_of(order),
        events=timeline.with_gaps(
            timeline.happened_to(order, exports, shipments, seen)
        ),
        forecast=told,
        changes=comparison.change_rows(told.changes),
        forecast_body=markup.folded_json("The order as it would be sent", told.picture),
        refused=offers.refused_for(order, user),
    )


def _places_of(order: Order) -> dict[str, str]:
    """The names of the accounts' warehouses, by the ids ShipHero gives them."""
    if order.account is None:
        return {}
    if order.is_split:
        rows = Warehouse.objects.filter(account__in=parts.accounts_of(order))
        return dict(rows.values_list("remote_id", "name"))
    return {place.remote_id: place.name for place in order.account.warehouses.all()}


def _view(export: Export, user: User) -> ExportView:
    tone, word = markup.stand_of(export)
    return ExportView(export, tone, word, buttons_for(export, user))


def steps_of(order: Order) -> list[Step]:
    reached = _REACHED.get(OrderState(order.state), 1)
    return [
        Step(words, at < reached, at == reached - 1) for at, words in enumerate(STEPS)
    ]


def next_step(
    order: Order,
    export: Export | None,
    failures: list[FailedPayload],
    jobs: list[SyncJob],
    now: datetime,
    asked: str = "",
) -> str:
    """What happens next, or what a person has to do for it to happen.

    `asked` is what an open exception asks for: it beats the words of a mere state.
    """
    if failures:
        return _after_failure(failures[0])
    if order.handled_outside:
        return "A person ships this order. “Take back” lets ShipSync handle it again."
    account = order.account
    if account is None:
        return "No ShipHero account serves it yet. Connect one under Accounts."
    stopped = _obstacle(order, account, export) or _waiting(jobs, now)
    return stopped or asked or _rest(order)


def _after_failure(failure: FailedPayload) -> str:
    entry = catalogue.find(failure.code, kind=failure.error_kind)
    fix = entry.fix if entry else "Correct what the reason names, then retry."
    again = (
        ""
        if "retry" in fix.lower()
        else " A change in Salesforce retries it by itself; so does “Retry”."
    )
    return f"{fix}{again}"


def _obstacle(order: Order, account: Account, export: Export | None) -> str:
    if order.eligibility_reason.startswith(BEFORE_GO_LIVE) and not order.include_anyway:
        return "It was activated before go-live. “Include anyway” exports it."
    if export is not None and export.intent_at is not None:
        return (
            "A create may have arrived without an answer. After a rest ShipHero is "
            "asked for our key; nothing is created twice."
        )
    is_open = order.state not in {OrderState.SHIPPED, OrderState.CANCELED}
    if account.paused and is_open:
        return f"{account} is paused: {account.paused_reason} Resume it under Accounts."
    if not order.is_eligible and order.eligibility_reason and export is None:
        return f"It is not exported: {order.eligibility_reason}"
    return ""


def _waiting(jobs: list[SyncJob], now: datetime) -> str:
    for job in jobs:
        if job.state == JobState.RUNNING:
            return "It is being worked on now."
        if job.state == JobState.WAITING and (job.note or job.last_reason):
            when = markup.distance(job.not_before, now)
            return f"{job.note or job.last_reason} Next try {when}."
    return ""


_RESTS = {
    OrderState.SHIPPED: "Nothing is left to do.",
    OrderState.CANCELED: "Canceled. Nothing is left to do.",
    OrderState.CLOSED: "Closed in ShipHero without a shipment: ask the warehouse. "
    "If it shipped another way, use “Handled outside”.",
    OrderState.BACKORDERED: "Stock is missing. It goes on by itself when stock arrives.",
    OrderState.ON_HOLD: "It is held in ShipHero. It goes on when the hold is lifted there.",
    OrderState.WAITING: "It is sent as soon as a worker gets to it.",
    OrderState.NOT_EXPORTED: "A change in Salesforce is looked at by itself.",
    OrderState.FAILED: "Use “Sync now” to look at it again.",
}


def _rest(order: Order) -> str:
    return _RESTS.get(
        OrderState(order.state), "The warehouse works on it. Its progress shows here."
    )
