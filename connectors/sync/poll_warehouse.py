"""The guarantee behind the webhooks: windows of what moved, and what was long unread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import SyncCursor, SyncJob, Trigger
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import extra_ring, reading_ring
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.timing import scaled
from orders import facts
from orders.models import Export
from orders.records import RemoteOrder

OVERLAP = timedelta(minutes=10)
REREAD_AFTER = timedelta(minutes=15)
REREAD_AT_ONCE = 100
STAMP = timedelta(seconds=1)


def poll_warehouse(run: Run, jobs: Sequence[SyncJob]) -> None:
    """The guarantee behind the webhooks: what moved since, and what was not read lately."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        cursor, _ = SyncCursor.objects.get_or_create(
            name=f"shiphero_orders:{job.account.pk}", defaults={"account": job.account}
        )
        started = run.now()
        since = (cursor.watermark or started - timedelta(days=1)) - scaled(OVERLAP)
        for page in run.clients.shiphero(job.account).orders_updated(since):
            with commit("poll"):
                ring_many(list(_moved(job.account, page)), now=run.now())
                cursor.rows_read += len(page)
                cursor.save(update_fields=["rows_read"])
        with commit("poll"):
            ring_many(list(_stale(run, job.account)), now=run.now())
            SyncCursor.objects.filter(pk=cursor.pk).update(
                watermark=started, polled_at=run.now()
            )


def _moved(account: Account, page: Sequence[RemoteOrder]) -> Iterable[Ring]:
    by_id = {head.remote_id: head for head in page}
    by_key = {head.key: head for head in page if head.key}
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
    before = run.now() - scaled(REREAD_AFTER)
    for export in facts.exports_to_read(
        account=account, read_before=before, limit=REREAD_AT_ONCE
    ):
        yield reading_ring(export, "Not read for a while", Trigger.SCHEDULE)


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
