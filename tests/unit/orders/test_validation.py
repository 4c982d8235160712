"""Everything that is wrong with an order, in one pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from connectors import catalogue
from orders.address_checks import po_box_problem
from orders.checks import CHOICES, Checks, Severity
from orders.records import MISSING, Address, LineRecord, OrderRecord, OrderStage
from orders.validation import Known, parted, validate
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


LONDON = {"country": "GB", "state": "", "city": "London", "zip": "SW1A 1AA"}
TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"zip": "7410"}, ["zip_invalid"], id="too short"),
        pytest.param({"zip": "SW1A 1AA"}, ["zip_invalid"], id="another country's"),
        pytest.param({"zip": "02139"}, ["zip_elsewhere"], id="another state's"),
        pytest.param({"zip": "741031234"}, [], id="tidied before it is judged"),
        pytest.param({"state": "Oklahama"}, ["state_unknown"], id="misspelled"),
        pytest.param({"state": "oklahoma"}, [], id="a state's name"),
        pytest.param({"country": "Vereinigte Staaten"}, [], id="a country's name"),
        pytest.param({"country": "ZZ"}, ["country_unknown"], id="no country's code"),
        pytest.param(LONDON, [], id="London"),
        pytest.param({**LONDON, "zip": "74103"}, ["zip_invalid"], id="no British code"),
        pytest.param({"city": "x" * 36}, ["line_too_long"], id="a city of 36"),
        pytest.param({"city": "x" * 35}, [], id="a city of 35"),
        pytest.param({"address1": "12 " + "Mill " * 12}, [], id="wrapped"),
        pytest.param({"address1": "12 " + "Mill " * 20}, ["line_too_long"], id="long"),
    ],
)
def test_an_address_is_checked_by_its_country(
    values: dict[str, str], expected: list[str]
) -> None:
    found = codes(with_address(**values))

    assert found == [f"address.{code}" for code in expected]


def test_what_no_system_takes_blocks_whatever_the_limit() -> None:
    checks = Checks(line_length=0)

    (problem,) = validate(with_address(city="x" * 256), checks)

    assert problem.code == "source.length"
    assert validate(with_address(city="x" * 255), checks) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"order_number": " "}, "order.number_missing"),
        ({"order_number": "1" * 81}, "order.number_too_long"),
        ({"required_date": date(2026, 11, 26)}, "order.date_past"),
        ({"shipping_price": Decimal("NaN")}, "price.unusable"),
        ({"total_tax": Decimal("1E+40")}, "price.unusable"),
        ({"email": "nobody"}, "email.invalid"),
        ({"lines": (GOOD_LINE,) * 501}, "lines.many"),
        (
            {"lines": (replace(GOOD_LINE, brand="A"), replace(GOOD_LINE, brand="B"))},
            "brand.mixed",
        ),
        ({"lines": (replace(GOOD_LINE, sku="MU\nG"),)}, "sku.unprintable"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_problems_of_the_whole(values: dict[str, Any], expected: str) -> None:
    (problem,) = validate(replace(GOOD, **values), known=Known(today=TODAY))

    assert problem.code == expected


@pytest.mark.parametrize(
    "values",
    [
        {"order_number": "1" * 80},
        {"required_date": TODAY},
        {"total_discount": Decimal(0)},
        {"email": "ada@customer.example"},
        {"lines": (GOOD_LINE,) * 500},
        {"lines": (replace(GOOD_LINE, brand="a"), replace(GOOD_LINE, brand="A "))},
        {"lines": (replace(GOOD_LINE, brand="a"), replace(GOOD_LINE, brand=""))},
    ],
    ids=["number", "date", "amount", "email", "500 lines", "one brand", "no brand"],
)
def test_what_is_right_up_to_the_limit(values: dict[str, Any]) -> None:
    assert validate(replace(GOOD, **values), known=Known(today=TODAY)) == []


def test_a_number_that_is_taken_is_told_with_its_owner() -> None:
    (problem,) = validate(GOOD, known=Known(duplicates=("801B",)))

    assert problem.code == "order.duplicate_number"
    assert "801B" in problem.reason


class TestContact:
    asks = Checks.from_document(
        {"severities": {"phone.missing": "block", "email.missing": "warn"}}
    )

    def test_is_asked_for_where_the_account_wants_it(self) -> None:
        assert [one.code for one in validate(GOOD, self.asks)] == [
            "phone.missing",
            "email.missing",
        ]

    def test_is_taken_from_the_order_or_its_address(self) -> None:
        record = with_address(phone="918 555 0100", email="ada@customer.example")

        assert validate(record, self.asks) == []

    def test_that_cannot_be_dialed_is_told(self) -> None:
        assert codes(with_address(phone="12")) == ["phone.invalid"]


@pytest.mark.parametrize(
    ("carrier", "method", "is_told"),
    [
        ("ups", "ups_ground", True),
        ("UPS", "ups_ground", True),
        ("usps", "priority", False),
        ("ups", "ups_surepost", False),
        ("fedex", "SmartPost", False),
        ("", "cheapest", False),
    ],
)
def test_a_box_is_closed_to_some_carriers(
    carrier: str, method: str, is_told: bool
) -> None:
    box = replace(GOOD_ADDRESS, address1="PO Box 12")

    assert bool(po_box_problem(box, carrier, method, Checks())) is is_told
    assert po_box_problem(GOOD_ADDRESS, carrier, method, Checks()) is None


class TestRequired:
    def test_fields_of_the_mapping_are_asked_for(self) -> None:
        record = replace(GOOD, po_number="", extra=(("channel", ""),))
        wanted = frozenset({"po_number", "extra.channel", "extra.gone", "lines.brand"})

        found = validate(record, known=Known(required=wanted))

        assert {(one.code, one.field) for one in found} == {
            ("source.required", "po_number"),
            ("source.required", "extra.channel"),
            ("source.unreadable", "extra.gone"),
            ("source.unreadable", "lines[1].brand"),
        }

    def test_what_was_complained_of_is_not_told_twice(self) -> None:
        record = replace(with_address(city=""), shipping_method="")
        wanted = frozenset({"ship_to.city", "shipping_method"})

        found = validate(record, known=Known(required=wanted))

        assert [one.code for one in found] == ["method.missing", "address.city_missing"]

    def test_an_amount_of_nothing_is_an_amount(self) -> None:
        wanted = frozenset({"total_tax"})

        assert not validate(
            replace(GOOD, total_tax=Decimal(0)), known=Known(required=wanted)
        )
        assert validate(replace(GOOD, total_tax=None), known=Known(required=wanted))


class TestSeverity:
    record = replace(with_address(zip="02139"), email="nobody", order_number="")

    def test_parts_what_blocks_from_what_is_told(self) -> None:
        blocking, warnings = parted(validate(self.record), Checks())

        assert [one.code for one in blocking] == ["order.number_missing"]
        assert [one.code for one in warnings] == [
            "address.zip_elsewhere",
            "email.invalid",
        ]

    def test_is_the_accounts_choice(self) -> None:
        checks = Checks(
            {
                "address.zip_elsewhere": Severity.BLOCK,
                "email.invalid": Severity.OFF,
            }
        )

        blocking, warnings = parted(validate(self.record, checks), checks)

        assert [one.code for one in blocking] == [
            "order.number_missing",
            "address.zip_elsewhere",
        ]
        assert warnings == ()


def test_every_code_that_can_be_chosen_is_given_somewhere() -> None:
    source = "".join(
        (Path(__file__).parents[3] / "orders" / name).read_text()
        for name in (
            *("validation.py", "address_checks.py", "exporting.py"),
            "line_units.py",
        )
    )
    for code in CHOICES:
        last = code.split(".")[1]
        assert f'"{code}"' in source or f'_gap("{last}"' in source


RULES = ("validation", "address_checks", "exporting", "line_units")


def test_every_code_has_a_case() -> None:
    """A code that a rule gives and no test of these rules expects fails here."""
    folder = Path(__file__).parents[3] / "orders"
    given = {
        code
        for name in RULES
        for code in codes_given(ast.parse((folder / f"{name}.py").read_text()))
    }
    here = Path(__file__).parent
    cases = "".join((here / f"test_{name}.py").read_text() for name in TABLES)
    # The table of addresses leaves their common beginning out.
    expected = {code for code in given if f'"{code}"' in cases}
    expected |= {
        code for code in given if f'["{code.removeprefix("address.")}"]' in cases
    }

    assert len(given) > 40
    assert given - expected == set()


TABLES = ("validation", "exporting", "line_units", "maps", "addresses")


def codes_given(tree: ast.AST) -> Iterator[str]:
    """The codes that a rule's source makes problems with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if catalogue.find(node.value) is not None:
                yield node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "_gap"
        ):
            assert isinstance(node.args[0], ast.Constant)
            yield f"address.{node.args[0].value!s}"


@given(some.orders(some.odd_numbers))
def test_nothing_makes_it_raise_and_every_problem_is_in_the_catalogue(
    record: OrderRecord,
) -> None:
    for problem in validate(record):
        assert catalogue.entry(problem.code).fix
        assert problem.reason.endswith(".")
        assert len(problem.value) < 300
        assert len(problem.reason) < 600
