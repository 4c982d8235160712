"""Queries as the unmodified simple-salesforce client sends them."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

ORDERS = "SELECT OrderNumber FROM Order "


def content_of(caught: Any) -> Any:
    """The parsed body that the real client hands over with its error."""
    return caught.value.content


@pytest.fixture
def orders(desk, clock):
    """Three orders a minute apart; the second has no PO number and no contact."""
    ids = [
        desk.create_order(lines=[("A-1", 1)], PoNumber="po-B", ship_to={"phone": "1"})
    ]
    clock.advance(60)
    ids.append(desk.create_order(lines=[("A-1", 2), ("B-1", 5)], activate=False))
    clock.advance(60)
    ids.append(desk.create_order(lines=[("B-1", 1)], PoNumber="PO-a"))
    return ids


def numbers(client: Salesforce, tail: str, query: str = ORDERS) -> list[str]:
    return [row["OrderNumber"] for row in client.query(query + tail)["records"]]


class TestWhere:
    @pytest.mark.parametrize(
        ("condition", "found"),
        [
            ("StatusCode = 'Activated'", ["100", "102"]),
            ("StatusCode != 'Activated'", ["101"]),
            ("PoNumber = 'PO-B'", ["100"]),
            ("PoNumber = null", ["101"]),
            ("PoNumber != null", ["100", "102"]),
            ("PoNumber != 'po-b'", ["101", "102"]),
            ("PoNumber LIKE 'po-_'", ["100", "102"]),
            ("PoNumber LIKE '%B'", ["100"]),
            ("PoNumber IN ('po-a', null)", ["101", "102"]),
            ("PoNumber NOT IN ('po-a')", ["100", "101"]),
            ("NOT PoNumber LIKE 'po%'", ["101"]),
            ("TotalAmount > 3", ["100", "101"]),
            ("TotalAmount <= 3.0", ["102"]),
            ("IsReductionOrder = false", ["100", "101", "102"]),
            ("EffectiveDate = 2026-01-05", ["100", "101", "102"]),
            ("EffectiveDate = TODAY", ["100", "101", "102"]),
            ("EffectiveDate = YESTERDAY", []),
            ("CreatedDate = LAST_N_DAYS:2", ["100", "101", "102"]),
            ("CreatedDate > TODAY", []),
            ("SystemModstamp >= 2026-01-05T09:01:00Z", ["101", "102"]),
            ("SystemModstamp > 2026-01-05T10:01:00.000+01:00", ["102"]),
            ("SystemModstamp = 2026-01-05T09:01:00.700Z", ["101"]),
            ("Account.Name = 'sandbox customer'", ["100", "101", "102"]),
            ("ShipToContact.Phone = '1'", ["100"]),
            ("ShipToContactId = null", ["101", "102"]),
            ("(PoNumber = null OR TotalAmount < 4) AND Status = 'Draft'", ["101"]),
            (
                "Id IN (SELECT OrderId FROM OrderItem WHERE Product2.ProductCode='B-1')",
                ["101", "102"],
            ),
            (
                "Id NOT IN (SELECT OrderId FROM OrderItem WHERE Quantity > 1)",
                ["100", "102"],
            ),
        ],
    )
    def test_finds(self, client, orders, condition, found):
        expected = [f"00000{number}" for number in found]

        assert numbers(client, f"WHERE {condition} ORDER BY Id") == expected

    def test_ids_may_have_15_characters(self, client, orders):
        assert numbers(client, f"WHERE Id = '{orders[1][:15]}'") == ["00000101"]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("SELECT Nope FROM Order", "INVALID_FIELD"),
            ("SELECT Nope.Name FROM Order", "INVALID_FIELD"),
            ("SELECT Id FROM Nope", "INVALID_TYPE"),
            ("SELECT Id, (SELECT Id FROM Nopes) FROM Order", "INVALID_TYPE"),
            ("SELECT Id FROM Order WHERE Nope = 1", "INVALID_FIELD"),
            ("SELECT Id FROM Order WHERE PoNumber = 1", "INVALID_FIELD"),
            ("SELECT Id FROM Order WHERE TotalAmount = '1'", "INVALID_FIELD"),
            ("SELECT Id FROM Order WHERE SystemModstamp > '2026'", "INVALID_FIELD"),
            ("SELECT Id FROM Order WHERE Description = 'x'", "INVALID_FIELD"),
            ("SELECT Id FROM Order WHERE ShippingAddress = null", "INVALID_FIELD"),
            ("SELECT Id FROM Order ORDER BY ShipSync_Reason__c", "INVALID_FIELD"),
            ("SELECT Id FROM Order WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
            (
                "SELECT Id FROM Order WHERE TotalAmount LIKE '1'",
                "INVALID_QUERY_FILTER_OPERATOR",
            ),
            ("SELECT Id FROM Order WHERE TotalAmount < null", "MALFORMED_QUERY"),
            ("SELECT FIELDS(ALL) FROM Order", "MALFORMED_QUERY"),
            ("SELECT Id FROM Order OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
            (
                "SELECT Id FROM Order WHERE Id IN (SELECT Quantity FROM OrderItem)",
                "MALFORMED_QUERY",
            ),
        ],
    )
    def test_refuses_even_without_rows(self, client, query, code):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            client.query(query)

        assert [error["errorCode"] for error in content_of(caught)] == [code]


class TestOrderBy:
    @pytest.mark.parametrize(
        ("tail", "found"),
        [
            ("ORDER BY PoNumber", ["101", "102", "100"]),
            ("ORDER BY PoNumber NULLS LAST", ["102", "100", "101"]),
            ("ORDER BY PoNumber DESC NULLS LAST", ["100", "102", "101"]),
            ("ORDER BY Status, SystemModstamp DESC", ["101", "102", "100"]),
            ("ORDER BY Id LIMIT 1 OFFSET 1", ["101"]),
        ],
    )
    def test_sorts(self, client, orders, tail, found):
        assert numbers(client, tail) == [f"00000{number}" for number in found]


class TestRecords:
    def test_gives_parents_and_children(self, client, orders):
        query = (
            "SELECT Id, ShipToContact.Phone, Account.Owner.Username, "
            "(SELECT Quantity, Product2.StockKeepingUnit FROM OrderItems ORDER BY Id), "
            "(SELECT Id FROM ShipSync_Packages__r) FROM Order ORDER BY Id"
        )

        first, second, _ = client.query(query)["records"]

        assert list(first) == [
            *("attributes", "Id", "ShipToContact", "Account"),
            *("OrderItems", "ShipSync_Packages__r"),
        ]
        assert first["ShipToContact"]["attributes"]["type"] == "Contact"
        assert first["Account"]["Owner"]["Username"] == "sales@shipsync.example"
        assert second["ShipToContact"] is None
        assert second["ShipSync_Packages__r"] is None
        assert second["OrderItems"]["totalSize"] == 2
        assert [
            (line["Product2"]["StockKeepingUnit"], line["Quantity"])
            for line in second["OrderItems"]["records"]
        ] == [("A-1", 2.0), ("B-1", 5.0)]

    def test_names_come_back_in_their_own_case(self, client, orders):
        (row,) = client.query("select ORDERNUMBER, account.NAME from order limit 1")[
            "records"
        ]

        assert list(row) == ["attributes", "OrderNumber", "Account"]
        assert list(row["Account"]) == ["attributes", "Name"]

    def test_counts_without_rows(self, client, orders):
        answer = client.query("SELECT COUNT() FROM Order WHERE StatusCode = 'Draft'")

        assert answer == {"totalSize": 1, "done": True, "records": []}

    def test_gives_field_sets(self, client, orders):
        (row,) = client.query("SELECT FIELDS(CUSTOM) FROM Order LIMIT 1")["records"]

        assert "ShipSync_Status__c" in row
        assert "Status" not in row

    def test_deleted_rows_show_in_query_all_only(self, client, desk, orders):
        desk.delete_order(orders[1])

        everything = client.query_all(
            "SELECT OrderNumber, IsDeleted FROM Order ORDER BY Id", include_deleted=True
        )

        assert numbers(client, "ORDER BY Id") == ["00000100", "00000102"]
        assert [row["IsDeleted"] for row in everything["records"]] == [
            False,
            True,
            False,
        ]


class TestPages:
    def test_children_count_toward_a_page(self, client, world, orders):
        world.switches["min_batch_size"] = 1
        query = "SELECT OrderNumber, (SELECT Id FROM OrderItems) FROM Order ORDER BY Id"
        headers = {"Sforce-Query-Options": "batchSize=3"}

        first = client.query(query, headers=headers)
        second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
        third = client.query_more(second["nextRecordsUrl"], identifier_is_url=True)

        assert [first["totalSize"], first["done"]] == [3, False]
        assert [len(page["records"]) for page in (first, second, third)] == [1, 1, 1]
        assert third["done"]
        assert "nextRecordsUrl" not in third

    def test_a_batch_size_below_200_is_raised(self, client, desk):
        for _ in range(201):
            desk.create_account("Some")

        first = client.query(
            "SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=1"}
        )

        assert len(first["records"]) == 200

    def test_query_all_follows_pages(self, client, world, orders):
        world.switches["min_batch_size"] = 1
        headers = {"Sforce-Query-Options": "batchSize=2"}

        found = client.query_all("SELECT Id FROM Order", headers=headers)

        assert sorted(row["Id"] for row in found["records"]) == sorted(orders)

    def test_long_child_results_are_paged_too(self, client, world, orders):
        world.switches["child_page_rows"] = 1
        query = "SELECT (SELECT Id FROM OrderItems) FROM Order ORDER BY Id"

        _, row, _ = client.query(query)["records"]
        rest = client.query_more(
            row["OrderItems"]["nextRecordsUrl"], identifier_is_url=True
        )

        assert row["OrderItems"]["done"] is False
        assert row["OrderItems"]["totalSize"] == 2
        assert len(row["OrderItems"]["records"]) == 1
        assert len(rest["records"]) == 1

    def test_locators_look_as_documented(self, client, world, orders):
        world.switches["min_batch_size"] = 1
        headers = {"Sforce-Query-Options": "batchSize=2"}

        url = client.query("SELECT Id FROM Order", headers=headers)["nextRecordsUrl"]

        locator, _, offset = url.rpartition("/")[2].partition("-")
        assert url.startswith("/services/data/v66.0/query/0r8")
        assert (len(locator), offset) == (18, "2")

    def test_an_old_locator_is_refused(self, client, world, clock, orders):
        world.switches["min_batch_size"] = 1
        world.switches["token_lifetime"] = 30 * 24 * 3600.0
        first = client.query(
            "SELECT Id FROM Order", headers={"Sforce-Query-Options": "batchSize=2"}
        )
        clock.advance(2 * 24 * 3600 + 1)

        with pytest.raises(SalesforceMalformedRequest) as caught:
            client.query_more(first["nextRecordsUrl"], identifier_is_url=True)

        assert content_of(caught)[0]["errorCode"] == "INVALID_QUERY_LOCATOR"

    def test_a_malformed_locator_is_refused(self, client):
        with pytest.raises(SalesforceMalformedRequest):
            client.query_more("nonsense")
