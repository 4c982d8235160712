"""Warehouse to mirror: many orders in one read, state with its time, facts as a union."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from connectors.errors import RejectedError, System
from connectors.models import SyncJob, Trigger
from connectors.sync import drift, route_checks, standings
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.sync.subjects import writeback_ring
from connectors.sync.watch_orders import look
from orders import facts, standing
from orders.models import Export, Order
from orders.records import RemoteOrder


def read_warehouse(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read these exports' warehouse orders and take over what they say."""
    exports = {
        str(export.pk): export
        for export in Export.objects.filter(
            pk__in=[job.subject for job in jobs]
        ).select_related("order", "account")
    }
    account = jobs[0].account
    assert account is not None  # noqa: S101 - rung per account
    ids = [export.remote_id for export in exports.values() if export.remote_id]
    found = {
        remote.remote_id: remote
        for remote in (run.clients.shiphero(account).read_orders(ids) if ids else [])
    }
    for job in jobs:
        export = exports.get(job.subject)
        if export is None or not export.remote_id:
            continue
        remote = found.get(export.remote_id)
        if remote is None:
            run.failed(job, _gone())
            continue
        if take_over(run, export, remote):
            run.did(job, f"Read: {export.order.get_state_display()}", export=export)


def take_over(run: Run, export: Export, remote: RemoteOrder) -> bool:
    """Store a reading and what follows from it; answers whether the order moved."""
    with commit("take_over"):
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
        route_checks.check(export, remote)
        drift.look(export, remote, now=run.now())
        return report(run, export)


def report(run: Run, export: Export) -> bool:
    """Derive the order's state again; ring for Salesforce when its facts moved."""
    order = export.order = gathered(export.order_id)
    moved, _row, digest = standings.refresh_and_tell(order, now=run.now())
    look(order, now=run.now())
    if digest != order.written_back_hash:
        ring(
            writeback_ring(order, trigger=Trigger.FOLLOW_UP, cause="Facts moved"),
            now=run.now(),
        )
    return moved


def gathered(order_id: int) -> Order:
    """The order as it is now, with all that its state and exceptions are made of."""
    rows = Order.objects.select_related("account")
    return rows.prefetch_related(*standing.GATHERED, "exceptions").get(pk=order_id)


def _gone() -> RejectedError:
    return RejectedError(
        "ShipHero does not know the order any more.",
        system=System.SHIPHERO,
        code="shiphero.not_found",
    )


def reading_ring(export: Export, cause: str, trigger: str = Trigger.FOLLOW_UP) -> Ring:
    return Ring(
        kind="read_warehouse",
        subject=str(export.pk),
        account_id=export.account_id,
        order_id=export.order_id,
        trigger=trigger,
        cause=cause,
        reopens=True,
    )


def extra_ring(account_id: int, remote_id: str, cause: str) -> Ring:
    return Ring(
        kind="resolve_extra",
        subject=remote_id[:80],
        account_id=account_id,
        trigger=Trigger.SCHEDULE,
        cause=cause,
    )


register(
    JobKind(
        name="read_warehouse",
        title="Read orders from ShipHero",
        lane=Lane.FULFILLMENT,
        handler=read_warehouse,
        uses=frozenset({System.SHIPHERO}),
        batch_size=25,
        linger=timedelta(seconds=3),
        priority=50,
    )
)
