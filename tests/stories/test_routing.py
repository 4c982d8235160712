"""R11: orders go to the warehouse that the rules, or a person, choose; and it is checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.config_versions import ConfigKind
from connectors.sync import config, routing_actions
from inventory.models import Availability, TransitTime, Warehouse
from orders.decisions import Kept, RoutingDecision
from tests.stories.reading import (
    a_user,
    creates,
    floor_off,
    open_codes,
    released,
    the_one,
    until,
    until_created,
    writes,
)
from tests.town import SHIP_TO, Town

pytestmark = pytest.mark.every_round


def two_warehouses(town: Town, **stock: dict[str, int]) -> dict[str, str]:
    """Primary and Nevada on both sides, with this stock; their ids by name."""
    for sku in ("MUG", "TEE", "CAP"):
        counts = {name: units.get(sku, 0) for name, units in stock.items()}
        town.shiphero.seed_product(sku, sku, counts)
    ids = {}
    for name, counted in stock.items():
        seeded = town.shiphero.warehouse_named(name)
        ids[name] = seeded["id"]
        Warehouse.objects.update_or_create(
            account=town.account, remote_id=seeded["id"], defaults={"name": name}
        )
        for sku, units in counted.items():
            set_stock(town, name, sku, units)
    return ids


def set_stock(town: Town, name: str, sku: str, units: int) -> None:
    Availability.objects.update_or_create(
        account=town.account,
        warehouse=Warehouse.objects.get(account=town.account, name=name),
        sku=sku,
        scope=0,
        defaults={
            "quantity": units,
            "stock_read_at": town.now(),
            "computed_at": town.now(),
        },
    )


def rules(town: Town, *listed: dict[str, Any], **document: Any) -> None:
    config.save(
        kind=ConfigKind.ROUTING,
        account=town.account,
        document={"rules": list(listed), **document},
        user=a_user(),
        now=town.now(),
    )


def locked_to(order: dict[str, Any]) -> dict[str, str]:
    return {one["sku"]: one["locked_to_warehouse_id"] for one in order["line_items"]}


def allocated(town: Town, order: str) -> set[str]:
    return {one["warehouse_id"] for one in the_one(town, order)["allocations"]}


def decision(order: str) -> RoutingDecision:
    return RoutingDecision.objects.filter(order__salesforce_id=order).latest("pk")


PLENTY = {"MUG": 50, "TEE": 50, "CAP": 50}


def test_r11_rules_choose_by_region_and_stock_and_the_allocations_are_seen(
    town: Town,
) -> None:
    floor_off(town)
    ids = two_warehouses(town, Primary=PLENTY, Nevada={**PLENTY, "TEE": 1})
    rules(
        town,
        {
            "name": "West",
            "when": {"states": ["CA", "NV"]},
            "warehouses": [ids["Nevada"]],
        },
        {"name": "Rest", "warehouses": [ids["Primary"], ids["Nevada"]]},
    )
    west = town.order(("MUG", 1), ship_to={**SHIP_TO, "state": "CA"})
    short = town.order(("TEE", 2), ship_to={**SHIP_TO, "state": "CA"})
    inland = town.order(("MUG", 1))
    for order in (west, short, inland):
        until_created(town, order)
    until(town, lambda: decision(west).kept == Kept.AGREES, minutes=3)

    assert locked_to(the_one(town, west)) == {"MUG": ids["Nevada"]}
    assert allocated(town, west) == {ids["Nevada"]}
    assert locked_to(the_one(town, inland)) == {"MUG": ids["Primary"]}
    assert locked_to(the_one(town, short)) == {"TEE": ids["Primary"]}
    assert decision(short).rule == "Rest"
    table = decision(short).views
    assert [row["verdict"] for row in table] == [
        "no warehouse of it can ship",
        "decides",
    ]
    assert table[0]["candidates"][0]["checks"][1]["words"] == (
        "lacks 1 of TEE (has 1 of 2)"
    )
    told = {one["fact"]: one["outcome"] for one in decision(short).flips}
    assert told["Nevada had 2 of TEE (it has 1)"] == "Nevada"


def test_r11_an_order_without_a_warehouse_waits_and_wakes_with_stock(
    town: Town,
) -> None:
    floor_off(town)
    ids = two_warehouses(town, Primary={"MUG": 0})
    rules(
        town,
        {"name": "All", "warehouses": [ids["Primary"]], "otherwise": "wait"},
    )
    order = town.order(("MUG", 2))
    until(town, lambda: open_codes(order) == ["routing.no_warehouse"])
    assert creates(town, order) == 0

    town.run(minutes=2)
    set_stock(town, "Primary", "MUG", 2)
    until_created(town, order, minutes=3)

    assert creates(town, order) == 1
    assert open_codes(order) == []


def test_r11_a_persons_choice_survives_edits_ends_with_its_time_and_moves_the_order(
    town: Town,
) -> None:
    floor_off(town)
    ids = two_warehouses(town, Primary=PLENTY, Nevada=PLENTY)
    rules(town, {"name": "All", "warehouses": [ids["Primary"]]})
    order = town.order(("MUG", 1))
    until_created(town, order)
    assert locked_to(the_one(town, order)) == {"MUG": ids["Primary"]}

    routing_actions.override_warehouse(
        order=town.mirror(order),
        warehouse=ids["Nevada"],
        why="The customer picks it up there.",
        until=town.now() + timedelta(hours=2),
        user=a_user(),
        now=town.now(),
    )
    until(town, lambda: allocated(town, order) == {ids["Nevada"]}, minutes=3)
    town.desk.edit_order(order, ShippingCity="Bixby")
    until(town, lambda: "order_update" in writes(town, order), minutes=3)

    assert allocated(town, order) == {ids["Nevada"]}
    assert (decision(order).override, decision(order).would_be) == (
        ids["Nevada"],
        "Primary",
    )
    town.clock.advance(2 * 3600)
    until(town, lambda: allocated(town, order) == {ids["Primary"]}, minutes=5)
    assert decision(order).override == ""


def test_r11_rules_of_shipheros_own_are_seen_twice_and_not_fought(town: Town) -> None:
    floor_off(town)
    ids = two_warehouses(town, Primary=PLENTY, Nevada=PLENTY)
    town.shiphero.set_switches({"mwa": True, "mwa_warehouse": "Primary"})
    rules(town, {"name": "All", "warehouses": [ids["Nevada"]]})
    order = town.order(("MUG", 1))
    until(town, lambda: released(town, order))
    until(town, lambda: decision(order).kept == Kept.OVERRULED, minutes=5)
    sent = writes(town, order)
    town.run(minutes=5)

    assert decision(order).actual == "Primary"
    assert writes(town, order) == sent


def test_r11_lines_are_split_over_warehouses_where_a_rule_allows_it(town: Town) -> None:
    floor_off(town)
    ids = two_warehouses(
        town, Primary={"MUG": 5, "TEE": 0}, Nevada={"MUG": 0, "TEE": 5}
    )
    rules(
        town,
        {
            "name": "Split",
            "warehouses": [ids["Primary"], ids["Nevada"]],
            "split": 2,
            "otherwise": "wait",
        },
    )
    order = town.order(("MUG", 1), ("TEE", 2))
    until_created(town, order)
    until(town, lambda: decision(order).kept == Kept.AGREES, minutes=3)

    assert locked_to(the_one(town, order)) == {
        "MUG": ids["Primary"],
        "TEE": ids["Nevada"],
    }


def test_r11_the_date_the_order_is_due_and_the_type_of_its_products_choose_too(
    town: Town,
) -> None:
    """Nevada is a day away, Primary a week; glass is packed in Nevada alone."""
    floor_off(town)
    ids = two_warehouses(town, Primary=PLENTY, Nevada=PLENTY)
    for name, days in (("Primary", 5), ("Nevada", 1)):
        place = Warehouse.objects.get(account=town.account, name=name)
        TransitTime.objects.create(warehouse=place, country="US", days=days)
    town.mapped("required_date", "EndDate")
    config.save(
        kind=ConfigKind.PRODUCT_TYPES,
        account=town.account,
        document={"rows": [{"from": "MUG", "to": "Glass | Kitchen"}]},
        user=a_user(),
        now=town.now(),
    )
    both = [ids["Primary"], ids["Nevada"]]
    fast = {"methods": ["Express"]}
    rules(
        town,
        {
            "name": "Glass",
            "when": {"product_types": ["glass"]},
            "warehouses": [ids["Nevada"]],
        },
        {"name": "Fast", "when": fast, "warehouses": both, "pick": "soonest"},
        {"name": "In time", "warehouses": both, "needs_date": True},
    )
    express = {"ShipSync_Shipping_Method__c": "Express"}
    wanted = {
        town.order(("MUG", 1)): "Nevada",
        town.order(("TEE", 1), EndDate="2026-12-01"): "Nevada",
        town.order(("TEE", 1), EndDate="2026-12-24"): "Primary",
        town.order(("TEE", 1), EndDate="2026-12-24", **express): "Nevada",
    }
    for order in wanted:
        until_created(town, order)
    late = town.order(("TEE", 1), EndDate="2026-11-28")
    until(town, lambda: creates(town, late))

    places = {order: set(locked_to(the_one(town, order)).values()) for order in wanted}
    assert places == {order: {ids[name]} for order, name in wanted.items()}
    assert locked_to(the_one(town, late)) == {"TEE": None}
