"""The history of stock gets coarser with age, and snapshots leave no files behind."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.accounts import scoped
from connectors.models import SyncJob
from connectors.sync import spool
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from inventory import thinning


def thin_stock(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Thin the whole house's history; it belongs to no single account."""
    days = scoped.lookup("movements_days").value
    dropped = thinning.thin(now=run.now(), movements_days=days)
    files = spool.sweep(now=run.now())
    if dropped.total or files:
        words = f"{dropped.points} points, {dropped.movements} movements, {files} files"
        run.did(jobs[0], f"Thinned the history of stock: {words}")


register(
    JobKind(
        name="thin_stock",
        title="Thin the history of stock",
        lane=Lane.BACKFILL,
        handler=thin_stock,
        uses=frozenset(),
        priority=80,
        every="thin_stock_seconds",
    )
)
