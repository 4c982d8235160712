"""The single facts that would have sent an order elsewhere, each of them tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from orders.routing import Ground, decide, outcome_words
from orders.routing_conditions import RoutableOrder
from orders.routing_rules import RuleSet
from orders.routing_table import Axis, Candidate, Decision, day_words

MOST = 12
MOST_TRIED = 150


@dataclass(frozen=True)
class Case:
    """Everything that a decision was made of."""

    order: RoutableOrder
    rules: RuleSet
    ground: Ground
    override: str = ""

    def decide(self) -> Decision:
        return decide(self.order, self.rules, self.ground, override=self.override)


@dataclass(frozen=True)
class Flip:
    """`fact` completes “if …”; `outcome` is where the order would go in `case`."""

    fact: str
    outcome: str
    case: Case


def flips(case: Case, decision: Decision) -> list[Flip]:
    """What of one fact alone would change the decision; each was decided anew."""
    found: list[Flip] = []
    for tried, (fact, changed) in enumerate(_variants(case, decision)):
        if tried >= MOST_TRIED or len(found) >= MOST:
            break
        other = changed.decide()
        if other.result != decision.result:
            found.append(Flip(fact, outcome_words(other, changed.ground), changed))
    return found


Variants = Iterator[tuple[str, Case]]


def _variants(case: Case, decision: Decision) -> Variants:
    """Facts in the order in which people would ask for them."""
    if case.override:
        yield "the override ended", replace(case, override="")
        return
    yield from _of_candidates(case, decision)
    yield from _of_the_rule(case, decision)
    yield from _of_tags(case)
    yield from _of_words(case)
    yield from _of_products(case)


def _of_candidates(case: Case, decision: Decision) -> Variants:
    for view in decision.views:
        for candidate in view.candidates:
            yield from _of_stock(case, candidate, candidate.site in decision.sites)
            yield from _of_date(case, candidate)
            yield from _of_site(case, candidate)


def _of_stock(case: Case, candidate: Candidate, is_chosen: bool) -> Variants:
    for check in candidate.checks:
        if check.axis is not Axis.STOCK:
            continue
        key = (candidate.site, check.sku)
        if not check.is_ok:
            has = "" if check.found is None else f" (it has {check.found})"
            fact = f"{candidate.label} had {check.wanted} of {check.sku}{has}"
            yield fact, _with_stock(case, key, check.wanted)
        elif is_chosen:
            fact = (
                f"{candidate.label} had fewer than {check.wanted} of {check.sku} "
                f"(it has {check.found})"
            )
            yield fact, _with_stock(case, key, check.wanted - 1)


def _with_stock(case: Case, key: tuple[str, str], units: int) -> Case:
    stock = {**case.ground.stock, key: units}
    return replace(case, ground=replace(case.ground, stock=stock))


def _of_date(case: Case, candidate: Candidate) -> Variants:
    for check in candidate.checks:
        if check.axis is not Axis.DATE or check.found is None or check.wanted is None:
            continue
        if not check.is_ok:
            order = replace(case.order, required=check.found)
            fact = f"it were required on {day_words(check.found)} or later"
            yield fact, replace(case, order=order)


def _of_site(case: Case, candidate: Candidate) -> Variants:
    site = case.ground.sites.get(candidate.site)
    if site is None:
        return
    fact = f"{site.label} were {'not ' if site.is_active else ''}in use"
    sites = {**case.ground.sites, site.key: replace(site, is_active=not site.is_active)}
    yield fact, replace(case, ground=replace(case.ground, sites=sites))


def _of_the_rule(case: Case, decision: Decision) -> Variants:
    for position, rule in enumerate(case.rules.rules):
        if rule.name != decision.rule and rule.is_on:
            continue
        rules = list(case.rules.rules)
        rules[position] = replace(rule, is_on=not rule.is_on)
        fact = f"the rule “{rule.name}” were {'off' if rule.is_on else 'on'}"
        yield fact, replace(case, rules=replace(case.rules, rules=tuple(rules)))


def _mentioned(case: Case, name: str) -> list[str]:
    values = {v for rule in case.rules.rules for v in getattr(rule.when, name)}
    return sorted(values)


def _of_tags(case: Case) -> Variants:
    tags = case.order.tags
    for tag in sorted({*_mentioned(case, "tags"), *_mentioned(case, "without_tags")}):
        if tag in tags:
            order = replace(case.order, tags=tags - {tag})
            yield f"the tag “{tag}” were removed", replace(case, order=order)
        else:
            order = replace(case.order, tags=tags | {tag})
            yield f"it had the tag “{tag}”", replace(case, order=order)


_WORDS = (
    ("brands", "brand", "its brand were {}"),
    ("methods", "method", "its shipping method were {}"),
    ("asked", "asked", "Salesforce asked for the warehouse {}"),
    ("states", "state", "it went to {}"),
    ("countries", "country", "it went to {}"),
)


def _of_words(case: Case) -> Variants:
    for axis, name, words in _WORDS:
        for value in _mentioned(case, axis):
            plain = value.split("-", 1)[-1] if axis == "states" else value
            if plain != getattr(case.order, name):
                changed: dict[str, Any] = {name: plain}
                order = replace(case.order, **changed)
                yield words.format(value), replace(case, order=order)


def _of_products(case: Case) -> Variants:
    mentioned = _mentioned(case, "product_types")
    for at, line in enumerate(case.order.lines[:20]):
        for word in mentioned:
            types, verb = line.types | {word}, "were"
            if word in line.types:
                types, verb = line.types - {word}, "were not"
            lines = list(case.order.lines)
            lines[at] = replace(line, types=types)
            order = replace(case.order, lines=tuple(lines))
            yield f"{line.sku} {verb} of the type {word}", replace(case, order=order)
