"""Salesforce to mirror: poll with overlap, store, ring for what changed."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.accounts.models import Organization
from connectors.errors import (
    Category,
    ConnectorError,
    InvalidError,
    Owner,
    Problem,
    System,
)
from connectors.models import SyncCursor, SyncJob
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.reading import BadRow
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sync import config, mirror
from connectors.sync.pacing import wait_longer
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.windows import MOST_TIME, Sweep, cursor_of, go_on
from connectors.timing import scaled
from orders.records import OrderRecord

BACKFILL = timedelta(days=1)
LONGEST_OF_ITEMS = timedelta(days=1)


def pull_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read every order that changed since the watermark, less the overlap."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        pull = Pull(run, job.organization)
        is_whole = pull.orders() and pull.items()
        if pull.changed:
            run.did(job, f"{pull.changed} changed orders read")
        if not is_whole:
            go_on(run, job)
        else:
            wait_longer(run, job, "poll_orders_seconds")


@dataclass(slots=True)
class Pull:
    """One run for one organization; its two cursors move with what is stored.

    A reading that was cut short goes on exactly where it stopped: only then does the
    orders' cursor name the last record. A whole one is followed by the overlap.
    """

    run: Run
    organization: Organization
    changed: int = 0
    seen: set[str] = field(default_factory=set)
    started: datetime = field(init=False)
    client: SalesforceClient = field(init=False)
    mapping: SourceMapping = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.run.now()
        self.client = self.run.clients.salesforce(self.organization)
        self.mapping = config.source_mapping(self.organization)

    def is_late(self) -> bool:
        return self.run.now() - self.started >= MOST_TIME

    def orders(self) -> bool:
        """Read the changed orders; False if there was no time for all."""
        cursor = cursor_of(
            f"salesforce_orders:{self.organization.pk}", organization=self.organization
        )
        since = _since(cursor, self.organization, self.started)
        for page in self.client.changed_orders(self.mapping, since=since):
            self._part_bad_rows()  # before the watermark passes them
            for records in mirror.chunks(page):
                if self.is_late():
                    return False
                self._store_orders(records, cursor)
        SyncCursor.objects.filter(pk=cursor.pk).update(
            polled_at=self.run.now(), last_record_id=""
        )
        return True

    def _store_orders(self, records: Sequence[OrderRecord], cursor: SyncCursor) -> None:
        """A chunk and the watermark behind it, in one commit."""
        self.seen |= {record.salesforce_id for record in records}
        last = max(records, key=lambda one: (one.modified_at, one.salesforce_id))

        def move(stored: mirror.Stored) -> None:
            if cursor.watermark is None or last.modified_at >= cursor.watermark:
                cursor.watermark = last.modified_at
                cursor.last_record_id = last.salesforce_id
            cursor.rows_read += len(records)
            cursor.rows_changed += stored.changed
            cursor.save()

        now = self.run.now()
        stored = mirror.store(records, self.organization, now=now, and_then=move)
        self.changed += stored.changed

    def _part_bad_rows(self) -> None:
        """What could not be read is read again alone, where its failure is seen."""
        bad = [row.salesforce_id for row in self.client.take_bad_rows()]
        self.seen |= set(bad)
        mirror.ring_bad(bad, self.organization, now=self.run.now())

    def items(self) -> bool:
        """A line can change without its order's time stamp: look at the lines too."""
        cursor = cursor_of(
            f"salesforce_items:{self.organization.pk}", organization=self.organization
        )
        sweep = Sweep[OrderRecord](
            self.run,
            cursor,
            read=self._orders_by_items,
            take=lambda records, _: self._store_unseen(records, cursor),
            longest=LONGEST_OF_ITEMS,
        )
        start = _first(self.organization, self.started)
        if not sweep.reaches(self.started, start=start):
            return False
        SyncCursor.objects.filter(pk=cursor.pk).update(
            watermark=self.started - _overlap(), polled_at=self.run.now()
        )
        return True

    def _orders_by_items(
        self, since: datetime, until: datetime
    ) -> Iterator[list[OrderRecord]]:
        for ids in self.client.changed_item_orders(since, until, self.mapping.source):
            unread = [one for one in dict.fromkeys(ids) if one not in self.seen]
            for start in range(0, len(unread), mirror.AT_ONCE):
                some = unread[start : start + mirror.AT_ONCE]
                yield self.client.read_orders(self.mapping, some)

    def _store_unseen(self, records: list[OrderRecord], cursor: SyncCursor) -> None:
        self._part_bad_rows()
        for chunk in mirror.chunks(records):
            stored = mirror.store(chunk, self.organization, now=self.run.now())
            cursor.rows_changed += stored.changed
            self.changed += stored.changed
        self.seen |= {record.salesforce_id for record in records}


def _since(cursor: SyncCursor, organization: Organization, now: datetime) -> datetime:
    if cursor.watermark is None:
        return _first(organization, now)
    goes_on = bool(cursor.last_record_id)
    return cursor.watermark if goes_on else cursor.watermark - _overlap()


def _first(organization: Organization, now: datetime) -> datetime:
    starts = organization.account_set.exclude(export_from=None)
    first = starts.order_by("export_from").values_list("export_from", flat=True)
    return (first.first() or now) - BACKFILL


def _overlap() -> timedelta:
    return scaled(scoped.lookup("poll_overlap_seconds").seconds)


def read_source(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read named orders again, whatever the watermark says."""
    organization = jobs[0].organization
    assert organization is not None  # noqa: S101 - rung per organization
    ids = {job.pk: _source_id(job) for job in jobs}
    client = run.clients.salesforce(organization)
    records = client.read_orders(
        config.source_mapping(organization), sorted(set(ids.values()))
    )
    bad: dict[str, Exception] = {
        row.salesforce_id: _malformed(row) for row in client.take_bad_rows()
    }
    for chunk in mirror.chunks(records):
        bad |= mirror.store(chunk, organization, now=run.now(), parks=False).bad
    for job in jobs:
        error = bad.get(ids[job.pk])
        if error is not None:
            run.failed(job, _unstorable(ids[job.pk], error))


def _source_id(job: SyncJob) -> str:
    """What never became an order here is named by its Salesforce id."""
    return job.order.salesforce_id if job.order else job.subject


def _malformed(row: BadRow) -> ConnectorError:
    problem = Problem(
        "source.malformed",
        f"Salesforce order {row.salesforce_id} cannot be read: {row.reason}",
    )
    return InvalidError([problem], category=Category.SETUP, owner=Owner.INTEGRATOR)


def _unstorable(salesforce_id: str, error: Exception) -> ConnectorError:
    if isinstance(error, ConnectorError):
        return error
    return ConnectorError(
        f"Salesforce order {salesforce_id} was read but could not be stored.",
        system=System.SHIPSYNC,
        code="shipsync.internal",
        detail="".join(traceback.format_exception(error))[-8000:],
    )


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
