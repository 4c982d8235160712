"""The snapshot flow, its file in both layouts, and stock that rings."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import requests

from connectors.sandbox.shiphero import judge, snapshots
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.wire import InProcessAdapter
from tests.unit.connectors.sandbox.shiphero.conftest import Remote

GENERATE = """
mutation ($data: InventoryGenerateSnapshotInput!) {
  inventory_generate_snapshot(data: $data) {
    complexity
    snapshot { snapshot_id status snapshot_url warehouse_id }
  }
}
"""
LOOK = """
query ($id: String!) {
  inventory_snapshot(snapshot_id: $id) {
    snapshot { snapshot_id status error snapshot_url snapshot_expiration }
  }
}
"""
ABORT = """
mutation ($data: InventoryAbortSnapshotInput!) {
  inventory_abort_snapshot(data: $data) { snapshot { status error } }
}
"""
LIST = """
query ($status: String) {
  inventory_snapshots(status: $status) {
    snapshots(first: 10) { edges { node { snapshot_id status } } }
  }
}
"""


@pytest.fixture
def remote(remote: Remote) -> Remote:
    remote.world.seed_warehouse("Annex")
    remote.world.seed_product("MUG", on_hand={"Primary": 10, "Annex": 4}, cases=[12])
    remote.world.seed_product("SET", components={"MUG": 2}, kit_build=True)
    return remote


def generate(remote: Remote, **data: Any) -> str:
    found = remote.ask(GENERATE, data=data)["data"]["inventory_generate_snapshot"]
    assert found["snapshot"]["status"] == "pending"
    assert found["snapshot"]["snapshot_url"] is None
    return str(found["snapshot"]["snapshot_id"])


def look(remote: Remote, snapshot_id: str) -> dict[str, Any]:
    data = remote.ask(LOOK, id=snapshot_id)["data"]
    found: dict[str, Any] = data["inventory_snapshot"]["snapshot"]
    return found


def pass_time(remote: Remote, seconds: float) -> None:
    remote.world.clock.advance(seconds)
    remote.world.run_due()


def download(remote: Remote, url: str) -> requests.Response:
    session = requests.Session()
    session.mount("https://", InProcessAdapter(ShipHeroSandbox(remote.world).app))
    return session.get(url)


def made(remote: Remote, **data: Any) -> dict[str, Any]:
    snapshot_id = generate(remote, **data)
    pass_time(remote, 61)
    return look(remote, snapshot_id)


class TestFlow:
    def test_it_takes_its_time_and_then_has_a_url_for_a_day(self, remote):
        snapshot_id = generate(remote)
        seen = []
        for _ in range(3):
            pass_time(remote, 20)
            seen.append(look(remote, snapshot_id)["status"])
        assert seen == ["enqueued", "processing", "success"]
        url = look(remote, snapshot_id)["snapshot_url"]
        assert download(remote, url).status_code == 200
        assert download(remote, url.split("?")[0]).status_code == 404
        pass_time(remote, 86_401)
        assert download(remote, url).status_code == 403

    @pytest.mark.parametrize("outcome", ["error", "aborted"])
    def test_it_may_end_otherwise(self, remote, outcome):
        remote.world.set_switches({"snapshot_outcome": outcome})
        found = made(remote)
        assert (found["status"], found["snapshot_url"]) == (outcome, None)
        assert found["error"]

    def test_it_may_never_end(self, remote):
        remote.world.set_switches({"snapshot_outcome": "stuck"})
        assert made(remote)["status"] == "processing"

    def test_it_can_be_aborted_once(self, remote):
        snapshot_id = generate(remote)
        data = {"snapshot_id": snapshot_id, "reason": "Not wanted"}
        found = remote.ask(ABORT, data=data)["data"]["inventory_abort_snapshot"]
        assert found["snapshot"] == {"status": "aborted", "error": "Not wanted"}
        assert "errors" in remote.ask(ABORT, data=data)
        pass_time(remote, 61)
        assert look(remote, snapshot_id)["status"] == "aborted"

    def test_the_list_knows_words_and_what_they_are_not(self, remote):
        first = generate(remote)
        pass_time(remote, 61)
        second = generate(remote)

        def listed(status: str) -> list[str]:
            data = remote.ask(LIST, status=status)["data"]["inventory_snapshots"]
            return [row["node"]["snapshot_id"] for row in data["snapshots"]["edges"]]

        assert listed("success,error") == [first]
        assert listed("!success") == [second]

    def test_an_unknown_one_is_an_error(self, remote):
        assert "errors" in remote.ask(LOOK, id="beef")


class TestFile:
    def content(self, remote: Remote, **data: Any) -> dict[str, Any]:
        found: dict[str, Any] = download(
            remote, made(remote, **data)["snapshot_url"]
        ).json()
        return found

    def test_the_new_layout_has_a_level_of_accounts_and_more_keys(self, remote):
        account = remote.world.account["id"]
        mug = self.content(remote)["products"][account]["MUG"]
        primary = remote.world.warehouse_named("Primary")["id"]
        counts = mug["warehouse_products"][primary]
        assert {"barcode", "dimensions", "thumbnail", "large_thumbnail"} < set(mug)
        assert (counts["on_hand"], counts["sell_ahead"], counts["qty_in_totes"]) == (
            10,
            0,
            0,
        )

    def test_the_old_layout_has_the_skus_at_once(self, remote):
        remote.world.set_switches({"snapshot_layout": "old"})
        mug = self.content(remote)["products"]["MUG"]
        assert set(mug) == {"sku", "account_id", "vendors", "warehouse_products"}
        assert all(
            "sell_ahead" not in row for row in mug["warehouse_products"].values()
        )

    def test_it_may_be_of_one_warehouse_or_leave_things_out(self, remote):
        annex = remote.world.warehouse_named("Annex")["id"]
        account = remote.world.account["id"]
        products = self.content(remote, warehouse_id=annex)["products"][account]
        assert set(products["MUG"]["warehouse_products"]) == {annex}
        remote.world.set_switches({"snapshot_omits": ["SET", "Primary"]})
        products = self.content(remote)["products"][account]
        assert list(products) == ["MUG"]
        assert set(products["MUG"]["warehouse_products"]) == {annex}

    def test_it_may_be_compressed_and_it_may_be_damaged(self, remote):
        url = made(remote)["snapshot_url"]
        remote.world.set_switches({"snapshot_gzip": True})
        assert "products" in download(remote, url).json()
        remote.world.set_switches(
            {"snapshot_gzip": False, "snapshot_damage": "truncated"}
        )
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(download(remote, url).content)
        remote.world.set_switches({"snapshot_damage": "html"})
        assert b"<html>" in download(remote, url).content

    def test_a_bomb_is_small_on_the_wire(self, remote):
        remote.world.set_switches({"snapshot_damage": "bomb"})
        document = remote.world.get("inventory_snapshot", made(remote)["snapshot_id"])
        answer = snapshots.serve(
            remote.world,
            f"/snapshots/{document['snapshot_id']}.json",
            document["token"],
        )
        assert len(answer.body) < 1_000_000
        assert len(gzip.decompress(answer.body)) > snapshots.BOMB_BYTES


class TestStockroom:
    @pytest.fixture
    def hooked(self, remote, receiver):
        for name in ("Inventory Update", "Inventory Change"):
            with remote.world.turn():
                remote.world.registrations.register(
                    {"name": name, "url": "https://x", "shop_name": "s"}
                )
        return remote

    def test_a_count_rings_twice_and_says_why(self, hooked, receiver):
        hooked.world.stockroom.count("MUG", "Primary", 7, reason="Found less")
        pass_time(hooked, 5)
        change = receiver.of("Inventory Change")[0]
        assert (change["quantity"], change["previous_on_hand"]) == (-3, 10)
        assert change["reason"] == "Found less"
        update = receiver.of("Inventory Update")[0]["inventory"][0]
        assert update["updated_warehouse"]["on_hand"] == "7"
        assert update["on_hand"] == "11"
        assert update["virtual"] is False

    def test_a_bucket_set_by_hand_rings_once(self, hooked, receiver):
        hooked.world.stockroom.set_buckets("MUG", "Annex", reserve_inventory=3)
        pass_time(hooked, 5)
        assert len(receiver.taken) == 1
        truth = judge.stock(hooked.world)
        annex = hooked.world.warehouse_named("Annex")["id"]
        assert truth["MUG", annex]["reserve_inventory"] == 3

    def test_products_are_edited_with_recipe_and_cases(self, remote):
        remote.world.stockroom.edit_product(
            "MUG", cases=[6, 24], barcode="123", needs_serial_number=True
        )
        ask = """query { product(sku: "MUG") { data {
            barcode needs_serial_number cases { case_quantity case_barcode } } } }"""
        found = remote.ask(ask)["data"]["product"]["data"]
        assert [case["case_quantity"] for case in found["cases"]] == [6, 24]
        assert (found["barcode"], found["needs_serial_number"]) == ("123", True)

    def test_allocating_may_leave_the_time_of_the_row_alone(self, remote):
        remote.world.set_switches({"stock_touch": "on_hand"})
        primary = remote.world.warehouse_named("Primary")["id"]
        before = judge.stock(remote.world)["MUG", primary]["updated_at"]
        remote.create("A-1", line_items=[line("MUG")])
        pass_time(remote, 30)
        after = judge.stock(remote.world)["MUG", primary]
        assert after["allocated"] == 1
        assert after["updated_at"] == before


def line(sku: str) -> dict[str, Any]:
    return {
        "sku": sku,
        "partner_line_item_id": "L1",
        "quantity": 1,
        "price": "1.00",
        "product_name": sku,
    }
