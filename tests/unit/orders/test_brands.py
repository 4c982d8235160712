"""Which account ships an order of which brand."""

from __future__ import annotations

import pytest

from orders.brands import (
    BrandRoute,
    PlacedLine,
    common_brand,
    place,
    place_lines,
)

ROUTES = (
    BrandRoute(1, "Alpha", 10),
    BrandRoute(2, "beta", 20),
    BrandRoute(3, "ALPHA", 30),
    BrandRoute(4, "", 40),
)


@pytest.mark.parametrize(
    ("code", "account", "brand"),
    [
        pytest.param("Alpha", 10, 1, id="by code, the first that names it"),
        pytest.param(" BETA ", 20, 2, id="whatever its case and spaces"),
        pytest.param("Gamma", 7, None, id="unknown: the first account"),
        pytest.param("", 7, None, id="none: the first account, not the empty code"),
    ],
)
def test_the_brand_chooses_the_account(
    code: str, account: int, brand: int | None
) -> None:
    found = place(code, ROUTES, default_account_id=7)

    assert (found.account_id, found.brand_id) == (account, brand)
    assert found.reason.endswith(".")


def test_without_any_account_nobody_ships_it() -> None:
    assert place("Alpha", (), default_account_id=None).account_id is None


HOME = 7


@pytest.mark.parametrize(
    ("lines", "accounts"),
    [
        pytest.param([PlacedLine("a", "beta")], [20], id="by its brand"),
        pytest.param([PlacedLine("a", "")], [HOME], id="no brand: at home"),
        pytest.param([PlacedLine("a", "Gamma")], [HOME], id="unknown: at home"),
        pytest.param(
            [PlacedLine("a", "beta", 7, "Beta ")], [7], id="stays while its brand does"
        ),
        pytest.param(
            [PlacedLine("a", "beta", 10, "alpha")], [20], id="its own brand changed"
        ),
        pytest.param(
            [PlacedLine("a", "beta", stands_in=10)],
            [10],
            id="stood somewhere before it was ever placed",
        ),
        pytest.param(
            [PlacedLine("a", "beta", 7, "beta"), PlacedLine("b", "BETA")],
            [7, 7],
            id="a new line goes where its brand is",
        ),
        pytest.param(
            [PlacedLine("a", "", 20, ""), PlacedLine("b", "")],
            [20, HOME],
            id="no brand is no company",
        ),
    ],
)
def test_each_line_goes_by_its_brand(
    lines: list[PlacedLine], accounts: list[int]
) -> None:
    found = place_lines(lines, ROUTES, home_id=HOME)

    assert [found[line.key] for line in lines] == accounts


@pytest.mark.parametrize(
    ("codes", "brand"),
    [
        pytest.param(["beta", " BETA"], "BETA", id="one, however it is written"),
        pytest.param(["beta", "alpha"], "", id="several"),
        pytest.param(["beta", ""], "", id="some lines have none"),
        pytest.param([], "", id="no lines"),
    ],
)
def test_an_order_without_a_brand_has_that_of_its_lines(
    codes: list[str], brand: str
) -> None:
    assert common_brand(codes) == brand
