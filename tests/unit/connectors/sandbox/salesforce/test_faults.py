"""What goes wrong on purpose, and what the ledger says of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from connectors.http import surely_not_sent
from connectors.sandbox.faults import Fault, FaultPlan
from connectors.sandbox.salesforce import judge

UPDATE = "salesforce.record_update"


def content_of(caught: Any) -> Any:
    """The parsed body that the real client hands over with its error."""
    return caught.value.content


@pytest.fixture
def order(desk):
    return desk.create_order(lines=[("A-1", 2)])


@pytest.fixture
def update(client, order):
    return lambda: client.Order.update(order, {"ShipSync_Carrier__c": "UPS"})


@pytest.fixture
def carrier(world, order):
    return lambda: judge.order(world, order)["ShipSync_Carrier__c"]


class TestConnection:
    def test_refused_is_surely_not_sent(self, world, update, carrier):
        world.faults.script(UPDATE, Fault.REFUSED)

        with pytest.raises(requests.ConnectionError) as caught:
            update()

        assert surely_not_sent(caught.value)
        assert carrier() is None

    def test_a_lost_request_is_never_done(self, world, clock, update, carrier):
        world.faults.script(UPDATE, Fault.LOST_REQUEST)

        with pytest.raises(requests.ConnectionError) as caught:
            update()
        clock.advance(3600)
        world.run_due()

        assert not surely_not_sent(caught.value)
        assert carrier() is None
        assert [one.outcome for one in world.ledger(call=UPDATE)] == ["lost"]

    def test_a_lost_answer_was_done(self, world, update, carrier):
        world.faults.script(UPDATE, Fault.LOST_ANSWER)

        with pytest.raises(requests.ConnectionError):
            update()

        assert carrier() == "UPS"
        assert [one.outcome for one in world.ledger(call=UPDATE)] == ["applied"]

    def test_a_late_request_lands_later(
        self, world, clock, client, order, update, carrier
    ):
        world.faults.script(UPDATE, Fault.LATE_LANDING)

        with pytest.raises(requests.ConnectionError):
            update()
        client.Order.update(order, {"ShipSync_Carrier__c": "DHL"})
        before = carrier()
        clock.advance(6)

        assert world.run_due() == 1
        assert (before, carrier()) == ("DHL", "UPS")
        assert [one.outcome for one in world.ledger(call=UPDATE)] == [
            *("lost", "applied", "applied")
        ]

    def test_a_late_request_without_a_token_never_lands(
        self, world, clock, session, client, order
    ):
        world.faults.script(UPDATE, Fault.LATE_LANDING)

        with pytest.raises(requests.ConnectionError):
            session.patch(f"{client.base_url}sobjects/Order/{order}", json={})
        clock.advance(6)

        assert world.run_due() == 0


class TestAnswers:
    def test_throttled_is_403_with_the_concurrent_text(self, world, update, carrier):
        world.faults.script(UPDATE, Fault.THROTTLED)

        with pytest.raises(SalesforceRefusedRequest) as caught:
            update()

        assert content_of(caught) == [
            {
                "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
                "errorCode": "REQUEST_LIMIT_EXCEEDED",
            }
        ]
        assert carrier() is None

    def test_server_errors_are_no_json_and_502_hides_an_applied_call(
        self, world, client, order, carrier
    ):
        seen = {}
        for number in range(20):
            world.faults.script(UPDATE, Fault.SERVER_ERROR)
            with pytest.raises(SalesforceGeneralError) as caught:
                client.Order.update(order, {"ShipSync_Carrier__c": f"C{number}"})
            assert "<html>" in content_of(caught)
            seen[caught.value.status] = carrier() == f"C{number}"

        assert seen == {500: False, 502: True, 503: False}

    def test_an_expired_token_ends_that_session(self, world, session, client, order):
        world.faults.script(UPDATE, Fault.EXPIRED_TOKEN)
        url = f"{client.base_url}sobjects/Order/{order}"

        first = session.patch(url, json={}, headers=client.headers)
        second = session.get(url, headers=client.headers)

        assert [first.status_code, second.status_code] == [401, 401]

    def test_the_real_client_survives_an_expired_token(self, world, client, order):
        world.faults.script("salesforce.query", Fault.EXPIRED_TOKEN)

        assert client.query("SELECT Id FROM Order")["totalSize"] == 1

    def test_a_row_lock_is_a_400(self, world, update, carrier):
        world.faults.script(UPDATE, Fault.ROW_LOCK)

        with pytest.raises(SalesforceMalformedRequest) as caught:
            update()

        assert content_of(caught)[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
        assert update() == 204
        assert carrier() == "UPS"

    def test_maintenance_is_503(self, world, update):
        world.switches["maintenance"] = True

        with pytest.raises(SalesforceGeneralError) as caught:
            update()

        assert caught.value.status == 503
        assert content_of(caught)[0]["errorCode"] == "SERVER_UNAVAILABLE"


class TestNames:
    def test_every_call_has_its_name(self, world, client, order, session):
        """The fault plan and the ledger know each kind of call by this name."""
        drawn = []
        plan = world.faults

        class Watching(FaultPlan):
            def draw(self, call, possible=()):
                drawn.append(call.removeprefix("salesforce."))
                return plan.draw(call, possible)

        world.faults = Watching()
        package = {
            "attributes": {"type": "ShipSync_Package__c"},
            "ShipSync_Key__c": "k",
        }
        base = client.base_url

        def composite(method, path):
            part = {"method": method, "url": f"/services/data/v66.0/{path}"}
            body = {"compositeRequest": [{**part, "referenceId": "a", "body": {}}]}
            return client.restful("composite", method="POST", json=body)

        calls = {
            "oauth_token": client._refresh_session,
            "versions": lambda: session.get(base.split("/v66")[0] + "/"),
            "userinfo": lambda: client.oauth2("userinfo"),
            "limits": client.limits,
            "describe_global": client.describe,
            "describe": client.Order.describe,
            "query": lambda: client.query("SELECT Id FROM Order"),
            "query_more": lambda: session.get(f"{base}query/x", headers=client.headers),
            "record_get": lambda: client.Order.get(order),
            "record_create": lambda: client.ShipSync_Package__c.create({}),
            "record_update": lambda: client.Order.update(order, {}),
            "record_upsert": lambda: client.ShipSync_Package__c.upsert(
                "ShipSync_Key__c/k", {}
            ),
            "record_delete": lambda: session.delete(
                f"{base}sobjects/Order/{order}", headers=client.headers
            ),
            "collections_create": lambda: client.restful(
                "composite/sobjects", method="POST", json={"records": [package]}
            ),
            "collections_update": lambda: client.restful(
                "composite/sobjects", method="PATCH", json={"records": [package]}
            ),
            "collections_upsert": lambda: client.restful(
                "composite/sobjects/ShipSync_Package__c/ShipSync_Key__c",
                method="PATCH",
                json={"records": [package]},
            ),
            "composite_read": lambda: composite("GET", "limits"),
            "composite": lambda: composite("PATCH", f"sobjects/Order/{order}"),
        }

        for call in calls.values():
            call()

        assert drawn == list(calls)

    @pytest.mark.parametrize("fault", list(Fault)[:8])
    def test_every_call_fault_leaves_the_world_usable(
        self, world, client, order, fault, update, carrier
    ):
        world.faults.script(UPDATE, fault)
        world.faults.script(
            "salesforce.query", *([] if fault == "row_lock" else [fault])
        )

        for call in (update, lambda: client.query("SELECT Id FROM Order")):
            with suppress(requests.RequestException, SalesforceError):
                call()

        assert update() == 204
        assert carrier() == "UPS"
        assert client.query("SELECT Id FROM Order")["totalSize"] == 1
