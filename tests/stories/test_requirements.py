"""The owner's requirements by their numbers, as far as the main job covers them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from connectors.config_versions import ConfigKind
from connectors.models import FailedPayload, SyncAttempt
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import judge as salesforce_judge
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.sandbox.shiphero.stockroom import Stockroom
from connectors.sync import actions, config
from orders.models import Export, Package, Shipment
from tests.stories import both_worlds
from tests.stories.reading import (
    a_user,
    creates,
    fields_sent,
    floor_off,
    insist_on_once,
    lines_of,
    open_codes,
    open_failures,
    ships_once,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import SHIP_TO, Town

pytestmark = pytest.mark.every_round


def test_r1_orders_and_shipments_flow_in_near_real_time(town: Town) -> None:
    order = town.order()
    activated = town.now()
    until(town, lambda: creates(town, order) == 1, minutes=2, step=1)
    assert town.now() - activated <= timedelta(seconds=35)

    until(town, lambda: bool(shiphero_judge.shipped(town.shiphero)), step=1)
    left = town.now()
    until_status(town, order, "Shipped")
    assert town.now() - left <= timedelta(seconds=20)


def test_r1_a_count_in_the_warehouse_stands_in_salesforce_in_near_real_time(
    town: Town,
) -> None:
    """A message rings at once; it gathers for fifteen seconds before it is written."""
    floor_off(town)
    town.setting("poll_stock_seconds", 86_400)
    until(town, lambda: promised(town, "MUG") == 1000, minutes=10)
    town.run(minutes=3, step=60)  # the reading that was planned before is over

    Stockroom(town.shiphero).count("MUG", "Primary", 640)
    counted = town.now()
    until(town, lambda: promised(town, "MUG") == 640, minutes=3, step=2)

    assert town.now() - counted <= timedelta(seconds=60)


def promised(town: Town, sku: str) -> float | None:
    rows = town.salesforce.snapshot("ShipSync_Inventory_Level__c")
    return next((row["Available__c"] for row in rows if row["SKU__c"] == sku), None)


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


def test_r2_what_an_organization_maps_besides_goes_along_and_its_edit_alone(
    town: Town,
) -> None:
    floor_off(town)
    maps = [
        {"field": "gift_note", "path": "Description", "transform": "one_line"},
        {"field": "is_gift", "path": "PoNumber", "default": "yes"},
        {"field": "required_date", "path": "EndDate"},
        {"field": "bill_to.company", "path": "Account.Name"},
        {"field": "bill_to.address1", "path": "BillingStreet"},
    ]
    document = SourceMapping.default().to_document()
    config.save(
        kind=ConfigKind.SOURCE_MAPPING,
        organization=town.organization,
        document={"fields": [*document["fields"], *maps]},
        user=None,
        now=town.now(),
    )
    order = town.order(
        Description="For\nAda", EndDate="2026-12-24", BillingStreet="1 Bank St"
    )
    until_created(town, order)

    made = the_one(town, order)
    assert (made["gift_note"], made["gift_invoice"]) == ("For Ada", True)
    assert made["required_ship_date"].startswith("2026-12-24")
    assert made["billing_address"]["address1"] == "1 Bank St"

    town.desk.edit_order(order, Description="For Charles")
    until(town, lambda: the_one(town, order)["gift_note"] == "For Charles")
    assert fields_sent(town, order, "order_update") == [["gift_note", "order_id"]]


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
        "Packed",
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


def test_r6_a_check_blocks_or_warns_as_the_account_chose(town: Town) -> None:
    floor_off(town)
    box = town.order(ship_to={**SHIP_TO, "street": "PO Box 12"})
    until(town, lambda: open_codes(box) == ["address.po_box"])
    assert creates(town, box) == 0

    config.save(
        kind=ConfigKind.CHECKS,
        account=town.account,
        document={"severities": {"address.po_box": "warn"}},
        user=None,
        now=town.now(),
    )

    until_created(town, box)
    assert open_codes(box) == []


def test_r13_an_address_is_checked_and_tidied_before_export_and_told_as_typed(
    town: Town,
) -> None:
    floor_off(town)
    typed = {
        **SHIP_TO,
        "street": "12 Mill  Lane",
        "state": "oklahoma",
        "postal_code": "741031234",
        "country": "Vereinigte Staaten",
        "phone": "(918) 555-0100",
    }
    order = town.order(ship_to=typed)
    wrong = town.order(ship_to={**SHIP_TO, "postal_code": "SW1A 1AA"})
    until_created(town, order)

    to = the_one(town, order)["shipping_address"]
    assert (to["address1"], to["state"], to["zip"]) == (
        "12 Mill Lane",
        "OK",
        "74103-1234",
    )
    assert (to["country"], to["phone"]) == ("US", "+1 918-555-0100")
    assert town.mirror(order).picture["ship_to"]["state"].casefold() == "oklahoma"

    assert open_codes(wrong) == ["address.zip_invalid"]
    town.desk.edit_order(wrong, ShippingPostalCode="74103")
    until_created(town, wrong)


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
    (left,) = town.shiphero.every("shipment")
    told = Shipment.objects.get()
    assert told.remote_event_at == parse_datetime(f"{left['created_date']}+00:00")
    assert told.remote_event_at is not None
    assert told.written_back_at is not None
    assert told.remote_event_at <= told.received_at <= told.written_back_at
    assert export.remote_event_at is not None
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
    there = both_worlds.in_warehouse(town, the_one(town, order))
    assert both_worlds.in_salesforce(town, order) == there
    first = min(one.shipped_at for one in Shipment.objects.all() if one.shipped_at)
    shown = parse_datetime(town.in_salesforce(order)["ShipSync_Shipped_At__c"])
    assert shown is not None
    assert abs(shown - first) < timedelta(seconds=1)
