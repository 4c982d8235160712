"""Webhooks that came before their order was known."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from connectors.models import DeliveryState, Trigger, WebhookDelivery
from connectors.sync.rings import Ring, ring_many
from orders.models import Export


def ring_for(export: Export, *, now: datetime) -> None:
    """Apply what waited for this export's warehouse order to be known."""
    mine = Q(order_key=export.key) | Q(order_remote_id=export.remote_id)
    if export.remote_legacy_id:
        mine |= Q(order_legacy_id=export.remote_legacy_id)
    waiting = WebhookDelivery.objects.filter(
        mine, account=export.account_id, state=DeliveryState.UNMATCHED
    ).values_list("pk", flat=True)
    ring_many(
        [
            delivery_ring(pk, export.account_id, "Its order is known now")
            for pk in waiting
        ],
        now=now,
    )


def delivery_ring(delivery_id: int, account_id: int, cause: str) -> Ring:
    return Ring(
        kind="apply_delivery",
        subject=str(delivery_id),
        account_id=account_id,
        trigger=Trigger.WEBHOOK,
        cause=cause,
        reopens=True,
    )
