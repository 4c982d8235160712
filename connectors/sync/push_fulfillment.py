"""Facts to Salesforce: many orders in one write, each row's result looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.errors import RowResult, System, TransientError
from connectors.models import SyncJob
from connectors.sync import claims, config, standings
from connectors.sync.clients import call_time
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.sync.subjects import writeback_ring
from connectors.timing import scaled
from orders.models import Export, Order, OrderState, Shipment
from orders.records import OrderStage, OrderWriteback


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
    if not all(claims.has_time(job, call_time(), now=run.now()) for job in jobs):
        raise LeaseLostError
    client = run.clients.salesforce(organization)
    results = client.write_orders(rows, config.writeback_fields(organization))
    with commit("written_back"):
        for result in results:
            job, digest = pending[result.row_id]
            _note(run, job, result, digest)


def _concerns_salesforce(order: Order) -> bool:
    """A draft needs no word on it before it was ever activated."""
    is_known = bool(order.written_back_hash) or order.state != OrderState.NOT_EXPORTED
    return is_known or order.stage == OrderStage.ACTIVATED


def _note(run: Run, job: SyncJob, result: RowResult, digest: str) -> None:
    if result.error is not None:
        if isinstance(result.error, TransientError) and result.error.outcome_unknown:
            _doubt(run, job)
        run.failed(job, result.error)
        return
    if not claims.is_ours(job):
        _doubt(run, job)
        return
    _mark_written(int(job.subject), digest, run.now())
    run.did(job, "Written to Salesforce")
    run.done(job)


def _doubt(run: Run, job: SyncJob) -> None:
    """A write that may land late could have the last word: write again after a rest."""
    Order.objects.filter(pk=job.subject).update(written_back_hash="")
    rest = scaled(scoped.lookup("quarantine_seconds").seconds)
    ring(
        Ring(
            kind="rewrite_fulfillment",
            subject=job.subject,
            organization_id=job.organization_id,
            order_id=job.order_id,
            cause="A write of unknown outcome",
            not_before=run.now() + rest,
        ),
        now=run.now(),
    )


def rewrite_fulfillment(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Forget what Salesforce was told, so that it is told once more."""
    for job in jobs:
        order = Order.objects.filter(pk=job.subject).first()
        if order is None:
            continue
        with commit("rewrite"):
            Order.objects.filter(pk=order.pk).update(written_back_hash="")
            ring(
                writeback_ring(order, trigger=job.trigger, cause=job.cause),
                now=run.now(),
            )


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
        name="rewrite_fulfillment",
        title="Write facts to Salesforce once more",
        lane=Lane.FULFILLMENT,
        handler=rewrite_fulfillment,
        uses=frozenset(),
        batch_size=200,
        priority=54,
    )
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
