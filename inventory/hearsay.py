"""What messages say of stock: never a count, always a reason, once per message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.accounts.models import Account
from inventory.models import Product, StockMovement, Warehouse
from inventory.reasons import reason_of, reference_in
from inventory.reconcile import BELIEVABLE
from inventory.records import StockEvent

EVENT = "event"


def products_named(account: Account, skus: Iterable[str]) -> list[Product]:
    """The products of these SKUs; one that nobody knows yet is made known."""
    wanted = sorted(set(skus))
    Product.objects.bulk_create(
        [Product(account=account, sku=sku) for sku in wanted], ignore_conflicts=True
    )
    return list(Product.objects.filter(account=account, sku__in=wanted))


def note_change(
    account: Account, event: StockEvent, *, key: str, received_at: datetime
) -> bool:
    """Put a change into the ledger, with its reason and what stood behind it.

    `key` names the message, so that the same one is noted once and two alike are two.
    Answers whether there was a change to note.
    """
    if event.delta is None or abs(event.delta) >= BELIEVABLE or not event.places:
        return False
    sku, remote_id = event.places[0]
    place = Warehouse.objects.filter(account=account, remote_id=remote_id).first()
    if place is None:
        return False
    before = event.before
    if before is not None and abs(before) >= BELIEVABLE:
        before = None
    StockMovement.objects.bulk_create(
        [
            StockMovement(
                account=account,
                warehouse=place,
                sku=sku,
                at=event.occurred_at or received_at,
                told_by=EVENT,
                delta=event.delta,
                before=before,
                after=None if before is None else before + event.delta,
                reason=reason_of(event.reason),
                reason_text=event.reason[:255],
                reference=reference_in(event.reason),
                key=key[:120],
            )
        ],
        ignore_conflicts=True,
    )
    return True
