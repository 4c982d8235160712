"""Availability gets to Salesforce: right, in few calls, and once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.models import SyncJob
from connectors.sandbox.faults import Fault
from connectors.sync import availability_rings, restored
from inventory import stock
from inventory.models import (
    Availability,
    AvailabilityRun,
    Standing,
    StockLevel,
    StockSource,
)
from inventory.records import Counts, StockRecord
from inventory.stock import Reading
from tests.factories.inventory import WarehouseFactory
from tests.town import Town

pytestmark = pytest.mark.every_round

KIND = "ShipSync_Inventory_Level__c"
READERS = (
    *("pull_warehouses", "pull_catalogue", "poll_stock", "pull_stock_snapshot"),
    *("update_availability", "pull_stock"),
)
STEPS = ("create", "upload", "change", "read", "results")


class Stockroom:
    """What readings of stock tell, and what Salesforce shows of it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        # Stock is told by the tests alone: ShipHero's own is not read.
        SyncJob.objects.filter(kind__in=READERS).delete()
        Availability.objects.all().delete()
        StockLevel.objects.all().delete()
        self.warehouse = WarehouseFactory(
            account=town.account, name="Tulsa", remote_legacy_id=99_001
        )
        for poll in ("orders", "shiphero", "shipments"):
            town.setting(f"poll_{poll}_seconds", 86_400)
        town.setting("reconcile_seconds", 86_400)
        town.tick(60)

    def reads(self, **counts: int) -> None:
        self.reads_many({sku.replace("_", "-"): many for sku, many in counts.items()})

    def reads_many(self, counts: dict[str, int]) -> None:
        rows = [
            StockRecord(sku, self.warehouse.remote_id, Counts(many, 0, many))
            for sku, many in counts.items()
        ]
        now = self.town.now()
        reading = Reading(self.town.account, now, StockSource.POLL)
        for start in range(0, len(rows), 500):
            stock.record(reading, rows[start : start + 500], now=now)
        availability_rings.moved(self.town.account, now=now)

    def shown(self) -> dict[str, Any]:
        return {
            row["SKU__c"]: row["Available__c"]
            for row in self.town.salesforce.snapshot(KIND)
            if row["Warehouse__c"] == "Tulsa"
        }

    def row(self, sku: str) -> Availability:
        return Availability.objects.get(sku=sku, warehouse=self.warehouse)

    def reads_products(self) -> None:
        SyncJob.objects.filter(kind="pull_products").update(not_before=self.town.now())
        self.town.tick(1)

    def products(self, count: int) -> dict[str, int]:
        for number in range(count):
            self.town.desk.create_product(f"P-{number}", f"Product {number}", 1.0)
        self.reads_products()
        return {f"P-{number}": number + 1 for number in range(count)}

    def writes(self) -> int:
        return sum(
            entry.outcome == "applied" and entry.detail.get("sobject") == KIND
            for entry in self.town.salesforce.ledger()
        )


@pytest.fixture
def room(town):
    return Stockroom(town)


def push_job(town: Town) -> SyncJob:
    return SyncJob.objects.get(kind="push_availability")


class TestFewRows:
    def test_what_changed_is_written_once_with_its_explanation(self, town, room):
        room.reads(MUG=10, TEE=4)
        town.run(minutes=2, step=20)

        assert room.shown() == {"MUG": 10, "TEE": 4}
        row = next(
            one
            for one in town.salesforce.snapshot(KIND)
            if (one["SKU__c"], one["Warehouse__c"]) == ("MUG", "Tulsa")
        )
        assert row["Product__c"] == town.product("MUG")
        assert row["Warehouse__c"] == "Tulsa"
        assert row["Explanation__c"] == "On hand +10"
        before = room.writes()
        room.reads(MUG=10, TEE=5)
        town.run(minutes=3, step=20)
        assert room.shown() == {"MUG": 10, "TEE": 5}
        assert room.writes() == before + 1

    def test_changes_gather_before_they_are_written(self, town, room):
        town.setting("push_availability_seconds", 3600)
        town.run(minutes=2, step=30)
        before = room.writes()
        for many in range(1, 6):
            room.reads(MUG=many)
            town.tick(2)
        assert room.writes() == before
        town.run(minutes=1, step=5)
        assert room.shown()["MUG"] == 5
        assert room.writes() == before + 1

    @pytest.mark.parametrize(
        ("sku", "standing"),
        [("STRANGE", Standing.NO_PRODUCT), ("TWIN", Standing.AMBIGUOUS)],
    )
    def test_what_no_single_product_stands_for_is_seen_and_not_guessed(
        self, town, room, sku, standing
    ):
        for _ in range(2):
            town.desk.create_product("TWIN", "Twin", 1.0)
        room.reads_products()
        room.reads(**{sku: 3})
        town.run(minutes=2, step=20)

        assert room.shown() == {}
        assert room.row(sku).standing == standing

    def test_a_product_that_comes_later_brings_its_stock(self, town, room):
        room.reads(NEW=3)
        town.run(minutes=2, step=20)
        assert room.shown() == {}
        town.desk.create_product("NEW", "New", 1.0)
        room.reads_products()
        town.run(minutes=1, step=20)
        assert room.shown() == {"NEW": 3}

    def test_none_that_was_never_told_is_not_told_and_later_none_is(self, town, room):
        room.reads(MUG=0, TEE=3)
        town.run(minutes=2, step=20)
        assert room.shown() == {"TEE": 3}
        room.reads(TEE=0)
        town.run(minutes=2, step=20)
        assert room.shown() == {"TEE": 0}

    def test_a_refused_row_keeps_salesforces_words_and_stops_nobody(self, town, room):
        town.salesforce.switches["validation_rules"] = [
            {"sobject": KIND, "field": "SKU__c", "value": "MUG", "message": "No mugs."}
        ]
        room.reads(MUG=1, TEE=2)
        town.run(minutes=5, step=20)

        assert room.shown() == {"TEE": 2}
        row = room.row("MUG")
        assert (row.standing, row.reason) == (
            Standing.REFUSED,
            "Salesforce said: No mugs.",
        )
        town.salesforce.switches["validation_rules"] = []
        room.reads(MUG=5)
        town.run(minutes=2, step=20)
        assert room.shown() == {"MUG": 5, "TEE": 2}

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST])
    def test_a_write_of_unknown_outcome_is_repeated(self, town, room, fault):
        town.salesforce.faults.script("salesforce.composite", fault)
        room.reads(MUG=7)
        town.run(minutes=6, step=20)
        assert room.shown() == {"MUG": 7}

    def test_a_write_that_lands_late_never_has_the_last_word(self, town, room):
        town.salesforce.switches["late_landing"] = 60.0
        room.reads(MUG=7)
        town.salesforce.faults.script("salesforce.composite", Fault.LATE_LANDING)
        town.run(minutes=0.5, step=10)
        room.reads(MUG=8)
        town.run(minutes=5, step=15)
        assert room.shown() == {"MUG": 8}
        assert not Availability.objects.exclude(rewrite_at=None).exists()

    def test_background_work_stands_back_when_calls_are_scarce(self, town, room):
        town.salesforce.switches["daily_limit"] = town.salesforce.calls_used + 2
        room.reads_products()
        room.reads(MUG=7)
        town.run(minutes=2, step=20)
        assert room.shown() == {}
        assert "nearly spent" in push_job(town).note

    def test_an_object_that_is_not_deployed_settles_nothing(
        self, town, room, monkeypatch
    ):
        town.salesforce.switches["hidden_fields"] = [f"{KIND}.Available__c"]
        room.reads(MUG=7, TEE=1)
        town.run(minutes=2, step=20)
        assert set(Availability.objects.values_list("standing", flat=True)) == {
            Standing.NEW
        }
        assert "Available__c" in push_job(town).last_reason
        town.salesforce.switches["hidden_fields"] = []
        town.run(minutes=30, step=60)
        assert room.shown() == {"MUG": 7, "TEE": 1}


class TestLargeWrites:
    @pytest.fixture(autouse=True)
    def _few_are_many(self, town):
        town.setting("availability_bulk_from", 10)
        town.setting("availability_rows_per_job", 14)

    def test_many_rows_go_through_bulk_jobs(self, town, room):
        wanted = room.products(40)
        room.reads_many(wanted)
        town.run(minutes=8, step=20)

        assert room.shown() == wanted
        large = AvailabilityRun.objects.get()
        assert (large.state, large.written, large.refused) == ("done", 40, 0)
        assert not Availability.objects.exclude(run=None).exists()
        before = room.writes()
        town.run(minutes=3, step=30)
        assert room.writes() == before

    def test_more_than_a_person_allowed_waits_with_its_price(self, town, room):
        town.setting("availability_confirm_from", 20)
        wanted = room.products(40)
        room.reads_many(wanted)
        town.run(minutes=3, step=20)

        assert room.shown() == {}
        large = AvailabilityRun.objects.get()
        assert (large.state, large.rows, large.new_rows) == ("proposed", 40, 40)
        assert (large.calls, large.storage_kb) == (21, 80)

        AvailabilityRun.objects.update(state="running")
        town.run(minutes=8, step=20)
        assert room.shown() == wanted

    def test_refused_rows_are_told_by_name(self, town, room):
        town.salesforce.switches["validation_rules"] = [
            {"sobject": KIND, "field": "SKU__c", "value": "P-3", "message": "No."}
        ]
        wanted = room.products(28)
        room.reads_many(wanted)
        town.run(minutes=8, step=20)

        assert room.shown() == {k: v for k, v in wanted.items() if k != "P-3"}
        assert room.row("P-3").reason == "Salesforce said: No."
        large = AvailabilityRun.objects.get()
        assert (large.written, large.refused) == (27, 1)

    @pytest.mark.parametrize(
        ("call", "fault"),
        [
            *((call, Fault.LOST_ANSWER) for call in STEPS),
            ("upload", Fault.LATE_LANDING),
            ("change", Fault.LATE_LANDING),
        ],
    )
    def test_any_step_may_end_unknown(self, town, room, call, fault):
        wanted = room.products(20)
        town.salesforce.switches["validation_rules"] = [
            {"sobject": KIND, "field": "SKU__c", "value": "P-3", "message": "No."}
        ]
        room.reads_many(wanted)
        town.salesforce.faults.script(f"salesforce.bulk_{call}", fault)
        town.run(minutes=8, step=20)
        assert room.shown() == {k: v for k, v in wanted.items() if k != "P-3"}
        assert not Availability.objects.exclude(run=None).exists()

    def test_a_job_given_up_half_way_is_finished_by_another(self, town, room):
        wanted = room.products(30)
        switches = town.salesforce.switches
        switches.update(bulk_batch_rows=5, bulk_fail_after_batches=1)
        room.reads_many(wanted)
        town.run(minutes=2, step=10)
        switches["bulk_fail_after_batches"] = None
        town.run(minutes=12, step=30)
        assert room.shown() == wanted

    def test_a_row_that_moves_while_its_job_runs_is_written_again(self, town, room):
        wanted = room.products(20)
        town.salesforce.switches["bulk_queue_seconds"] = 60.0
        room.reads_many(wanted)
        town.run(minutes=1, step=10)
        room.reads_many({"P-1": 999})
        town.run(minutes=8, step=20)
        assert room.shown() == {**wanted, "P-1": 999}

    def test_a_job_that_was_deleted_there_is_written_again(self, town, room):
        wanted = room.products(20)
        town.salesforce.switches["bulk_queue_seconds"] = 600.0
        room.reads_many(wanted)
        town.run(minutes=1, step=10)
        with town.salesforce.turn():
            town.salesforce.remove(
                "bulk_job", AvailabilityRun.objects.get().remote_job_id
            )
        town.salesforce.switches["bulk_queue_seconds"] = 1.0
        town.run(minutes=10, step=20)
        assert room.shown() == wanted


def test_a_worker_that_lost_its_job_settles_nothing(town, room, monkeypatch):
    room.reads(MUG=7)
    stolen: list[int] = []

    def steal() -> None:
        if not stolen:
            stolen.append(1)
            job = push_job(town)
            SyncJob.objects.filter(pk=job.pk).update(fence=job.fence + 1)

    real = town.salesforce.faults.draw

    def draw(call: str, *rest: Any) -> Any:
        if call == "salesforce.composite":
            steal()
        return real(call, *rest)

    monkeypatch.setattr(town.salesforce.faults, "draw", draw)
    town.tick(20)
    assert room.row("MUG").standing == Standing.NEW
    assert room.row("MUG").rewrite_at > town.now()
    town.clock.advance(timedelta(minutes=6).total_seconds())
    town.run(minutes=5, step=20)
    assert room.shown() == {"MUG": 7}
    assert room.row("MUG").rewrite_at is None


def test_after_a_restore_every_number_is_written_again(town, room):
    room.reads(MUG=7)
    town.run(minutes=1, step=20)
    old = dict(Availability.objects.values().get(pk=room.row("MUG").pk))
    room.reads(MUG=8)
    town.run(minutes=1, step=20)
    Availability.objects.filter(pk=old["id"]).update(**old)
    assert room.shown() == {"MUG": 8}

    restored.after_restore(account=town.account, now=town.now())
    availability_rings.moved(town.account, now=town.now())
    town.run(minutes=1, step=20)
    assert room.shown() == {"MUG": 7}
