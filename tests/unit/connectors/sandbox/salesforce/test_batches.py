"""Collections and composite through simple-salesforce's `restful`."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import judge

KIND = "ShipSync_Package__c"
KEY = "ShipSync_Key__c"
UPSERT = f"composite/sobjects/{KIND}/{KEY}"
BASE = "/services/data/v66.0"


def content_of(caught: Any) -> Any:
    """The parsed body that the real client hands over with its error."""
    return caught.value.content


def package(key: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": KIND}, KEY: key, **fields}


def send(
    client: Any,
    path: str,
    records: list[Any],
    *,
    method: str = "PATCH",
    all_or_none: bool = False,
) -> Any:
    body = {"allOrNone": all_or_none, "records": records}
    return client.restful(path, method=method, json=body)


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    return [
        None if one["success"] else one["errors"][0]["statusCode"] for one in results
    ]


@pytest.fixture
def order(desk):
    return desk.create_order(lines=[("A-1", 2)])


class TestCollections:
    def test_upsert_says_what_was_created(self, client, order):
        first = send(client, UPSERT, [package("k-1", Order__c=order)])
        second = send(
            client, UPSERT, [package("k-1"), package("k-2", Carrier__c="UPS")]
        )

        assert [one["created"] for one in first + second] == [True, False, True]
        assert first[0]["id"] == second[0]["id"]

    def test_create_and_update_do_not_say_created(self, client, order):
        created = send(client, "composite/sobjects", [package("k-1")], method="POST")
        row = {
            "attributes": {"type": KIND},
            "id": created[0]["id"],
            "Carrier__c": "UPS",
        }
        updated = send(client, "composite/sobjects", [row])

        assert created == [{"id": created[0]["id"], "success": True, "errors": []}]
        assert updated == created

    def test_each_row_has_its_own_result_in_order(self, client, order):
        results = send(
            client,
            UPSERT,
            [
                package("k-1"),
                package("k-2", Nope__c=1),
                {"attributes": {"type": "Order"}, KEY: "k-3"},
                package(""),
                package("k-4", id="a00Hs0000000001"),
                package("k-5"),
                package("k-5"),
                package("k-6"),
            ],
        )

        assert codes(results) == [
            *(None, "INVALID_FIELD", "INVALID_TYPE", "MISSING_ARGUMENT"),
            *("INVALID_FIELD", "DUPLICATE_VALUE", "DUPLICATE_VALUE", None),
        ]
        assert set(results[1]) == {"success", "errors"}
        assert set(results[1]["errors"][0]) == {"statusCode", "message", "fields"}

    def test_all_or_none_undoes_everything(self, world, client, order):
        results = send(
            client,
            UPSERT,
            [package("k-1", Order__c=order), package("k-2", Nope__c=1)],
            all_or_none=True,
        )

        assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
        assert world.every(KIND) == []
        assert judge.packages(world, order) == []
        assert judge.integration_writes(world) == []

    def test_all_or_none_restores_changed_rows(self, world, client, order):
        send(client, UPSERT, [package("k-1", Carrier__c="UPS")])

        send(
            client,
            UPSERT,
            [package("k-1", Carrier__c="DHL"), package("k-2", Nope__c=1)],
            all_or_none=True,
        )

        assert [row["Carrier__c"] for row in world.every(KIND)] == ["UPS"]

    def test_an_update_without_id_is_a_row_error(self, client, order):
        results = send(client, "composite/sobjects", [package("k-1")])

        assert (
            results[0]["errors"][0]["message"] == "Id not specified in an update call"
        )
        assert codes(results) == ["MISSING_ARGUMENT"]

    @pytest.mark.parametrize(
        ("records", "code"),
        [
            ([], "REQUIRED_FIELD_MISSING"),
            ([package(f"k-{number}") for number in range(201)], "LIMIT_EXCEEDED"),
            (["text"], "REQUIRED_FIELD_MISSING"),
            ([{KEY: "k-1"}], "INVALID_FIELD"),
        ],
        ids=["none", "too many", "no object", "no type"],
    )
    def test_malformed_calls_fail_whole(self, client, records, code):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            send(client, UPSERT, records)

        assert content_of(caught)[0]["errorCode"] == code

    def test_200_rows_pass(self, world, client):
        results = send(
            client, UPSERT, [package(f"k-{number}") for number in range(200)]
        )

        assert codes(results) == [None] * 200
        assert len(world.every(KIND)) == 200

    def test_retrieves_in_the_order_asked(self, client, desk, order):
        other = desk.create_order(lines=[], activate=False)

        rows = client.restful(
            "composite/sobjects/Order",
            method="POST",
            json={"ids": [other, "801Hs0000000zzzAAA", order], "fields": ["Id"]},
        )

        assert [row and row["Id"] for row in rows] == [other, None, order]

    def test_deletes(self, world, client, order):
        created = send(client, UPSERT, [package("k-1"), package("k-2")])
        ids = ",".join(one["id"] for one in created)

        results = client.restful(
            "composite/sobjects", method="DELETE", params={"ids": ids}
        )

        assert codes(results) == [None, None]
        assert all(row["IsDeleted"] for row in world.every(KIND))

    def test_a_locked_row_fails_alone(self, world, client):
        world.faults.script("salesforce.collections_upsert", Fault.ROW_LOCK)

        results = send(client, UPSERT, [package("k-1"), package("k-2"), package("k-3")])

        assert codes(results) == [None, "UNABLE_TO_LOCK_ROW", None]


def composite(client: Any, *requests: Any, **options: Any) -> Any:
    body = {"compositeRequest": list(requests), **options}
    return client.restful("composite", method="POST", json=body)["compositeResponse"]


def sub(method: str, path: str, name: str, **parts: Any) -> dict[str, Any]:
    return {"method": method, "url": f"{BASE}/{path}", "referenceId": name, **parts}


class TestComposite:
    def test_runs_collections_and_reports_each(self, world, client, order):
        answers = composite(
            client,
            sub("PATCH", UPSERT, "packages", body={"records": [package("k-1")]}),
            sub(
                "PATCH",
                f"sobjects/Order/{order}",
                "order",
                body={"ShipSync_Status__c": "Shipped"},
            ),
            sub("GET", f"sobjects/Order/{order}?fields=Status", "read"),
            sub("GET", "sobjects/Nope/1", "nope"),
        )

        assert [one["httpStatusCode"] for one in answers] == [200, 204, 200, 404]
        assert [one["referenceId"] for one in answers] == [
            *("packages", "order", "read", "nope")
        ]
        assert answers[1]["body"] is None
        assert answers[2]["body"]["Status"] == "Activated"
        assert answers[3]["body"][0]["errorCode"] == "NOT_FOUND"
        assert set(answers[0]) == {
            "body",
            "httpHeaders",
            "httpStatusCode",
            "referenceId",
        }
        assert judge.order(world, order)["ShipSync_Status__c"] == "Shipped"

    def test_counts_as_one_call(self, world, client, order):
        before = world.calls_used

        composite(client, *(sub("GET", "limits", f"r{number}") for number in range(25)))

        assert world.calls_used == before + 1

    def test_later_requests_use_earlier_answers(self, client, order):
        answers = composite(
            client,
            sub("POST", f"sobjects/{KIND}", "made", body={"Order__c": order}),
            sub("GET", f"sobjects/{KIND}/@{{made.id}}", "read"),
            sub(
                "GET",
                f"query?q=SELECT+Id,Order__c+FROM+{KIND}+WHERE+Id='@{{made.id}}'",
                "found",
            ),
            sub(
                "PATCH",
                "sobjects/Order/@{found.records[0].Order__c}",
                "write",
                body={"ShipSync_Warehouse_Order_Id__c": "no @{made.id}"},
            ),
            sub("GET", f"sobjects/Order/{order}", "order"),
        )

        made = answers[0]["body"]["id"]
        assert [one["httpStatusCode"] for one in answers] == [201, 200, 200, 204, 200]
        assert answers[4]["body"]["ShipSync_Warehouse_Order_Id__c"] == f"no {made}"

    def test_what_depends_on_a_failure_is_halted(self, client, order):
        answers = composite(
            client,
            sub("POST", f"sobjects/{KIND}", "made", body={"Nope__c": 1}),
            sub("GET", f"sobjects/{KIND}/@{{made.id}}", "read"),
            sub("GET", "limits", "other"),
        )

        assert [one["httpStatusCode"] for one in answers] == [400, 400, 200]
        assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"

    def test_all_or_none_undoes_the_others(self, world, client, order):
        answers = composite(
            client,
            sub("POST", f"sobjects/{KIND}", "made", body={"Order__c": order}),
            sub("POST", f"sobjects/{KIND}", "bad", body={"Nope__c": 1}),
            sub("GET", "limits", "never"),
            allOrNone=True,
        )

        assert [one["body"][0]["errorCode"] for one in answers] == [
            *("PROCESSING_HALTED", "INVALID_FIELD", "PROCESSING_HALTED")
        ]
        assert world.every(KIND) == []
        assert judge.integration_writes(world) == []

    @pytest.mark.parametrize(
        ("requests", "code"),
        [
            ([], "REQUIRED_FIELD_MISSING"),
            ([sub("GET", "limits", f"r{n}") for n in range(26)], "LIMIT_EXCEEDED"),
            ([sub("PATCH", UPSERT, f"r{n}") for n in range(6)], "LIMIT_EXCEEDED"),
            ([sub("GET", "limits", "a"), sub("GET", "limits", "a")], "INVALID_INPUT"),
            ([sub("GET", "limits", "a-b")], "INVALID_INPUT"),
            ([{"method": "GET"}], "REQUIRED_FIELD_MISSING"),
        ],
        ids=["none", "26", "6 collections", "same name", "bad name", "no url"],
    )
    def test_malformed_calls_fail_whole(self, client, requests, code):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            composite(client, *requests)

        assert content_of(caught)[0]["errorCode"] == code

    def test_carries_a_thousand_rows(self, world, client):
        answers = composite(
            client,
            *(
                sub(
                    "PATCH",
                    UPSERT,
                    f"r{part}",
                    body={"records": [package(f"k-{part}-{n}") for n in range(200)]},
                )
                for part in range(5)
            ),
        )

        assert [codes(one["body"]) for one in answers] == [[None] * 200] * 5
        assert len(world.every(KIND)) == 1000
