import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import Kind
from connectors.salesforce.writeback import WritebackFields, order_row, package_row
from connectors.salesforce.writes import collections, composites
from connectors.sandbox.wire import CutConnectionError, Response
from orders.writeback_records import (
    OrderWriteback,
    PackageWriteback,
    ShipmentItemWriteback,
    ShipmentWriteback,
)

SHIPPED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def facts(
    order_id: str = "801A", account: str = "001A", packages: int = 0, **more: Any
) -> OrderWriteback:
    values: dict[str, Any] = {
        "status": "Shipped",
        "reason": "",
        "status_since": SHIPPED,
        "remote_id": "T3JkZXI6MQ==",
        "remote_number": "00000101",
        "carrier": "ups",
        "method": "Ground",
        "tracking_number": "1Z1",
        "tracking_url": "https://track.example/1Z1",
        "shipped_at": SHIPPED,
    } | more
    return OrderWriteback(
        salesforce_id=order_id,
        account_id=account,
        packages=tuple(
            PackageWriteback(
                key=f"{order_id}-{at}",
                carrier="ups",
                method="Ground",
                tracking_number=f"1Z{at}",
                tracking_url="",
                shipped_at=SHIPPED,
            )
            for at in range(packages)
        ),
        **values,
    )


def with_children() -> OrderWriteback:
    shipment = ShipmentWriteback(
        "S1", "245", "Shipped", "East", "ups", "Ground", "1Z1", "", SHIPPED, 1
    )
    items = (
        ShipmentItemWriteback("I1", "S1", "802A", "MUG", 2, ("s1", "s2"), "LOT-1"),
        ShipmentItemWriteback("I2", "", "", "", 0, is_void=True),
    )
    return facts(packages=1, shipments=(shipment,), items=items)


def test_parents_go_before_their_children_and_are_named_by_external_id():
    order, shipments, packages, items = collections(
        [with_children()], WritebackFields()
    )
    first, gone = items.rows

    assert order.path == "composite/sobjects"
    assert shipments.path.endswith("ShipSync_Shipment__c/ShipSync_Key__c")
    assert packages.path.endswith("ShipSync_Package__c/ShipSync_Key__c")
    assert first["Shipment__r"]["ShipSync_Key__c"] == "S1"
    assert first["Serial_Numbers__c"] == "s1\ns2"
    assert (first["Order_Product__c"], first["Quantity__c"]) == ("802A", 2)
    assert (gone["Voided__c"], gone["Quantity__c"]) == (True, 0)
    assert "Shipment__r" not in gone


def test_an_organization_without_shipments_gets_none():
    names = WritebackFields(shipment_object="", item_object="")
    paths = [part.path for part in collections([with_children()], names)]

    assert len(paths) == 2
    assert not any("Shipment" in path for path in paths)


def test_texts_are_cut_to_their_fields_but_keys_never():
    lengths = {
        "Order": {"ShipSync_Reason__c": 10, "ShipSync_Carrier__c": 10},
        "ShipSync_Shipment__c": {"ShipSync_Key__c": 1, "Warehouse__c": 3},
    }
    order, shipments, *_ = collections(
        [replace(with_children(), reason="Much too long")], WritebackFields(), lengths
    )

    assert order.rows[0]["ShipSync_Reason__c"] == "Much too …"
    assert order.rows[0]["ShipSync_Carrier__c"] == "ups"
    assert shipments.rows[0]["ShipSync_Key__c"] == "S1"
    assert shipments.rows[0]["Warehouse__c"] == "Ea…"


def test_what_is_empty_is_cleared_and_what_has_no_name_is_left_out():
    row = order_row(facts(shipped_at=None), WritebackFields(tracking_url=""))

    assert row["ShipSync_Reason__c"] is None
    assert row["ShipSync_Shipped_At__c"] is None
    assert row["ShipSync_Status_Since__c"] == "2026-11-22T12:00:00Z"
    assert "ShipSync_Tracking_URL__c" not in row
    assert "" not in row


def test_a_package_is_named_by_its_external_id_and_has_no_id():
    row = package_row(facts(packages=1).packages[0], "801A", WritebackFields())

    assert row["ShipSync_Key__c"] == "801A-0"
    assert row["Order__c"] == "801A"
    assert row["Voided__c"] is False
    assert "id" not in row


def test_rows_are_cut_at_the_limits_with_accounts_side_by_side():
    orders = [facts(f"801{at:04d}", f"001{at % 7}", packages=3) for at in range(450)]
    parts = collections(orders, WritebackFields())
    accounts = [
        next(one.account_id for one in orders if one.salesforce_id == order_id)
        for part in parts[:3]
        for order_id in part.orders
    ]

    assert [len(part.rows) for part in parts] == [200, 200, 50] + [200] * 6 + [150]
    assert accounts == sorted(accounts)
    assert [len(group) for group in composites(parts)] == [5, 5]


def test_an_order_that_stands_twice_is_sent_once_the_last_of_it():
    parts = collections(
        [facts(status="Packed"), facts(status="Shipped")], WritebackFields()
    )

    assert [row["ShipSync_Status__c"] for part in parts for row in part.rows] == [
        "Shipped"
    ]


OK = {"id": "x", "success": True, "errors": []}


def failed(code):
    error = {"statusCode": code, "message": "words", "fields": []}
    return {"success": False, "errors": [error]}


def composite(*bodies, status=200):
    return {
        "compositeResponse": [
            {"body": body, "httpStatusCode": status, "referenceId": f"part{number}"}
            for number, body in enumerate(bodies)
        ]
    }


class TestResults:
    def test_each_row_has_its_own(self, canned):
        client, app = canned(composite([OK, failed("UNABLE_TO_LOCK_ROW")]))
        results = client.write_orders([facts("801B"), facts("801A")])

        assert [one.row_id for one in results] == ["801B", "801A"]
        assert results[1].ok
        assert results[0].error.kind is Kind.TRANSIENT
        assert results[0].error.outcome_unknown is False
        body = json.loads(app.requests[0].body)
        assert body["allOrNone"] is False
        assert body["compositeRequest"][0]["url"] == (
            "/services/data/v66.0/composite/sobjects"
        )

    def test_a_package_that_fails_is_its_orders_failure(self, canned):
        answer = composite([OK, OK], [OK, failed("DUPLICATE_VALUE")])
        client, app = canned(answer)
        results = client.write_orders(
            [facts("801A", packages=1), facts("801B", packages=1)]
        )

        assert [one.ok for one in results] == [True, False]
        assert json.loads(app.requests[0].body)["compositeRequest"][1]["url"].endswith(
            "/composite/sobjects/ShipSync_Package__c/ShipSync_Key__c"
        )

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"compositeResponse": None},
            composite([OK]),
            composite(None, None),
            composite([OK, {}]),
            composite([OK, {"success": False, "errors": []}]),
        ],
        ids=repr,
    )
    def test_a_row_without_an_answer_is_unknown(self, canned, answer):
        client, _ = canned(answer)
        results = client.write_orders([facts("801A"), facts("801B")])

        assert results[1].error.outcome_unknown

    def test_a_part_refused_as_a_whole_is_refused_for_each_row(self, canned):
        refusal = [{"errorCode": "INVALID_FIELD", "message": "No such column"}]
        client, _ = canned(composite(refusal, status=400))
        results = client.write_orders([facts("801A"), facts("801B")])

        assert [one.error.kind for one in results] == [Kind.REJECTED] * 2

    def test_a_cut_call_leaves_its_rows_and_those_after_it_undone(self, canned):
        orders = [facts(f"801{at:04d}") for at in range(1200)]
        first = composite(*([OK] * 200 for _ in range(5)))
        client, app = canned(first, CutConnectionError())
        results = client.write_orders(orders)

        assert [one.ok for one in results] == [True] * 1000 + [False] * 200
        assert results[-1].error.outcome_unknown
        assert len(app.requests) == 2

    def test_after_a_throttle_nothing_more_is_asked(self, canned):
        body = b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}]'
        client, app = canned(Response(403, body))
        results = client.write_orders([facts(f"801{at:04d}") for at in range(1200)])

        assert {one.error.kind for one in results} == {Kind.THROTTLED}
        assert len(app.requests) == 1

    def test_nothing_to_write_asks_nothing(self, canned):
        client, app = canned()

        assert client.write_orders([]) == []
        assert app.requests == []
