"""Single records through the unmodified simple-salesforce client."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id

from connectors.sandbox.salesforce import judge

KEY = "ShipSync_Key__c"


def content_of(caught: Any) -> Any:
    """The parsed body that the real client hands over with its error."""
    return caught.value.content


def status_of(caught: Any) -> Any:
    return caught.value.status


@pytest.fixture
def order(desk):
    return desk.create_order(lines=[("A-1", 2)])


@pytest.fixture
def packages(client):
    return client.ShipSync_Package__c


def error_of(action: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        action(*args, **kwargs)
    (error,) = content_of(caught)
    return dict(error)


class TestCreate:
    def test_answers_id_and_location(self, session, client, order):
        response = session.post(
            f"{client.base_url}sobjects/ShipSync_Package__c/",
            json={"Order__c": order, "Carrier__c": "UPS"},
            headers=client.headers,
        )

        row_id = response.json()["id"]
        assert response.status_code == 201
        assert response.json() == {"id": row_id, "success": True, "errors": []}
        assert response.headers["Location"].endswith(
            f"/sobjects/ShipSync_Package__c/{row_id}"
        )

    def test_follows_the_order_rules(self, client, desk):
        account = desk.create_account("Acme")
        values = {"AccountId": account, "EffectiveDate": "2026-01-05"}

        error = error_of(client.Order.create, {**values, "Status": "Activated"})
        created = client.Order.create({**values, "Status": "Draft"})

        assert error["errorCode"] == "FAILED_ACTIVATION"
        assert client.Order.get(created["id"])["StatusCode"] == "Draft"

    @pytest.mark.parametrize(
        ("values", "code", "fields"),
        [
            ({"Nope__c": 1}, "INVALID_FIELD", None),
            ({"Name": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Name"]),
            ({"Carrier__c": "x" * 81}, "STRING_TOO_LONG", ["Carrier__c"]),
            ({"Carrier__c": {"a": 1, "b": 2}}, "INVALID_FIELD", None),
            ({"Carrier__c": ["a"]}, "JSON_PARSER_ERROR", None),
            ({"Voided__c": "maybe"}, "JSON_PARSER_ERROR", None),
            (
                {"Voided__c": None},
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                ["Voided__c"],
            ),
            ({"Shipped_At__c": "yesterday"}, "JSON_PARSER_ERROR", None),
            ({"Shipped_At__c": "0001-01-01T00:00:00+14:00"}, "JSON_PARSER_ERROR", None),
            ({"Order__c": "nonsense"}, "MALFORMED_ID", ["Order__c"]),
            ({"Order__c": "801Hs0000000zzz"}, "INVALID_CROSS_REFERENCE_KEY", []),
            (
                {"Order__c": "001Hs0000000001"},
                "FIELD_INTEGRITY_EXCEPTION",
                ["Order__c"],
            ),
        ],
        ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
    )
    def test_refuses(self, packages, values, code, fields):
        error = error_of(packages.create, values)

        assert error["errorCode"] == code
        assert error.get("fields") == fields

    def test_refuses_a_second_row_with_a_unique_value(self, packages):
        first = packages.create({KEY: "k-1"})["id"]

        error = error_of(packages.create, {KEY: "k-1"})

        assert error["errorCode"] == "DUPLICATE_VALUE"
        assert first in error["message"]

    def test_names_a_parent_by_a_field_of_it(self, client, desk):
        account = desk.create_account("Acme")

        made = client.Contact.create({"LastName": "x", "Account": {"Id": account}})
        error = error_of(
            client.Contact.create, {"LastName": "x", "Account": {"Nope__c": "1"}}
        )

        assert client.Contact.get(made["id"])["AccountId"] == account
        assert error["errorCode"] == "INVALID_FIELD"


class TestRead:
    def test_gives_all_fields_with_attributes_first(self, client, order):
        record = client.Order.get(order)

        assert next(iter(record)) == "attributes"
        assert record["attributes"] == {
            "type": "Order",
            "url": f"/services/data/v66.0/sobjects/Order/{order}",
        }
        assert record["ShippingAddress"] is None
        assert record["ShipSync_Status__c"] is None

    def test_gives_the_fields_asked_for(self, client, order):
        record = client.restful(
            f"sobjects/Order/{order}", params={"fields": "Id,Status"}
        )

        assert list(record) == ["attributes", "Id", "Status"]

    def test_finds_by_external_id(self, packages):
        packages.create({KEY: "a/b c"})

        assert packages.get(format_external_id(KEY, "a/b c"))[KEY] == "a/b c"

    @pytest.mark.parametrize("row_id", ["801Hs0000000zzzAAA", "nonsense"])
    def test_unknown_is_404(self, client, row_id):
        with pytest.raises(SalesforceResourceNotFound) as caught:
            client.Order.get(row_id)

        assert content_of(caught)[0]["errorCode"] == "NOT_FOUND"

    def test_deleted_is_404(self, client, desk, order):
        desk.deactivate(order)
        desk.delete_order(order)

        with pytest.raises(SalesforceResourceNotFound) as caught:
            client.Order.get(order)

        assert content_of(caught) == [
            {
                "message": "entity is deleted",
                "errorCode": "ENTITY_IS_DELETED",
                "fields": [],
            }
        ]

    def test_unknown_object_is_404(self, client):
        with pytest.raises(SalesforceResourceNotFound):
            client.Nope__c.get("a00Hs0000000001")


class TestUpdate:
    def test_writes_what_the_integration_may_write(self, world, client, order):
        status = client.Order.update(
            order,
            {
                "ShipSync_Status__c": "Shipped",
                "ShipSync_Shipped_At__c": "2026-01-05T10:00:00.9+01:00",
            },
        )

        stored = judge.order(world, order)
        assert status == 204
        assert stored["ShipSync_Status__c"] == "Shipped"
        assert stored["ShipSync_Shipped_At__c"] == "2026-01-05T09:00:00.000+0000"
        assert stored["LastModifiedById"] == world.user_id(
            "integration@shipsync.example"
        )

    def test_refuses_a_value_outside_the_picklist(self, client, order):
        error = error_of(client.Order.update, order, {"ShipSync_Status__c": "Lost"})

        assert error["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert error["fields"] == ["ShipSync_Status__c"]

    def test_refuses_to_empty_a_required_field(self, client, order):
        error = error_of(client.Order.update, order, {"EffectiveDate": None})

        assert error["errorCode"] == "REQUIRED_FIELD_MISSING"

    def test_refuses_a_field_that_is_created_only(self, world, client, order):
        (line,) = judge.lines(world, order)

        error = error_of(client.OrderItem.update, line["Id"], {"OrderId": order})

        assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"

    def test_honors_optimistic_locking(self, world, client, clock, desk, order):
        header = {"If-Unmodified-Since": format_datetime(clock.now(), usegmt=True)}
        clock.advance(60)
        desk.edit_order(order, PoNumber="7")

        with pytest.raises(SalesforceGeneralError) as caught:
            client.Order.update(order, {"ShipSync_Carrier__c": "UPS"}, headers=header)

        assert status_of(caught) == 412
        assert judge.order(world, order)["ShipSync_Carrier__c"] is None

    def test_refuses_what_another_transaction_holds(self, world, client, order):
        world.switches["lock_always"] = [order]

        error = error_of(client.Order.update, order, {"ShipSync_Carrier__c": "UPS"})

        assert error["errorCode"] == "UNABLE_TO_LOCK_ROW"
        assert order in error["message"]

    def test_refuses_by_a_validation_rule(self, world, client, order):
        rule = {
            "sobject": "Order",
            "field": "ShipSync_Carrier__c",
            "value": "UPS",
            "message": "We ship with others.",
        }
        world.switches["validation_rules"] = [rule]

        error = error_of(client.Order.update, order, {"ShipSync_Carrier__c": "UPS"})
        other = client.Order.update(order, {"ShipSync_Carrier__c": "FedEx"})

        assert error == {
            "message": "We ship with others.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["ShipSync_Carrier__c"],
        }
        assert other == 204


class TestUpsert:
    def test_creates_then_updates_with_a_body(self, packages):
        external = format_external_id(KEY, "k-1")

        created = packages.upsert(external, {"Carrier__c": "UPS"}, raw_response=True)
        updated = packages.upsert(external, {"Carrier__c": "DHL"}, raw_response=True)

        row_id = created.json()["id"]
        assert created.status_code == 201
        assert created.json() == {
            "id": row_id,
            "success": True,
            "errors": [],
            "created": True,
        }
        assert updated.status_code == 200
        assert updated.json() == {**created.json(), "created": False}

    def test_old_versions_answer_nothing_on_update(self, session):
        client: Any = Salesforce(
            consumer_key="consumer",
            consumer_secret="consumer-secret",
            domain="acme.my",
            version="45.0",
            session=session,
        )
        external = format_external_id(KEY, "k-1")

        client.ShipSync_Package__c.upsert(external, {})

        assert client.ShipSync_Package__c.upsert(external, {}) == 204

    def test_refuses_the_key_in_the_body(self, packages):
        error = error_of(packages.upsert, f"{KEY}/k-1", {KEY: "k-1"})

        assert error["errorCode"] == "INVALID_FIELD"

    def test_refuses_a_field_that_is_no_external_id(self, packages):
        with pytest.raises(SalesforceResourceNotFound) as caught:
            packages.upsert("Carrier__c/UPS", {})

        assert "Carrier__c" in content_of(caught)[0]["message"]

    def test_many_matches_are_300_with_their_addresses(self, world, packages):
        ids = [packages.create({KEY: key})["id"] for key in ("k-1", "k-2")]
        with world.turn():  # as after a unique rule was added to old data
            row = world.get("ShipSync_Package__c", ids[1])
            world.put("ShipSync_Package__c", ids[1], {**row, KEY: "k-1"})

        with pytest.raises(SalesforceMoreThanOneRecord) as caught:
            packages.upsert(f"{KEY}/k-1", {"Carrier__c": "UPS"})

        assert [url.rpartition("/")[2] for url in content_of(caught)] == ids


class TestDelete:
    def test_bins_the_row_and_frees_what_points_at_it(self, world, client, desk):
        order = desk.create_order(lines=[("A-1", 1)], activate=False)
        package = client.ShipSync_Package__c.create({"Order__c": order})["id"]

        assert client.Order.delete(order) == 204
        assert judge.order(world, order)["IsDeleted"]
        assert client.ShipSync_Package__c.get(package)["Order__c"] is None

    def test_a_second_delete_says_so(self, client, desk):
        order = desk.create_order(lines=[], activate=False)
        client.Order.delete(order)

        with pytest.raises(SalesforceResourceNotFound) as caught:
            client.Order.delete(order)

        assert content_of(caught)[0]["errorCode"] == "ENTITY_IS_DELETED"


class TestEnvelope:
    def test_headers_and_pretty_print(self, session, client):
        pretty = session.get(f"{client.base_url}limits/", headers=client.headers)
        plain = session.get(
            f"{client.base_url}limits",
            headers={"Authorization": client.headers["Authorization"]},
        )

        assert pretty.headers["Content-Type"] == "application/json;charset=UTF-8"
        assert pretty.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
        assert plain.headers["Sforce-Limit-Info"] == "api-usage=2/100000"
        assert b"\n" in pretty.content
        assert b"\n" not in plain.content

    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
            ("GET", "v69.0/limits", 404, "NOT_FOUND"),
            ("GET", "v66.0/nonsense", 404, "NOT_FOUND"),
            ("PUT", "v66.0/sobjects/Order", 405, "METHOD_NOT_ALLOWED"),
            ("GET", "v66.0/query", 400, "MALFORMED_QUERY"),
            ("GET", "v66.0/query?q=" + "x" * 17_000, 414, "URI_TOO_LONG"),
        ],
    )
    def test_errors_are_arrays(self, session, client, method, path, status, code):
        response = session.request(
            method,
            f"https://{client.sf_instance}/services/data/{path}",
            headers=client.headers,
        )

        assert response.status_code == status
        assert [error["errorCode"] for error in response.json()] == [code]

    @pytest.mark.parametrize(
        ("body", "content_type", "status", "code"),
        [
            (b"{", "application/json", 400, "JSON_PARSER_ERROR"),
            (b"[" * 100_000, "application/json", 400, "JSON_PARSER_ERROR"),
            (b"\xff", "application/json", 400, "JSON_PARSER_ERROR"),
            (b"[]", "application/json", 400, "JSON_PARSER_ERROR"),
            (b"", "application/json", 400, "JSON_PARSER_ERROR"),
            (
                b"a=b",
                "application/x-www-form-urlencoded",
                415,
                "UNSUPPORTED_MEDIA_TYPE",
            ),
        ],
        ids=["cut", "deep", "no text", "array", "none", "form"],
    )
    def test_bad_bodies(self, session, client, body, content_type, status, code):
        response = session.post(
            f"{client.base_url}sobjects/Account",
            data=body,
            headers={**client.headers, "Content-Type": content_type},
        )

        assert response.status_code == status
        assert [error["errorCode"] for error in response.json()] == [code]


class TestDescribe:
    def test_knows_the_package(self, client):
        names = {item["name"] for item in client.describe()["sobjects"]}
        fields = {one["name"]: one for one in client.Order.describe()["fields"]}
        package = client.ShipSync_Package__c.describe()

        assert {"Order", "OrderItem", "ShipSync_Package__c"} <= names
        assert fields["ShipSync_Status__c"]["restrictedPicklist"]
        assert "Not Exported" in [
            one["value"] for one in fields["ShipSync_Status__c"]["picklistValues"]
        ]
        assert [one["value"] for one in fields["Status"]["picklistValues"]] == [
            "Draft",
            "Activated",
        ]
        assert package["keyPrefix"].startswith("a0")
        key = next(one for one in package["fields"] if one["name"] == KEY)
        assert key["externalId"]
        assert key["unique"]

    def test_order_names_its_children(self, client):
        children = {
            one["relationshipName"]: one
            for one in client.Order.describe()["childRelationships"]
        }

        assert children["OrderItems"]["cascadeDelete"]
        assert children["ShipSync_Packages__r"]["field"] == "Order__c"

    @pytest.mark.parametrize(
        ("switch", "field"),
        [
            ("multicurrency", "CurrencyIsoCode"),
            ("state_country_picklists", "ShippingCountryCode"),
        ],
    )
    def test_features_bring_their_fields(self, world, client, switch, field):
        without = {one["name"] for one in client.Order.describe()["fields"]}
        world.switches[switch] = True
        having = {one["name"] for one in client.Order.describe()["fields"]}

        assert field not in without
        assert field in having

    def test_hidden_fields_are_absent_everywhere(self, world, client, desk, order):
        desk.edit_order(order, PoNumber="7")
        world.switches["hidden_fields"] = ["Order.PoNumber", "Order.ShipToContactId"]

        fields = {one["name"] for one in client.Order.describe()["fields"]}
        errors = [
            error_of(client.query, "SELECT PoNumber FROM Order")["errorCode"],
            error_of(client.query, "SELECT ShipToContact.Name FROM Order")["errorCode"],
            error_of(client.Order.update, order, {"PoNumber": "8"})["errorCode"],
        ]

        assert "PoNumber" not in fields
        assert errors == ["INVALID_FIELD"] * 3
        assert "PoNumber" not in client.Order.get(order)
        assert judge.order(world, order)["PoNumber"] == "7"


class TestLimits:
    def test_counts_calls_down(self, client):
        first = client.limits()["DailyApiRequests"]
        second = client.limits()["DailyApiRequests"]

        assert first["Max"] == 100_000
        assert first["Remaining"] - second["Remaining"] == 1

    def test_refuses_beyond_the_daily_limit_and_forgives_after_a_day(
        self, world, client, clock
    ):
        world.switches["daily_limit"] = 1
        world.switches["token_lifetime"] = 1e6
        client.limits()

        with pytest.raises(Exception, match="TotalRequests") as caught:
            client.limits()
        clock.advance(24 * 3600 + 1)

        assert status_of(caught) == 403
        assert client.limits()
