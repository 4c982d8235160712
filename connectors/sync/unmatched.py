"""Webhooks that came before their order was known."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from connectors.accounts.models import Account
from connectors.models import DeliveryState, Trigger, WebhookDelivery
from connectors.sync.rings import Ring, ring_many
from orders.models import Export

AT_ONCE = 200
NAMELESS = Q(order_remote_id="") & (Q(order_legacy_id=None) | Q(order_legacy_id=0))


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


def known_by_now(account: Account) -> list[Ring]:
    """Rings for what waited although its order has come to be known by another way.

    It is named as `apply_deliveries.find_export` names it: the warehouse's ids first,
    our key without them, the number without either.
    """
    mine = Export.objects.filter(account=account).exclude(remote_id="")
    by_id = Q(Exists(mine.filter(remote_id=OuterRef("order_remote_id"))))
    by_id |= Q(Exists(mine.filter(remote_legacy_id=OuterRef("order_legacy_id"))))
    by_key = Q(Exists(mine.filter(key=OuterRef("order_key"))), NAMELESS)
    by_number = Q(Exists(mine.filter(remote_number=OuterRef("order_number"))), NAMELESS)
    by_number &= Q(order_key="") & ~Q(order_number="")
    waiting = WebhookDelivery.objects.filter(
        by_id | by_key | by_number, account=account, state=DeliveryState.UNMATCHED
    ).order_by("pk")
    return [
        delivery_ring(pk, account.pk, "Its order is known by now")
        for pk in waiting.values_list("pk", flat=True)[:AT_ONCE]
    ]


def delivery_ring(delivery_id: int, account_id: int, cause: str) -> Ring:
    return Ring(
        kind="apply_delivery",
        subject=str(delivery_id),
        account_id=account_id,
        trigger=Trigger.WEBHOOK,
        cause=cause,
        reopens=True,
    )
