"""Counts of single SKUs, read because something rang for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import SyncJob, Trigger
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.stock_taken import take
from inventory import catalogue
from inventory.models import Product, StockSource
from inventory.stock import Reading


def pull_stock(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read each SKU, and the product too where it is not known or a person asked."""
    account = jobs[0].account
    assert account is not None  # noqa: S101 - rung per account
    products = Product.objects.in_bulk([int(job.subject) for job in jobs])
    for job in jobs:
        product = products.get(int(job.subject))
        if product is not None:
            _pull(run, job, account, product)
        run.done(job)


def _pull(run: Run, job: SyncJob, account: Account, product: Product) -> None:
    asked_by_person = job.trigger == Trigger.PERSON
    desk = run.clients.shiphero(account).stock
    if product.read_at is None or asked_by_person:
        read_at = run.now()
        record = desk.product(product.sku)
        if record is not None:
            with commit("take_product"):
                catalogue.record_products(account, [record], read_at=read_at)
    source = StockSource.PERSON if asked_by_person else StockSource.READ
    reading = Reading(account, run.now(), source)
    rows = desk.stock_of(product.sku)
    taken = take(run, reading, rows)
    if not rows:
        run.did(job, f"ShipHero has no stock of {product.sku}. What we hold stays.")
    elif taken.changed or asked_by_person:
        words = f"{taken.changed} of {taken.rows} warehouses moved"
        run.did(job, f"Read {product.sku}: {words}")


register(
    JobKind(
        name="pull_stock",
        title="Read a SKU's stock",
        lane=Lane.INVENTORY,
        handler=pull_stock,
        uses=frozenset({System.SHIPHERO}),
        batch_size=20,
        linger=timedelta(seconds=3),
        priority=40,
    )
)
