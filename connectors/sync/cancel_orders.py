"""Cancels: never blocked by a parked edit, and told on both sides when too late."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import ConnectorError, Kind, RejectedError, System
from connectors.models import SyncJob, Trigger
from connectors.sync import edits, guard, moves, standings, verdicts
from connectors.sync.creation import resolve_intent
from connectors.sync.exports import Held, hold
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import ring, ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import push_rings, writeback_ring
from orders import facts, services
from orders.eligibility import Wish
from orders.models import Export, Order
from orders.records import RemoteOrder


def cancel_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        _cancel_order(run, job)


def _cancel_order(run: Run, job: SyncJob) -> None:
    order = _order_of(job)
    export = services.newest_of(order, job.account_id or 0)
    if export is not None:
        _take_in_hand(run, job, order, export)
    _report(run, order)


def _take_in_hand(run: Run, job: SyncJob, order: Order, export: Export) -> None:
    if moves.is_leaving(order, export) or _is_to_go(order, export):
        with hold(export, job, run) as held:
            _decide(run, job, held)


def _order_of(job: SyncJob) -> Order:
    return Order.objects.select_related("organization", "account").get(pk=job.subject)


def _is_to_go(order: Order, export: Export) -> bool:
    return verdicts.of(order).wish is Wish.CANCEL and not export.canceled_at


def _decide(run: Run, job: SyncJob, held: Held) -> None:
    """With the export in hand: read again whether it is to go. It may be wanted now."""
    order = _order_of(job)
    if moves.is_leaving(order, held.export):
        _leave(run, job, order, held)
    elif not _is_to_go(order, held.export):
        return
    elif resolve_intent(run, job, held) and held.export.remote_id:
        _cancel(run, job, held, verdicts.of(order).reason)


def _leave(run: Run, job: SyncJob, order: Order, held: Held) -> None:
    """Cancel here, confirmed, and only then ring for the account that ships it now."""
    if not resolve_intent(run, job, held):
        return
    if held.export.remote_id:
        _cancel(run, job, held, moves.WHY)
    else:
        moves.end_uncreated(run, held)
    rings = push_rings(order, trigger=Trigger.FOLLOW_UP, cause="Canceled there")
    ring_many([one for one in rings if one.account_id != job.account_id], now=run.now())


def _report(run: Run, order: Order) -> None:
    order.refresh_from_db()
    if standings.refresh(order, now=run.now()):
        ring(
            writeback_ring(order, trigger=Trigger.FOLLOW_UP, cause="Canceled"),
            now=run.now(),
        )


def _cancel(run: Run, job: SyncJob, held: Held, why: str) -> None:
    export = held.export
    guard.insist_usual(export.account, now=run.now())
    client = run.clients.shiphero(export.account)
    remote = edits.read_one(client, export.remote_id)
    _insist_possible(remote)
    held.store("cancel_intent", cancel_asked_at=run.now())
    if not remote.is_canceled:
        _ask(held, f"Canceled in Salesforce. {why}")
        remote = edits.read_one(client, export.remote_id)
    with commit("canceled"):
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
        # Also where a reading meanwhile took the asking for one in vain.
        held.put(cancel_asked_at=run.now() if remote.is_canceled else None)
    if not remote.is_canceled:
        raise _refused("ShipHero did not cancel the order.")
    run.did(job, guard.CANCELED, export=export)


def _insist_possible(remote: RemoteOrder) -> None:
    shipped = any(not shipment.is_void for shipment in remote.shipments or ())
    if shipped and not remote.is_canceled:
        raise _refused("The order has shipped; it cannot be canceled any more.")
    if remote.merged_into:
        raise _refused(
            "The order was merged into another in ShipHero; cancel its lines there."
        )


def _ask(held: Held, why: str) -> None:
    """A clear no is no cancel of ours; anything else may still have come about."""
    client = held.warehouse()
    try:
        client.cancel_order(held.export.remote_id, why)
    except ConnectorError as error:
        if error.kind == Kind.REJECTED and not error.outcome_unknown:
            held.store("cancel_refused", cancel_asked_at=None)
        raise


def _refused(words: str) -> RejectedError:
    return RejectedError(words, system=System.SHIPHERO, code="export.cancel_refused")


register(
    JobKind(
        name="cancel_order",
        title="Cancel an order in ShipHero",
        lane=Lane.CANCEL,
        handler=cancel_orders,
        uses=frozenset({System.SHIPHERO}),
        writes=System.SHIPHERO,
        priority=10,
    )
)
