"""Salesforce to mirror: poll with overlap, store, ring for what changed."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.accounts.models import Organization
from connectors.errors import (
    Category,
    ConnectorError,
    InvalidError,
    Kind,
    Owner,
    Problem,
    System,
)
from connectors.models import SyncCursor, SyncJob
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.reading import BadRow
from connectors.sync import config, mirror
from connectors.sync.pacing import wait_longer
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.windows import MOST_TIME, cursor_of, go_on
from connectors.timing import scaled
from orders import stamps
from orders.models import Order
from orders.records import OrderRecord, SourceStamp

BACKFILL = timedelta(days=1)
# As many ids as fit into the queries of one call; a page more is read of many lines.
READ_AT_ONCE = 1200
# After a try that failed: what was too much for one answer is asked for in parts.
FEW_AT_ONCE = 400
# What was read is stored even past the time for reading, as far as a task may take.
STORES_FOR = timedelta(seconds=30)

Moved = Callable[..., list[str]]
# Corrected in a contact, an account or a product, an order moves no stamp of its own.
HEALED_ELSEWHERE = (Kind.MAPPING, Kind.INVALID)


def pull_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read every order that changed since the watermark, less the overlap."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        at_once = FEW_AT_ONCE if job.attempts else READ_AT_ONCE
        pull = Pull(run, job.organization, at_once)
        is_whole = pull.all()
        if pull.changed:
            run.did(job, f"{pull.changed} changed orders read")
        if not is_whole:
            go_on(run, job)
        else:
            wait_longer(run, job, "poll_orders_seconds")


@dataclass(slots=True)
class Pull:
    """One run for one organization; its two cursors move with what is stored.

    Stamps are listed first, and only orders that the mirror does not hold in that state,
    or that a person must correct, are read whole: an overlap costs a page of stamps. A
    listing that was cut short goes on exactly where it stopped: only then does its
    cursor name the last row. A whole one is followed by the overlap.
    """

    run: Run
    organization: Organization
    at_once: int = READ_AT_ONCE
    changed: int = 0
    bad: set[str] = field(default_factory=set)
    started: datetime = field(init=False)
    client: SalesforceClient = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.run.now()
        self.client = self.run.clients.salesforce(self.organization)

    def is_late(self, most: timedelta = MOST_TIME) -> bool:
        return self.run.now() - self.started >= most

    def all(self) -> bool:
        """Read the changed orders; False if there was no time for all.

        A line can change without its order's time stamp: lines are looked at too.
        """
        orders = self._cursor("salesforce_orders")
        items = self._cursor("salesforce_items")
        source = config.source_mapping(self.organization).source
        moved_orders, moved_items = self.client.changed(
            self._since(orders), self._since(items), source
        )
        return self._follow(orders, moved_orders, _moved_or_stopped) and self._follow(
            items, moved_items, stamps.moved_lines
        )

    def _cursor(self, name: str) -> SyncCursor:
        return cursor_of(
            f"{name}:{self.organization.pk}", organization=self.organization
        )

    def _since(self, cursor: SyncCursor) -> datetime:
        return _since(cursor, self.organization, self.started)

    def _follow(
        self, cursor: SyncCursor, pages: Iterator[list[SourceStamp]], moved: Moved
    ) -> bool:
        since = self._since(cursor)
        trusted_from = config.reads_alike_since(self.organization)
        for page in pages:
            found = moved(page, self.organization, trusted_from=trusted_from)
            news = [one for one in found if one not in self.bad]
            if not self._read_whole(news, page, cursor):
                return False
            if not page:
                continue
            _move(cursor, page[-1])
            cursor.save()
            if self.is_late() and page[-1].moved_at > since:
                return False
        cursor.polled_at = self.run.now()
        cursor.last_record_id = ""
        cursor.save()
        return True

    def _read_whole(
        self, ids: Sequence[str], page: Sequence[SourceStamp], cursor: SyncCursor
    ) -> bool:
        """Orders of a page, in the order of their stamps; False if time ran out."""
        first: dict[str, SourceStamp] = {}
        for stamp in page:
            first.setdefault(stamp.order_id, stamp)
        for start in range(0, len(ids), self.at_once):
            some = ids[start : start + self.at_once]
            read_at = self.run.now()
            # Asked for after the time: what a newer mapping came between is read again.
            mapping = config.source_mapping(self.organization)
            found = {
                record.salesforce_id: record
                for record in self.client.read_orders(mapping, some)
            }
            self._part_bad_rows()  # before the watermark passes them
            for chunk in mirror.chunks([found[one] for one in some if one in found]):
                self._store(chunk, first[chunk[-1].salesforce_id], read_at, cursor)
                if self.is_late(STORES_FOR):
                    return False
            if self.is_late():  # each run gets on, however slow the reading
                return False
        return True

    def _store(
        self,
        records: Sequence[OrderRecord],
        last: SourceStamp,
        read_at: datetime,
        cursor: SyncCursor,
    ) -> None:
        """A chunk and the watermark behind it, in one commit."""

        def move(stored: mirror.Stored) -> None:
            cursor.rows_read += len(records)
            cursor.rows_changed += stored.changed
            _move(cursor, last)
            cursor.save()

        stored = mirror.store(
            records,
            self.organization,
            now=self.run.now(),
            read_at=read_at,
            and_then=move,
        )
        self.bad |= set(stored.bad)
        self.changed += stored.changed

    def _part_bad_rows(self) -> None:
        """What could not be read is read again alone, where its failure is seen."""
        bad = [row.salesforce_id for row in self.client.take_bad_rows()]
        self.bad |= set(bad)
        mirror.ring_bad(bad, self.organization, now=self.run.now())


def _moved_or_stopped(
    page: Sequence[SourceStamp], organization: Organization, **more: datetime | None
) -> list[str]:
    news = {
        *stamps.moved(page, organization, **more),
        *Order.objects.filter(
            organization=organization,
            salesforce_id__in=[one.order_id for one in page],
            failures__closed_at=None,
            failures__error_kind__in=HEALED_ELSEWHERE,
        ).values_list("salesforce_id", flat=True),
    }
    return list(dict.fromkeys(one.order_id for one in page if one.order_id in news))


def _move(cursor: SyncCursor, last: SourceStamp) -> None:
    """Everything up to here is stored: a reading that is cut goes on from here, also
    within the overlap."""
    cursor.watermark = last.moved_at
    cursor.last_record_id = last.row_id


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
    read_at = run.now()
    records = client.read_orders(
        config.source_mapping(organization), sorted(set(ids.values()))
    )
    bad: dict[str, Exception] = {
        row.salesforce_id: _malformed(row) for row in client.take_bad_rows()
    }
    for chunk in mirror.chunks(records):
        stored = mirror.store(
            chunk, organization, now=run.now(), read_at=read_at, parks=False
        )
        bad |= stored.bad
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
