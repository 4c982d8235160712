"""Facts to Salesforce: many orders in one write, each row's result looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from connectors.accounts import scoped
from connectors.errors import (
    Category,
    Owner,
    RejectedError,
    RowResult,
    System,
    TransientError,
)
from connectors.models import Outcome, SyncAttempt, SyncJob
from connectors.sync import claims, config, standings
from connectors.sync.clients import call_time
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.sync.subjects import writeback_ring
from connectors.timing import scaled
from orders import standing
from orders.models import Export, Order, OrderState, Shipment
from orders.records import OrderStage
from orders.writeback_records import OrderWriteback

LOOP_WINDOW = timedelta(minutes=10)


def push_fulfillment(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Write what Salesforce does not show yet; an unchanged order costs nothing."""
    organization = jobs[0].organization
    assert organization is not None  # noqa: S101 - rung per organization
    pending: dict[str, tuple[SyncJob, str]] = {}
    rows: list[OrderWriteback] = []
    orders = gathered(jobs)
    failures = standings.open_failures(orders)
    for job in jobs:
        order = orders.get(int(job.subject))
        if order is None or order.is_deleted:
            continue
        _moved, row, digest = standings.refresh_and_tell(
            order, now=run.now(), failure=failures.get(order.pk, "")
        )
        _intend(order, row)
        is_news = digest != order.written_back_hash or _was_taken_over(job)
        if is_news and _concerns_salesforce(order):
            pending[row.salesforce_id] = (job, digest)
            rows.append(row)
    looping = _looping(pending, now=run.now())
    for salesforce_id in looping:
        run.failed(pending.pop(salesforce_id)[0], _loop_error())
    rows = [row for row in rows if row.salesforce_id in pending]
    if not rows:
        return
    if not claims.have_time(jobs, call_time(), now=run.now()):
        raise LeaseLostError
    client = run.clients.salesforce(organization)
    names = config.writeback_fields(organization)
    results = client.write_orders(rows, names, client.lengths(names))
    with commit("written_back"):
        digests = _noted(run, results, pending)
        _mark_written([orders[pk] for pk in digests], digests, run.now())


def gathered(jobs: Sequence[SyncJob]) -> dict[int, Order]:
    """The jobs' orders with all that their facts are made of, in a few statements."""
    rows = Order.objects.filter(pk__in=[job.subject for job in jobs])
    return {row.pk: row for row in rows.prefetch_related(*standing.GATHERED)}


def _looping(pending: dict[str, tuple[SyncJob, str]], *, now: datetime) -> list[str]:
    """Orders written so often of late that somebody must be undoing it."""
    most = scoped.lookup("most_writebacks").value
    jobs = {job.order_id: name for name, (job, _) in pending.items() if job.order_id}
    rows = (
        SyncAttempt.objects.filter(
            kind="push_fulfillment",
            order__in=jobs,
            outcome=Outcome.DONE,
            started_at__gte=now - scaled(LOOP_WINDOW),
        )
        .values("order")
        .annotate(times=Count("pk"))
        .filter(times__gte=most)
        .order_by()
    )
    return [jobs[row["order"]] for row in rows]


def _loop_error() -> RejectedError:
    return RejectedError(
        "This order was written to Salesforce unusually often within ten minutes; "
        "something undoes or repeats it. Writing rests until someone retries.",
        system=System.SHIPSYNC,
        code="salesforce.write_loop",
        category=Category.SETUP,
        owner=Owner.INTEGRATOR,
    )


def _intend(order: Order, row: OrderWriteback) -> None:
    """Remember which shipped lines may come to stand there, before they are sent."""
    keys = sorted({*order.written_items, *(item.key for item in row.items)})
    if keys != order.written_items:
        with commit("writeback_intent"):
            Order.objects.filter(pk=order.pk).update(written_items=keys)


def _concerns_salesforce(order: Order) -> bool:
    """A draft needs no word on it before it was ever activated."""
    is_known = bool(order.written_back_hash) or order.state != OrderState.NOT_EXPORTED
    return is_known or order.stage == OrderStage.ACTIVATED


def _noted(
    run: Run, results: Sequence[RowResult], pending: Mapping[str, tuple[SyncJob, str]]
) -> dict[int, str]:
    """Note how each row ended; answers what Salesforce shows by now, by order."""
    still_ours = claims.ours([job for job, _ in pending.values()])
    ends = [(result, *pending[result.row_id]) for result in results]
    return {
        int(job.subject): digest
        for result, job, digest in ends
        if _note(run, job, result, is_ours=job.pk in still_ours)
    }


def _note(run: Run, job: SyncJob, result: RowResult, *, is_ours: bool) -> bool:
    """How one row ended; answers whether Salesforce shows it now, as far as we know."""
    if result.error is not None:
        if isinstance(result.error, TransientError) and result.error.outcome_unknown:
            _doubt(run, job)
        run.failed(job, result.error)
        return False
    if not is_ours or _was_taken_over(job):
        _doubt(run, job)
    if is_ours:
        run.did(job, "Written to Salesforce")
        run.done(job)
    return is_ours


def _was_taken_over(job: SyncJob) -> bool:
    """Whether a worker died over it: what it had sent may land after ours."""
    return job.starts > 1


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


def _mark_written(
    orders: Sequence[Order], digests: Mapping[int, str], now: datetime
) -> None:
    for order in orders:
        order.written_back_hash = digests[order.pk]
        order.written_back_at = now
    Order.objects.bulk_update(orders, ["written_back_hash", "written_back_at"])
    Export.objects.filter(order__in=digests).update(written_back_at=now)
    Shipment.objects.filter(export__order__in=digests, written_back_at=None).update(
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
        linger_setting="linger_fulfillment_seconds",
        priority=55,
    )
)
