"""Bulk API 2.0 ingest, as simple-salesforce's own Bulk client and bare HTTP see it."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import judge

KIND = "ShipSync_Package__c"
KEY = "ShipSync_Key__c"


@pytest.fixture
def bulk(client):
    """simple-salesforce's client of one object, its waiting left out."""
    return getattr(client.bulk2, KIND)._client


def job_of(bulk: Any, **fields: Any) -> str:
    made = bulk.create_job("upsert", external_id_field=KEY, **fields)
    return made["id"]


def run(world: Any, clock: Any, times: int = 1) -> None:
    for _ in range(times):
        clock.advance(5)
        world.run_due()


def closed(bulk: Any, text: str, **fields: Any) -> str:
    job_id = job_of(bulk, **fields)
    bulk.upload_job_data(job_id, text)
    bulk.close_job(job_id)
    return job_id


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def rows(bulk: Any, job_id: str, which: str) -> list[dict[str, str]]:
    """`successful`, `failed` or `unprocessed`."""
    return rows_of(bulk.get_ingest_results(job_id, f"{which}Results"))


def state(bulk: Any, job_id: str) -> str:
    return bulk.get_job(job_id, False)["state"]


def stored(world: Any) -> dict[str, Any]:
    return {row[KEY]: row for row in world.snapshot(KIND)}


class TestLife:
    def test_a_job_is_worked_off_some_time_after_it_is_closed(self, bulk, world, clock):
        job_id = job_of(bulk)
        assert state(bulk, job_id) == "Open"
        bulk.upload_job_data(job_id, f"{KEY},Carrier__c\nk-1,UPS\nk-2,DHL\n")
        bulk.close_job(job_id)
        assert state(bulk, job_id) == "UploadComplete"
        assert stored(world) == {}

        run(world, clock)

        job = bulk.get_job(job_id, False)
        assert job["state"] == "JobComplete"
        assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 0)
        assert stored(world)["k-2"]["Carrier__c"] == "DHL"

    def test_large_jobs_are_worked_off_in_batches(self, bulk, world, clock):
        world.switches["bulk_batch_rows"] = 2
        job_id = closed(bulk, f"{KEY}\n" + "".join(f"k-{n}\n" for n in range(5)))

        run(world, clock)
        assert state(bulk, job_id) == "InProgress"
        assert len(stored(world)) == 2
        run(world, clock, times=2)

        assert state(bulk, job_id) == "JobComplete"
        assert len(stored(world)) == 5

    def test_other_calls_are_served_between_slices_of_200_rows(
        self, bulk, world, clock
    ):
        job_id = closed(bulk, f"{KEY}\n" + "".join(f"k-{n}\n" for n in range(450)))
        clock.advance(5)
        seen = []
        while world.run_due(limit=1):
            seen.append((bulk.get_job(job_id, False)["state"], len(stored(world))))

        assert seen == [("InProgress", 200), ("InProgress", 400), ("JobComplete", 450)]
        assert [row[KEY] for row in rows(bulk, job_id, "successful")] == [
            f"k-{n}" for n in range(450)
        ]

    def test_an_aborted_job_leaves_the_rest_unprocessed(self, bulk, world, clock):
        world.switches["bulk_batch_rows"] = 1
        job_id = closed(bulk, f"{KEY}\nk-1\nk-2\nk-3\n")
        run(world, clock)
        bulk.abort_job(job_id, False)
        run(world, clock, times=3)

        assert set(stored(world)) == {"k-1"}
        assert [row[KEY] for row in rows(bulk, job_id, "successful")] == ["k-1"]
        left = rows_of(bulk.get_ingest_results(job_id, "unprocessedrecords"))
        assert [row[KEY] for row in left] == ["k-2", "k-3"]

    def test_a_job_that_is_given_up_half_way_says_so(self, bulk, world, clock):
        world.switches.update(bulk_batch_rows=1, bulk_fail_after_batches=1)
        job_id = closed(bulk, f"{KEY}\nk-1\nk-2\n")
        run(world, clock, times=3)

        job = bulk.get_job(job_id, False)
        assert job["state"] == "Failed"
        assert job["errorMessage"]
        assert set(stored(world)) == {"k-1"}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (
                f"{KEY},Nope__c\nk-1,1\n",
                "InvalidBatch : Field name not found : Nope__c",
            ),
            ("Carrier__c\nUPS\n", f"InvalidBatch : Field name not found : {KEY}"),
            (f"{KEY}\r\nk-1\r\n", "LineEnding is invalid on user data"),
        ],
    )
    def test_a_file_that_cannot_be_read_fails_the_job(
        self, bulk, world, clock, text, words
    ):
        job_id = closed(bulk, text)
        run(world, clock)

        job = bulk.get_job(job_id, False)
        assert job["state"] == "Failed"
        assert words in job["errorMessage"]
        assert job["numberRecordsProcessed"] == 0
        assert stored(world) == {}


class TestRows:
    def test_upsert_tells_created_from_changed(self, bulk, world, clock):
        closed(bulk, f"{KEY},Carrier__c\nk-1,UPS\n")
        run(world, clock)
        job_id = closed(bulk, f"{KEY},Carrier__c\nk-1,DHL\nk-2,UPS\n")
        run(world, clock)

        told = rows(bulk, job_id, "successful")
        assert [(row[KEY], row["sf__Created"]) for row in told] == [
            ("k-1", "false"),
            ("k-2", "true"),
        ]
        assert told[1]["sf__Id"] == stored(world)["k-2"]["Id"]

    def test_a_refused_row_leaves_the_others_alone(self, bulk, world, clock):
        job_id = closed(
            bulk, f"{KEY},Voided__c\nk-1,true\nk-2,perhaps\n,true\nk-4,false\n"
        )
        run(world, clock)

        assert set(stored(world)) == {"k-1", "k-4"}
        errors = [row["sf__Error"] for row in rows(bulk, job_id, "failed")]
        assert [one.split(":")[0] for one in errors] == [
            "JSON_PARSER_ERROR",
            "MISSING_ARGUMENT",
        ]
        assert all(one.endswith(" --") for one in errors)
        assert bulk.get_job(job_id, False)["numberRecordsFailed"] == 2

    def test_an_empty_cell_leaves_a_field_alone_and_a_marked_one_empties_it(
        self, bulk, world, clock
    ):
        closed(bulk, f"{KEY},Carrier__c,Method__c\nk-1,UPS,Ground\n")
        run(world, clock)
        closed(bulk, f"{KEY},Carrier__c,Method__c\nk-1,,#N/A\n")
        run(world, clock)

        row = stored(world)["k-1"]
        assert (row["Carrier__c"], row["Method__c"]) == ("UPS", None)

    def test_quotes_commas_and_line_breaks_survive(self, bulk, world, clock):
        nasty = 'He said "1,5"\nand 🎁'
        quoted = nasty.replace('"', '""')
        job_id = closed(bulk, f'{KEY},Carrier__c\nk-1,"{quoted}"\n')
        run(world, clock)

        assert stored(world)["k-1"]["Carrier__c"] == nasty
        assert rows(bulk, job_id, "successful")[0]["Carrier__c"] == nasty

    def test_an_external_id_that_stands_twice_is_refused_twice(
        self, bulk, world, clock
    ):
        job_id = closed(bulk, f"{KEY}\nk-1\nk-1\nk-2\n")
        run(world, clock)

        assert set(stored(world)) == {"k-2"}
        assert len(rows(bulk, job_id, "failed")) == 2

    def test_every_row_stands_in_the_ledger(self, bulk, world, clock):
        closed(bulk, f"{KEY},Voided__c\nk-1,true\nk-2,perhaps\n")
        run(world, clock)

        assert len(judge.integration_writes(world, stored(world)["k-1"]["Id"])) == 1
        assert judge.refusals(world, "JSON_PARSER_ERROR")


class TestRefusals:
    def test_a_second_file_for_a_job_is_refused(self, bulk):
        job_id = job_of(bulk)
        bulk.upload_job_data(job_id, f"{KEY}\nk-1\n")
        with pytest.raises(SalesforceMalformedRequest, match="multiple contents"):
            bulk.upload_job_data(job_id, f"{KEY}\nk-2\n")

    def test_a_job_is_closed_once(self, bulk):
        job_id = closed(bulk, f"{KEY}\nk-1\n")
        with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
            bulk.close_job(job_id)

    def test_an_aborted_job_takes_neither_file_nor_close(self, bulk):
        job_id = job_of(bulk)
        bulk.abort_job(job_id, False)
        with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
            bulk.upload_job_data(job_id, f"{KEY}\nk-1\n")
        with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
            bulk.close_job(job_id)

    def test_a_file_that_is_too_large_is_refused(self, bulk, world):
        world.switches["bulk_max_bytes"] = 20
        with pytest.raises(SalesforceMalformedRequest, match="maximum size"):
            bulk.upload_job_data(job_of(bulk), f"{KEY}\n" + "k-1\n" * 10)

    def test_results_come_when_the_job_has_ended(self, bulk):
        job_id = closed(bulk, f"{KEY}\nk-1\n")
        with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
            bulk.get_ingest_results(job_id, "successfulResults")

    @pytest.mark.parametrize(
        ("sobject", "key", "words"),
        [
            ("Nothing__c", KEY, "Unable to find object"),
            (KIND, "Carrier__c", "does not match an External ID"),
        ],
    )
    def test_a_job_for_what_does_not_exist_is_refused(
        self, client, sobject, key, words
    ):
        bulk = getattr(client.bulk2, sobject)._client
        with pytest.raises(SalesforceMalformedRequest, match=words):
            bulk.create_job("upsert", external_id_field=key)


def test_a_close_that_was_lost_can_land_late(bulk, world, clock):
    job_id = job_of(bulk)
    bulk.upload_job_data(job_id, f"{KEY}\nk-1\n")
    world.faults.script("salesforce.bulk_change", Fault.LATE_LANDING)
    with pytest.raises(OSError, match="Connection aborted"):
        bulk.close_job(job_id)
    assert state(bulk, job_id) == "Open"

    run(world, clock, times=3)

    assert set(stored(world)) == {"k-1"}


def test_calls_are_counted_one_each_whatever_they_carry(bulk, world, clock):
    before = world.calls_used
    job_id = closed(bulk, f"{KEY}\n" + "".join(f"k-{n}\n" for n in range(500)))
    run(world, clock)
    rows(bulk, job_id, "failed")
    assert world.calls_used - before == 4
