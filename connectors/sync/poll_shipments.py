"""Shipments that were made void later: only reading their window again shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import System
from connectors.models import SyncCursor, SyncJob
from connectors.sync import load
from connectors.sync.read_warehouse import reading_ring, report
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import ring
from connectors.sync.run import Run
from connectors.sync.windows import Sweep, cursor_of, go_on
from connectors.timing import scaled
from orders.models import Export, Shipment
from orders.records import MISSING, ShipmentRecord
from orders.shipments import package_key, record
from orders.shipped_units import count_shipped

STAND_BACK = timedelta(minutes=1)


def poll_shipments(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read the last days' shipments again, window by window, as credits allow."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        Reading(run, job, job.account).sweep()


@dataclass(slots=True)
class Reading:
    """One run for one account. The cursor returns to the beginning when it is through."""

    run: Run
    job: SyncJob
    account: Account

    def sweep(self) -> None:
        name = f"shiphero_shipments:{self.account.pk}"
        cursor = cursor_of(name, account=self.account)
        target = self.run.now()
        days = scoped.lookup("shipment_window_days", account=self.account).value
        start = target - scaled(timedelta(days=days))
        cursor.watermark = max(cursor.watermark or start, start)
        sweep = Sweep[ShipmentRecord](
            self.run,
            cursor,
            read=self.run.clients.shiphero(self.account).shipments_window,
            take=self._take,
            may_go_on=lambda: load.spare_credits(self.account, now=self.run.now()) > 0,
            longest=timedelta(days=1),
        )
        if not sweep.reaches(target, start=start):
            go_on(self.run, self.job, after=STAND_BACK)
            return
        SyncCursor.objects.filter(pk=cursor.pk).update(
            watermark=None, polled_at=self.run.now()
        )

    def _take(self, shipments: list[ShipmentRecord], asked_at: datetime) -> None:
        """Record what differs, and tell Salesforce of each order that it concerns."""
        exports = _exports(self.account, shipments)
        known = _known(self.account, shipments)
        moved: dict[int, Export] = {}
        for shipment in shipments:
            export = exports.get(shipment.order_remote_id or shipment.order_key)
            row = known.get(shipment.remote_id)
            if export is None or (row is not None and _says_the_same(row, shipment)):
                continue
            record(
                export=export,
                shipments=[shipment],
                seen_by="reading",
                read_at=asked_at,
                now=self.run.now(),
            )
            moved[export.pk] = export
        for export in moved.values():
            count_shipped(export)
            report(self.run, export)
            ring(reading_ring(export, "Its shipments moved"), now=self.run.now())
            words = f"Shipments of {export.key} read again"
            self.run.did(self.job, words, export=export)


def _exports(
    account: Account, shipments: Sequence[ShipmentRecord]
) -> dict[str, Export]:
    """By the warehouse's id, and by our key for a shipment that does not tell it."""
    named = Q(remote_id__in={one.order_remote_id for one in shipments} - {""})
    keys = {one.order_key for one in shipments if not one.order_remote_id}
    named |= Q(key__in=keys - {""})
    rows = Export.objects.filter(named, account=account).exclude(remote_id="")
    found: dict[str, Export] = {}
    for export in rows.select_related("order", "account"):
        found |= {export.remote_id: export, export.key: export}
    return found


def _known(
    account: Account, shipments: Sequence[ShipmentRecord]
) -> dict[str, Shipment]:
    rows = Shipment.objects.filter(
        account=account, remote_id__in=[one.remote_id for one in shipments]
    ).prefetch_related("packages")
    return {row.remote_id: row for row in rows}


def _says_the_same(row: Shipment, shipment: ShipmentRecord) -> bool:
    if row.is_void != shipment.is_void:
        return False
    if shipment.packages is MISSING:
        return True
    stored = {package.key for package in row.packages.all() if not package.is_void}
    read = {package_key(one) for one in shipment.packages if not one.is_void}
    return stored == read


register(
    JobKind(
        name="poll_shipments",
        title="Look for shipments made void in ShipHero",
        lane=Lane.BACKFILL,
        handler=poll_shipments,
        uses=frozenset({System.SHIPHERO}),
        priority=70,
        every="poll_shipments_seconds",
    )
)
