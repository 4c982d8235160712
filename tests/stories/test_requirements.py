"""The owner's requirements by their numbers, as far as the main job covers them."""

from __future__ import annotations

from datetime import timedelta

from django.utils.dateparse import parse_datetime

from connectors.models import FailedPayload, SyncAttempt
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import judge as salesforce_judge
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.sync import actions
from orders.models import Export, Package, Shipment
from tests.stories.reading import (
    a_user,
    creates,
    fields_sent,
    floor_off,
    insist_on_once,
    lines_of,
    open_failures,
    ships_once,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import SHIP_TO, Town


def test_r1_orders_and_shipments_flow_in_near_real_time(town: Town) -> None:
    order = town.order()
    activated = town.now()
    until(town, lambda: creates(town, order) == 1, minutes=2, step=1)
    assert town.now() - activated <= timedelta(seconds=35)

    until(town, lambda: bool(shiphero_judge.shipped(town.shiphero)), step=1)
    left = town.now()
    until_status(town, order, "Shipped")
    assert town.now() - left <= timedelta(seconds=20)


def test_r2_customer_address_and_lines_become_a_warehouse_order(town: Town) -> None:
    floor_off(town)
    order = town.order(("MUG", 2), ("TEE", 7))
    until_created(town, order)

    made = the_one(town, order)

    assert lines_of(made) == {"MUG": 2, "TEE": 7}
    assert made["order_number"] == town.in_salesforce(order)["OrderNumber"]
    assert made["email"] == SHIP_TO["email"]
    to = made["shipping_address"]
    assert (to["first_name"], to["last_name"]) == ("Ada", "Byron")
    assert (to["address1"], to["city"], to["state"], to["zip"], to["country"]) == (
        "12 Mill Lane",
        "Tulsa",
        "OK",
        "74103",
        "US",
    )
    assert to["phone"] == SHIP_TO["phone"]


def test_r3_an_order_is_exported_when_activated_and_an_edit_sends_its_delta(
    town: Town,
) -> None:
    floor_off(town)
    draft = town.order(activate=False)
    town.run(minutes=1.5)
    assert creates(town, draft) == 0

    town.desk.activate(draft)
    until_created(town, draft)
    town.desk.edit_order(draft, ShippingCity="Bixby")
    until(town, lambda: len(writes(town, draft)) == 3)

    assert fields_sent(town, draft, "order_update") == [
        ["order_id", "shipping_address"]
    ]
    assert creates(town, draft) == 1


def test_r4_picked_and_shipped_come_back_with_carrier_service_and_tracking(
    town: Town,
) -> None:
    order = town.order()
    ships_once(town, order)

    seen = salesforce_judge.values_over_time(
        town.salesforce, order, "ShipSync_Status__c"
    )
    assert [one for one in seen if one != "Waiting"] == [
        "Sent",
        "In Warehouse",
        "Picking",
        "Shipped",
    ]
    (shipment,) = shiphero_judge.shipped(town.shiphero)[town.key(order)]
    (package,) = shipment["packages"]
    shown = town.in_salesforce(order)
    assert shown["ShipSync_Carrier__c"].casefold() == package["carrier"].casefold()
    assert shown["ShipSync_Method__c"] == package["method"]
    assert shown["ShipSync_Tracking_Number__c"] == package["tracking_number"]
    assert shown["ShipSync_Shipped_At__c"]


def test_r6_what_is_wrong_is_told_whole_logged_and_can_be_done_again(
    town: Town,
) -> None:
    town.shiphero.set_switches({"unknown_sku": "reject"})
    town.desk.create_product("NEW", "Novelty", 1.0)
    incomplete = town.order(
        ship_to={**SHIP_TO, "postal_code": "", "city": ""},
        ShipSync_Shipping_Method__c="",
    )
    refused = town.order(("NEW", 1))
    until(town, lambda: FailedPayload.objects.count() == 2)

    (ours,) = open_failures(incomplete)
    assert {one["code"] for one in ours.problems} == {
        "method.missing",
        "address.city_missing",
        "address.zip_missing",
    }
    (theirs,) = open_failures(refused)
    assert theirs.payload is not None
    assert theirs.error_response is not None
    assert b"NEW" in bytes(theirs.payload.body)
    assert b"not found" in bytes(theirs.error_response.body)

    town.shiphero.seed_product("NEW", "Novelty", {"Primary": 5})
    actions.retry(failures=[theirs], user=a_user(), now=town.now())
    ships_once(town, refused)


def test_r7_no_retry_makes_a_duplicate_and_time_stamps_tell_the_way(
    town: Town,
) -> None:
    town.shiphero.faults.script(
        "shiphero.order_create", Fault.LOST_ANSWER, Fault.LOST_ANSWER
    )
    order = town.order()
    ships_once(town, order)
    town.run(minutes=3)
    insist_on_once(town, order)
    assert creates(town, order) == 1

    export = Export.objects.get()
    assert export.key == town.key(order)
    way = [
        export.source_modified_at,
        export.pulled_at,
        export.sent_at,
        export.acknowledged_at,
        export.received_at,
        export.written_back_at,
    ]
    moments = [moment for moment in way if moment is not None]
    assert len(moments) == len(way)
    assert moments == sorted(moments)
    assert SyncAttempt.objects.filter(order__salesforce_id=order).exists()


def test_r8_what_shipped_when_and_with_whom_is_the_same_everywhere(town: Town) -> None:
    town.shiphero.set_switches({"auto_splits": 2})
    order = town.order(("MUG", 2), ("TEE", 2))
    until_status(town, order, "Shipped")

    left = {
        package["tracking_number"]
        for shipment in shiphero_judge.shipped(town.shiphero)[town.key(order)]
        for package in shipment["packages"]
    }
    ours = set(Package.objects.values_list("tracking_number", flat=True))
    theirs = {row["Tracking_Number__c"] for row in town.packages(order)}
    assert left == ours == theirs
    first = min(one.shipped_at for one in Shipment.objects.all() if one.shipped_at)
    shown = parse_datetime(town.in_salesforce(order)["ShipSync_Shipped_At__c"])
    assert shown is not None
    assert abs(shown - first) < timedelta(seconds=1)
