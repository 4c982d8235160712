"""Returns, read again and again: their webhook may be lost, and they have no update time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import SyncCursor, SyncJob
from connectors.sync import load
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.windows import Sweep, cursor_of, go_on
from connectors.timing import scaled
from orders.models import Export
from orders.records import ReturnRecord
from orders.touches import record_return

STAND_BACK = timedelta(minutes=1)


def poll_returns(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read the returns opened in the last days again, as credits allow."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        _poll(run, job, job.account)


def _poll(run: Run, job: SyncJob, account: Account) -> None:
    cursor = cursor_of(f"shiphero_returns:{account.pk}", account=account)
    target = run.now()
    days = scoped.lookup("return_window_days", account=account).value
    start = target - scaled(timedelta(days=days))
    cursor.watermark = max(cursor.watermark or start, start)

    def take(returns: list[ReturnRecord], asked_at: datetime) -> None:
        _take(run, account, returns, asked_at)

    sweep = Sweep[ReturnRecord](
        run,
        cursor,
        read=run.clients.shiphero(account).returns_window,
        take=take,
        may_go_on=lambda: load.spare_credits(account, now=run.now()) > 0,
        longest=timedelta(days=10),
    )
    if not sweep.reaches(target, start=start):
        go_on(run, job, after=STAND_BACK)
        return
    SyncCursor.objects.filter(pk=cursor.pk).update(watermark=None, polled_at=run.now())


def _take(
    run: Run, account: Account, returns: Sequence[ReturnRecord], asked_at: datetime
) -> None:
    """Mirror those of our orders; what others sold and take back is not ours."""
    exports = _exports(account, returns)
    for told in returns:
        export = exports.get(told.order_remote_id or told.order_key)
        if export is not None and told.remote_id:
            record_return(export=export, told=told, read_at=asked_at, now=run.now())


def _exports(account: Account, returns: Sequence[ReturnRecord]) -> dict[str, Export]:
    named = Q(remote_id__in={one.order_remote_id for one in returns} - {""})
    keys = {one.order_key for one in returns if not one.order_remote_id}
    named |= Q(key__in=keys - {""})
    found: dict[str, Export] = {}
    for export in Export.objects.filter(named, account=account).exclude(remote_id=""):
        found |= {export.remote_id: export, export.key: export}
    return found


register(
    JobKind(
        name="poll_returns",
        title="Look for returns in ShipHero",
        lane=Lane.BACKFILL,
        handler=poll_returns,
        uses=frozenset({System.SHIPHERO}),
        priority=75,
        every="poll_returns_seconds",
    )
)
