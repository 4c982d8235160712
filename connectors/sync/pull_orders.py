"""Salesforce to mirror: poll with overlap, store, ring for what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.accounts.models import Account, Brand, Organization
from connectors.errors import System
from connectors.models import SyncCursor, SyncJob, Trigger
from connectors.sync import config, standings, verdicts
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import push_rings, writeback_ring
from connectors.timing import scaled
from orders import services
from orders.records import MISSING, OrderRecord

BACKFILL = timedelta(days=1)


def pull_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read every order that changed since the watermark, less the overlap."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        cursor = cursor_for(job.organization)
        mapping = config.source_mapping(job.organization)
        since = _since(cursor, job.organization, run.now())
        client = run.clients.salesforce(job.organization)
        changed = 0
        seen: set[str] = set()
        for page in client.changed_orders(mapping, since=since):
            seen |= {record.salesforce_id for record in page}
            changed += _store_page(run, job.organization, page, cursor)
        changed += _read_by_lines(run, job.organization, since, seen)
        SyncCursor.objects.filter(pk=cursor.pk).update(polled_at=run.now())
        if changed:
            run.did(job, f"{changed} changed orders read")


def _read_by_lines(
    run: Run, organization: Organization, since: datetime, seen: set[str]
) -> int:
    """A line can change without its order's time stamp: look at the lines too."""
    client = run.clients.salesforce(organization)
    mapping = config.source_mapping(organization)
    changed = 0
    for ids in client.changed_item_orders(since):
        unread = sorted(set(ids) - seen)
        if not unread:
            continue
        seen |= set(unread)
        records = client.read_orders(mapping, unread)
        with commit("mirror"):
            changed += store(records, organization, now=run.now())
    return changed


def read_source(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read named orders again, whatever the watermark says."""
    organization = jobs[0].organization
    assert organization is not None  # noqa: S101 - rung per organization
    ids = {job.order.salesforce_id for job in jobs if job.order}
    mapping = config.source_mapping(organization)
    records = run.clients.salesforce(organization).read_orders(mapping, sorted(ids))
    with commit("mirror"):
        store(records, organization, now=run.now())


def cursor_for(organization: Organization) -> SyncCursor:
    cursor, _ = SyncCursor.objects.get_or_create(
        name=f"salesforce_orders:{organization.pk}",
        defaults={"organization": organization},
    )
    return cursor


def _since(cursor: SyncCursor, organization: Organization, now: datetime) -> datetime:
    if cursor.watermark is None:
        starts = organization.account_set.exclude(export_from=None)
        first = starts.order_by("export_from").values_list("export_from", flat=True)
        return (first.first() or now) - BACKFILL
    overlap = scoped.lookup("poll_overlap_seconds").seconds
    return cursor.watermark - scaled(overlap)


def _store_page(
    run: Run,
    organization: Organization,
    page: Sequence[OrderRecord],
    cursor: SyncCursor,
) -> int:
    """One page and the watermark behind it, in one transaction."""
    if not page:
        return 0
    with commit("mirror"):
        changed = store(page, organization, now=run.now())
        last = max(page, key=lambda record: (record.modified_at, record.salesforce_id))
        if cursor.watermark is None or last.modified_at >= cursor.watermark:
            cursor.watermark = last.modified_at
            cursor.last_record_id = last.salesforce_id
        cursor.rows_read += len(page)
        cursor.rows_changed += changed
        cursor.save()
    return changed


def store(
    records: Sequence[OrderRecord], organization: Organization, *, now: datetime
) -> int:
    """Mirror these records and ring for those that changed; answers how many did."""
    account = organization.account_set.order_by("pk").first()
    rule = config.eligibility(organization)
    rings: list[Ring] = []
    changed = 0
    for record in records:
        mirrored = services.upsert_order(
            record=record,
            organization=organization,
            account=account,
            brand=_brand(record, account),
            now=now,
        )
        order = mirrored.order
        verdict = verdicts.of(order, rule)
        moved = verdict.reason != order.eligibility_reason
        if not (mirrored.changed or moved):
            continue
        changed += 1
        services.note_eligibility(order=order, verdict=verdict)
        standings.refresh(order, now=now)
        cause = "Changed in Salesforce"
        rings += push_rings(order, trigger=Trigger.SCHEDULE, cause=cause)
        rings.append(writeback_ring(order, trigger=Trigger.SCHEDULE, cause=cause))
    ring_many(rings, now=now)
    return changed


def _brand(record: OrderRecord, account: Account | None) -> Brand | None:
    if account is None or record.brand is MISSING or not record.brand:
        return None
    return Brand.objects.filter(account=account, code__iexact=record.brand).first()


register(
    JobKind(
        name="pull_orders",
        title="Read orders from Salesforce",
        lane=Lane.NEW_ORDER,
        handler=pull_orders,
        uses=frozenset({System.SALESFORCE}),
        priority=20,
        every="poll_orders_seconds",
    )
)
register(
    JobKind(
        name="read_source",
        title="Read an order from Salesforce again",
        lane=Lane.EDIT,
        handler=read_source,
        uses=frozenset({System.SALESFORCE}),
        batch_size=100,
        priority=30,
    )
)
