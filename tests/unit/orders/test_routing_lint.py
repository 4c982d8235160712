"""Rules that are never reached, and warehouses that a rule cannot use."""

from __future__ import annotations

from dataclasses import replace

from orders.routing_lint import lint, unreachable
from orders.routing_rules import Otherwise, RuleSet
from tests.unit.orders.routing_ground import (
    SITES,
    a_rule,
)


def test_a_rule_behind_one_that_takes_all_its_orders_is_never_reached() -> None:
    rules = RuleSet(
        (
            a_rule(
                "nv", name="US", countries=frozenset({"US"}), otherwise=Otherwise.WAIT
            ),
            a_rule(
                "nj", name="NY", countries=frozenset({"US"}), states=frozenset({"NY"})
            ),
            a_rule("nj", name="World"),
        )
    )
    assert unreachable(rules) == [2]
    assert [one.rule for one in lint(rules, SITES) if one.is_error] == [2]


def test_rules_that_take_it_value_by_value_hide_a_rule_too() -> None:
    rules = RuleSet(
        (
            a_rule("nv", name="1", states=frozenset({"CA"}), otherwise=Otherwise.WAIT),
            a_rule(
                "nv", name="2", states=frozenset({"NY"}), otherwise=Otherwise.SHIPHERO
            ),
            a_rule("nj", name="3", states=frozenset({"CA", "NY"})),
            a_rule("nj", name="4", states=frozenset({"CA", "TX"})),
        )
    )
    assert unreachable(rules) == [3]


def test_unknown_and_unused_warehouses_and_missing_transits_are_told() -> None:
    sites = {**SITES, "tx": replace(SITES["tx"], is_active=False)}
    rules = RuleSet((a_rule("nv", "tx", "gone", needs_date=True),))
    words = [one.words for one in lint(rules, sites)]
    assert words == [
        "No transit time is known from Nevada: it is never in time.",
        "Texas is not in use.",
        "The account has no warehouse “gone”.",
    ]
