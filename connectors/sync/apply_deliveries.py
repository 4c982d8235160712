"""Webhooks that were stored: read them, keep what is a fact, ring for the rest."""

from __future__ import annotations

from collections.abc import Sequence
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
from orders import shipments
from orders.models import Export
from orders.records import WarehouseEvent, WarehouseEventKind


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
        if not _names_an_order(event):
            _note(delivery, DeliveryState.IGNORED, "It names no order.", run.now())
            return
        export = find_export(delivery.account_id, event)
        if export is None:
            words = "No exported order has this name yet."
            _note(delivery, DeliveryState.UNMATCHED, words, run.now())
            return
        delivery.order_id = export.order_id
        _take(run, delivery, event, export)
        _note(delivery, DeliveryState.APPLIED, "", run.now())


def _take(
    run: Run, delivery: WebhookDelivery, event: WarehouseEvent, export: Export
) -> None:
    """A shipment is a fact by itself; everything else only says: look."""
    if event.kind is WarehouseEventKind.SHIPMENT and event.shipment is not None:
        shipments.record(
            export=export,
            shipments=[event.shipment],
            seen_by="webhook",
            read_at=None,
            now=delivery.received_at,
        )
        shipments.count_shipped(export)
        report(run, export)
    ring(reading_ring(export, delivery.type_name, "webhook"), now=run.now())


def find_export(account_id: int, event: WarehouseEvent) -> Export | None:
    """The export an event is about: by the warehouse's ids first, then by our key."""
    names = Q()
    if event.order_remote_id:
        names |= Q(remote_id=event.order_remote_id)
    if event.order_legacy_id:
        names |= Q(remote_legacy_id=event.order_legacy_id)
    if not names and event.order_key:
        names = Q(key=event.order_key) & ~Q(remote_id="")
    if not names and event.order_number:
        names = Q(remote_number=event.order_number)
    if not names:
        return None
    return (
        Export.objects.filter(names, account=account_id)
        .select_related("order", "account")
        .first()
    )


def _names_an_order(event: WarehouseEvent) -> bool:
    return bool(
        event.order_remote_id
        or event.order_legacy_id
        or event.order_key
        or event.order_number
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
