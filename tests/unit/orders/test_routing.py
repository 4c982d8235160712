"""Every axis of a rule and of a warehouse, as people would argue about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from orders.routing import Ground, Ways
from orders.routing_conditions import AXIS_WORDS, RoutableLine, misses_of
from orders.routing_rules import Otherwise, Pick, Rest, When
from orders.routing_table import Outcome
from tests.unit.orders.routing_ground import (
    GROUND,
    NOW,
    ORDER,
    SITES,
    TRANSITS,
    a_rule,
    ground_with,
    routed,
)

# -- conditions ----------------------------------------------------------------


def spelled(value: object) -> str:
    """A name for a case that is the same in every process; sets have no order."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {spelled(one)}" for name, one in value.items())
    return " or ".join(sorted(value)) if isinstance(value, set) else str(value)


CONDITIONS: list[tuple[dict[str, Any], bool]] = [
    ({"countries": {"US"}}, True),
    ({"countries": {"CA"}}, False),
    ({"states": {"CA"}}, True),
    ({"states": {"US-CA"}}, True),
    ({"states": {"MX-CA", "NV"}}, False),
    ({"zips": {"90210"}}, True),
    ({"zips": {"9*"}}, True),
    ({"zips": {"8*", "9021"}}, False),
    ({"brands": {"acme"}}, True),
    ({"brands": {"other"}}, False),
    ({"tags": {"vip", "rush"}}, True),
    ({"tags": {"rush"}}, False),
    ({"without_tags": {"rush"}}, True),
    ({"without_tags": {"vip"}}, False),
    ({"product_types": {"hazmat"}}, False),
    ({"skus": {"MUG"}}, True),
    ({"skus": {"MU*"}}, True),
    ({"skus": {"CAP*"}}, False),
    ({"methods": {"ground"}}, True),
    ({"methods": {"express"}}, False),
    ({"asked": {"nv"}}, False),
    ({"min_units": 5}, True),
    ({"min_units": 6}, False),
    ({"max_units": 5}, True),
    ({"max_units": 4}, False),
    ({"max_days_left": 3}, False),
    ({"min_days_left": 3}, False),
]


def test_each_axis_of_a_rule_is_in_the_table() -> None:
    axes = {axis for condition, _ in CONDITIONS for axis in condition}

    assert axes == set(AXIS_WORDS) == set(When.__slots__)


@pytest.mark.parametrize(("condition", "fits"), CONDITIONS, ids=spelled)
def test_a_rule_takes_an_order_that_fits_each_condition(
    condition: dict[str, Any], fits: bool
) -> None:
    values = {
        k: frozenset(v) if isinstance(v, set) else v for k, v in condition.items()
    }
    assert (not list(misses_of(When(**values), ORDER, NOW.date()))) is fits


def test_a_product_type_fits_when_one_line_has_it() -> None:
    hazmat = replace(ORDER.lines[1], types=frozenset({"hazmat"}))
    order = replace(ORDER, lines=(ORDER.lines[0], hazmat))
    rule = a_rule("nj", product_types=frozenset({"hazmat"}))
    assert routed(rule, order=order).sites == ("nj",)
    assert routed(rule).outcome is Outcome.LEFT


@pytest.mark.parametrize(
    ("required", "fits"),
    [(date(2026, 11, 27), True), (date(2026, 11, 28), False), (None, False)],
)
def test_the_days_to_the_required_date_are_a_condition(
    required: date | None, fits: bool
) -> None:
    order = replace(ORDER, required=required)
    chosen = routed(a_rule("nj", max_days_left=2), order=order)
    assert (chosen.outcome is Outcome.ROUTED) is fits


def test_what_does_not_fit_is_told_with_what_was_wanted_and_found() -> None:
    decision = routed(a_rule("nv", states=frozenset({"NY", "NJ"})))
    (miss,) = decision.views[0].misses
    assert miss.words == "state is CA, not NJ, NY"


# -- warehouses ----------------------------------------------------------------


def test_without_rules_shiphero_decides() -> None:
    decision = routed()
    assert (decision.outcome, decision.warehouses) == (Outcome.LEFT, ())


def test_the_first_rule_that_fits_and_can_decides() -> None:
    decision = routed(
        a_rule("nj", name="East", states=frozenset({"NY"})),
        a_rule("nv", "nj", name="West"),
        a_rule("tx", name="Rest"),
    )
    assert decision.rule == "West"
    assert decision.warehouses == (("1", "nv"), ("2", "nv"))
    assert [view.verdict for view in decision.views] == ["does not fit", "decides"]


def test_a_warehouse_that_lacks_stock_is_passed_over_with_its_number() -> None:
    decision = routed(a_rule("nv", "nj"), ground=ground_with({("nv", "TEE"): 1}))
    assert decision.sites == ("nj",)
    nevada = decision.views[0].candidates[0]
    assert nevada.faults == "lacks 2 of TEE (has 1 of 3)"


def test_stock_that_nobody_knows_is_not_taken_for_plenty() -> None:
    decision = routed(a_rule("nv"), ground=Ground(SITES, {}, NOW))
    assert decision.outcome is Outcome.LEFT
    assert "no stock of MUG is known" in decision.reason


def test_two_lines_of_one_sku_need_the_stock_of_both() -> None:
    order = replace(
        ORDER, lines=(RoutableLine("1", "MUG", 2), RoutableLine("2", "MUG", 2))
    )
    assert (
        routed(a_rule("nv"), order=order, ground=ground_with({("nv", "MUG"): 3})).sites
        == ()
    )
    assert routed(
        a_rule("nv"), order=order, ground=ground_with({("nv", "MUG"): 4})
    ).sites == ("nv",)


def test_a_rule_that_asks_for_no_stock_takes_its_first_warehouse_in_use() -> None:
    sites = {**SITES, "nv": replace(SITES["nv"], is_active=False)}
    ground = Ground(sites, {}, NOW)
    assert routed(a_rule("nv", "nj", needs_stock=False), ground=ground).sites == ("nj",)


def test_the_warehouse_with_most_left_of_the_scarcest_sku_can_be_asked_for() -> None:
    ground = ground_with({("nv", "MUG"): 3, ("nj", "MUG"): 20})
    assert routed(a_rule("nv", "nj", pick=Pick.MOST_STOCK), ground=ground).sites == (
        "nj",
    )


def test_equals_keep_the_order_of_the_rule() -> None:
    for pick in Pick:
        assert routed(a_rule("nj", "nv", pick=pick)).sites == ("nj",)


def test_a_method_that_is_not_valid_from_a_warehouse_rules_it_out() -> None:
    ground = replace(GROUND, ways={"nv": Ways(refusal="not from this warehouse")})
    assert routed(a_rule("nv", "nj"), ground=ground).sites == ("nj",)


@pytest.mark.parametrize(
    ("required", "sites"),
    [
        pytest.param(date(2026, 11, 27), ("nv",), id="in time from the west"),
        pytest.param(date(2026, 11, 26), (), id="from nowhere"),
        pytest.param(None, ("nj",), id="no date: as listed"),
    ],
)
def test_a_required_date_needs_cutoff_transit_and_working_days(
    required: date | None, sites: tuple[str, ...]
) -> None:
    order = replace(ORDER, required=required)
    ground = replace(GROUND, transits=TRANSITS)
    rule = a_rule("nj", "nv", needs_date=True)
    assert routed(rule, order=order, ground=ground).sites == sites


def test_the_soonest_arrival_can_be_asked_for() -> None:
    ground = replace(GROUND, transits=TRANSITS)
    assert routed(a_rule("nj", "nv", pick=Pick.SOONEST), ground=ground).sites == ("nv",)


def test_a_transit_time_that_nobody_knows_is_not_in_time() -> None:
    order = replace(ORDER, required=date(2027, 1, 1))
    decision = routed(a_rule("tx", needs_date=True), order=order)
    assert "no transit time is known" in decision.reason


@pytest.mark.parametrize(
    ("otherwise", "outcome", "sites"),
    [
        (Otherwise.NEXT, Outcome.ROUTED, ("tx",)),
        (Otherwise.WAIT, Outcome.WAITS, ()),
        (Otherwise.FIRST, Outcome.ROUTED, ("nv",)),
        (Otherwise.SHIPHERO, Outcome.LEFT, ()),
    ],
)
def test_a_rule_without_stock_anywhere_says_what_then(
    otherwise: Otherwise, outcome: Outcome, sites: tuple[str, ...]
) -> None:
    ground = ground_with({("nv", "MUG"): 0, ("nj", "MUG"): 1})
    decision = routed(
        a_rule("nv", "nj", otherwise=otherwise),
        a_rule("tx", name="Rest"),
        ground=ground,
    )
    assert (decision.outcome, decision.sites) == (outcome, sites)


def test_orders_that_no_rule_takes_wait_where_the_account_says_so() -> None:
    decision = routed(a_rule("nv", states=frozenset({"NY"})), rest=Rest.WAIT)
    assert decision.outcome is Outcome.WAITS


def test_whole_lines_are_split_over_few_warehouses_where_allowed() -> None:
    ground = ground_with(
        {("nv", "TEE"): 0, ("nj", "MUG"): 0, ("tx", "MUG"): 0, ("tx", "TEE"): 0}
    )
    whole = a_rule("tx", "nv", "nj", otherwise=Otherwise.WAIT)
    assert routed(whole, ground=ground).outcome is Outcome.WAITS
    parts = routed(replace(whole, split=2), ground=ground)
    assert parts.warehouses == (("1", "nv"), ("2", "nj"))


def test_a_split_over_more_than_allowed_is_none() -> None:
    lines = tuple(RoutableLine(str(n), sku, 1) for n, sku in enumerate(("A", "B", "C")))
    stock = {("nv", "A"): 1, ("nj", "B"): 1, ("tx", "C"): 1}
    order, ground = replace(ORDER, lines=lines), Ground(SITES, stock, NOW)
    rule = a_rule("nv", "nj", "tx", split=2, otherwise=Otherwise.WAIT)
    assert routed(rule, order=order, ground=ground).outcome is Outcome.WAITS
    assert len(routed(replace(rule, split=3), order=order, ground=ground).sites) == 3


def test_a_persons_choice_beats_the_rules_and_shows_what_they_would_say() -> None:
    decision = routed(a_rule("nv"), override="nj")
    assert (decision.sites, decision.would_be) == (("nj",), "Nevada")
    lost = routed(a_rule("nv"), override="gone")
    assert (lost.outcome, lost.would_be) == (Outcome.WAITS, "Nevada")


def test_a_rule_that_is_off_is_not_asked() -> None:
    assert routed(a_rule("nv", is_on=False)).outcome is Outcome.LEFT
