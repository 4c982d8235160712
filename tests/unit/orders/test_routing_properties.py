"""What holds of every order, every set of rules and every ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.routing import Ground, decide
from orders.routing_conditions import RoutableLine, RoutableOrder, misses_of
from orders.routing_flips import Case, flips
from orders.routing_lint import admits_all_of, unreachable
from orders.routing_rules import Otherwise, Pick, Rest, Rule, RuleSet, When
from orders.routing_table import Outcome
from orders.transit import TransitTable
from tests.unit.orders.routing_ground import (
    NOW,
    ORDER,
    SITES,
    TRANSITS,
    a_rule,
    ground_with,
)

SKU = st.sampled_from(["MUG", "TEE", "CAP"])
TYPES = st.frozensets(st.sampled_from(["hazmat", "cold"]), max_size=2)
SITE = st.sampled_from(["nv", "nj", "tx"])


def few(*words: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(words), max_size=2)


ORDERS = st.builds(
    RoutableOrder,
    lines=st.lists(
        st.tuples(SKU, st.integers(1, 5), TYPES), min_size=1, max_size=4
    ).map(
        lambda rows: tuple(
            RoutableLine(str(at), sku, units, types)
            for at, (sku, units, types) in enumerate(rows)
        )
    ),
    country=st.sampled_from(["US", "CA"]),
    state=st.sampled_from(["CA", "NY", ""]),
    zip=st.sampled_from(["90210", "10001"]),
    brand=st.sampled_from(["acme", "zen"]),
    tags=few("vip", "rush"),
    method=st.sampled_from(["ground", "express"]),
    required=st.sampled_from([None, date(2026, 11, 27), date(2026, 12, 4)]),
)
WHENS = st.builds(
    When,
    countries=few("US", "CA"),
    states=few("CA", "NY", "US-CA"),
    zips=few("9*", "10001"),
    brands=few("acme", "zen"),
    tags=few("vip", "rush"),
    without_tags=few("rush"),
    product_types=few("hazmat", "cold"),
    skus=few("MUG", "T*"),
    methods=few("ground", "express"),
    min_units=st.sampled_from([None, 2, 4]),
    max_units=st.sampled_from([None, 6]),
).filter(lambda when: not when.tags or not when.tags <= when.without_tags)
RULES = st.builds(
    Rule,
    name=st.just("rule"),
    when=st.one_of(st.just(When()), WHENS),
    warehouses=st.lists(SITE, min_size=1, max_size=3, unique=True).map(tuple),
    pick=st.sampled_from(Pick),
    needs_stock=st.booleans(),
    needs_date=st.booleans(),
    split=st.integers(1, 3),
    otherwise=st.sampled_from(Otherwise),
    is_on=st.sampled_from([True, True, False]),
)
RULE_SETS = st.builds(
    lambda rules, rest: RuleSet(
        tuple(replace(one, name=f"rule {at}") for at, one in enumerate(rules)), rest
    ),
    st.lists(RULES, max_size=5),
    st.sampled_from(Rest),
)
GROUNDS = st.builds(
    lambda units, moving: Ground(
        SITES, units, NOW, TRANSITS if moving else TransitTable()
    ),
    st.dictionaries(st.tuples(SITE, SKU), st.integers(0, 12), max_size=9),
    st.booleans(),
)


@given(order=ORDERS, rules=RULE_SETS, ground=GROUNDS)
def test_a_decision_is_the_same_each_time_and_names_every_line(
    order: RoutableOrder, rules: RuleSet, ground: Ground
) -> None:
    decision = decide(order, rules, ground)
    again = decide(order, RuleSet.from_document(rules.to_document()), ground)
    assert decision == again
    if decision.outcome is Outcome.ROUTED:
        assert [key for key, _ in decision.warehouses] == [
            one.key for one in order.lines
        ]
        assert set(decision.sites) <= set(SITES)
    else:
        assert decision.warehouses == ()


@given(order=ORDERS, rules=RULE_SETS, ground=GROUNDS)
def test_removing_an_unreachable_rule_changes_nothing(
    order: RoutableOrder, rules: RuleSet, ground: Ground
) -> None:
    dead = set(unreachable(rules))
    kept = tuple(one for at, one in enumerate(rules.rules, start=1) if at not in dead)
    decision = decide(order, rules, ground)
    assert decide(order, replace(rules, rules=kept), ground).result == decision.result


@given(wider=WHENS, narrower=WHENS, order=ORDERS)
def test_a_condition_that_admits_all_of_another_does_so(
    wider: When, narrower: When, order: RoutableOrder
) -> None:
    fits = not list(misses_of(narrower, order, NOW.date()))
    if fits and admits_all_of(wider, narrower):
        assert not list(misses_of(wider, order, NOW.date()))


@settings(max_examples=60)
@given(
    order=ORDERS, rules=RULE_SETS, ground=GROUNDS, override=st.sampled_from(["", "nv"])
)
def test_facts_that_flip_do_flip_and_are_single(
    order: RoutableOrder, rules: RuleSet, ground: Ground, override: str
) -> None:
    case = Case(order, rules, ground, override)
    decision = case.decide()
    for flip in flips(case, decision):
        assert flip.case.decide().result != decision.result
        parts = ("order", "rules", "ground", "override")
        changed = [
            name for name in parts if getattr(flip.case, name) != getattr(case, name)
        ]
        assert len(changed) == 1


def test_the_facts_that_would_flip_are_told_in_words() -> None:
    ground = ground_with({("nj", "TEE"): 1})
    case = Case(
        ORDER,
        RuleSet(
            (
                a_rule("tx", name="Rush", tags=frozenset({"rush"})),
                a_rule("nj", "nv", name="All"),
            )
        ),
        ground,
    )
    told = {flip.fact: flip.outcome for flip in flips(case, case.decide())}
    assert told["Jersey had 3 of TEE (it has 1)"] == "Jersey"
    assert told["it had the tag “rush”"] == "Texas"
    assert told["Nevada were not in use"] == "ShipHero decides"
