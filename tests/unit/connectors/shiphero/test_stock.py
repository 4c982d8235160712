"""Stock through the client on the sandbox, and messages about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import RejectedError, TransientError
from connectors.sandbox.faults import Fault
from connectors.shiphero.stock_events import read_stock_event
from connectors.shiphero.stock_mapping import product_from, stock_from
from connectors.shiphero.values import global_id
from inventory.records import CaseRecord, KitPart, OddRow, SnapshotTicket, StockEvent
from orders.records import MISSING
from tests.unit.connectors.shiphero.conftest import NOW

MOST = 10**8


@pytest.fixture
def stock(world, client):
    world.seed_warehouse("Annex")
    world.seed_product("MUG", "Mug", on_hand={"Primary": 10, "Annex": 4}, cases=[6, 12])
    world.seed_product("SET", "Set", components={"MUG": 2}, kit_build=True)
    return client.stock


def later(world, seconds):
    world.clock.advance(seconds)
    world.run_due()


class TestReading:
    def test_warehouses_come_with_their_addresses(self, stock):
        primary, annex = stock.warehouses()
        assert (primary.name, annex.name) == ("Primary", "Annex")
        assert (primary.city, primary.country) == ("Louisville", "US")
        assert primary.remote_id == global_id("Warehouse", primary.remote_legacy_id)

    def test_a_product_has_its_recipe_and_cases(self, stock):
        mug, kit = stock.product("MUG"), stock.product("SET")
        assert [case.units for case in mug.cases] == [6, 12]
        assert (mug.is_kit, mug.components) == (False, ())
        assert (kit.is_kit, kit.is_built) == (True, True)
        assert kit.components == (KitPart("MUG", 2),)
        assert stock.product("NONE") is None

    def test_all_products_come_page_by_page(self, world, stock):
        for number in range(120):
            world.seed_product(f"P-{number:03}")
        first, after = stock.product_page()
        rest, end = stock.product_page(after)
        assert (len(first), len(rest), end) == (100, 24, "")
        assert len({record.sku for record in first + rest}) == 124

    def test_counts_of_a_sku_in_every_warehouse(self, world, stock):
        world.stockroom.set_buckets(
            "MUG", "Annex", reserve_inventory=1, sell_ahead=2, in_tote=3
        )
        rows = {row.warehouse_remote_id: row.counts for row in stock.stock_of("MUG")}
        annex = rows[world.warehouse_named("Annex")["id"]]
        assert (annex.on_hand, annex.available) == (4, 5)
        assert (annex.reserve, annex.sell_ahead, annex.in_tote) == (1, 2, 3)

    def test_only_what_moved_in_the_window(self, world, stock):
        later(world, 600)
        world.stockroom.count("MUG", "Primary", 7)
        since = world.clock.now() - timedelta(seconds=5)
        pages = list(stock.stock_updated(since, world.clock.now()))
        assert [(row.sku, row.counts.on_hand) for page in pages for row in page] == [
            ("MUG", 7)
        ]


class TestSnapshot:
    def done(self, world, stock):
        ticket = stock.ask_for_snapshot()
        assert (ticket.status, ticket.url) == ("pending", "")
        later(world, 61)
        return stock.snapshot(ticket.remote_id)

    def test_it_is_asked_for_looked_at_and_saved(self, world, stock, tmp_path):
        ticket = self.done(world, stock)
        assert ticket.status == "success"
        assert ticket.expires_at == NOW + timedelta(seconds=61 + 86_400)
        size = stock.download(ticket, tmp_path / "file", most=MOST)
        assert (tmp_path / "file").stat().st_size == size > 100

    def test_the_log_names_the_call_and_never_the_url(
        self, world, stock, client, tmp_path
    ):
        ticket = self.done(world, stock)
        stock.download(ticket, tmp_path / "file", most=MOST)
        told = client.exchanges[-1]
        assert told.operation == "shiphero.snapshot_file"
        assert "token" not in str(told)

    def test_an_expired_one_says_so(self, world, stock, tmp_path):
        ticket = self.done(world, stock)
        later(world, 86_401)
        with pytest.raises(RejectedError) as caught:
            stock.download(ticket, tmp_path / "file", most=MOST)
        assert caught.value.code == "stock.url_expired"

    def test_one_too_large_is_not_read_to_its_end(self, world, stock, tmp_path):
        ticket = self.done(world, stock)
        with pytest.raises(RejectedError) as caught:
            stock.download(ticket, tmp_path / "file", most=100)
        assert caught.value.code == "stock.file_too_large"

    @pytest.mark.parametrize(
        "fault", [Fault.SERVER_ERROR, Fault.LOST_ANSWER, Fault.REFUSED]
    )
    def test_a_server_that_is_away_is_tried_again(self, world, stock, tmp_path, fault):
        ticket = self.done(world, stock)
        world.faults.script("shiphero.snapshot_file", fault)
        with pytest.raises(TransientError):
            stock.download(ticket, tmp_path / "file", most=MOST)
        assert stock.download(ticket, tmp_path / "file", most=MOST)

    @pytest.mark.parametrize("url", ["http://elsewhere/x", "file:///etc/passwd"])
    def test_only_secure_addresses_are_read(self, stock, tmp_path, url):
        ticket = SnapshotTicket("a1", "success", url)
        with pytest.raises(RejectedError) as caught:
            stock.download(ticket, tmp_path / "file", most=MOST)
        assert caught.value.code == "stock.bad_url"

    def test_it_can_be_aborted(self, world, stock):
        ticket = stock.ask_for_snapshot()
        stock.abort_snapshot(ticket.remote_id, "Not wanted")
        assert stock.snapshot(ticket.remote_id).status == "aborted"


class TestMapping:
    def test_a_recipe_that_is_not_told_is_missing_and_not_empty(self):
        assert product_from({"sku": "A"}).components is MISSING
        assert product_from({"sku": "A", "kit_components": []}).components == ()
        half = [{"sku": "B", "quantity": None}]
        assert product_from({"sku": "A", "kit_components": half}).components is MISSING

    def test_cases_without_a_size_are_left_out(self):
        rows = [{"case_quantity": 0}, {"case_quantity": 6, "case_barcode": "C6"}]
        assert product_from({"cases": rows}).cases == (CaseRecord(6, "C6"),)

    @pytest.mark.parametrize(
        "node",
        [
            {"sku": "A", "warehouse_id": "w"},
            {"sku": "", "warehouse_id": "w", "on_hand": 1},
            {"sku": "A", "on_hand": 1},
            {"sku": "x" * 300, "warehouse_id": "w", "on_hand": 1},
        ],
    )
    def test_a_row_without_name_place_or_count_is_odd(self, node):
        assert isinstance(stock_from(node), OddRow)


class TestMessages:
    UPDATE = {
        "webhook_type": "Inventory Update",
        "inventory": [
            {
                "sku": "MUG",
                "on_hand": "7",
                "updated_warehouse": {"warehouse_id": 11790, "on_hand": "3"},
            },
            {"sku": "TEE", "on_hand": "7"},
        ],
    }

    def test_an_update_names_skus_and_places_and_no_counts(self):
        found = read_stock_event(self.UPDATE, type_name="Inventory Update")
        place = global_id("Warehouse", 11790)
        assert found == StockEvent(places=(("MUG", place), ("TEE", "")))

    def test_a_change_says_what_happened(self):
        body = {
            "sku": "MUG",
            "warehouse_id": 11790,
            "warehouse_uuid": "V2g=",
            "quantity": -3,
            "previous_on_hand": 10,
            "reason": "Found less",
            "source": "manual",
            "timestamp": "2026-11-22 12:00:00",
        }
        found = read_stock_event(body, type_name="Inventory Change")
        assert found.places == (("MUG", "V2g="),)
        assert (found.delta, found.before, found.reason) == (-3, 10, "Found less")
        assert found.occurred_at == NOW

    def test_of_an_order_it_says_nothing(self):
        assert read_stock_event({"sku": "MUG"}, type_name="Order Allocated") is None

    @pytest.mark.parametrize("body", [None, [], {}, {"inventory": "x"}, {"sku": {}}])
    def test_nothing_named_is_no_place(self, body):
        found = read_stock_event(body, type_name="Inventory Update")
        assert found.places == ()
