"""The guarantee behind the webhooks: windows of what moved, and what was long unread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil

from django.db.models import F, Q, QuerySet

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import JobState, SyncCursor, SyncJob, Trigger
from connectors.sync import load
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import extra_ring, reading_ring
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.sync.windows import Sweep, cursor_of, go_on
from connectors.timing import scaled
from orders.models import Export
from orders.records import RemoteOrder

FIRST = timedelta(days=1)
OVERLAP = timedelta(minutes=10)
REREAD_AFTER = timedelta(minutes=15)
MOST_REREAD = 100
LEAST_REREAD = 10
STAMP = timedelta(seconds=1)


def poll_warehouse(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Ring for what moved since the last sweep, less the overlap, and for the unread."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        _poll(run, job, job.account)


def _poll(run: Run, job: SyncJob, account: Account) -> None:
    cursor = cursor_of(f"shiphero_orders:{account.pk}", account=account)
    sweep = Sweep[RemoteOrder](
        run,
        cursor,
        read=run.clients.shiphero(account).orders_updated,
        take=lambda heads, _: ring_many(list(_moved(account, heads)), now=run.now()),
    )
    target = run.now()
    if not sweep.reaches(target, start=target - scaled(FIRST)):
        go_on(run, job)
        return
    with commit("poll"):
        ring_many(list(_stale(run, account)), now=run.now())
        SyncCursor.objects.filter(pk=cursor.pk).update(
            watermark=target - scaled(OVERLAP), polled_at=run.now()
        )


def _moved(account: Account, heads: Sequence[RemoteOrder]) -> Iterable[Ring]:
    by_id = {head.remote_id: head for head in heads}
    by_key = {head.key: head for head in heads if head.key}
    exports = Export.objects.filter(account=account)
    for export in exports.filter(remote_id__in=by_id):
        head = by_id[export.remote_id]
        if _may_have_moved(export, head):
            yield reading_ring(export, "Moved in ShipHero", Trigger.SCHEDULE)
    for export in exports.filter(key__in=by_key).exclude(remote_id=""):
        head = by_key[export.key]
        if head.remote_id != export.remote_id and not head.is_canceled:
            yield extra_ring(account.pk, head.remote_id, "Another order with our key")


def _may_have_moved(export: Export, head: RemoteOrder) -> bool:
    """Its stamp has whole seconds: what was read within that second may be older."""
    read_at, moved_at = export.facts_read_at, head.updated_at
    if read_at is None or moved_at is None:
        return read_at is None
    return moved_at != export.remote_event_at or read_at < moved_at + STAMP


def _stale(run: Run, account: Account) -> Iterable[Ring]:
    """Readings of open exports that were not read lately, as far as credits allow.

    What waits to be read is not rung again, and what could not be read stays parked:
    an order that is gone would be tried for ever.
    """
    if load.is_api_short(account.organization):
        return
    unread = SyncJob.objects.filter(kind="read_warehouse", account=account)
    unread = unread.exclude(state=JobState.DONE)
    known = {int(subject) for subject in unread.values_list("subject", flat=True)}
    waiting = unread.exclude(state=JobState.PARKED).count()
    for export in _unread_exports(run, account, known, _room(run, account, waiting)):
        ring = reading_ring(export, "Not read for a while", Trigger.SCHEDULE)
        yield replace(ring, reopens=False)


def _room(run: Run, account: Account, waiting: int) -> int:
    """How many to read again: each within `REREAD_AFTER`, in what is left for it."""
    pause = scoped.lookup("poll_shiphero_seconds", account=account).seconds
    wanted = ceil(_open_exports(account).count() * (pause / REREAD_AFTER))
    spare = load.spare_credits(account, now=run.now())
    return int(min(max(wanted, LEAST_REREAD), MOST_REREAD) * spare) - waiting


def _open_exports(account: Account) -> QuerySet[Export]:
    return Export.objects.filter(
        account=account, closed_at=None, canceled_at=None
    ).exclude(remote_id="")


def _unread_exports(
    run: Run, account: Account, known: set[int], limit: int
) -> Iterable[Export]:
    if limit <= 0:
        return ()
    before = run.now() - scaled(REREAD_AFTER)
    stale = Q(facts_read_at=None) | Q(facts_read_at__lt=before)
    oldest_first = F("facts_read_at").asc(nulls_first=True)
    rows = _open_exports(account).filter(stale).exclude(pk__in=known)
    return rows.order_by(oldest_first)[:limit]


register(
    JobKind(
        name="poll_warehouse",
        title="Look for moved orders in ShipHero",
        lane=Lane.FULFILLMENT,
        handler=poll_warehouse,
        uses=frozenset({System.SHIPHERO}),
        priority=45,
        every="poll_shiphero_seconds",
    )
)
