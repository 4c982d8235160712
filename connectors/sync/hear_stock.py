"""Messages about stock: they ring for a reading, and a change leaves its reason."""

from __future__ import annotations

from connectors.bodies import parse_body
from connectors.models import DeliveryState, WebhookDelivery
from connectors.shiphero.stock_events import read_stock_event
from connectors.sync.apply_deliveries import take_over
from connectors.sync.rings import ring_many
from connectors.sync.run import Run
from connectors.sync.stock_taken import reading_ring
from inventory import hearsay
from inventory.records import StockEvent
from orders.records import WarehouseEvent, WarehouseEventKind


def hear(run: Run, delivery: WebhookDelivery, event: WarehouseEvent) -> None:
    """Ring for each SKU that the message names. Two alike are two rings."""
    told = _told(delivery, event)
    skus = {sku for sku, _ in told.places} if told else set()
    if told is None or not skus:
        delivery.state = DeliveryState.IGNORED
        delivery.reason = "It names no SKU."
        delivery.save()
        return
    hearsay.note_change(
        delivery.account,
        told,
        key=f"delivery:{delivery.pk}",
        received_at=delivery.received_at,
    )
    products = hearsay.products_named(delivery.account, skus)
    ring_many(
        [reading_ring(product, event.type_name) for product in products], now=run.now()
    )
    delivery.state = DeliveryState.APPLIED
    delivery.reason = ""
    delivery.applied_at = run.now()
    delivery.save()


def _told(delivery: WebhookDelivery, event: WarehouseEvent) -> StockEvent | None:
    raw = bytes(delivery.payload.body) if delivery.payload else b""
    return read_stock_event(parse_body(raw), type_name=event.type_name)


take_over(WarehouseEventKind.STOCK, hear)
