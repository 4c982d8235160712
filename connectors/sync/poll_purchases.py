"""Goods on their way to the warehouses: what a backorder may wait for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import (
    DeliveryState,
    SyncCursor,
    SyncJob,
    Trigger,
    WebhookDelivery,
)
from connectors.sync import load
from connectors.sync.apply_deliveries import take_over
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.sync.windows import Sweep, cursor_of, go_on
from connectors.timing import scaled
from inventory import arrivals
from inventory.records import PurchaseRecord
from orders.records import WarehouseEvent, WarehouseEventKind

STAND_BACK = timedelta(minutes=1)
# What no reading has shown for so long is not on its way any more.
FORGOTTEN_AFTER = timedelta(days=2)
# A message says that a purchase order moved; several are read in one go.
GATHERS = timedelta(seconds=30)


def poll_purchases(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read the purchase orders of the last months again, as credits allow."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        _poll(run, job, job.account)


def _poll(run: Run, job: SyncJob, account: Account) -> None:
    cursor = cursor_of(f"shiphero_purchases:{account.pk}", account=account)
    target = run.now()
    days = scoped.lookup("purchase_window_days", account=account).value
    start = target - scaled(timedelta(days=days))
    cursor.watermark = max(cursor.watermark or start, start)

    def take(purchases: list[PurchaseRecord], asked_at: datetime) -> None:
        arrivals.record(account, purchases, read_at=asked_at)

    sweep = Sweep[PurchaseRecord](
        run,
        cursor,
        read=run.clients.shiphero(account).stock.purchases_window,
        take=take,
        may_go_on=lambda: load.spare_credits(account, now=run.now()) > 0,
        longest=timedelta(days=30),
    )
    if not sweep.reaches(target, start=start):
        go_on(run, job, after=STAND_BACK)
        return
    arrivals.forget(account, before=run.now() - scaled(FORGOTTEN_AFTER))
    SyncCursor.objects.filter(pk=cursor.pk).update(watermark=None, polled_at=run.now())


def hear(run: Run, delivery: WebhookDelivery, event: WarehouseEvent) -> None:
    """A message about a purchase order rings for a reading of them all."""
    ring(
        Ring(
            kind="poll_purchases",
            subject="all",
            account_id=delivery.account_id,
            trigger=Trigger.WEBHOOK,
            cause=event.type_name,
            not_before=run.now() + scaled(GATHERS),
            hurries=True,
        ),
        now=run.now(),
    )
    delivery.state = DeliveryState.APPLIED
    delivery.reason = ""
    delivery.applied_at = run.now()
    delivery.save()


take_over(WarehouseEventKind.PURCHASE, hear)
register(
    JobKind(
        name="poll_purchases",
        title="Look for goods on their way to ShipHero",
        lane=Lane.BACKFILL,
        handler=poll_purchases,
        uses=frozenset({System.SHIPHERO}),
        priority=76,
        every="poll_purchases_seconds",
    )
)
