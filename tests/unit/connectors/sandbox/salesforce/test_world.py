"""What is visible when, what the ledger keeps, what outlives the process."""

from __future__ import annotations

import pytest
from simple_salesforce import Salesforce

from connectors.sandbox.salesforce import judge
from connectors.sandbox.salesforce.oauth import ClientApp
from connectors.sandbox.salesforce.sales import SalesDesk
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import SalesforceWorld

SHIP_TO = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "ada@example.org",
    "street": "1 Main St",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
    "country": "US",
}


def po_numbers(client: Salesforce) -> list[str | None]:
    query = "SELECT PoNumber FROM Order ORDER BY Id"
    return [row["PoNumber"] for row in client.query(query)["records"]]


class TestLateCommit:
    def test_new_rows_are_seen_later_with_their_old_stamp(
        self, world, desk, client, clock
    ):
        world.switches["late_commit"] = 30.0
        desk.create_order(lines=[("A-1", 1)], PoNumber="1")

        before = po_numbers(client)
        clock.advance(31)
        (row,) = client.query("SELECT SystemModstamp, StatusCode FROM Order")["records"]

        assert before == []
        assert row["SystemModstamp"] == "2026-01-05T09:00:00.000+0000"
        assert row["StatusCode"] == "Activated"

    def test_changes_are_seen_later_one_after_the_other(
        self, world, desk, client, clock
    ):
        order = desk.create_order(lines=[("A-1", 1)], PoNumber="1")
        world.switches["late_commit"] = 30.0
        desk.edit_order(order, PoNumber="2")
        clock.advance(20)
        desk.edit_order(order, PoNumber="3")

        seen = [po_numbers(client)]
        for _ in range(2):
            clock.advance(20)
            seen.append(po_numbers(client))

        assert seen == [["1"], ["2"], ["3"]]

    def test_children_and_single_reads_wait_too(self, world, desk, client, clock):
        order = desk.create_order(lines=[("A-1", 1)], activate=False)
        world.switches["late_commit"] = 30.0
        desk.add_line(order, "B-1", 1)
        query = "SELECT (SELECT Id FROM OrderItems) FROM Order"

        before = client.query(query)["records"][0]["OrderItems"]["totalSize"]
        total = client.Order.get(order)["TotalAmount"]
        clock.advance(31)
        after = client.query(query)["records"][0]["OrderItems"]["totalSize"]

        assert (before, total, after) == (1, 12.5, 2)
        assert client.Order.get(order)["TotalAmount"] == 15.5

    def test_the_callers_own_writes_are_seen_at_once(self, world, desk, client):
        order = desk.create_order(lines=[("A-1", 1)])
        world.switches["late_commit"] = 30.0

        client.Order.update(order, {"PoNumber": "7"})

        assert po_numbers(client) == ["7"]


class TestLedger:
    def test_says_which_fields_were_given_which_values(self, world, desk, client):
        order = desk.create_order(lines=[("A-1", 1)])
        for carrier in ("UPS", "DHL", "DHL"):
            client.Order.update(order, {"ShipSync_Carrier__c": carrier})

        assert judge.values_over_time(world, order, "ShipSync_Carrier__c") == [
            "UPS",
            "DHL",
        ]
        assert len(judge.integration_writes(world, order)) == 3

    def test_keeps_personal_data_out(self, world, desk):
        desk.create_order(lines=[("A-1", 1)], ship_to=SHIP_TO)

        told = str(world.ledger())

        assert "(personal)" in told
        for secret in ("Ada", "Byron", "example.org", "1 Main", "Austin", "78701"):
            assert secret not in told

    def test_tells_reads_with_their_counts(self, world, desk, client):
        desk.create_order(lines=[("A-1", 1)])

        client.query("SELECT Id FROM Order")

        entry = world.ledger(call="salesforce.query")[-1]
        assert (entry.outcome, entry.detail["sobject"]) == ("read", "Order")
        assert entry.detail["rows"] == 1

    def test_tells_refusals_with_their_codes(self, world, desk, client):
        order = desk.create_order(lines=[("A-1", 1)])
        client.restful(
            "composite/sobjects",
            method="PATCH",
            json={
                "records": [
                    {"attributes": {"type": "Order"}, "id": order, "Nope__c": "x"}
                ]
            },
        )

        (entry,) = judge.refusals(world, "INVALID_FIELD")
        assert (entry.subject, entry.call) == (order, "salesforce.collections_update")
        assert judge.integration_writes(world) == []

    def test_finds_packages_and_orders(self, world, desk, client):
        order = desk.create_order(lines=[("A-1", 1)])
        client.ShipSync_Package__c.create({"Order__c": order, "Carrier__c": "UPS"})

        assert [one["Carrier__c"] for one in judge.packages(world, order)] == ["UPS"]
        assert judge.order_by_number(world, "00000100")["Id"] == order
        with pytest.raises(KeyError):
            judge.order_by_number(world, "nope")
        with pytest.raises(KeyError):
            judge.order(world, "nope")


class TestResume:
    def test_a_second_start_goes_on_where_the_first_ended(self, tmp_path, clock):
        path = tmp_path / "salesforce.sqlite3"
        first = SalesforceWorld(path=path, clock=clock)
        desk = SalesDesk(first)
        desk.create_product("A-1", "Alpha", 1)
        order = desk.create_order(lines=[("A-1", 1)], ship_to=SHIP_TO)
        first.later(
            5, "land", **LATE_UPDATE, path=f"{ORDERS}/{order}", user_id=desk.user_id
        )
        first.close()

        second = SalesforceWorld(path=path, clock=clock)
        SalesforceApp(second, ClientApp("consumer", "consumer-secret"))
        clock.advance(6)
        landed = second.run_due()
        other = SalesDesk(second).create_order(lines=[("A-1", 2)])

        assert second.organization_id == first.organization_id
        assert landed == 1
        assert judge.order(second, order)["PoNumber"] == "late"
        assert judge.order(second, other)["OrderNumber"] == "00000101"
        assert judge.lines(second, order)
        assert len({order, other}) == 2
        second.close()


ORDERS = "/services/data/v66.0/sobjects/Order"
LATE_UPDATE = {
    "method": "PATCH",
    "query": "",
    "headers": {"content-type": "application/json"},
    "body": "eyJQb051bWJlciI6ICJsYXRlIn0=",
}
