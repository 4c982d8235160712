"""Webhooks that were stored: read them, keep what is a fact, ring for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.db.models import Q

from connectors.bodies import parse_body
from connectors.models import DeliveryState, SyncJob, WebhookDelivery
from connectors.shiphero.events import read_event
from connectors.sync import journal
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import reading_ring, report
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import ring
from connectors.sync.run import Run
from orders import shipments, sightings, touches
from orders.floor import Fact
from orders.models import Export
from orders.records import OrderNames, WarehouseEvent, WarehouseEventKind
from orders.shipped_units import count_shipped

FACTS = frozenset(
    {
        WarehouseEventKind.SHIPMENT,
        WarehouseEventKind.PACKED,
        WarehouseEventKind.RETURN,
    }
)
Taker = Callable[[Run, WebhookDelivery, WarehouseEvent], None]
_takers: dict[WarehouseEventKind, Taker] = {}


def take_over(kind: WarehouseEventKind, taker: Taker) -> None:
    """Let `taker` apply the messages of one kind instead.

    It is called within the transaction that stores the delivery, and sets its state.
    Raises `ValueError` for a kind that is taken.
    """
    if kind in _takers:
        raise ValueError(f"Messages of kind {kind} have their taker already.")
    _takers[kind] = taker


def apply_deliveries(run: Run, jobs: Sequence[SyncJob]) -> None:
    deliveries = {
        str(delivery.pk): delivery
        for delivery in WebhookDelivery.objects.filter(
            pk__in=[job.subject for job in jobs]
        ).select_related("payload", "registration", "account")
    }
    for job in jobs:
        delivery = deliveries.get(job.subject)
        if delivery is None or delivery.state == DeliveryState.APPLIED:
            continue
        _apply_one(run, job, delivery)


def _apply_one(run: Run, job: SyncJob, delivery: WebhookDelivery) -> None:
    """A message that cannot be applied fails alone; its company goes on."""
    try:
        _apply(run, delivery, _read(delivery))
    except (OperationalError, InterfaceError):
        raise  # the database is in trouble, not this message
    except Exception as error:  # noqa: BLE001 - parked with its trace, for engineers
        delivery.refresh_from_db()
        words = journal.reason_of(error)
        _note(delivery, DeliveryState.FAILED, words, run.now())
        run.failed(job, error)
    else:
        run.done(job)


def _read(delivery: WebhookDelivery) -> WarehouseEvent:
    raw = bytes(delivery.payload.body) if delivery.payload else b""
    return read_event(parse_body(raw), registered_type=delivery.registration.type_name)


def _apply(run: Run, delivery: WebhookDelivery, event: WarehouseEvent) -> None:
    with commit("apply_delivery"):
        _name(delivery, event)
        taker = _takers.get(event.kind)
        if taker is not None:
            taker(run, delivery, event)
        elif not event.orders:
            _note(delivery, DeliveryState.IGNORED, _kept_only(event), run.now())
        else:
            _apply_to_orders(run, delivery, event)


def _kept_only(event: WarehouseEvent) -> str:
    if event.kind is WarehouseEventKind.STOCK:
        return "Kept. Stock is read on its own schedule."
    return f"Kept. ShipSync has no use for {event.type_name}."


def _apply_to_orders(
    run: Run, delivery: WebhookDelivery, event: WarehouseEvent
) -> None:
    """A message about a tote may name the orders of several: each is looked at."""
    found = [find_export(delivery.account_id, names) for names in event.orders]
    exports = list(dict.fromkeys(export for export in found if export is not None))
    if not exports:
        words = "No exported order has this name yet."
        _note(delivery, DeliveryState.UNMATCHED, words, run.now())
        return
    delivery.order_id = exports[0].order_id
    for export in exports:
        _take(run, delivery, event, export)
    strange = len(found) - found.count(None)
    words = (
        "" if strange == len(found) else f"{strange} of {len(found)} orders are ours."
    )
    _note(delivery, DeliveryState.APPLIED, words, run.now())


def _take(
    run: Run, delivery: WebhookDelivery, event: WarehouseEvent, export: Export
) -> None:
    """Shipments, picks and returns are facts; everything else only says: look."""
    if event.kind is WarehouseEventKind.SHIPMENT and event.shipment is not None:
        shipments.record(
            export=export,
            shipments=[event.shipment],
            seen_by="webhook",
            read_at=None,
            now=delivery.received_at,
        )
        count_shipped(export)
    touches.record_packed(export=export, picks=event.picks, at=delivery.received_at)
    touches.count_packed(export)
    if event.returned is not None:
        touches.record_return(
            export=export, told=event.returned, read_at=None, now=delivery.received_at
        )
    _note_told(event, export, delivery.received_at)
    if event.kind in FACTS:
        report(run, export)
    ring(reading_ring(export, delivery.type_name, "webhook"), now=run.now())


def _note_told(event: WarehouseEvent, export: Export, at: datetime) -> None:
    """That a message told this fact: the rest of them are what got lost on the way."""
    named = {
        WarehouseEventKind.ALLOCATED: (Fact.ALLOCATION, event.reference),
        WarehouseEventKind.DEALLOCATED: (Fact.DEALLOCATION, event.reference),
        WarehouseEventKind.CANCELED: (Fact.CANCEL, export.remote_id),
        WarehouseEventKind.PICKED: (Fact.PICK, export.remote_id),
    }
    if event.kind in named:
        fact, reference = named[event.kind]
        sightings.note(
            export=export,
            fact=fact,
            references=[reference],
            seen_by=sightings.WEBHOOK,
            now=at,
        )


def find_export(account_id: int, names: OrderNames) -> Export | None:
    """The export of an order: by the warehouse's ids first, then by our key."""
    wanted = Q()
    if names.remote_id:
        wanted |= Q(remote_id=names.remote_id)
    if names.legacy_id:
        wanted |= Q(remote_legacy_id=names.legacy_id)
    if not wanted and names.key:
        wanted = Q(key=names.key) & ~Q(remote_id="")
    if not wanted and names.number:
        wanted = Q(remote_number=names.number)
    if not wanted:
        return None
    return (
        Export.objects.filter(wanted, account=account_id)
        .select_related("order", "account")
        .first()
    )


def _name(delivery: WebhookDelivery, event: WarehouseEvent) -> None:
    delivery.type_name = event.type_name[:40]
    delivery.order_key = event.order_key[:80]
    delivery.order_remote_id = event.order_remote_id[:80]
    delivery.order_legacy_id = event.order_legacy_id
    delivery.order_number = event.order_number[:80]
    delivery.occurred_at = event.occurred_at


def _note(
    delivery: WebhookDelivery, state: DeliveryState, reason: str, now: datetime
) -> None:
    delivery.state = state
    delivery.reason = reason
    delivery.applied_at = now if state == DeliveryState.APPLIED else None
    delivery.save()


register(
    JobKind(
        name="apply_delivery",
        title="Apply a webhook",
        lane=Lane.FULFILLMENT,
        handler=apply_deliveries,
        uses=frozenset(),
        batch_size=50,
        priority=40,
    )
)
