import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.shiphero.errors import MalformedEventError
from connectors.shiphero.events import read_event
from orders.records import MISSING, WarehouseEventKind

FULFILLMENT = {
    "shipment_id": 245,
    "shipment_uuid": "U2hpcG1lbnQ6MjQ1",
    "warehouse": "Primary",
    "warehouse_id": 11790,
    "warehouse_uuid": "V2FyZWhvdXNlOjExNzkw",
    "webhook_type": "Shipment Update",
    "partner_order_id": "acme-801-1",
    "order_number": "00000101",
    "tracking_number": "1Z1",
    "line_items": [
        {
            "id": "802x1",
            "shiphero_id": 7,
            "quantity": 2,
            "sku": "ABC-1",
            "serial_numbers": [],
            "package": "Package #1",
            "lot_name": None,
        }
    ],
    "custom_tracking_url": "https://track.example/1Z1",
    "package_number": 1,
    "total_packages": 1,
    "shipping_method": "Ground",
    "shipping_carrier": "ups",
    "created_at": "2022-05-24 18:20:15",
    "order_uuid": "T3JkZXI6MQ==",
}
SHIPMENT = {
    "test": "0",
    "webhook_type": "Shipment Update",
    "fulfillment": FULFILLMENT,
    "total_packages": 1,
    "packages": [
        {
            "name": "Package #1",
            "tracking_number": "1Z2",
            "shipping_label": {
                "tracking_number": "1Z3",
                "tracking_url": "https://track.example/1Z3",
                "carrier": "fedex",
                "method": "2Day",
            },
        }
    ],
}


def shipment(**changes):
    return {**SHIPMENT, **changes}


def told(body: object) -> Any:
    return read_event(body).shipment


class TestShipmentUpdate:
    def test_it_is_a_fact_by_itself(self):
        event: Any = read_event(SHIPMENT)

        assert event.kind is WarehouseEventKind.SHIPMENT
        assert event.order_key == "acme-801-1"
        assert event.order_remote_id == "T3JkZXI6MQ=="
        assert event.occurred_at == datetime(2022, 5, 24, 18, 20, 15, tzinfo=UTC)
        assert event.shipment.remote_id == "U2hpcG1lbnQ6MjQ1"
        assert event.shipment.legacy_id == 245
        assert event.shipment.warehouse == "V2FyZWhvdXNlOjExNzkw"
        assert event.shipment.lines[0].line_key == "802x1"
        assert event.shipment.lines[0].remote_line_id == "TGluZUl0ZW06Nw=="
        assert event.shipment.lines[0].package_number == 1

    def test_the_label_knows_better_than_the_package_than_the_outer_words(self):
        label = told(SHIPMENT).packages[0]
        bare = {"name": "Package #1", "tracking_number": "1Z2"}
        package = told(shipment(packages=[bare])).packages[0]
        alone = {key: SHIPMENT[key] for key in ("webhook_type", "fulfillment")}
        outer = told(alone).packages[0]

        assert (label.tracking_number, label.carrier, label.method) == (
            "1Z3",
            "fedex",
            "2Day",
        )
        assert (package.tracking_number, package.carrier) == ("1Z2", "ups")
        assert (outer.tracking_number, outer.carrier) == ("1Z1", "ups")

    def test_the_outer_words_do_not_stand_for_several_packages(self):
        body = shipment(total_packages=2, packages=[])

        assert told(body).packages is MISSING

    def test_one_of_two_packages_does_not_borrow_the_outer_words(self):
        rows = [{"name": "Package #1"}, {"name": "Package #2", "tracking_number": "Z"}]
        first, second = told(shipment(packages=rows)).packages

        assert (first.tracking_number, second.tracking_number) == ("", "Z")
        assert (first.number, second.number) == (1, 2)

    def test_pickup_is_no_tracking_number(self):
        body = {
            "webhook_type": "Shipment Update",
            "fulfillment": {**FULFILLMENT, "tracking_number": "Pickup"},
        }
        package = told(body).packages[0]

        assert package.tracking_number == ""

    def test_the_type_may_be_nested_or_not_there(self):
        nested = {"fulfillment": FULFILLMENT}
        inner = {k: v for k, v in FULFILLMENT.items() if k != "webhook_type"}

        assert read_event(nested).kind is WarehouseEventKind.SHIPMENT
        assert read_event({"fulfillment": inner}).kind is WarehouseEventKind.SHIPMENT

    @pytest.mark.parametrize("quantity", [-1, 2**31, 10**30, "many"])
    def test_a_quantity_that_cannot_have_left_is_malformed(self, quantity):
        line = FULFILLMENT["line_items"][0] | {"quantity": quantity}
        body = SHIPMENT | {"fulfillment": FULFILLMENT | {"line_items": [line]}}

        with pytest.raises(MalformedEventError, match="quantity"):
            read_event(body)

    def test_an_odd_package_number_is_the_first(self):
        inner = FULFILLMENT | {"package_number": -3}
        event = read_event({"fulfillment": inner})

        assert event.shipment.packages[0].number == 1

    def test_without_an_id_it_is_malformed(self):
        with pytest.raises(MalformedEventError):
            read_event({"webhook_type": "Shipment Update", "fulfillment": {"a": 1}})


ALLOCATED = {
    "webhook_type": "Order Allocated",
    "allocation_reference": 128,
    "warehouse_id": 11790,
    "allocated_at": "2021-07-24T02:03:01",
    "order_number": "00000101",
    "order_id": 1,
    "order_uuid": "T3JkZXI6MQ==",
    "partner_order_id": "acme-801-1",
    "line_items": [{"id": 7, "sku": "ABC-1", "quantity": 2}],
    "ready_to_ship": 1,
}


class TestOtherTypes:
    def test_an_allocation_tells_its_reference_and_time(self):
        event = read_event(ALLOCATED)

        assert event.kind is WarehouseEventKind.ALLOCATED
        assert event.reference == "128"
        assert event.order_legacy_id == 1
        assert event.occurred_at == datetime(2021, 7, 24, 2, 3, 1, tzinfo=UTC)
        assert event.skus == ("ABC-1",)
        assert event.shipment is None

    def test_a_cancellation_has_no_time_and_a_hyphen(self):
        body = {"order_number": "1", "fulfillment-status": "canceled", "order_id": "9"}
        event = read_event(body)

        assert event.kind is WarehouseEventKind.CANCELED
        assert event.order_legacy_id == 9
        assert event.occurred_at is None

    def test_a_packed_out_order_is_named_by_its_ids_only(self):
        row = {"order_id": 1, "order_uuid": "T3JkZXI6MQ==", "sku": "A"}
        event = read_event({"webhook_type": "Order Packed Out", "items": [row]})

        assert event.kind is WarehouseEventKind.PACKED
        assert event.order_remote_id == "T3JkZXI6MQ=="

    def test_an_opaque_order_id_is_not_taken_for_a_number(self):
        body = {"webhook_type": "Order Canceled", "order_id": "T3JkZXI6MQ=="}
        event = read_event(body)

        assert event.order_remote_id == "T3JkZXI6MQ=="
        assert event.order_legacy_id is None

    def test_stock_updates_name_their_skus(self):
        rows = [{"sku": "A", "on_hand": "5"}, {"sku": "B"}, {"sku": "A"}]
        event = read_event({"inventory": rows})

        assert event.kind is WarehouseEventKind.STOCK
        assert event.skus == ("A", "B")

    def test_a_label_in_a_container_is_not_a_shipment(self):
        inner = {"order_number": "1", "package_added_at": "2021-07-24T02:03:01"}
        event = read_event({"test": "0", "fulfillment": inner})

        assert event.kind is WarehouseEventKind.STAGED
        assert event.type_name == "Package Added"

    def test_the_registration_tells_the_type_when_the_body_does_not(self):
        body = {"items": [{"order_id": 1}]}
        event = read_event(body, registered_type="Tote Cleared")

        assert event.type_name == "Tote Cleared"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        7,
        {},
        {"webhook_type": "Order Allocated"},
        {"webhook_type": "Order Canceled", "order_number": "a\x00b"},
        {"webhook_type": "Order Canceled", "order_number": "\ud800"},
        json.loads('{"webhook_type": "x", "a": ' + "[" * 50 + "]" * 50 + "}"),
    ],
)
def test_what_is_no_event_is_malformed(body):
    with pytest.raises(MalformedEventError):
        read_event(body)


KEYS = st.sampled_from(
    [*SHIPMENT, *FULFILLMENT, *ALLOCATED, "items", "totes", "inventory", "packages"]
)
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["Shipment Update", "Order Allocated", "Package #1", "Pickup"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6)
    ),
    max_leaves=30,
)


@given(st.dictionaries(KEYS, ODD, max_size=8))
def test_odd_bodies_are_read_or_malformed_and_nothing_else(body):
    with suppress(MalformedEventError):
        assert read_event(body).type_name
