from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps

from connectors.errors import MappingError
from connectors.shiphero import values
from connectors.shiphero.inputs import (
    changes_input,
    create_input,
    hold_input,
    line_change_input,
    time_text,
)
from connectors.shiphero.mapping import order_from
from connectors.shiphero.shipment_mapping import shipment_from
from connectors.shiphero.values import global_id, int_of, time_of
from orders.records import (
    MISSING,
    Address,
    HoldKind,
    LineChange,
    OrderChanges,
    WantedLine,
    WantedOrder,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADDRESS = Address(
    first_name="Ann",
    last_name="Lee",
    address1="1 Main St",
    city="Tulsa",
    state="OK",
    zip="74103",
    country="US",
)
WANTED = WantedOrder(
    key="acme-801000000000001-1",
    order_number="00000101",
    shop_name="acme",
    ship_to=ADDRESS,
    lines=(WantedLine(key="802x1", sku="ABC-1", quantity=2, price="9.50"),),
    method_title="Ground",
    carrier="ups",
    method="Ground",
    tags=("shipsync",),
)


class TestCreateInput:
    def test_it_names_the_order_by_our_key(self):
        data = create_input(WANTED, hold=HoldKind.OPERATOR, tags=["rush", "shipsync"])

        assert data["partner_order_id"] == "acme-801000000000001-1"
        assert data["holds"] == {"operator_hold": True}
        assert data["tags"] == ["shipsync", "rush"]
        assert data["shipping_lines"] == {
            "title": "Ground",
            "price": "0.00",
            "carrier": "ups",
            "method": "Ground",
        }
        assert data["line_items"] == [
            {
                "partner_line_item_id": "802x1",
                "sku": "ABC-1",
                "quantity": 2,
                "price": "9.50",
            }
        ]

    def test_state_and_country_stand_in_both_fields(self):
        address = create_input(WANTED, hold=None)["shipping_address"]

        assert address["state"] == address["state_code"] == "OK"
        assert address["country"] == address["country_code"] == "US"

    def test_what_is_empty_is_left_out(self):
        data = create_input(WANTED, hold=None)

        assert not {"holds", "email", "currency", "packing_note"} & set(data)

    def test_too_long_line_keys_are_refused_all_at_once(self):
        lines = [WantedLine(key="x" * 46, sku="A", quantity=1)] * 2
        order = WantedOrder(
            key="k", order_number="1", shop_name="s", ship_to=ADDRESS, lines=(*lines,)
        )

        with pytest.raises(MappingError) as caught:
            create_input(order, hold=None)

        assert [one.field for one in caught.value.problems] == [
            "lines[0].key",
            "lines[1].key",
        ]


class TestChanges:
    def test_only_what_is_given_is_sent(self):
        assert changes_input(OrderChanges()) == {}
        assert changes_input(OrderChanges(packing_note="")) == {"packing_note": ""}
        assert line_change_input(LineChange("TGk6MQ==", quantity=3)) == {
            "id": "TGk6MQ==",
            "quantity": 3,
        }

    def test_the_words_on_shipping_go_together(self):
        changes = OrderChanges(method_title="Express", carrier="ups", method="Next Day")

        assert changes_input(changes)["shipping_lines"]["carrier"] == "ups"

    def test_the_shipping_method_hold_is_nobodys_to_set(self):
        with pytest.raises(ValueError, match="shipping_method"):
            hold_input(HoldKind.SHIPPING_METHOD, is_set=True)


def read(node: dict[str, Any], **more: Any) -> Any:
    return order_from(node, **more)


def left(node: dict[str, Any]) -> Any:
    return shipment_from(node)


def connection(*nodes, more=False):
    return {
        "pageInfo": {"hasNextPage": more, "endCursor": "YXJyYXk6MQ=="},
        "edges": [{"node": node} for node in nodes],
    }


def order_node(**changes):
    return {
        "id": "T3JkZXI6MQ==",
        "legacy_id": "1",
        "order_number": "00000101",
        "partner_order_id": "acme-801-1",
        "fulfillment_status": "pending",
        "updated_at": "2026-11-22T11:59:59",
        "tags": ["shipsync"],
        "holds": {"operator_hold": True, "fraud_hold": False, "address_hold": None},
    } | changes


class TestOrderFrom:
    def test_a_head_leaves_the_rest_missing(self):
        order = read(order_node(), read_at=NOW)

        assert order.key == "acme-801-1"
        assert order.legacy_id == 1
        assert order.holds == {HoldKind.OPERATOR}
        assert order.updated_at == datetime(2026, 11, 22, 11, 59, 59, tzinfo=UTC)
        assert order.lines is MISSING
        assert order.ship_to is MISSING
        assert order.shipments is MISSING
        assert order.email is MISSING

    def test_an_unfinished_page_of_lines_is_missing_not_short(self):
        node = order_node(line_items=connection({"sku": "A"}, more=True))

        assert read(node, read_at=NOW).lines is MISSING

    def test_no_lines_are_known_to_be_none(self):
        node = order_node(line_items=connection())

        assert read(node, read_at=NOW).lines == ()

    def test_what_a_scoped_token_may_not_see_is_missing(self):
        hidden = dict.fromkeys(["first_name", "last_name", "company", "address1"])
        node = order_node(shipping_address={**hidden, "city": "Tulsa"}, email=None)
        order = read(node, read_at=NOW)

        assert order.ship_to is MISSING
        assert order.email is MISSING

    def test_picked_is_the_sum_of_the_totes(self):
        line = {
            "id": "TGluZUl0ZW06Nw==",
            "sku": "A",
            "quantity": 5,
            "tote_picks": [{"picked_quantity": 2}, {"picked_quantity": None}],
        }
        order = read(order_node(line_items=connection(line)), read_at=NOW)

        assert order.lines[0].picked == 2

    def test_a_merged_order_names_its_master(self):
        rows = [
            {"order_id": "T3JkZXI6MQ==", "is_master": False},
            {"order_id": "T3JkZXI6OQ==", "is_master": True},
        ]

        assert read(order_node(merged_orders=rows), read_at=NOW).merged_into == (
            "T3JkZXI6OQ=="
        )
        rows[0]["is_master"], rows[1]["is_master"] = True, False
        assert read(order_node(merged_orders=rows), read_at=NOW).merged_into == ""

    def test_a_kits_components_are_not_counted_as_lines_of_an_allocation(self):
        rows = [
            {"line_item_id": "L1", "quantity_allocated": 2, "is_kit_component": False},
            {"line_item_id": "L1", "quantity_allocated": 6, "is_kit_component": True},
        ]
        node = order_node(allocations=[{"allocation_reference": 5, "line_items": rows}])
        order = read(node, read_at=NOW)

        assert order.allocations[0].quantities == (("L1", 2),)
        assert order.allocations[0].reference == "5"


class TestShipmentFrom:
    def shipment(self, **label):
        return {
            "id": "U2hpcG1lbnQ6MQ==",
            "order_id": "T3JkZXI6MQ==",
            "created_date": "2026-11-22T10:00:00",
            "shipping_labels": [
                {
                    "id": "L1",
                    "status": "valid",
                    "package_number": 2,
                    "carrier": "ups",
                    "shipping_method": "Ground",
                    "tracking_number": "1Z9",
                }
                | label
            ],
            "line_items": connection(
                {
                    "line_item_id": "TGk6MQ==",
                    "quantity": 2,
                    "shipping_label_id": "L1",
                    "line_item": {"partner_line_item_id": "802x1", "sku": "ABC-1"},
                }
            ),
        }

    @pytest.mark.parametrize("quantity", [-1, 2**31])
    def test_lines_with_a_quantity_that_cannot_be_are_not_known(self, quantity):
        node = self.shipment()
        node["line_items"]["edges"][0]["node"]["quantity"] = quantity

        assert left(node).lines is MISSING

    def test_packages_and_lines_belong_together(self):
        shipment = left(self.shipment())

        assert shipment.packages[0].tracking_number == "1Z9"
        assert shipment.packages[0].number == 2
        assert shipment.lines[0].package_number == 2
        assert shipment.lines[0].line_key == "802x1"
        assert not shipment.is_void

    @pytest.mark.parametrize(
        ("lots", "left_with"),
        [
            ([{"name": "A", "quantity": 2}], [(2, "A")]),
            ([{"name": "A"}], [(2, "A")]),
            (
                [{"name": "A", "quantity": 1}, {"name": "B", "quantity": "1"}],
                [(1, "A"), (1, "B")],
            ),
            ([{"name": "A", "quantity": 1}], [(1, "A"), (1, "")]),
            ([{"name": "A", "quantity": 9}], [(2, "A")]),
            ([], [(2, "")]),
        ],
    )
    def test_units_are_told_by_the_lot_they_came_of(self, lots, left_with):
        node = self.shipment()
        node["line_items"]["edges"][0]["node"]["lots"] = lots

        lines = left(node).lines

        assert [(line.quantity, line.lot_name) for line in lines] == left_with

    @pytest.mark.parametrize(
        "label", [{"status": "void"}, {"refunded": True}, {"needs_refund": True}]
    )
    def test_it_is_void_once_all_its_labels_are(self, label):
        assert left(self.shipment(**label)).is_void

    def test_pickup_is_no_tracking_number(self):
        label = {"tracking_number": "Pickup", "carrier": None}
        package = left(self.shipment(**label)).packages[0]

        assert (package.carrier, package.tracking_number) == ("Pickup", "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2021-07-24T02:03:01", datetime(2021, 7, 24, 2, 3, 1, tzinfo=UTC)),
        ("2022-05-24 18:20:15", datetime(2022, 5, 24, 18, 20, 15, tzinfo=UTC)),
        ("2022-05-24T18:20:15+02:00", datetime(2022, 5, 24, 16, 20, 15, tzinfo=UTC)),
        ("2022-05-24T18:20:15Z", datetime(2022, 5, 24, 18, 20, 15, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1621, None),
    ],
)
def test_times_come_in_two_layouts_and_mean_utc(value, expected):
    assert time_of(value) == expected


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("2026-01-05T09:00:00", 14),
        ("2026-07-05 09:00:00", 13),
        ("2026-01-05T09:00:00Z", 9),
    ],
)
def test_a_time_without_a_zone_is_of_the_zone_that_is_set(
    value, hour, monkeypatch, settings
):
    monkeypatch.setitem(values._bare, "zone", UTC)  # put back afterwards
    settings.SHIPSYNC_SHIPHERO_TIME_ZONE = "America/New_York"
    apps.get_app_config("connectors").ready()

    assert time_of(value).hour == hour


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (" 7 ", 7),
        ("7.0", 7),
        (7.0, 7),
        (3_880_000_000, 3_880_000_000),
        (True, 1),
        ("-3", -3),
        ("٣", None),
        ("", None),
        ("seven", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ("9" * 5000, None),
        (None, None),
        ([], None),
    ],
    ids=repr,
)
def test_numbers_come_as_numbers_and_as_text(value, expected):
    assert int_of(value) == expected


def test_ids_and_times_are_written_as_shiphero_writes_them():
    assert global_id("Account", 7556) == "QWNjb3VudDo3NTU2"
    assert global_id("Account", None) == ""
    assert time_text(NOW) == "2026-11-22T12:00:00"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("66.7500", "66.75"),
        (" 3 ", "3.00"),
        (0, "0.00"),
        (None, "0.00"),
        ("a lot", "0.00"),
    ],
)
def test_an_amount_has_two_digits_however_many_are_shown(
    value: object, shown: str
) -> None:
    assert read({"total_tax": value}, read_at=NOW).total_tax == shown
