"""An order's standing, with what the workshop knows of its failures and waits."""

from __future__ import annotations

from datetime import datetime

from connectors.models import FailedPayload
from orders import standing
from orders.models import Order
from orders.records import OrderWriteback

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


def refresh(order: Order, *, now: datetime) -> bool:
    """Derive and store the state; answers whether it moved."""
    return standing.refresh(
        order=order, failure=open_failure(order), waits_for="", now=now
    )


def writeback(order: Order) -> tuple[OrderWriteback, str]:
    """What Salesforce is to show, and its digest."""
    return standing.writeback_of(order, failure=open_failure(order))
