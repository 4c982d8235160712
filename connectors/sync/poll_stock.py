"""What moved in ShipHero's stock since the last look, for the messages that got lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import SyncCursor, SyncJob
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.stock_taken import Row, take_batch
from connectors.sync.windows import Sweep, cursor_of, go_on
from connectors.timing import scaled
from inventory.models import StockSource
from inventory.stock import Reading

OVERLAP = timedelta(minutes=10)
FIRST = timedelta(hours=1)


def cursor_name(account: Account) -> str:
    return f"shiphero_stock:{account.pk}"


def poll_stock(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Take over the counts that moved; their values are in the list already."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        _poll(run, job, job.account)


def _poll(run: Run, job: SyncJob, account: Account) -> None:
    cursor = cursor_of(cursor_name(account), account=account)
    moved = 0

    def keep(rows: list[Row], asked_at: datetime) -> None:
        nonlocal moved
        reading = Reading(account, asked_at, StockSource.POLL)
        moved += take_batch(run, reading, rows).changed

    sweep = Sweep[Row](
        run,
        cursor,
        read=run.clients.shiphero(account).stock.stock_updated,
        take=keep,
    )
    target = run.now()
    finished = sweep.reaches(target, start=target - scaled(FIRST))
    if moved:
        run.did(job, f"{moved} counts moved")
    if not finished:
        go_on(run, job)
        return
    with commit("poll"):
        SyncCursor.objects.filter(pk=cursor.pk).update(
            watermark=target - scaled(OVERLAP), polled_at=run.now()
        )


register(
    JobKind(
        name="poll_stock",
        title="Look for moved stock in ShipHero",
        lane=Lane.INVENTORY,
        handler=poll_stock,
        uses=frozenset({System.SHIPHERO}),
        priority=45,
        every="poll_stock_seconds",
    )
)
