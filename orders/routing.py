"""Which warehouse ships an order, and why: the rules asked in their order.

The same function decides in production, previews one order, and replays many. What
it answers can be shown whole: every rule with what did not fit, every warehouse with
each check and its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from orders.routing_conditions import RoutableLine, RoutableOrder, misses_of
from orders.routing_rules import Otherwise, Pick, Rest, Rule, RuleSet
from orders.routing_table import Axis, Candidate, Check, Decision, Outcome, RuleView
from orders.transit import Site, TransitTable, arrives_on, ships_on

FAR = date.max


@dataclass(frozen=True, slots=True)
class Ways:
    """How the order's shipping method stands at one site: its names, or why it is not
    valid from there."""

    names: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Ground:
    """What is there to choose from. Stock that is not in the mapping is not known."""

    sites: Mapping[str, Site]
    stock: Mapping[tuple[str, str], int]
    now: datetime
    transits: TransitTable = field(default_factory=TransitTable)
    ways: Mapping[str, Ways] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        return self.now.date()

    @cached_property
    def _leaves(self) -> dict[str, date | None]:
        return {key: ships_on(site, self.now) for key, site in self.sites.items()}

    def arrival(self, site: Site, order: RoutableOrder) -> date | None:
        """None where a transit time, or a working day, is not known."""
        days = self.transits.days(
            site.key,
            country=order.country,
            region=order.state,
            methods=self.ways.get(site.key, _ANY_WAY).names,
        )
        leaves = self._leaves.get(site.key)
        return None if days is None or leaves is None else arrives_on(leaves, days)


_ANY_WAY = Ways()


def decide(
    order: RoutableOrder, rules: RuleSet, ground: Ground, *, override: str = ""
) -> Decision:
    """The warehouses for an order. `override` is a person's: it beats every rule."""
    by_rules = _by_rules(order, rules, ground)
    if not override:
        return by_rules
    site = ground.sites.get(override)
    if site is None:
        return Decision(
            Outcome.WAITS,
            "A person chose a warehouse that the account does not have.",
            views=by_rules.views,
            override=override,
            would_be=outcome_words(by_rules, ground),
        )
    return Decision(
        Outcome.ROUTED,
        f"A person chose {site.label}.",
        tuple((line.key, site.key) for line in order.lines),
        views=by_rules.views,
        override=override,
        would_be=outcome_words(by_rules, ground),
    )


def outcome_words(decision: Decision, ground: Ground) -> str:
    """Where an order goes, in a few words."""
    if decision.outcome is Outcome.WAITS:
        return "wait"
    if decision.outcome is Outcome.LEFT:
        return "ShipHero decides"
    sites = [ground.sites[key].label for key in decision.sites if key in ground.sites]
    return " and ".join(sites)


def _by_rules(order: RoutableOrder, rules: RuleSet, ground: Ground) -> Decision:
    views: list[RuleView] = []
    for position, rule in enumerate(rules.rules, start=1):
        if not rule.is_on:
            views.append(RuleView(position, rule.name, "switched off"))
            continue
        misses = tuple(misses_of(rule.when, order, ground.today))
        if misses:
            views.append(RuleView(position, rule.name, "does not fit", misses))
            continue
        candidates = tuple(
            _candidate(ground, key, rule, order) for key in rule.warehouses
        )
        found = _settle(rule, order, candidates, ground)
        verdict = "decides" if found else "no warehouse of it can ship"
        views.append(RuleView(position, rule.name, verdict, (), candidates))
        if found is not None:
            outcome, warehouses, reason = found
            return Decision(outcome, reason, warehouses, rule.name, tuple(views))
    return _unruled(rules, tuple(views))


def _unruled(rules: RuleSet, views: tuple[RuleView, ...]) -> Decision:
    if not any(rule.is_on for rule in rules.rules):
        words = "There are no routing rules: ShipHero decides."
        return Decision(Outcome.LEFT, words, views=views)
    faults = _all_faults(candidate for view in views for candidate in view.candidates)
    if rules.rest is Rest.SHIPHERO:
        words = f"No rule decides, so ShipHero does.{faults}"
        return Decision(Outcome.LEFT, words, views=views)
    return Decision(
        Outcome.WAITS, f"No warehouse can be chosen by rule.{faults}", views=views
    )


def _all_faults(candidates: Any) -> str:
    words = [f"{one.label}: {one.faults}." for one in candidates if one.faults]
    return f" {' '.join(dict.fromkeys(words))}" if words else ""


Settled = tuple[Outcome, tuple[tuple[str, str], ...], str]


def _settle(
    rule: Rule,
    order: RoutableOrder,
    candidates: Sequence[Candidate],
    ground: Ground,
) -> Settled | None:
    """What a rule that fits decides; None passes the order on."""
    able = [one for one in candidates if one.is_ok]
    if able:
        best = min(able, key=_RANKS[rule.pick])
        checks = ", ".join(one.words for one in best.checks if one.found is not None)
        why = f"“{rule.name}” chose {best.label}{f': {checks}' if checks else ''}."
        return Outcome.ROUTED, tuple((one.key, best.site) for one in order.lines), why
    if rule.split > 1 and rule.needs_stock:
        parts = _split(rule, order, candidates, ground)
        if parts:
            labels = dict.fromkeys(ground.sites[site].label for _, site in parts)
            why = f"“{rule.name}” splits it: {' and '.join(labels)}."
            return Outcome.ROUTED, parts, why
    return _fallen_back(rule, order, candidates)


def _fallen_back(
    rule: Rule, order: RoutableOrder, candidates: Sequence[Candidate]
) -> Settled | None:
    if rule.otherwise is Otherwise.NEXT:
        return None
    faults = _all_faults(candidates)
    if rule.otherwise is Otherwise.WAIT:
        return Outcome.WAITS, (), f"“{rule.name}” waits for a warehouse.{faults}"
    if rule.otherwise is Otherwise.SHIPHERO:
        return Outcome.LEFT, (), f"“{rule.name}” leaves it to ShipHero.{faults}"
    first = next((one for one in candidates if one.checks[0].is_ok), None)
    if first is None:
        return None
    why = f"“{rule.name}” sends it to {first.label} all the same.{faults}"
    return Outcome.ROUTED, tuple((one.key, first.site) for one in order.lines), why


# Ties keep the order of the rule: min() takes the first of equals.
_RANKS: dict[Pick, Callable[[Candidate], Any]] = {
    Pick.LISTED: lambda _one: 0,
    Pick.MOST_STOCK: lambda one: -one.spare,
    Pick.SOONEST: lambda one: one.arrives or FAR,
}


def _candidate(ground: Ground, key: str, rule: Rule, order: RoutableOrder) -> Candidate:
    site = ground.sites.get(key)
    if site is None:
        return Candidate(key, key, (Check(Axis.OPEN, False),))
    checks = [Check(Axis.OPEN, site.is_active)]
    way = ground.ways.get(key, _ANY_WAY)
    if way.refusal:
        checks.append(Check(Axis.METHOD, False, way.refusal))
    spare = FAR.toordinal()
    for sku, units in order.needs.items():
        has = ground.stock.get((key, sku))
        spare = min(spare, (has or 0) - units)
        if rule.needs_stock:
            is_enough = has is not None and has >= units
            checks.append(Check(Axis.STOCK, is_enough, has, units, sku))
    arrives = None
    if rule.needs_date or rule.pick is Pick.SOONEST:
        arrives = ground.arrival(site, order)
    if rule.needs_date and order.required is not None:
        in_time = arrives is not None and arrives <= order.required
        checks.append(Check(Axis.DATE, in_time, arrives, order.required))
    elif rule.pick is Pick.SOONEST:
        checks.append(Check(Axis.DATE, True, arrives))
    return Candidate(key, site.label, tuple(checks), spare, arrives)


def _split(
    rule: Rule,
    order: RoutableOrder,
    candidates: Sequence[Candidate],
    ground: Ground,
) -> tuple[tuple[str, str], ...]:
    """Whole lines over few warehouses, the one that takes most lines first."""
    able = [one.site for one in candidates if one.is_able]
    taken: dict[str, str] = {}
    for _ in range(rule.split):
        left = [line for line in order.lines if line.key not in taken]
        shares = [(site, _takes(site, left, ground)) for site in able]
        site, share = max(shares, key=lambda one: len(one[1]), default=("", []))
        taken |= dict.fromkeys(share, site)
        able = [one for one in able if one != site]
    if len(taken) < len(order.lines):
        return ()
    return tuple((line.key, taken[line.key]) for line in order.lines)


def _takes(site: str, lines: Sequence[RoutableLine], ground: Ground) -> list[str]:
    """The keys of the lines that a site can ship whole, one after the other."""
    used: dict[str, int] = {}
    keys = []
    for line in lines:
        need = used.get(line.sku, 0) + line.units
        if ground.stock.get((site, line.sku), -1) >= need:
            used[line.sku] = need
            keys.append(line.key)
    return keys
