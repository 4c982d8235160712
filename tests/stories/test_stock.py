"""Stock as ShipHero has it, by rings, polls and snapshots; the sandbox is the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.models import SyncJob, WebhookDelivery
from connectors.sandbox.shiphero import ids, judge, snapshots
from connectors.sync import spool
from connectors.sync.rings import Ring, ring
from inventory.models import (
    Availability,
    DiscrepancyKind,
    Product,
    SnapshotState,
    StockDiscrepancy,
    StockLevel,
    StockMovement,
    StockSnapshot,
    Warehouse,
)
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)

BUCKETS = {
    "on_hand": "on_hand",
    "allocated": "allocated",
    "reserve": "reserve_inventory",
    "sell_ahead": "sell_ahead",
    "non_sellable": "non_sellable_quantity",
    "in_tote": "in_tote",
}


def truth(town: Town) -> dict[tuple[str, str], dict[str, int]]:
    return {
        place: {ours: row[theirs] for ours, theirs in BUCKETS.items()}
        for place, row in judge.stock(town.shiphero).items()
    }


def ours() -> dict[tuple[str, str], dict[str, int]]:
    return {
        (level.sku, level.warehouse.remote_id): {
            name: getattr(level, name) for name in BUCKETS
        }
        for level in StockLevel.objects.select_related("warehouse")
    }


def snapshot(town: Town) -> StockSnapshot:
    """Ask for one now and live until it ends."""
    ask(town)
    for _ in range(30):
        town.tick(15)
        found = StockSnapshot.objects.order_by("-pk").first()
        if found is not None and not found.is_open:
            return found
    raise AssertionError(town.waiting())


NASTY = ("two words", """it's "so" it is""", "☕️🎄", "x" * 200)
NOWHERE = ids.encode("Warehouse", 99_999)


def spoiled(whole: Callable[..., Any]) -> Callable[..., Any]:
    """The file with rows that nobody can believe, and a warehouse nobody knows."""

    def content(world: Any, document: Any) -> Any:
        made = whole(world, document)
        (products,) = made["products"].values()
        ((primary, counts),) = products["MUG"]["warehouse_products"].items()
        for sku, told in (("BELOW", -3), ("HUGE", 2**40), ("WORDS", "lots")):
            rows = {primary: {**counts, "on_hand": told, "available": 0}}
            products[sku] = {**products["MUG"], "sku": sku, "warehouse_products": rows}
        lost = {**counts, "on_hand": 5}
        products["MUG"]["warehouse_products"] = {primary: counts, NOWHERE: lost}
        return made

    return content


def ask(town: Town) -> None:
    ring(
        Ring(
            kind="pull_stock_snapshot",
            subject="all",
            account_id=town.account.pk,
            trigger="person",
            reopens=True,
            hurries=True,
        ),
        now=town.now(),
    )


@pytest.fixture
def town(monkeypatch):
    town = Town(monkeypatch, settle=False)
    town.shiphero.seed_warehouse("Annex")
    town.shiphero.seed_product("MUG", on_hand={"Primary": 10, "Annex": 4})
    return town


@pytest.fixture
def full(town):
    """A town whose first snapshot has been read."""
    assert snapshot(town).state == SnapshotState.APPLIED
    return town


class TestFirstDay:
    def test_everything_is_known_after_the_first_snapshot(self, full):
        assert ours() == truth(full)
        assert {row.name for row in Warehouse.objects.all()} == {"Primary", "Annex"}
        assert not Product.objects.filter(read_at=None).exists()
        assert Warehouse.objects.filter(stock_read_at=None).count() == 0
        assert not StockDiscrepancy.objects.exists()

    def test_a_second_one_finds_nothing_to_say(self, full):
        found = snapshot(full)
        assert (found.rows, found.changed, found.missed) == (4, 0, 0)
        assert not StockMovement.objects.exists()

    @pytest.mark.parametrize(
        "switches", [{"snapshot_layout": "old"}, {"snapshot_gzip": True}]
    )
    def test_any_layout_tells_the_same(self, town, switches):
        town.shiphero.set_switches(switches)
        found = snapshot(town)
        assert found.state == SnapshotState.APPLIED
        town.tick(120)
        assert ours() == truth(town)


class TestBadDays:
    @pytest.mark.parametrize(
        ("switches", "state", "words"),
        [
            ({"snapshot_outcome": "error"}, "failed", "could not be generated"),
            ({"snapshot_outcome": "aborted"}, "aborted", "could not be generated"),
            ({"snapshot_damage": "truncated"}, "failed", "ends in the middle"),
            ({"snapshot_damage": "bomb"}, "failed", "larger than any stock list"),
            ({"snapshot_damage": "html"}, "failed", "no stock list"),
            ({"snapshot_url_life": -60.0}, "expired", "could be read until"),
        ],
    )
    def test_a_snapshot_that_cannot_be_used_says_why_and_changes_nothing(
        self, full, switches, state, words
    ):
        before = ours()
        full.shiphero.set_switches(switches)
        full.shiphero.seed_product("MUG", on_hand={"Primary": 1})
        ask(full)
        for _ in range(10):
            full.tick(300)
            found = StockSnapshot.objects.order_by("pk")[1]
            if not found.is_open:
                break
        assert found.state == state
        assert words in found.error
        assert found.rows == 0
        assert before.keys() == ours().keys()

    def test_one_that_never_ends_is_given_up_and_aborted(self, full):
        full.setting("snapshot_patience_seconds", 120)
        full.shiphero.set_switches({"snapshot_outcome": "stuck"})
        found = snapshot(full)
        assert found.state == SnapshotState.FAILED
        assert "did not finish" in found.error
        there = full.shiphero.get("inventory_snapshot", found.remote_id)
        assert there["status"] == "aborted"

    def test_after_a_bad_one_the_next_is_good(self, full):
        full.shiphero.set_switches({"snapshot_outcome": "error"})
        assert snapshot(full).state == SnapshotState.FAILED
        full.shiphero.set_switches({"snapshot_outcome": "success"})
        assert snapshot(full).state == SnapshotState.APPLIED

    def test_absent_is_not_zero(self, full):
        full.run(minutes=12, step=240)
        full.shiphero.set_switches({"snapshot_omits": ["MUG", "Annex"]})
        found = snapshot(full)
        assert found.state == SnapshotState.APPLIED
        assert ours() == truth(full)
        kinds = dict(StockDiscrepancy.objects.values_list("kind", "detail"))
        assert "no row of this warehouse" in kinds[DiscrepancyKind.MISSING_WAREHOUSE]
        full.tick(10)
        absent = StockDiscrepancy.objects.get(kind=DiscrepancyKind.ABSENT)
        assert (absent.sku, absent.closed_how) == ("MUG", "A later reading told it.")

    def test_one_file_with_everything_wrong_in_it_stops_nothing_else(
        self, full, monkeypatch
    ):
        """Good rows are taken, bad ones shown, and what is left out keeps its count."""
        for sku in NASTY:
            full.shiphero.seed_product(sku, on_hand={"Primary": 6})
        full.run(minutes=12, step=240)
        full.shiphero.seed_product("MUG", on_hand={"Primary": 11})
        full.shiphero.set_switches({"snapshot_omits": ["Annex", "CAP"]})
        monkeypatch.setattr(snapshots, "content", spoiled(snapshots.content))
        held = ours()
        found = snapshot(full)

        assert (found.state, found.odd) == (SnapshotState.APPLIED, 2)
        (primary,) = {place for sku, place in held if sku == "CAP"}
        now_held = ours()
        assert {place: now_held.get(place) for place in held} == {
            **held,
            ("MUG", primary): {**held["MUG", primary], "on_hand": 11},
        }
        assert now_held["BELOW", primary]["on_hand"] == -3
        assert now_held["MUG", NOWHERE]["on_hand"] == 5
        rows = StockDiscrepancy.objects.filter(snapshot=found)
        assert set(rows.values_list("kind", "sku")) >= {
            (DiscrepancyKind.ABSENT, "CAP"),
            (DiscrepancyKind.NEGATIVE, "BELOW"),
            (DiscrepancyKind.UNBELIEVED, "HUGE"),
            (DiscrepancyKind.UNBELIEVED, "WORDS"),
            (DiscrepancyKind.MISSING_WAREHOUSE, ""),
        }
        unknown = StockDiscrepancy.objects.get(kind=DiscrepancyKind.UNKNOWN_WAREHOUSE)
        assert unknown.warehouse.remote_id == NOWHERE
        assert not unknown.warehouse.availabilities.exists()

    def test_a_file_that_is_gone_is_fetched_again(self, full):
        """Another host takes over in the middle: it fetches the file again."""
        ask(full)
        for _ in range(30):
            full.clock.advance(5)
            full.shiphero.run_due()
            found = StockSnapshot.objects.order_by("-pk").first()
            if found.state == SnapshotState.READY:
                break
            full.work()
        full.work()
        spool.remove(found.pk)
        full.run(minutes=1)
        found.refresh_from_db()
        assert found.state == SnapshotState.APPLIED


class TestRings:
    @pytest.fixture
    def hooked(self, full, settings):
        settings.SHIPSYNC_BASE_URL = "https://ops.example"
        ring(
            Ring(
                kind="register_webhooks",
                subject="all",
                account_id=full.account.pk,
                reopens=True,
                hurries=True,
            ),
            now=full.now(),
        )
        full.tick(1)
        return full

    def test_r5_a_count_is_here_seconds_after_it_was_made(self, hooked):
        hooked.shiphero.stockroom.count("MUG", "Primary", 7, reason="Cycle count")
        for _ in range(4):
            hooked.tick(3)
        assert ours()[mug(hooked)]["on_hand"] == 7
        assert (
            Availability.objects.get(sku="MUG", warehouse__name="Primary").quantity == 7
        )
        told = StockMovement.objects.get(told_by="event")
        assert (told.delta, told.before, told.after) == (-3, 10, 7)
        assert (told.reason, told.reason_text) == ("count", "Cycle count")
        read = StockMovement.objects.get(told_by="read")
        assert (read.before, read.after) == (10, 7)

    def test_two_identical_messages_are_two_rings(self, hooked):
        hooked.shiphero.stockroom.count("MUG", "Primary", 7)
        for _ in range(4):
            hooked.tick(3)
        job = SyncJob.objects.get(kind="pull_stock")
        before = job.wanted_version
        hooked.shiphero.stockroom.set_buckets("MUG", "Annex", in_tote=0)
        hooked.shiphero.stockroom.set_buckets("MUG", "Annex", in_tote=0)
        hooked.tick(3)
        bodies = WebhookDelivery.objects.filter(type_name="Inventory Update")
        assert bodies.values("digest").distinct().count() < bodies.count()
        job.refresh_from_db()
        assert job.wanted_version == before + 2

    def test_an_sku_that_nobody_has_read_is_read_with_its_product(self, hooked):
        hooked.shiphero.seed_product("NEW", "Novelty", {"Primary": 5})
        hooked.shiphero.stockroom.count("NEW", "Primary", 6)
        for _ in range(4):
            hooked.tick(3)
        assert Product.objects.get(sku="NEW").name == "Novelty"
        assert ours() == truth(hooked)


class TestPolls:
    def test_what_messages_lost_is_polled(self, full):
        full.shiphero.stockroom.count("MUG", "Annex", 1)
        full.run(minutes=3, step=30)
        assert ours() == truth(full)

    def test_what_neither_told_the_snapshot_finds_and_names(self, full):
        full.shiphero.set_switches({"stock_touch": "on_hand"})
        full.run(minutes=12, step=120)
        with full.shiphero.turn():
            place = full.shiphero.warehouse_named("Annex")["id"]
            row = full.shiphero.get(
                "stock", f"{full.shiphero.account['id']}:MUG:{place}"
            )
            row["allocated"] = 2
            full.shiphero.put("stock", row["key"], row)
        found = snapshot(full)
        assert found.missed == 1
        missed = StockDiscrepancy.objects.get(kind=DiscrepancyKind.MISSED)
        assert (missed.sku, missed.bucket, missed.ours, missed.theirs) == (
            "MUG",
            "allocated",
            0,
            2,
        )
        assert missed.ours_read_at is not None
        assert missed.found_at - missed.ours_read_at > timedelta(minutes=1)
        assert ours() == truth(full)

    def test_r9_stock_by_warehouse_follows_an_order_that_ships(self, full):
        full.order(("MUG", 3))
        full.run(minutes=6, step=20)
        quantities = Availability.objects.filter(sku="MUG").values_list(
            "quantity", flat=True
        )
        assert sorted(quantities) == [4, 7]
        assert ours()[mug(full)]["on_hand"] == 7
        there = {
            full.shiphero.warehouse_for(place)["identifier"]: row
            for (sku, place), row in truth(full).items()
            if sku == "MUG"
        }
        assert told(full, "MUG") == {
            name: (row["on_hand"], row["on_hand"], row["allocated"])
            for name, row in there.items()
        }

    def test_r10_a_kit_is_promised_by_the_recipe_as_it_was_read_last(self, full):
        full.shiphero.seed_product("SET", components={"MUG": 2})
        full.run(minutes=11, step=220)
        kits = Availability.objects.get(sku="SET", warehouse__name="Primary")
        assert kits.quantity == 5
        full.shiphero.stockroom.edit_product("SET", components={"MUG": 5})
        full.run(minutes=11, step=220)
        kits.refresh_from_db()
        assert kits.quantity == 2


def told(town: Town, sku: str) -> dict[str, tuple[float, ...]]:
    """What Salesforce shows by warehouse: available, on hand, allocated."""
    names = ("Available__c", "On_Hand__c", "Allocated__c")
    return {
        row["Warehouse__c"]: tuple(row[name] for name in names)
        for row in town.salesforce.snapshot("ShipSync_Inventory_Level__c")
        if row["SKU__c"] == sku
    }


def mug(town: Town) -> tuple[str, str]:
    return "MUG", town.shiphero.warehouse_named("Primary")["id"]
