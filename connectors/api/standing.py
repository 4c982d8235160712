"""How the sync stands, in the numbers that a screen or a monitor asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Model, Q, QuerySet

from connectors.accounts import permissions
from connectors.accounts.models import Account, Credential
from connectors.console.scoping import (
    Filter,
    by_account,
    by_account_or_organization,
    by_key,
    scope_of,
)
from connectors.console.status import STALE_AFTER
from connectors.models import (
    DeliveryState,
    FailedPayload,
    Heartbeat,
    JobState,
    SyncJob,
    WebhookDelivery,
)
from orders.models import Export

OF_ORDERS = by_account_or_organization(order="order")


@dataclass(frozen=True, slots=True)
class Standing:
    """A reading at `now`, of the rows that one user may see.

    `due` are the waiting jobs whose time has come, by lane; `failures` the open ones,
    by category.
    """

    now: datetime
    sandbox: bool
    workers: list[dict[str, Any]]
    logins: list[Credential]
    accounts: list[Account]
    jobs: dict[str, int]
    due: list[dict[str, Any]]
    failures: dict[str, int]
    deliveries: dict[str, int]
    held_exports: int
    unknown_exports: int


def read_standing(user: permissions.User, *, now: datetime) -> Standing:
    """In a fixed number of statements, whatever there is."""
    jobs = _visible(SyncJob, OF_ORDERS, user)
    exports = _visible(Export, by_account(brand="brand"), user).filter(
        canceled_at=None, closed_at=None
    )
    failures = _visible(FailedPayload, OF_ORDERS, user).filter(closed_at=None)
    unfinished = [DeliveryState.NEW, DeliveryState.UNMATCHED, DeliveryState.FAILED]
    deliveries = _visible(WebhookDelivery, by_account(brand="order__brand"), user)
    return Standing(
        now=now,
        sandbox=settings.SHIPSYNC_SANDBOX,
        workers=_workers(now),
        logins=list(_visible(Credential, by_key("credentials"), user)),
        accounts=list(_visible(Account, by_key("accounts"), user)),
        jobs=_counts(jobs.exclude(state=JobState.DONE), "state"),
        due=_due(jobs, now),
        failures=_counts(failures, "category"),
        deliveries=_counts(deliveries.filter(state__in=unfinished), "state"),
        held_exports=exports.filter(
            ~Q(remote_id="") & ~Q(hold_kind=""), released_at=None
        ).count(),
        unknown_exports=exports.exclude(intent_at=None).count(),
    )


def _visible(
    model: type[Model], filter_: Filter, user: permissions.User
) -> QuerySet[Any]:
    rows = model._default_manager.all()
    scope = scope_of(user)
    return rows if scope.everything else rows.filter(filter_(scope))


def _workers(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "host": beat.host,
            "beat_at": beat.beat_at,
            "is_alive": not beat.is_stopped and now - beat.beat_at <= STALE_AFTER,
            "is_stopped": beat.is_stopped,
            "restarts": beat.restarts,
        }
        for beat in Heartbeat.objects.all()
    ]


def _due(jobs: QuerySet[Any], now: datetime) -> list[dict[str, Any]]:
    due = jobs.filter(state=JobState.WAITING, not_before__lte=now).order_by()
    lanes = due.values("lane").annotate(count=Count("pk"), oldest=Min("not_before"))
    return list(lanes.order_by("lane"))


def _counts(rows: QuerySet[Any], column: str) -> dict[str, int]:
    found = rows.order_by().values(column).annotate(count=Count("pk"))
    return {row[column]: row["count"] for row in found.order_by(column)}
