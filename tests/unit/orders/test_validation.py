"""Everything that is wrong with an order, in one pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from connectors import catalogue
from orders.records import MISSING, Address, LineRecord, OrderRecord, OrderStage
from orders.validation import validate
from tests.unit.orders import strategies as some

GOOD_ADDRESS = Address(
    first_name="Ada",
    last_name="Byron",
    address1="12 Mill Lane",
    city="Tulsa",
    state="OK",
    zip="74103",
    country="US",
)
GOOD_LINE = LineRecord("802A", "1", "MUG", Decimal(2), Decimal("9.99"))
GOOD = OrderRecord(
    salesforce_id="801A",
    order_number="00000100",
    stage=OrderStage.ACTIVATED,
    status="Activated",
    modified_at=datetime(2026, 11, 27, 6, 0, tzinfo=UTC),
    ship_to=GOOD_ADDRESS,
    shipping_method="Ground",
    lines=(GOOD_LINE,),
)


def codes(record: OrderRecord) -> list[str]:
    return [problem.code for problem in validate(record)]


def with_address(**values: str) -> OrderRecord:
    return replace(GOOD, ship_to=replace(GOOD_ADDRESS, **values))


def with_line(**values: Any) -> OrderRecord:
    return replace(GOOD, lines=(replace(GOOD_LINE, **values),))


def test_a_good_order_has_no_problem() -> None:
    assert validate(GOOD) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"first_name": "", "last_name": ""}, ["name_missing"], id="name"),
        pytest.param(
            {"first_name": " ", "last_name": "\t"}, ["name_missing"], id="blank"
        ),
        pytest.param(
            {"first_name": "", "last_name": "", "company": "Acme"}, [], id="company"
        ),
        pytest.param({"address1": ""}, ["street_missing"], id="street"),
        pytest.param({"address1": "  "}, ["street_missing"], id="blank street"),
        pytest.param({"city": ""}, ["city_missing"], id="city"),
        pytest.param({"country": ""}, ["country_missing"], id="country"),
        pytest.param({"zip": ""}, ["zip_missing"], id="postal code"),
        pytest.param({"zip": "\u00a0"}, ["zip_missing"], id="blank postal code"),
        pytest.param({"state": ""}, ["state_missing"], id="state"),
        pytest.param(
            {"zip": "", "state": ""}, ["zip_missing", "state_missing"], id="both"
        ),
        pytest.param({"country": "DE", "state": ""}, [], id="Germany has no states"),
        pytest.param({"country": "HK", "state": "", "zip": ""}, [], id="Hong Kong"),
        pytest.param({"country": "hk", "state": "", "zip": ""}, [], id="small letters"),
        pytest.param({"country": "us", "state": ""}, ["state_missing"], id="small us"),
        pytest.param({"country": "Freedonia"}, ["country_unknown"], id="a name"),
        pytest.param({"country": "U1"}, ["country_unknown"], id="no letters"),
        pytest.param({"country": "ÄÖ"}, ["country_unknown"], id="no ASCII"),
    ],
)
def test_problems_of_an_address(values: dict[str, str], expected: list[str]) -> None:
    found = codes(with_address(**values))

    assert found == [f"address.{code}" for code in expected]


def test_an_empty_address_is_one_problem_and_not_five() -> None:
    assert codes(replace(GOOD, ship_to=Address(first_name="Ada"))) == [
        "address.missing"
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"sku": ""}, "sku.missing", id="no SKU"),
        pytest.param({"sku": "  "}, "sku.missing", id="blank SKU"),
        pytest.param({"sku": MISSING}, "source.unreadable", id="SKU not readable"),
        pytest.param({"sku": "x" * 256}, "sku.too_long", id="SKU of 256"),
        pytest.param({"quantity": MISSING}, "quantity.missing", id="no quantity"),
        pytest.param({"quantity": Decimal(0)}, "quantity.not_positive", id="zero"),
        pytest.param(
            {"quantity": Decimal("-0")}, "quantity.not_positive", id="minus zero"
        ),
        pytest.param({"quantity": Decimal(-1)}, "quantity.not_positive", id="negative"),
        pytest.param({"quantity": Decimal("NaN")}, "quantity.not_positive", id="NaN"),
        pytest.param(
            {"quantity": Decimal("Infinity")}, "quantity.not_positive", id="Inf"
        ),
        pytest.param({"quantity": Decimal("1.5")}, "quantity.fraction", id="fraction"),
        pytest.param({"quantity": Decimal("1E-9")}, "quantity.fraction", id="tiny"),
        pytest.param(
            {"quantity": Decimal(1_000_001)}, "quantity.too_large", id="large"
        ),
        pytest.param(
            {"quantity": Decimal("1E+999999")}, "quantity.too_large", id="huge"
        ),
        pytest.param({"unit_price": Decimal("NaN")}, "price.unusable", id="price NaN"),
        pytest.param(
            {"unit_price": Decimal("1E+40")}, "price.unusable", id="price huge"
        ),
    ],
)
def test_problems_of_a_line(values: dict[str, Any], expected: str) -> None:
    assert codes(with_line(**values)) == [expected]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"quantity": Decimal(1)}, id="one"),
        pytest.param({"quantity": Decimal("2.000")}, id="whole with zeros"),
        pytest.param({"quantity": Decimal("1E+3")}, id="a thousand in powers"),
        pytest.param({"quantity": Decimal(1_000_000)}, id="a million"),
        pytest.param({"sku": "x" * 255}, id="SKU of 255"),
        pytest.param({"sku": "ÄÖ Ü/1\u200b"}, id="odd SKU"),
        pytest.param({"unit_price": None}, id="no price"),
        pytest.param({"unit_price": MISSING}, id="price not readable"),
        pytest.param({"unit_price": Decimal(-3)}, id="a rebate"),
    ],
)
def test_lines_that_are_fine(values: dict[str, Any]) -> None:
    assert codes(with_line(**values)) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"lines": ()}, "lines.none", id="no lines"),
        pytest.param({"lines": MISSING}, "source.incomplete", id="lines not read"),
        pytest.param({"ship_to": MISSING}, "source.unreadable", id="address hidden"),
        pytest.param({"shipping_method": ""}, "method.missing", id="no method"),
        pytest.param({"shipping_method": " "}, "method.missing", id="blank method"),
        pytest.param({"shipping_method": MISSING}, "source.unreadable", id="hidden"),
    ],
)
def test_problems_of_the_order(values: dict[str, Any], expected: str) -> None:
    assert codes(replace(GOOD, **values)) == [expected]


def test_all_problems_come_in_one_pass_and_name_their_fields() -> None:
    record = replace(
        with_address(zip="", first_name="", last_name=""),
        shipping_method="",
        lines=(
            GOOD_LINE,
            replace(GOOD_LINE, line_number="7", sku="", quantity=Decimal("0.5")),
        ),
    )

    assert [(problem.code, problem.field) for problem in validate(record)] == [
        ("method.missing", "shipping_method"),
        ("address.name_missing", "ship_to.last_name"),
        ("address.zip_missing", "ship_to.zip"),
        ("sku.missing", "lines[2].sku"),
        ("quantity.fraction", "lines[2].quantity"),
    ]


def test_a_problem_names_the_line_as_the_sales_person_sees_it() -> None:
    (problem,) = validate(with_line(line_number="0000000042", sku=""))

    assert problem.reason == "Line 0000000042 has no SKU."


@given(some.orders(some.odd_numbers))
def test_nothing_makes_it_raise_and_every_problem_is_in_the_catalogue(
    record: OrderRecord,
) -> None:
    for problem in validate(record):
        assert catalogue.entry(problem.code).fix
        assert problem.reason.endswith(".")
        assert len(problem.value) < 300
        assert len(problem.reason) < 600
