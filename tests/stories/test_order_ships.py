"""The main job: an activated order is created once, ships, and comes back."""

from __future__ import annotations

from tests.town import Town


def test_an_activated_order_is_created_once_and_comes_back_shipped(town: Town) -> None:
    order = town.order(("MUG", 2), ("TEE", 1))

    town.run(minutes=8)

    created = town.in_warehouse(order)
    assert len(created) == 1
    shown = town.in_salesforce(order)
    assert shown["ShipSync_Status__c"] == "Shipped"
    assert shown["ShipSync_Tracking_Number__c"]
    assert shown["ShipSync_Carrier__c"]
    packages = town.packages(order)
    assert [p["Tracking_Number__c"] for p in packages] == [
        shown["ShipSync_Tracking_Number__c"]
    ]
