"""A snapshot of a large warehouse: read, compared, stored, and its news to Salesforce.

The file is read as it was downloaded. Salesforce is the sandbox in a process of its own,
which counts the calls; the levels that stood before, and what Salesforce knew of them,
are put into the database directly.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import requests

from tests.bench.measuring import Gauge, measured, throwaway_database

ABOUT = "read a snapshot of stock, compare and store it, write what changed"
MOST_MB = 300
MOST_CALLS = 30
LEVEL = "ShipSync_Inventory_Level__c"

LEVELS = """
WITH RECURSIVE numbers(i) AS (
    SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < %s - 1
)
INSERT INTO inventory_stocklevel
    (account_id, warehouse_id, sku, on_hand, allocated, available, backordered,
     reserve, sell_ahead, non_sellable, in_tote, is_active, source, read_at, changed_at)
SELECT %s, w.id, 'SKU-' || i, 10 + i %% 90, 0, 10 + i %% 90, 0, 0, 0, 0, 0,
       w.is_listed, 'snapshot', %s, %s
FROM numbers, inventory_warehouse w WHERE w.account_id = %s
"""
PROMISES = """
INSERT INTO inventory_availability
    (account_id, scope, warehouse_id, sku, quantity, explanation, unit, unit_factor,
     stock_read_at, computed_at, wanted_hash, written_hash, written_at, settled_hash,
     standing, code, reason, sent_hash)
SELECT account_id, 0, warehouse_id, sku, on_hand, '[]', '', 1, read_at, read_at,
       'before', 'before', read_at, 'before', 'written', '', '', ''
FROM inventory_stocklevel
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--skus", type=int, default=100_000)
    parser.add_argument("--warehouses", type=int, default=5)
    parser.add_argument("--changed", type=float, default=0.01, help="share of the rows")


def run(options: argparse.Namespace) -> dict[str, Any]:
    with throwaway_database() as vendor, sandbox() as salesforce:
        house = House(options, salesforce)
        house.furnish()
        with TemporaryDirectory() as folder:
            house.write_file(Path(folder) / "snapshot.json.gz")
            with measured() as reading:
                spooled = house.read()
            with measured() as storing:
                house.store()
        calls_before = salesforce.calls()
        with measured() as writing:
            house.push()
        calls = salesforce.calls() - calls_before
        right = house.is_right()
    return {
        "bench": "inventory",
        "database": vendor,
        "skus": options.skus,
        "warehouses": options.warehouses,
        "rows": spooled,
        "changed": house.changed,
        **_of("read", reading, spooled),
        **_of("store", storing, spooled),
        **_of("write", writing, house.changed),
        "rows_per_second": round(spooled / (reading.seconds + storing.seconds)),
        "growth_of_peak_mb": round(
            max(reading.peak_mb, storing.peak_mb, writing.peak_mb), 1
        ),
        "peak_mb": round(
            max(reading.highest_mb, storing.highest_mb, writing.highest_mb), 1
        ),
        "salesforce_calls": calls,
        "salesforce_is_right": right,
        "limits": {"growth_of_peak_mb": MOST_MB, "salesforce_calls": MOST_CALLS},
        "ok": _within(house, calls, reading, storing, writing) and right,
    }


def _of(name: str, gauge: Gauge, rows: int) -> dict[str, Any]:
    return {
        f"{name}_seconds": round(gauge.seconds, 2),
        f"{name}_rows_per_second": gauge.rate(rows),
        f"{name}_processor_seconds": round(gauge.processor_seconds, 2),
        f"{name}_statements": gauge.statements,
        f"{name}_peak_mb": round(gauge.peak_mb, 1),
    }


def _within(house: House, calls: int, *gauges: Gauge) -> bool:
    """The limit on calls is for 5,000 changed rows; larger runs may use more."""
    most = MOST_CALLS * max(1, house.changed / 5_000)
    return max(gauge.peak_mb for gauge in gauges) < MOST_MB and 0 < calls <= most


class Sandbox:
    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def _state(self) -> dict[str, Any]:
        return dict(self._session.get(f"{self.url}/_sandbox/state", timeout=300).json())

    def calls(self) -> int:
        return int(self._state()["calls_ever"])

    def records(self, sobject: str) -> list[dict[str, Any]]:
        address = f"{self.url}/_sandbox/records/{sobject}"
        return list(self._session.get(address, timeout=300).json()["records"])


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """The organization as a process of its own; its waits are a thousandth."""
    command = [sys.executable, "-m", "connectors.sandbox.salesforce", "--scale", "1000"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Sandbox(process.stdout.readline().split()[1])
        finally:
            process.terminate()


class House:
    """An account with its stock, as far as the bench needs one."""

    def __init__(self, options: argparse.Namespace, salesforce: Sandbox) -> None:
        self.skus, self.places = options.skus, options.warehouses
        self.step = max(1, round(1 / options.changed))
        self.salesforce = salesforce
        self.ahead = timedelta()
        self.path = Path()

    def now(self) -> datetime:
        """Real time, put forward where the worker would only wait."""
        from django.utils import timezone  # noqa: PLC0415

        return timezone.now() + self.ahead

    def is_moved(self, sku: int, place: int) -> bool:
        return (sku * self.places + place) % self.step == 0

    @property
    def moved_skus(self) -> list[int]:
        places = range(self.places)
        return [
            sku
            for sku in range(self.skus)
            if any(self.is_moved(sku, place) for place in places)
        ]

    @property
    def changed(self) -> int:
        return -(-self.skus * self.places // self.step)

    # -- before ----------------------------------------------------------------------

    def furnish(self) -> None:
        from django.conf import settings  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        from connectors import queue  # noqa: PLC0415
        from tests.factories.inventory import WarehouseFactory  # noqa: PLC0415

        settings.SHIPSYNC_SANDBOX = True
        queue.bells = lambda lanes: None
        self.account = self._account()
        self.warehouses = [
            WarehouseFactory(account=self.account, name=f"Warehouse {number}")
            for number in range(self.places)
        ]
        then = self.now() - timedelta(days=1)
        pk = self.account.pk
        with connection.cursor() as cursor:
            cursor.execute(LEVELS, [self.skus, pk, then, then, pk])
            cursor.execute(PROMISES)
        self._promise_what_will_move()
        self._sell()

    def _account(self) -> Any:
        from connectors.sandbox.salesforce.oauth import (  # noqa: PLC0415
            DEMO_CONSUMER_KEY,
            DEMO_CONSUMER_SECRET,
        )
        from tests.factories.accounts import AccountFactory  # noqa: PLC0415

        account: Any = AccountFactory(
            organization__org_id="", organization__is_sandbox=True
        )
        login = account.organization.credential
        there = self.salesforce.url.replace("http://", "https://", 1)
        home = "https://bench.my.salesforce.com"
        login.settings = {
            "client_id": DEMO_CONSUMER_KEY,
            "domain": "bench.my",
            "rewrite": dict.fromkeys((home, there), self.salesforce.url),
        }
        login.secrets = {"client_secret": DEMO_CONSUMER_SECRET}
        login.save()
        return account

    def _promise_what_will_move(self) -> None:
        """So that only what moves differs from what Salesforce was told."""
        from django.db.models import F  # noqa: PLC0415

        from inventory import promises  # noqa: PLC0415
        from inventory.models import Availability  # noqa: PLC0415

        moved = [f"SKU-{number}" for number in self.moved_skus]
        promises.refresh(self.account, moved, now=self.now())
        Availability.objects.exclude(wanted_hash="before").update(
            settled_hash=F("wanted_hash"), written_hash=F("wanted_hash")
        )

    def _sell(self) -> None:
        """Products in Salesforce for what will move, read the way they are read."""
        from connectors.sync.clients import Clients  # noqa: PLC0415

        client = Clients(self.now).salesforce(self.account.organization)
        path = client._caller.data_path("composite/sobjects")
        skus = self.moved_skus
        for start in range(0, len(skus), 200):
            rows = [
                {
                    "attributes": {"type": "Product2"},
                    "Name": f"Product {number}",
                    "StockKeepingUnit": f"SKU-{number}",
                    "IsActive": True,
                }
                for number in skus[start : start + 200]
            ]
            client._caller.write("POST", path, {"allOrNone": True, "records": rows})
        self._work("pull_products", organization_id=self.account.organization_id)
        self._forget_what_products_stirred()

    def _forget_what_products_stirred(self) -> None:
        """Known products have their rows looked at again; Salesforce had them before."""
        from django.db.models import F  # noqa: PLC0415

        from connectors.models import SyncJob  # noqa: PLC0415
        from inventory.models import Availability  # noqa: PLC0415

        Availability.objects.filter(settled_hash="").update(
            settled_hash=F("wanted_hash"), written_hash=F("wanted_hash")
        )
        SyncJob.objects.all().delete()

    def write_file(self, path: Path) -> None:
        """The new layout, as it comes from the warehouse system."""
        self.path = path
        with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
            file.write('{"snapshot_id": "bench", "products": {"QWNjb3VudDox": {')
            for sku in range(self.skus):
                comma = "," if sku else ""
                file.write(f'{comma}"SKU-{sku}":{json.dumps(self._product(sku))}')
            file.write("}}}")

    def _product(self, sku: int) -> dict[str, Any]:
        counts = {
            warehouse.remote_id: self._counts(sku, place)
            for place, warehouse in enumerate(self.warehouses)
        }
        return {"sku": f"SKU-{sku}", "warehouse_products": counts}

    def _counts(self, sku: int, place: int) -> dict[str, int]:
        on_hand = 10 + sku % 90 + (7 if self.is_moved(sku, place) else 0)
        rest = ("allocated", "backorder", "reserve", "sell_ahead", "non_sellable")
        return {
            "on_hand": on_hand,
            "available": on_hand,
            **dict.fromkeys((*rest, "qty_in_totes"), 0),
        }

    # -- what is measured ---------------------------------------------------------------

    def read(self) -> int:
        from connectors.shiphero.snapshot_file import read_snapshot  # noqa: PLC0415
        from connectors.sync import spool  # noqa: PLC0415
        from inventory.models import SnapshotState, StockSnapshot  # noqa: PLC0415

        self.snapshot = StockSnapshot.objects.create(
            account=self.account,
            state=SnapshotState.READING,
            created_at=self.now(),
            asked_at=self.now(),
        )
        return spool.write(self.snapshot.pk, read_snapshot(self.path))

    def store(self) -> None:
        from connectors.sync.snapshot_rows import apply_rows  # noqa: PLC0415

        worker: Any = SimpleNamespace(now=self.now)
        while not apply_rows(worker, self.snapshot):
            pass

    def push(self) -> None:
        self._work("push_availability", account_id=self.account.pk)
        if self._say_yes():
            self._work("push_availability", account_id=self.account.pk)

    def _say_yes(self) -> bool:
        """A very large write waits for a person; answers whether one did."""
        from connectors.sync import availability_actions  # noqa: PLC0415
        from inventory.models import AvailabilityRun, RunState  # noqa: PLC0415
        from tests.factories.accounts import UserFactory  # noqa: PLC0415

        asked = AvailabilityRun.objects.filter(state=RunState.PROPOSED).first()
        if asked is None:
            return False
        lead: Any = UserFactory(role="lead")
        availability_actions.approve(large=asked, user=lead, now=self.now())
        return True

    def _work(self, kind: str, **owner: int) -> None:
        """Run a job, putting the clock forward, until it waits for its next turn."""
        from connectors.models import SyncJob  # noqa: PLC0415
        from connectors.sync import engine, kinds  # noqa: F401, PLC0415
        from connectors.sync.rings import Ring, ring  # noqa: PLC0415

        ring(Ring(kind=kind, subject="all", hurries=True, **owner), now=self.now())
        for _turn in range(1000):
            while engine.work_once(clock=self.now):
                pass
            job = SyncJob.objects.get(kind=kind)
            if job.attempts > 5:
                raise RuntimeError(f"{kind}: {job.last_reason}")
            if (
                not job.last_code
                and not job.note
                and job.state == "waiting"
                and job.attempts == 0
            ):
                return
            self.ahead += max(job.not_before - self.now(), timedelta(0))
        raise RuntimeError(f"{kind} does not come to rest.")

    def is_right(self) -> bool:
        """Salesforce holds exactly what moved, as the file has it."""
        found = {
            (row["SKU__c"], row["Warehouse__c"]): row["Available__c"]
            for row in self.salesforce.records(LEVEL)
        }
        wanted = {
            (f"SKU-{sku}", warehouse.name): self._counts(sku, place)["available"]
            for sku in self.moved_skus
            for place, warehouse in enumerate(self.warehouses)
            if self.is_moved(sku, place)
        }
        return found == wanted
