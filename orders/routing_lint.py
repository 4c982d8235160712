"""What is wrong with a set of rules before any order meets it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orders.routing_conditions import matches
from orders.routing_rules import LISTS, Otherwise, Pick, Rule, RuleSet, When
from orders.transit import Site


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is a position from 1, or 0 for the set as a whole."""

    rule: int
    is_error: bool
    words: str


def lint(
    rules: RuleSet, sites: Mapping[str, Site], with_transits: Collection[str] = ()
) -> list[Finding]:
    """All findings in the order of the rules. `with_transits` are the sites for which
    a transit time is known."""
    found = list(_of_the_set(rules))
    for position, rule in enumerate(rules.rules, start=1):
        if rule.is_on:
            found += _of_rule(position, rule, sites, with_transits)
            found += _unreachable(position, rule, rules.rules[: position - 1])
    return found


def unreachable(rules: RuleSet) -> list[int]:
    """The positions of rules that no order can get to."""
    return [
        finding.rule
        for position, rule in enumerate(rules.rules, start=1)
        if rule.is_on
        for finding in _unreachable(position, rule, rules.rules[: position - 1])
    ]


def _of_the_set(rules: RuleSet) -> Iterator[Finding]:
    if rules.rules and not any(rule.is_on for rule in rules.rules):
        yield Finding(0, False, "Every rule is switched off: ShipHero decides.")
    untagged = {site for rule in rules.rules for site in rule.warehouses}
    untagged -= dict(rules.tags).keys()
    if rules.send != "lines" and untagged:
        count = len(untagged)
        words = f"{count} warehouse{'s have' if count > 1 else ' has'} no tag yet."
        yield Finding(0, True, f"Choices are sent as tags, but {words}")


def _of_rule(
    position: int, rule: Rule, sites: Mapping[str, Site], with_transits: Collection[str]
) -> Iterator[Finding]:
    for key in rule.warehouses:
        site = sites.get(key)
        if site is None:
            yield Finding(position, True, f"The account has no warehouse “{key}”.")
        elif not site.is_active:
            yield Finding(position, False, f"{site.label} is not in use.")
        elif (rule.needs_date or rule.pick is Pick.SOONEST) and (
            key not in with_transits
        ):
            words = f"No transit time is known from {site.label}: it is never in time."
            yield Finding(position, False, words)
    if rule.split > len(rule.warehouses) > 0:
        yield Finding(position, False, "It may split over more than it lists.")


def _unreachable(
    position: int, rule: Rule, earlier: Sequence[Rule]
) -> Iterator[Finding]:
    """Rules that always decide, and together take every order that this one fits."""
    final = [
        one for one in earlier if one.is_on and one.otherwise is not Otherwise.NEXT
    ]
    final = [one for one in final if _always_decides(one)]
    takers = _takers(rule.when, final)
    if takers:
        names = " and ".join(f"“{name}”" for name in dict.fromkeys(takers))
        yield Finding(
            position, True, f"It is never reached: {names} decides for all its orders."
        )


def _always_decides(rule: Rule) -> bool:
    """Sending to the first warehouse may fail: none of them may be in use."""
    return rule.otherwise in {Otherwise.WAIT, Otherwise.SHIPHERO}


def _takers(when: When, final: Sequence[Rule]) -> list[str]:
    """Names of rules that take every order of `when`, alone or value by value."""
    alone = next((one.name for one in final if admits_all_of(one.when, when)), None)
    if alone is not None:
        return [alone]
    for name in LISTS:
        values = getattr(when, name)
        if len(values) < 2 or name == "without_tags":
            continue
        parts = [_with_only(when, name, value) for value in values]
        found = [
            next((one.name for one in final if admits_all_of(one.when, part)), None)
            for part in parts
        ]
        if all(found):
            return sorted(one for one in found if one)
    return []


def _with_only(when: When, name: str, value: str) -> When:
    changed: dict[str, Any] = {name: frozenset({value})}
    return replace(when, **changed)


def admits_all_of(wider: When, narrower: When) -> bool:
    """Whether every order that fits `narrower` fits `wider` too. False when unsure."""
    lists = all(_covers(name, wider, narrower) for name in LISTS)
    return lists and all(
        _is_within(part, wider, narrower) for part in ("units", "days_left")
    )


def _covers(name: str, wider: When, narrower: When) -> bool:
    wide, narrow = getattr(wider, name), getattr(narrower, name)
    if name == "without_tags":
        return bool(wide <= narrow)
    if not wide:
        return True
    return bool(narrow) and all(_holds(name, wide, value) for value in narrow)


def _holds(name: str, wide: frozenset[str], value: str) -> bool:
    if name == "states":
        return value in wide or ("-" in value and value.split("-", 1)[1] in wide)
    if name in {"zips", "skus"}:
        stem = value.removesuffix("*")
        prefixes = frozenset(one for one in wide if one.endswith("*"))
        return value in wide or matches(prefixes, stem)
    return value in wide


def _is_within(part: str, wider: When, narrower: When) -> bool:
    least, most = getattr(wider, f"min_{part}"), getattr(wider, f"max_{part}")
    lowest, highest = getattr(narrower, f"min_{part}"), getattr(narrower, f"max_{part}")
    above = least is None or (lowest is not None and lowest >= least)
    below = most is None or (highest is not None and highest <= most)
    return above and below
