"""From what the source has to what the warehouse is to have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from orders.exporting import ExportTerms, MethodMap, plan_export
from orders.records import MISSING, OrderRecord, WantedOrder
from tests.unit.orders import strategies as some
from tests.unit.orders.test_validation import GOOD, GOOD_ADDRESS, GOOD_LINE

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
