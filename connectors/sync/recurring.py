"""The jobs that are always there, one for each organization or account."""

from __future__ import annotations

from datetime import datetime

from connectors.accounts.models import Account, Organization
from connectors.models import SyncJob, Trigger
from connectors.sync.rings import Ring, ring_many

PER_ORGANIZATION = (
    *("pull_orders", "pull_products", "answer_requests"),
    *("push_exceptions", "thin_stock"),
)
PER_ACCOUNT = (
    *("poll_warehouse", "poll_shipments", "poll_returns"),
    "poll_purchases",
    *("reconcile", "register_webhooks", "push_availability"),
    *("pull_warehouses", "pull_catalogue", "poll_stock"),
    *("pull_stock_snapshot", "update_availability"),
    *("watch_orders", "watch_routing"),
    "watch",
)


def ensure(*, now: datetime) -> int:
    """Make the recurring jobs exist; answers how many were missing."""
    known = set(
        SyncJob.objects.filter(kind__in=PER_ORGANIZATION + PER_ACCOUNT).values_list(
            "key", flat=True
        )
    )
    wanted = [
        Ring(kind=kind, subject="all", organization_id=pk, trigger=Trigger.SCHEDULE)
        for pk in Organization.objects.values_list("pk", flat=True)
        for kind in PER_ORGANIZATION
    ] + [
        Ring(kind=kind, subject="all", account_id=pk, trigger=Trigger.SCHEDULE)
        for pk in Account.objects.values_list("pk", flat=True)
        for kind in PER_ACCOUNT
    ]
    missing = [item for item in wanted if item.key not in known]
    ring_many(missing, now=now)
    return len(missing)
