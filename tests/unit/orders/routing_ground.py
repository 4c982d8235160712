"""Three warehouses, an order and plenty of stock to route by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from orders.routing import Ground, decide
from orders.routing_conditions import RoutableLine, RoutableOrder
from orders.routing_rules import Rule, RuleSet, When
from orders.routing_table import Decision
from orders.transit import Site, Transit, TransitTable

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # a Wednesday
SITES = {
    "nv": Site("nv", "Nevada", time_zone="America/Los_Angeles", cutoff=time(14)),
    "nj": Site("nj", "Jersey", time_zone="America/New_York", cutoff=time(14)),
    "tx": Site("tx", "Texas"),
}
ORDER = RoutableOrder(
    lines=(RoutableLine("1", "MUG", 2), RoutableLine("2", "TEE", 3)),
    country="US",
    state="CA",
    zip="90210",
    brand="acme",
    tags=frozenset({"vip"}),
    method="ground",
)
PLENTY = {(site, sku): 50 for site in SITES for sku in ("MUG", "TEE")}
GROUND = Ground(SITES, PLENTY, NOW)
TRANSITS = TransitTable.of(
    [Transit("nv", 2, "US"), Transit("nj", 1, "US"), Transit("nj", 4, "US", "CA")]
)


def a_rule(*warehouses: str, **values: Any) -> Rule:
    when = When(**{k: values.pop(k) for k in list(values) if k in When.__slots__})
    return Rule(values.pop("name", "A rule"), when, warehouses, **values)


def routed(
    *rules: Rule, order: RoutableOrder = ORDER, ground: Ground = GROUND, **values: Any
) -> Decision:
    override = values.pop("override", "")
    return decide(order, RuleSet(tuple(rules), **values), ground, override=override)


def ground_with(stock: dict[tuple[str, str], int], **values: Any) -> Ground:
    return replace(GROUND, stock={**PLENTY, **stock}, **values)
