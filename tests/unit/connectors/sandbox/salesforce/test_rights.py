"""The integration user under the package's permission set alone."""

from __future__ import annotations

import pytest
from simple_salesforce.exceptions import SalesforceError

from connectors.sandbox.salesforce import judge

SHIPMENT = "ShipSync_Shipment__c"


@pytest.fixture
def order(desk):
    return desk.create_order(lines=[("A-1", 2)])


@pytest.fixture(autouse=True)
def _bound(world, order):
    world.switches["rights_of_the_package"] = True


def names(client, sobject):
    told = getattr(client, sobject).describe()["fields"]
    return {one["name"]: one for one in told}


def refusal(call, *args):
    with pytest.raises(SalesforceError) as caught:
        call(*args)
    return caught.value.content[0]["errorCode"]


def test_it_reads_what_is_granted_and_what_needs_no_grant(client, order):
    fields = names(client, "Order")

    assert {"ShippingStreet", "PoNumber", "ShipToContactId"} <= set(fields)
    assert {"Status", "EffectiveDate", "AccountId", "OrderNumber"} <= set(fields)
    assert {"Quantity", "UnitPrice", "Product2Id"} <= set(names(client, "OrderItem"))


def test_it_does_not_see_what_is_not_granted(client, order):
    fields = names(client, "Order")

    assert not {"Description", "PoDate", "BillingCity", "Name"} & set(fields)
    query = "SELECT Description FROM Order"
    assert refusal(client.query, query) == "INVALID_FIELD"


def test_an_administrator_may_grant_more(world, client, order):
    world.switches["granted_fields"] = ["Order.Description", "Order.BillingAddress"]

    assert {"Description", "BillingCity"} <= set(names(client, "Order"))


def test_it_writes_its_own_fields_on_an_activated_order_and_no_other(
    world, client, order
):
    client.Order.update(order, {"ShipSync_Status__c": "Shipped"})

    assert judge.order(world, order)["ShipSync_Status__c"] == "Shipped"
    for name in ("ShipSync_Shipping_Method__c", "PoNumber", "ShippingCity"):
        refused = refusal(client.Order.update, order, {name: "x"})
        assert refused == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_it_makes_and_edits_its_own_rows_and_deletes_none(client, order):
    row = {"ShipSync_Key__c": "K-1", "Order__c": order}
    made = getattr(client, SHIPMENT).create(row)["id"]
    getattr(client, SHIPMENT).update(made, {"Carrier__c": "ups"})

    refused = refusal(getattr(client, SHIPMENT).delete, made)
    assert refused == "INSUFFICIENT_ACCESS_OR_READONLY"


@pytest.mark.parametrize(
    ("sobject", "values"),
    [
        ("Account", {"Name": "Mine"}),
        ("ShipSync_Request__c", {"Kind__c": "Retry"}),
        ("Product2", {"Name": "Mine"}),
    ],
)
def test_it_makes_nothing_else(client, sobject, values):
    refused = refusal(getattr(client, sobject).create, values)

    assert refused == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert not getattr(client, sobject).describe()["createable"]


def test_sales_are_not_bound_by_it(world, desk, order):
    desk.edit_order(order, Description="Leave at the gate")

    assert judge.order(world, order)["Description"] == "Leave at the gate"
