"""Inventory levels through collections and Bulk jobs, in front of the sandbox."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from connectors.errors import RejectedError, TransientError
from connectors.salesforce.levels import MOST_BYTES, BulkFile
from connectors.salesforce.writeback import WritebackFields
from connectors.sandbox.faults import Fault
from connectors.sandbox.wire import Response
from inventory.levels import LevelWriteback, level_key
from inventory.records import Counts
from tests.unit.connectors.salesforce.conftest import NOW

KIND = "ShipSync_Inventory_Level__c"
KEY = "ShipSync_Key__c"


def level(sku: str = "A-1", available: int = 5, **more: Any) -> LevelWriteback:
    values: dict[str, Any] = {
        "key": level_key("ACM", "12", sku),
        "sku": sku,
        "warehouse": "Tulsa",
        "available": available,
        "as_of": NOW,
        "counts": Counts(on_hand=available + 2, allocated=2, available=available),
        "explanation": f"On hand +{available + 2}, Allocated to orders -2",
        **more,
    }
    return LevelWriteback(**values)


@pytest.fixture
def stock(client):
    return client.inventory()


def file_of(levels: list[LevelWriteback], most: int = MOST_BYTES) -> BulkFile:
    file = BulkFile(WritebackFields(), most_bytes=most)
    for one in levels:
        if not file.add(one):
            break
    return file


def stored(world: Any) -> dict[str, Any]:
    return {row["SKU__c"]: row for row in world.snapshot(KIND)}


def work_off(world: Any, clock: Any, times: int = 3) -> None:
    for _ in range(times):
        clock.advance(5)
        world.run_due()


def bulk(stock: Any, levels: list[LevelWriteback]) -> str:
    job_id = stock.begin()
    stock.fill(job_id, file_of(levels))
    stock.start(job_id)
    return job_id


@pytest.fixture(params=["collections", "bulk"])
def write(request, stock, world, clock):
    """Both ways, which must leave the same behind."""

    def through(*levels: LevelWriteback) -> dict[str, Any]:
        if request.param == "collections":
            return {one.row_id: one.error for one in stock.write(levels)}
        job_id = bulk(stock, list(levels))
        work_off(world, clock)
        assert stock.look(job_id).has_ended
        errors = stock.refused(job_id)
        return {one.key: errors.get(one.key) for one in levels}

    return through


class TestBothWays:
    def test_a_level_arrives_whole(self, write, world, desk):
        product = desk.create_product("C-1", "Gamma", 1)
        assert set(write(level("C-1", 7, product_id=product)).values()) == {None}

        row = stored(world)["C-1"]
        assert (row["Available__c"], row["On_Hand__c"], row["Allocated__c"]) == (
            7,
            9,
            2,
        )
        assert row["Reserve__c"] is None
        assert row["Product__c"] == product
        assert row["Warehouse__c"] == "Tulsa"
        assert row["As_Of__c"].startswith("2026-01-05T09:00:00")
        assert row["Explanation__c"] == "On hand +9, Allocated to orders -2"

    def test_a_repeat_changes_the_same_row_and_empties_what_is_empty(
        self, write, world
    ):
        write(level("A-1", 7, brand="North"))
        write(level("A-1", 3))

        assert len(world.snapshot(KIND)) == 1
        row = stored(world)["A-1"]
        assert (row["Available__c"], row["Brand__c"]) == (3, None)

    @pytest.mark.parametrize(
        "sku", ["with space", 'quo"te', "com,ma", "🎁 gift", "x" * 200, "line\nbreak"]
    )
    def test_any_sku_goes_through(self, write, world, sku):
        assert set(write(level(sku, 1)).values()) == {None}
        assert stored(world)[sku]["Available__c"] == 1

    def test_a_refused_row_stops_nobody_and_keeps_salesforces_words(self, write, world):
        world.switches["validation_rules"] = [
            {
                "sobject": KIND,
                "field": "SKU__c",
                "value": "B-1",
                "message": "No such: B, sorry.",
            }
        ]
        errors = write(level("A-1"), level("B-1"), level("C-1"))

        assert set(stored(world)) == {"A-1", "C-1"}
        (error,) = [one for one in errors.values() if one is not None]
        assert isinstance(error, RejectedError)
        assert error.reason == "Salesforce said: No such: B, sorry."
        assert error.field == "SKU__c"
        assert errors[level("B-1").key] is error

    def test_counts_can_be_left_out(self, write, world):
        write(level("A-1", 4, counts=None))
        assert stored(world)["A-1"]["On_Hand__c"] is None

    def test_negative_and_huge_counts_are_written_as_they_are(self, write, world):
        counts = Counts(on_hand=-5, allocated=2**40)
        write(level("A-1", 0, counts=counts))
        assert stored(world)["A-1"]["On_Hand__c"] == -5
        assert stored(world)["A-1"]["Allocated__c"] == 2**40


class TestCollections:
    def test_a_thousand_rows_are_one_call(self, stock, client, world):
        client.limits()
        before = world.calls_used
        results = stock.write([level(f"S-{n}") for n in range(1001)])
        assert all(one.ok for one in results)
        assert world.calls_used - before == 2

    def test_a_call_of_unknown_outcome_says_so_for_its_rows_alone(self, stock, world):
        levels = [level(f"S-{n}") for n in range(1001)]
        stock.write(levels[:1])
        world.faults.script("salesforce.composite", Fault.LOST_ANSWER)
        results = stock.write(levels)
        assert {one.error.outcome_unknown for one in results} == {True}
        assert len(stored(world)) == 1000

    def test_a_locked_row_is_tried_again_alone(self, stock, world):
        stock.write([level("A-1"), level("B-1")])
        row_id = stored(world)["A-1"]["Id"]
        world.switches["lock_always"] = [row_id]
        first, second = stock.write([level("A-1", 1), level("B-1", 1)])
        assert isinstance(first.error, TransientError)
        assert second.ok


class TestBulk:
    def test_five_thousand_rows_are_a_handful_of_calls(
        self, stock, client, world, clock
    ):
        client.limits()
        before = world.calls_used
        job_id = bulk(stock, [level(f"S-{n}") for n in range(5000)])
        work_off(world, clock)
        assert stock.look(job_id).processed == 5000
        assert stock.refused(job_id) == {}
        assert world.calls_used - before <= 6

    def test_a_file_holds_what_fits(self):
        levels = [level(f"S-{n}") for n in range(100)]
        whole = file_of(levels)
        part = file_of(levels, len(whole.content()) // 2)
        assert whole.rows == 100
        assert 30 < part.rows < 60
        lines = list(csv.DictReader(StringIO(part.content().decode())))
        assert [line["SKU__c"] for line in lines] == [
            one.sku for one in levels[: part.rows]
        ]

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST])
    def test_after_an_unknown_close_a_second_one_is_harmless(
        self, stock, world, clock, fault
    ):
        job_id = stock.begin()
        stock.fill(job_id, file_of([level()]))
        world.faults.script("salesforce.bulk_change", fault)
        with pytest.raises(TransientError) as caught:
            stock.start(job_id)
        assert caught.value.outcome_unknown

        assert stock.start(job_id).state in {"UploadComplete", "InProgress"}
        work_off(world, clock)
        assert stored(world)["A-1"]["Available__c"] == 5

    def test_a_job_that_was_given_up_takes_no_late_upload_and_no_late_close(
        self, stock, world, clock
    ):
        job_id = stock.begin()
        world.faults.script("salesforce.bulk_upload", Fault.LATE_LANDING)
        with pytest.raises(TransientError):
            stock.fill(job_id, file_of([level()]))
        assert stock.give_up(job_id).state == "Aborted"
        work_off(world, clock)

        assert stock.start(job_id).state == "Aborted"
        work_off(world, clock)
        assert stored(world) == {}

    def test_giving_up_what_has_ended_only_looks(self, stock, world, clock):
        job_id = bulk(stock, [level()])
        work_off(world, clock)
        assert stock.give_up(job_id).state == "JobComplete"

    def test_the_rows_a_job_never_came_to_are_told(self, stock, world, clock):
        world.switches.update(bulk_batch_rows=1, bulk_fail_after_batches=1)
        levels = [level("A-1"), level("B-1")]
        job_id = bulk(stock, levels)
        work_off(world, clock)
        job = stock.look(job_id)
        assert (job.state, bool(job.message)) == ("Failed", True)
        assert stock.untouched(job_id) == {levels[1].key}

    def test_an_object_that_is_not_there_is_a_refusal(self, client):
        names = WritebackFields(level_object="Nowhere__c")
        with pytest.raises(RejectedError, match="Unable to find object"):
            client.inventory(names).begin()

    def test_a_maintenance_page_instead_of_a_file_is_no_file(self, canned):
        client, _ = canned(Response(200, b'{"id": "7501", "state": "Open"}'))
        assert client.inventory().look("7501").state == "Open"
        client, _ = canned(Response(503, b"<html>down</html>"))
        with pytest.raises(TransientError):
            client.inventory().refused("7501")

    def test_an_expired_token_is_renewed_in_the_middle(self, stock, world):
        job_id = stock.begin()
        world.faults.script("salesforce.bulk_upload", Fault.EXPIRED_TOKEN)
        stock.fill(job_id, file_of([level()]))


def test_the_log_keeps_no_whole_files(stock, client, world, clock):
    job_id = bulk(stock, [level(f"S-{n}") for n in range(500)])
    work_off(world, clock)
    stock.refused(job_id)
    told = {one.operation: one for one in client.drain()}
    assert set(told["salesforce.bulk_upload"].request) == {"method", "path", "bytes"}
    assert len(str(told["salesforce.bulk_results"].response)) <= 2000


def test_times_are_utc():
    moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert b"2026-01-05T09:00:00Z" in file_of([level(as_of=moment)]).content()
