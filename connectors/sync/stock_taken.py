"""The one way by which rows of a reading become levels, whoever read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.models import Trigger
from connectors.sync import availability_rings
from connectors.sync.phases import commit
from connectors.sync.rings import Ring
from connectors.sync.run import Run
from inventory import stock
from inventory.batches import in_batches
from inventory.models import Product
from inventory.records import OddRow, StockRecord

Row = StockRecord | OddRow


def take(run: Run, reading: stock.Reading, rows: Iterable[Row]) -> stock.Taken:
    """Store rows in batches, each in one short commit."""
    total = stock.Taken()
    for batch in in_batches(rows):
        with commit("take_stock"):
            total += take_batch(run, reading, batch)
    return total


def take_batch(run: Run, reading: stock.Reading, rows: Sequence[Row]) -> stock.Taken:
    """Store some rows in the commit that is under way."""
    taken = stock.record(
        reading,
        [row for row in rows if isinstance(row, StockRecord)],
        odd=[row for row in rows if isinstance(row, OddRow)],
        now=run.now(),
    )
    if taken.changed:
        availability_rings.moved(reading.account, now=run.now())
    return taken


def reading_ring(
    product: Product,
    cause: str,
    *,
    trigger: str = Trigger.WEBHOOK,
    actor_id: int | None = None,
) -> Ring:
    """Read a SKU's counts in every warehouse."""
    return Ring(
        kind="pull_stock",
        subject=str(product.pk),
        account_id=product.account_id,
        trigger=trigger,
        cause=cause,
        actor_id=actor_id,
        reopens=True,
        hurries=trigger == Trigger.PERSON,
    )
