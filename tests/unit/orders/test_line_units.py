"""Lines in cases and pallets, as an operator would check them with a pencil."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from inventory.units import FactorTable
from orders.checks import Checks, Severity
from orders.dispatch import Goods
from orders.exporting import plan_export
from orders.line_units import LineUnits
from orders.pictures import from_picture, to_picture
from orders.records import MISSING, WantedLine
from tests.unit.orders.test_exporting import TERMS
from tests.unit.orders.test_validation import GOOD, GOOD_LINE

SKU = str(GOOD_LINE.sku)
KEY = GOOD_LINE.salesforce_id
TABLE = FactorTable.of([(SKU, "Case", 24), ("", "Pallet", 480)], cases={})


def plan(
    quantity: str,
    unit: Any,
    *,
    frozen: dict[str, tuple[str, int]] | None = None,
    checks: Checks | None = None,
    price: str = "48.00",
) -> Any:
    line = replace(
        GOOD_LINE, quantity=Decimal(quantity), unit=unit, unit_price=Decimal(price)
    )
    goods = Goods(units=LineUnits(TABLE, frozen or {}))
    terms = replace(TERMS, goods=goods, checks=checks or Checks())
    return plan_export(replace(GOOD, lines=(line,)), terms)


# As ordered          The warehouse's quantity and price, and what is frozen with them
EXAMPLES = [
    ("7", "Case", 168, "2.00", "Case", 24),
    ("7", " case ", 168, "2.00", "case", 24),
    ("0.5", "Case", 12, "2.00", "Case", 24),
    ("1", "Pallet", 480, "0.10", "Pallet", 480),
    ("7", "Each", 7, "48.00", MISSING, MISSING),
    ("7", "", 7, "48.00", MISSING, MISSING),
    ("7", MISSING, 7, "48.00", MISSING, MISSING),
]


@pytest.mark.parametrize(
    ("quantity", "unit", "pieces", "price", "kept_unit", "kept_factor"), EXAMPLES
)
def test_a_line_reaches_the_warehouse_in_pieces(
    quantity: str, unit: Any, pieces: int, price: str, kept_unit: Any, kept_factor: Any
) -> None:
    (line,) = plan(quantity, unit).wanted.lines
    assert (line.quantity, line.price) == (pieces, price)
    assert (line.unit, line.factor) == (kept_unit, kept_factor)


def test_a_line_in_pieces_leaves_the_picture_as_it_was() -> None:
    """Orders that stand must not look edited because a column was added."""
    (line,) = plan("7", "Each").wanted.lines
    assert not {"unit", "factor"} & set(to_picture(line))
    (case,) = plan("7", "Case").wanted.lines
    assert from_picture(WantedLine, to_picture(case)) == case


PROBLEMS = [
    ("0.3", "Case", "units.remainder", "lines[1].quantity"),
    ("1", "Barrel", "units.unknown", "lines[1].unit"),
    ("7.5", "Each", "quantity.fraction", "lines[1].quantity"),
    ("7.5", "", "quantity.fraction", "lines[1].quantity"),
    ("-1", "Case", "quantity.not_positive", "lines[1].quantity"),
]


@pytest.mark.parametrize(("quantity", "unit", "code", "field"), PROBLEMS)
def test_what_makes_no_whole_pieces_blocks_with_one_reason(
    quantity: str, unit: str, code: str, field: str
) -> None:
    found = plan(quantity, unit)
    assert found.wanted is None
    assert [(one.code, one.field) for one in found.problems] == [(code, field)]


@pytest.mark.parametrize(
    ("unit", "pieces"),
    [
        pytest.param("Case", 70, id="the unit it went out with"),
        pytest.param(MISSING, 70, id="not readable any more"),
        pytest.param("Pallet", 7 * 480, id="another unit"),
        pytest.param("Each", 7, id="pieces now"),
    ],
)
def test_what_went_out_keeps_its_factor(unit: Any, pieces: int) -> None:
    (line,) = plan("7", unit, frozen={KEY: ("Case", 10)}).wanted.lines
    assert line.quantity == pieces


@pytest.mark.parametrize("severity", [Severity.WARN, Severity.OFF])
def test_an_account_may_take_unknown_units_for_pieces(severity: Severity) -> None:
    checks = Checks(severities={"units.unknown": severity})
    found = plan("7", "Barrel", checks=checks)

    (line,) = found.wanted.lines
    assert (line.quantity, line.unit, line.factor) == (7, "Barrel", 1)
    codes = [one.code for one in found.warnings]
    assert codes == (["units.unknown"] if severity is Severity.WARN else [])
