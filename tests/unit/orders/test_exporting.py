"""From what the source has to what the warehouse is to have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from inventory.units import FactorTable
from orders.checks import Checks
from orders.dispatch import Goods, Routing
from orders.exporting import ExportTerms, plan_export
from orders.line_units import LineUnits
from orders.methods import MethodMap
from orders.records import MISSING, Address, OrderRecord, WantedOrder
from orders.routing import Ground
from orders.routing_rules import Rest, RuleSet
from tests.unit.orders import strategies as some
from tests.unit.orders.test_validation import GOOD, GOOD_ADDRESS, GOOD_LINE

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
METHODS = MethodMap.from_document(
    {
        "Ground": {"carrier": "ups", "method": "ups_ground", "title": "UPS Ground"},
        "Pick up": {"method": "pickup"},
    }
)
TERMS = ExportTerms(
    key="ACM-801A-1", shop_name="shipsync", tags=("shipsync",), methods=METHODS
)


def wanted(**values: Any) -> WantedOrder:
    plan = plan_export(replace(GOOD, **values), TERMS)
    assert plan.wanted is not None, plan.problems
    return plan.wanted


def test_a_good_order_is_planned_whole() -> None:
    plan = plan_export(GOOD, TERMS)

    assert plan.problems == ()
    assert plan.wanted is not None
    assert plan.wanted.key == "ACM-801A-1"
    assert plan.wanted.ship_to == GOOD_ADDRESS
    assert plan.wanted.tags == ("shipsync",)
    assert (plan.wanted.carrier, plan.wanted.method) == ("ups", "ups_ground")
    assert plan.wanted.method_title == "UPS Ground"


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        pytest.param(Decimal("9.99"), "9.99", id="cents"),
        pytest.param(Decimal(3), "3.00", id="whole"),
        pytest.param(Decimal("0.005"), "0.01", id="half a cent goes up"),
        pytest.param(Decimal("0.0049"), "0.00", id="less goes down"),
        pytest.param(Decimal("1E+3"), "1000.00", id="powers"),
        pytest.param(None, "0.00", id="none"),
        pytest.param(MISSING, "0.00", id="not readable"),
    ],
)
def test_money_has_two_digits(price: Any, shown: str) -> None:
    (line,) = wanted(lines=(replace(GOOD_LINE, unit_price=price),)).lines

    assert line.price == shown


def test_a_line_keeps_its_identity_and_loses_only_blanks() -> None:
    (line,) = wanted(
        lines=(replace(GOOD_LINE, sku=" MUG ", quantity=Decimal("2.0")),)
    ).lines

    assert (line.key, line.sku, line.quantity) == ("802A", "MUG", 2)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        pytest.param("ground", "ups_ground", id="small letters"),
        pytest.param("  GROUND ", "ups_ground", id="blanks around"),
        pytest.param("Pick up", "pickup", id="without a carrier"),
    ],
)
def test_a_shipping_method_is_found_by_name(name: str, method: str) -> None:
    assert wanted(shipping_method=name).method == method


def test_a_method_without_a_title_shows_its_own_name() -> None:
    assert wanted(shipping_method="pick UP").method_title == "Pick up"


def test_an_unmapped_method_stands_beside_all_other_problems() -> None:
    record = replace(
        GOOD, shipping_method="Camel", ship_to=replace(GOOD_ADDRESS, zip="")
    )

    plan = plan_export(record, TERMS)

    assert plan.wanted is None
    assert [problem.code for problem in plan.problems] == [
        "address.zip_missing",
        "method.unmapped",
    ]
    assert plan.problems[1].value == "Camel"


@pytest.mark.parametrize(
    ("values", "email"),
    [
        pytest.param({"email": "a@x.example"}, "a@x.example", id="the order's own"),
        pytest.param({"email": ""}, "b@x.example", id="else the address's"),
        pytest.param({"email": MISSING}, "b@x.example", id="also when not readable"),
    ],
)
def test_whose_email_is_taken(values: dict[str, Any], email: str) -> None:
    to = replace(GOOD_ADDRESS, email="b@x.example")

    assert wanted(ship_to=to, **values).email == email


def test_dates_are_written_the_iso_way_and_may_be_absent() -> None:
    shown = wanted(order_date=date(2026, 11, 27), required_date=None)

    assert (shown.order_date, shown.required_date) == ("2026-11-27", "")


@given(some.orders(some.odd_numbers))
def test_either_a_plan_or_problems_and_never_an_exception(record: OrderRecord) -> None:
    plan = plan_export(record, TERMS)

    assert (plan.wanted is None) == bool(plan.problems)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"Ground": "ups"}, id="a text"),
        pytest.param({"Ground": {"carrier": "ups"}}, id="no method"),
        pytest.param({"Ground": {"carrier": "ups", "method": ""}}, id="empty method"),
        pytest.param({"Ground": None}, id="nothing"),
    ],
)
def test_a_map_that_cannot_be_read_names_the_entry(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="“Ground” needs a carrier and a method"):
        MethodMap.from_document(document)


def test_what_an_order_says_besides_is_wanted_too() -> None:
    found = wanted(
        bill_to=replace(GOOD_ADDRESS, last_name="Office"),
        gift_note="For you",
        is_gift=True,
        require_signature=True,
        adult_signature=True,
        insurance=True,
        insurance_amount=Decimal(250),
        shipping_price=Decimal("9.9"),
        total_tax=Decimal("7.125"),
        total_discount=Decimal(0),
    )

    assert found.bill_to is not None
    assert found.bill_to.last_name == "Office"
    assert (found.gift_note, found.is_gift) == ("For you", True)
    assert (found.require_signature, found.adult_signature) == (True, True)
    assert (found.insurance, found.insurance_amount) == (True, "250.00")
    assert (found.shipping_price, found.total_tax) == ("9.90", "7.13")
    assert found.total_discount == "0.00"


def test_an_empty_bill_to_address_wants_nothing() -> None:
    assert wanted(bill_to=Address()).bill_to is None


BLOCKING = Checks.from_document(
    {"severities": {"sku.unknown": "block", "price.negative": "block"}}
)
ABROAD_ONLY = MethodMap.from_document(
    {
        "rows": [
            {"from": "Ground", "carrier": "dhl", "method": "eu", "countries": ["DE"]}
        ]
    }
)
CASES = LineUnits(FactorTable.of([], {"MUG": [10, 24]}))
NOWHERE = Routing(RuleSet(rest=Rest.WAIT), Ground({}, {}, NOON), "gone", None)


@pytest.mark.parametrize(
    ("values", "terms", "expected"),
    [
        pytest.param(
            {"ship_to": replace(GOOD_ADDRESS, address1="PO Box 7")},
            {},
            "address.po_box",
            id="a box, by a carrier that leaves none there",
        ),
        pytest.param({}, {"methods": ABROAD_ONLY}, "method.not_valid", id="method"),
        pytest.param(
            {"lines": (replace(GOOD_LINE, unit_price=Decimal(-1)),)},
            {"checks": BLOCKING},
            "price.negative",
            id="a price below zero, where it matters",
        ),
        pytest.param(
            {},
            {"checks": BLOCKING, "goods": Goods(is_read=True)},
            "sku.unknown",
            id="a catalogue without the SKU",
        ),
        pytest.param(
            {"lines": (replace(GOOD_LINE, unit="case"),)},
            {"goods": Goods(units=CASES)},
            "units.ambiguous",
            id="two sizes of a case",
        ),
        pytest.param(
            {}, {"routing": NOWHERE}, "routing.no_warehouse", id="no rule takes it"
        ),
    ],
)
def test_what_maps_catalogue_and_rules_say_stops_an_order_with_its_code(
    values: dict[str, Any], terms: dict[str, Any], expected: str
) -> None:
    plan = plan_export(replace(GOOD, **values), replace(TERMS, **terms))

    assert plan.wanted is None
    assert [problem.code for problem in plan.problems] == [expected]
