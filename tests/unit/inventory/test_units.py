"""Units, as an operator would check them with a pencil."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Problem
from inventory.units import FactorTable, from_pieces, in_units, shown, to_pieces

TABLE = FactorTable.of(
    [
        ("", "Pallet", 480),
        ("MUG", "Case", 6),
        ("MUG", "Pallet", 240),
    ],
    cases={"TEE": [12], "CAP": [10, 24]},
)

# What the order says                what the warehouse is asked for
EXAMPLES = [
    ("MUG", "7", "", 7),
    ("MUG", "7", "Each", 7),
    ("MUG", "2", "Case", 12),  # the mug's own row
    ("MUG", "2", "  CASE ", 12),  # however it is written
    ("MUG", "1", "Pallet", 240),  # its own row before the one for all
    ("TEE", "1", "Pallet", 480),  # the row for every SKU
    ("TEE", "3", "case", 36),  # the one case the warehouse knows
    ("TEE", "0.5", "case", 6),  # half a case is six whole shirts
    ("TEE", "-1", "case", -12),
]


@pytest.mark.parametrize(("sku", "quantity", "unit", "pieces"), EXAMPLES)
def test_the_table_turns_sales_units_into_pieces(sku, quantity, unit, pieces):
    found = to_pieces(Decimal(quantity), sku=sku, unit=unit, table=TABLE)
    assert found.pieces == pieces


PROBLEMS = [
    ("CAP", "1", "Case", "units.ambiguous", "cases of 10, 24"),
    ("MUG", "1", "Barrel", "units.unknown", "one “Barrel” holds"),
    ("SOCK", "1", "Case", "units.unknown", "pieces of SOCK"),
    ("MUG", "2.5", "", "units.remainder", "2.5 pieces of MUG is no whole number"),
    ("MUG", "0.25", "Case", "units.remainder", "0.25 Case of 6 pieces of MUG"),
    ("MUG", "NaN", "Case", "units.remainder", "no whole number"),
    ("MUG", "1000000000", "Case", "units.too_large", "more pieces than can be"),
]


@pytest.mark.parametrize(("sku", "quantity", "unit", "code", "words"), PROBLEMS)
def test_what_cannot_be_told_is_a_problem_in_words(sku, quantity, unit, code, words):
    found = to_pieces(Decimal(quantity), sku=sku, unit=unit, table=TABLE)
    assert isinstance(found, Problem)
    assert (found.code, words in found.reason) == (code, True), found.reason


def test_both_units_are_shown():
    assert str(to_pieces(Decimal("2.0"), sku="MUG", unit="Case", table=TABLE)) == (
        "2 Case (12 pieces)"
    )
    assert shown(30, "case", 12) == "30 (2 case of 12, 6 over)"
    assert shown(24, "case", 12) == "24 (2 case of 12)"
    assert shown(30, "", 1) == "30"


def test_pieces_that_fill_no_case_are_a_problem_for_who_knows_only_cases():
    assert from_pieces(24, sku="TEE", unit="case", factor=12) == 2
    found = from_pieces(30, sku="TEE", unit="case", factor=12)
    assert found.reason == "30 pieces of TEE are 2 case of 12 and 6 over."


@given(st.integers(-(10**6), 10**6), st.integers(1, 5000))
def test_nothing_is_lost_between_units(pieces, factor):
    whole, rest = in_units(pieces, factor)
    assert whole * factor + rest == pieces
    assert abs(rest) < factor


@given(st.decimals(-1000, 1000, places=3), st.integers(1, 500))
def test_a_quantity_becomes_exactly_its_pieces_or_a_problem(quantity, factor):
    table = FactorTable.of([("MUG", "Box", factor)], {})
    found = to_pieces(quantity, sku="MUG", unit="box", table=table)
    if isinstance(found, Problem):
        assert (quantity * factor) % 1 != 0
    else:
        assert Decimal(found.pieces) == quantity * factor
