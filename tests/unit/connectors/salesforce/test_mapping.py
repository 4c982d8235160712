from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.salesforce.mapping import order_from, stage_of, time_of, value_at
from connectors.salesforce.soql import OrderQuery
from connectors.salesforce.source_mapping import FieldMap, SourceMapping
from connectors.salesforce.transforms import transformed
from orders.records import MISSING, Address, OrderStage

MAPPING = SourceMapping.default()


def query(mapping=MAPPING, *, without=()):
    return OrderQuery(
        select="",
        paths=frozenset(
            {one.path for one in mapping.order_maps()} | {"Id"} - set(without)
        )
        - set(without),
        line_paths=frozenset({one.path for one in mapping.line_maps()}) - set(without),
        absent=(),
        children="OrderItems",
    )


ROW = {
    "attributes": {"type": "Order"},
    "Id": "801000000000001AAA",
    "OrderNumber": "00000101",
    "Status": "Activated",
    "StatusCode": "Activated",
    "IsReductionOrder": False,
    "IsDeleted": False,
    "LastModifiedById": "005000000000001AAA",
    "SystemModstamp": "2026-11-22T06:21:21.000+0000",
    "RecordType": None,
    "AccountId": "001000000000001AAA",
    "Account": {"Name": "Acme ", "Phone": "555 0100"},
    "ShipToContact": {
        "FirstName": "Ann",
        "LastName": "Lee",
        "Phone": None,
        "Email": None,
    },
    "ShippingStreet": "1 Main St\r\nSuite 5\n\nDock B",
    "ShippingCity": "Tulsa",
    "ShippingStateCode": None,
    "ShippingState": "OK",
    "ShippingPostalCode": "74103",
    "ShippingCountryCode": "",
    "ShippingCountry": "United States",
    "ShipSync_Shipping_Method__c": "Ground",
    "PoNumber": None,
    "CurrencyIsoCode": "USD",
    "EndDate": None,
    "EffectiveDate": "2026-11-22",
}
LINE = {
    "Id": "802000000000001AAA",
    "OrderItemNumber": "0000000001",
    "Quantity": 2.5,
    "UnitPrice": 12.0,
    "Product2Id": "01t000000000001AAA",
    "Product2": {"ProductCode": " A-1 ", "StockKeepingUnit": None, "Name": "Alpha"},
}


def record(row=ROW, children=(LINE,), **more):
    return order_from(row, MAPPING, query(**more), children=children)


def test_a_row_becomes_our_record():
    order = record()

    assert order.salesforce_id == "801000000000001AAA"
    assert order.stage is OrderStage.ACTIVATED
    assert order.modified_at == datetime(2026, 11, 22, 6, 21, 21, tzinfo=UTC)
    assert order.ship_to == Address(
        first_name="Ann",
        last_name="Lee",
        company="Acme",
        address1="1 Main St",
        address2="Suite 5, Dock B",
        city="Tulsa",
        state="OK",
        zip="74103",
        country="US",
        phone="555 0100",
    )
    assert order.po_number == ""
    assert order.record_type == ""
    assert order.is_reduction is False
    assert order.order_date == date(2026, 11, 22)
    assert order.bill_to is MISSING
    assert order.account_id == "001000000000001AAA"
    (line,) = order.lines
    assert line.sku == "A-1"
    assert line.quantity == Decimal("2.5")
    assert line.unit_price == Decimal("12.0")


def test_a_lost_right_makes_a_field_missing_not_empty():
    gone = ["ShipSync_Shipping_Method__c", "EffectiveDate", "IsReductionOrder"]
    order = record(without=gone)

    assert order.shipping_method is MISSING
    assert order.order_date is MISSING
    assert order.is_reduction is MISSING


def test_an_address_with_a_part_we_may_not_read_is_missing_as_a_whole():
    assert record(without=["ShipToContact.FirstName"]).ship_to is MISSING
    assert record(without=["ShippingPostalCode"]).ship_to is MISSING


def test_another_map_of_the_field_stands_in_for_an_absent_one():
    order = record(without=["ShippingStateCode", "ShippingCountryCode"])

    assert (order.ship_to.state, order.ship_to.country) == ("OK", "US")


def test_lines_that_did_not_all_come_are_missing():
    assert record(children=MISSING).lines is MISSING
    assert record(children=[]).lines == ()


def test_deleted_lines_are_left_out():
    assert record(children=[LINE, {**LINE, "IsDeleted": True}]).lines[1:] == ()


def test_fields_of_a_line_can_be_missing_too():
    (line,) = record(
        without=["Product2.ProductCode", "Product2.StockKeepingUnit", "Quantity"]
    ).lines

    assert line.sku is MISSING
    assert line.quantity is MISSING


def test_an_empty_parent_leaves_its_fields_empty():
    row = {**ROW, "ShipToContact": None}
    order = record(row)

    assert order.ship_to.first_name == ""
    assert order.email == ""


def test_defaults_and_extras_come_from_the_mapping():
    mapping = SourceMapping(
        (
            *MAPPING.fields,
            FieldMap("brand", "Brand__c", "lower", default="acme"),
            FieldMap("extra.gift", "Gift__c"),
            FieldMap("extra.amount", "TotalAmount"),
        )
    )
    row = {**ROW, "Brand__c": None, "Gift__c": True, "TotalAmount": 25.0}
    order = order_from(row, mapping, query(mapping), children=MISSING)

    assert order.brand == "acme"
    assert dict(order.extra)["gift"] == "true"
    assert dict(order.extra)["amount"] == "25"


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("Draft", OrderStage.DRAFT),
        ("Activated", OrderStage.ACTIVATED),
        ("Superseded", OrderStage.SUPERSEDED),
        ("Something New", OrderStage.SUPERSEDED),
    ],
)
def test_a_category_nobody_knows_is_never_sent(code, stage):
    assert stage_of(code) is stage


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("A.B", 1),
        ("a.b", 1),
        ("A.C", MISSING),
        ("D.E.F", None),
        ("X", MISSING),
        ("A.B.C", MISSING),
    ],
)
def test_a_value_is_found_empty_or_not_there(path, expected):
    assert value_at({"A": {"B": 1}, "D": None}, path) == expected


def test_times_need_a_zone():
    assert time_of("2026-11-22T06:21:21Z").tzinfo is UTC
    with pytest.raises(ValueError, match="zone"):
        time_of("2026-11-22T06:21:21")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("first_line", " a \n b \n", "a"),
        ("first_line", "", ""),
        ("other_lines", "a\n\nb\nc", "b, c"),
        ("first_word", "Ann van Lee", "Ann"),
        ("other_words", "Ann van Lee", "van Lee"),
        ("one_line", "a\n b", "a b"),
        ("digits", "(555) 0100", "5550100"),
        ("country_code", "usa", "US"),
        ("country_code", "Deutschland", "DE"),
        ("all_but_last", "Ada Augusta Byron", "Ada Augusta"),
        ("all_but_last", "Byron", ""),
        ("last_word", " Ada Augusta Byron ", "Byron"),
        ("last_word", "", ""),
        ("country_code", "us", "US"),
        ("country_code", "Ruritania", "Ruritania"),
        ("upper", "ok", "OK"),
        ("", " kept ", "kept"),
    ],
)
def test_transforms_are_small_rules(name, text, expected):
    assert transformed(text, name) == expected


EXTRA_MAPS = tuple(
    FieldMap(field, f"{field.title().replace('.', '_')}__c")
    for field in (
        *("gift_note", "is_gift", "require_signature", "adult_signature"),
        *("insurance", "insurance_amount", "shipping_price", "total_tax"),
        *("total_discount", "bill_to.last_name", "bill_to.city", "required_date"),
    )
)


def extras(**values):
    mapping = SourceMapping((*MAPPING.fields, *EXTRA_MAPS))
    row = {**ROW, **{one.path: None for one in EXTRA_MAPS}}
    row |= {f"{field.title()}__c": value for field, value in values.items()}
    return order_from(row, mapping, query(mapping), children=[])


@pytest.mark.parametrize(
    ("value", "is_so"),
    [(True, True), (False, False), ("Yes", True), ("no", False), (None, False)],
)
def test_a_flag_is_a_checkbox_or_a_word(value, is_so):
    assert extras(require_signature=value).require_signature is is_so


def test_what_is_not_mapped_is_missing_and_what_is_empty_is_empty():
    plain = order_from(ROW, MAPPING, query(), children=[])
    empty = extras()

    assert (plain.is_gift, plain.total_tax, plain.bill_to) == (MISSING,) * 3
    assert (empty.is_gift, empty.total_tax, empty.gift_note) == (False, None, "")


def test_amounts_dates_and_the_bill_to_address_are_read():
    order = extras(
        total_tax=7.125,
        insurance_amount="250",
        required_date="2026-12-24",
        bill_to_last_name="Lee",
    )

    assert (order.total_tax, order.insurance_amount) == (
        Decimal("7.125"),
        Decimal(250),
    )
    assert order.required_date == date(2026, 12, 24)
    assert order.bill_to == Address(last_name="Lee")


@pytest.mark.parametrize("field", ["total_tax", "required_date"])
def test_what_is_no_amount_or_date_is_told_not_dropped(field):
    with pytest.raises(ValueError, match=f"{field} is “soon”"):
        extras(**{field: "soon"})
