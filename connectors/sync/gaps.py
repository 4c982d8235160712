"""Messages that were thrown away: what they would have told is read instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.models import SyncCursor, WebhookRegistration
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.timing import scaled

# Reading goes back so far at most when deliveries were thrown away.
LONGEST_GAP = timedelta(days=7)
# What is read instead where messages of a type were thrown away.
ORDERS = ("poll_warehouse", "poll_shipments")
CURSORS = {
    "poll_warehouse": "shiphero_orders",
    "poll_stock": "shiphero_stock",
    "poll_shipments": "shiphero_shipments",
    "poll_returns": "shiphero_returns",
    "poll_purchases": "shiphero_purchases",
}
WHOLE = ("shiphero_shipments", "shiphero_returns", "shiphero_purchases")
GAPS = {
    "Return Update": ("poll_returns",),
    "Inventory Update": ("poll_stock",),
    "Inventory Change": ("poll_stock",),
    "PO Update": ("poll_purchases",),
}


def read_the_gap(run: Run, row: WebhookRegistration) -> None:
    """Read again what moved since the last good receipt, as if never read."""
    last = row.last_received_at or row.created_at
    since = max(last, run.now() - scaled(LONGEST_GAP)) - scaled(timedelta(minutes=10))
    kinds = GAPS.get(row.type_name, ORDERS)
    for name in kinds:
        _set_back(f"{CURSORS[name]}:{row.account_id}", since)
    ring_many(
        [
            Ring(
                kind=kind,
                subject="all",
                account_id=row.account_id,
                cause=f"{row.type_name} was off since {last:%d %b %H:%M} UTC",
                hurries=True,
            )
            for kind in kinds
        ],
        now=run.now(),
    )


def _set_back(name: str, since: datetime) -> None:
    """A sweep that returns to its beginning starts over; the others go back so far."""
    cursors = SyncCursor.objects.filter(name=name, watermark__gt=since)
    cursors.update(watermark=None if name.startswith(WHOLE) else since)
