"""An order's standing, with what the workshop knows of its failures and waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.models import FailedPayload
from orders import standing
from orders.models import Order
from orders.writeback_records import OrderWriteback

OWN_REPORT = "push_fulfillment"


def open_failure(order: Order) -> str:
    """The reason of the newest open failure on the way to the warehouse."""
    row = (
        FailedPayload.objects.filter(order=order, closed_at=None)
        .exclude(job__kind=OWN_REPORT)
        .order_by("-opened_at")
        .first()
    )
    return row.reason if row else ""


def open_failures(orders: Iterable[int]) -> dict[int, str]:
    """As `open_failure`, of many orders by their keys; those without one are left out."""
    rows = (
        FailedPayload.objects.filter(order__in=orders, closed_at=None)
        .exclude(job__kind=OWN_REPORT)
        .order_by("opened_at")
    )
    return {pk: reason for pk, reason in rows.values_list("order", "reason") if pk}


def refresh(order: Order, *, now: datetime) -> bool:
    """Derive and store the state; answers whether it moved."""
    return standing.refresh(
        order=order, failure=open_failure(order), waits_for="", now=now
    )


def writeback(order: Order) -> tuple[OrderWriteback, str]:
    """What Salesforce is to show, and its digest."""
    return standing.writeback_of(order, failure=open_failure(order))


def refresh_and_tell(
    order: Order, *, now: datetime, failure: str | None = None
) -> tuple[bool, OrderWriteback, str]:
    """Whether the state moved, what Salesforce is to show, and its digest.

    `failure` is the reason of its open failure where the caller knows it.
    """
    reason = open_failure(order) if failure is None else failure
    return standing.refresh_and_tell(order=order, failure=reason, now=now)
