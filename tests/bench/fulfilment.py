"""What comes back for many orders: how many calls it costs, and how soon it is there.

Both worlds run in this process, on a clock that runs with real time and is put forward
where the worker would only wait. Orders are pulled from the sandbox organization; the
warehouse's facts are told to the house directly, as readings and messages tell them.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from types import SimpleNamespace
from typing import Any

from tests.bench.measuring import throwaway_database

ABOUT = "bring facts of many orders back to Salesforce: calls and seconds"
MOST_CALLS = 40
MOST_SECONDS = 10.0
AT_ONCE = 25
LINES = (("MUG", 2), ("TEE", 1), ("CAP", 3))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=1000)


def run(options: argparse.Namespace) -> dict[str, Any]:
    with throwaway_database() as vendor:
        shop = Shop(options.orders)
        shop.open()
        started = time.perf_counter()
        for name in ("allocated", "picked", "shipped"):
            shop.live_through(name)
        shop.settle()
        seconds = time.perf_counter() - started
        waits = sorted(shop.waits)
        p95 = quantiles(waits, n=100)[94]
        used = shop.calls["data"]
        right, least = shop.is_right(), shop.fewest_status_writes()
    most = MOST_CALLS * max(1, options.orders / 1000)
    return {
        "bench": "fulfilment",
        "database": vendor,
        "orders": options.orders,
        "facts": len(waits),
        "seconds": round(seconds, 1),
        "salesforce_calls": used,
        "salesforce_calls_idle": shop.calls["idle"],
        "by_job": dict(shop.by_job),
        "fewest_status_writes": least,
        "p50_seconds": round(waits[len(waits) // 2], 2),
        "p95_seconds": round(p95, 2),
        "salesforce_is_right": right,
        "limits": {"salesforce_calls": MOST_CALLS, "p95_seconds": MOST_SECONDS},
        "ok": used <= most and p95 <= MOST_SECONDS and right and least >= 3,
    }


class Shop:
    """A town with its orders on the floor, and a worker that is watched."""

    def __init__(self, orders: int) -> None:
        import pytest  # noqa: PLC0415
        from django.conf import settings  # noqa: PLC0415

        from tests import town  # noqa: PLC0415

        settings.SHIPSYNC_SANDBOX = True
        settings.SHIPSYNC_BASE_URL = ""
        patch = pytest.MonkeyPatch()
        patch.setattr(town, "ManualClock", _real_time_clock())
        self.town: Any = town.Town(patch, settle=False)
        self.count = orders
        self.calls: Counter[str] = Counter()
        self.by_job: Counter[str] = Counter()
        self.waits: list[float] = []
        self.told_at: dict[int, datetime] = {}
        self.seen = 0  # of Salesforce's ledger

    def open(self) -> None:
        """The orders stand in both worlds, and Salesforce knows that they were sent."""
        from connectors.accounts.models import Account  # noqa: PLC0415
        from orders.models import Order  # noqa: PLC0415

        Account.objects.update(paused=True)  # nothing is created: it stands there
        for _ in range(self.count):
            self.town.order(*LINES)
        while Order.objects.count() < self.count:
            self._work()
        for number, order in enumerate(Order.objects.order_by("pk"), start=1):
            self._send(order, number)
        self.settle()

    def _send(self, order: Any, number: int) -> None:
        from orders.models import Export, ExportLine  # noqa: PLC0415

        now = self.town.now()
        export = Export.objects.create(
            order=order,
            account=self.town.account,
            key=f"ACM-{order.salesforce_id}-1",
            remote_id=f"O{number}",
            remote_legacy_id=number,
            released_at=now,
            created_at=now,
        )
        ExportLine.objects.bulk_create(
            ExportLine(
                export=export,
                line_item=line,
                sequence=at,
                key=line.salesforce_id,
                sku=line.sku,
                quantity=int(line.quantity),
                remote_id=f"L{line.pk}",
            )
            for at, line in enumerate(order.lines.all())
        )

    # -- what happens ----------------------------------------------------------------

    def live_through(self, name: str) -> None:
        """Every order's fact of this kind, some at once, the worker working between."""
        from connectors import batch  # noqa: PLC0415
        from orders.models import Export  # noqa: PLC0415

        rows = Export.objects.select_related("order", "account").order_by("pk")
        for chunk in _chunks(list(rows), AT_ONCE):
            with batch.one_batch():  # as whatever tells facts works
                for export in chunk:
                    self._tell(export, name)
            self._work()
        self.settle()

    def _tell(self, export: Any, name: str) -> None:
        from django.db import transaction  # noqa: PLC0415

        from connectors.sync.read_warehouse import report  # noqa: PLC0415
        from orders import facts, shipments  # noqa: PLC0415
        from orders.shipped_units import count_shipped  # noqa: PLC0415

        now = self.town.now()
        with transaction.atomic():
            if name == "shipped":
                shipments.record(
                    export=export,
                    shipments=[_shipment(export, now)],
                    seen_by="webhook",
                    read_at=None,
                    now=now,
                )
                count_shipped(export)
            else:
                facts.record_remote_order(
                    export=export,
                    remote=_reading(export, name, now),
                    seen_by="reading",
                    now=now,
                )
            self.told_at[export.order_id] = now
            report(SimpleNamespace(now=self.town.now), export)

    def settle(self) -> None:
        """Until everything is written; waits that nobody works in are skipped."""
        from connectors.models import JobState, SyncJob  # noqa: PLC0415

        while True:
            while self._work():
                pass
            left = SyncJob.objects.filter(
                kind="push_fulfillment", state=JobState.WAITING
            )
            first = left.order_by("not_before").first()
            if first is None:
                return
            wait = (first.not_before - self.town.now()).total_seconds()
            self.town.clock.advance(max(wait, 0.01))

    def _work(self) -> int:
        """One batch of the worker, its calls counted by the job that made them.

        Idle is what neither wrote nor read a row that had moved.
        """
        from connectors.models import SyncCursor  # noqa: PLC0415
        from connectors.sync import engine  # noqa: PLC0415
        from connectors.sync.registry import Lane  # noqa: PLC0415

        world = self.town.salesforce
        before, read = world.calls_used, _rows_read(SyncCursor)
        lanes = [Lane.NEW_ORDER, Lane.FULFILLMENT]
        if not self.told_at:
            lanes = list(Lane)
        is_begun = bool(self.told_at)
        done = engine.work_once(lanes, clock=self.town.now)
        used = world.calls_used - before
        self._note_written()
        wrote = self._has_written()
        is_idle = not is_begun or not (wrote or _rows_read(SyncCursor) > read)
        self.calls["idle" if is_idle else "data"] += used
        if used and is_begun:
            self.by_job[f"{done} jobs"] += used
        return done

    def _has_written(self) -> bool:
        """Whether the ledger has a write of ours since the last look."""
        fresh = self.town.salesforce.ledger(after=self.seen)
        self.seen = fresh[-1].seq if fresh else self.seen
        ours = self.town.salesforce.integration_user_id
        return any(
            entry.outcome == "applied" and entry.detail.get("user") == ours
            for entry in fresh
        )

    def _note_written(self) -> None:
        from orders.models import Order  # noqa: PLC0415

        written = Order.objects.filter(pk__in=self.told_at).values_list(
            "pk", "written_back_at"
        )
        for pk, at in written:
            if at is not None and at >= self.told_at[pk]:
                self.waits.append((at - self.told_at.pop(pk)).total_seconds())

    # -- what is seen ----------------------------------------------------------------

    def is_right(self) -> bool:
        world = self.town.salesforce
        orders = world.every("Order")
        items = world.every("ShipSync_Shipment_Item__c")
        return (
            all(one["ShipSync_Status__c"] == "Partially Shipped" for one in orders)
            and len(world.every("ShipSync_Package__c")) == self.count
            and len(world.every("ShipSync_Shipment__c")) == self.count
            and len(items) == 2 * self.count
        )

    def fewest_status_writes(self) -> int:
        from connectors.sandbox.salesforce import judge  # noqa: PLC0415

        seen = Counter(
            entry.subject
            for entry in judge.integration_writes(self.town.salesforce)
            if entry.subject.startswith("801")
        )
        return min(seen.values(), default=0)


def _real_time_clock() -> type:
    from connectors.sandbox.world import ManualClock  # noqa: PLC0415

    class RealTimeClock(ManualClock):
        """Runs with real time, and is put forward besides."""

        def __init__(self, start: datetime, scale: float = 1.0) -> None:
            super().__init__(start, scale)
            self._begun = time.perf_counter()

        def now(self) -> datetime:
            gone = timedelta(seconds=time.perf_counter() - self._begun)
            return super().now() + gone

    return RealTimeClock


def _rows_read(cursors: Any) -> int:
    return sum(cursors.objects.values_list("rows_read", flat=True))


def _chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _reading(export: Any, name: str, now: datetime) -> Any:
    from orders.records import RemoteLine, RemoteOrder  # noqa: PLC0415

    return RemoteOrder(
        remote_id=export.remote_id,
        legacy_id=export.remote_legacy_id,
        key=export.key,
        order_number=f"N{export.pk}",
        status="pending",
        read_at=now,
        updated_at=now,
        holds=frozenset(),
        allocations=(),
        shipments=(),
        lines=tuple(
            RemoteLine(
                remote_id=line.remote_id,
                legacy_id=line.pk,
                key=line.key,
                sku=line.sku,
                quantity=line.quantity,
                pending=line.quantity,
                shipped=0,
                allocated=line.quantity,
                backordered=0,
                picked=line.quantity if name == "picked" else 0,
            )
            for line in export.lines.all()
        ),
    )


def _shipment(export: Any, now: datetime) -> Any:
    from orders.records import (  # noqa: PLC0415
        PackageRecord,
        ShipmentLineRecord,
        ShipmentRecord,
    )

    return ShipmentRecord(
        remote_id=f"S{export.pk}",
        legacy_id=export.pk,
        shipped_at=now,
        packages=(
            PackageRecord("", 1, "ups", "Ground", f"1Z{export.pk:016}", "https://x"),
        ),
        lines=tuple(
            ShipmentLineRecord(
                line_key=line.key,
                sku=line.sku,
                quantity=line.quantity,
                package_number=1,
                serial_numbers=(),
                lot_name="",
                lot_expires_on=None,
            )
            for line in list(export.lines.all())[:2]
        ),
    )
