"""Facts to Salesforce: many orders in one write, each row's result looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.errors import RowResult, System
from connectors.models import SyncJob
from connectors.sync import config, standings
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from orders.models import Export, Order, OrderState, Shipment
from orders.records import OrderWriteback


def push_fulfillment(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Write what Salesforce does not show yet; an unchanged order costs nothing."""
    organization = jobs[0].organization
    assert organization is not None  # noqa: S101 - rung per organization
    pending: dict[str, tuple[SyncJob, str]] = {}
    rows: list[OrderWriteback] = []
    for job in jobs:
        order = Order.objects.filter(pk=job.subject).first()
        if order is None or order.is_deleted:
            continue
        standings.refresh(order, now=run.now())
        row, digest = standings.writeback(order)
        if digest != order.written_back_hash and _concerns_salesforce(order):
            pending[row.salesforce_id] = (job, digest)
            rows.append(row)
    if not rows:
        return
    client = run.clients.salesforce(organization)
    results = client.write_orders(rows, config.writeback_fields(organization))
    with commit("written_back"):
        for result in results:
            job, digest = pending[result.row_id]
            _note(run, job, result, digest)


def _concerns_salesforce(order: Order) -> bool:
    """Orders that were never ours to export need no word on them in Salesforce."""
    return bool(order.written_back_hash) or order.state != OrderState.NOT_EXPORTED


def _note(run: Run, job: SyncJob, result: RowResult, digest: str) -> None:
    if result.error is not None:
        run.failed(job, result.error)
        return
    _mark_written(int(job.subject), digest, run.now())
    run.did(job, "Written to Salesforce")


def _mark_written(order_id: int, digest: str, now: datetime) -> None:
    Order.objects.filter(pk=order_id).update(
        written_back_hash=digest, written_back_at=now
    )
    Export.objects.filter(order=order_id).update(written_back_at=now)
    Shipment.objects.filter(export__order=order_id, written_back_at=None).update(
        written_back_at=now
    )


register(
    JobKind(
        name="push_fulfillment",
        title="Write facts to Salesforce",
        lane=Lane.FULFILLMENT,
        handler=push_fulfillment,
        uses=frozenset({System.SALESFORCE}),
        writes=System.SALESFORCE,
        batch_size=200,
        linger=timedelta(seconds=2),
        priority=55,
    )
)
