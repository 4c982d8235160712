"""What really happened, read from the ledger and the documents alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def orders_by_key(world: ShipHeroWorld) -> dict[str, list[Document]]:
    """Every order made through the API, by partner_order_id, oldest first.

    What staff cloned is not among them.
    """
    found: dict[str, list[Document]] = defaultdict(list)
    for order in world.snapshot("order"):
        if order["origin"] == "api":
            found[order["partner_order_id"]].append(order)
    return dict(found)


def live(order: Document) -> bool:
    """Neither canceled nor merged into another."""
    return order["fulfillment_status"] != "canceled" and "merged_into" not in order


def held(order: Document) -> bool:
    return any(order["holds"].values())


def created_exactly_once(world: ShipHeroWorld) -> set[str]:
    """The keys that have exactly one live order."""
    return {
        key
        for key, orders in orders_by_key(world).items()
        if len([order for order in orders if live(order)]) == 1
    }


def pickable_duplicates(world: ShipHeroWorld) -> dict[str, list[str]]:
    """Order ids by key, where more than one live order can be, or was, picked."""
    return _doubled(world, lambda order: live(order) and not held(order))


def held_extras(world: ShipHeroWorld) -> dict[str, list[str]]:
    """Held order ids by key, where another live order has the same key."""
    extras = {}
    for key, ids in _doubled(world, live).items():
        waiting = [
            order["id"]
            for order in orders_by_key(world)[key]
            if order["id"] in ids and held(order)
        ]
        if waiting:
            extras[key] = waiting
    return extras


def shipped(world: ShipHeroWorld) -> dict[str, list[Document]]:
    """By partner_order_id: `{order_id, shipment_id, packages: [{carrier, method,
    tracking_number}]}` of each shipment that left, from the ledger."""
    found: dict[str, list[Document]] = defaultdict(list)
    for entry in world.ledger(call="floor.ship"):
        found[entry.subject].append(entry.detail)
    return dict(found)


def shipped_twice(world: ShipHeroWorld) -> set[str]:
    """The keys for which more than one order shipped."""
    return {
        key
        for key, shipments in shipped(world).items()
        if len({shipment["order_id"] for shipment in shipments}) > 1
    }


def stock(world: ShipHeroWorld) -> dict[tuple[str, str], Document]:
    """The truth by (SKU, warehouse id): every bucket under ShipHero's own name."""
    return {(row["sku"], row["warehouse_id"]): row for row in world.snapshot("stock")}


def summary(world: ShipHeroWorld) -> Document:
    """Counts for a progress display, and the verdicts above."""
    orders = world.snapshot("order")
    return {
        "orders": len(orders),
        "by_status": dict(Counter(order["fulfillment_status"] for order in orders)),
        "held": sum(held(order) for order in orders if live(order)),
        "shipments": len(world.snapshot("shipment")),
        "created_exactly_once": len(created_exactly_once(world)),
        "pickable_duplicates": pickable_duplicates(world),
        "held_extras": held_extras(world),
        "shipped_twice": sorted(shipped_twice(world)),
        "shipped": shipped(world),
        "webhooks": [
            {name: hook[name] for name in ("name", "url", "enabled", "health")}
            for hook in world.snapshot("webhook")
        ],
        "deliveries_waiting": len(world.snapshot("delivery")),
    }


def _doubled(
    world: ShipHeroWorld, counts: Callable[[Document], bool]
) -> dict[str, list[str]]:
    doubled = {}
    for key, orders in orders_by_key(world).items():
        ids = [order["id"] for order in orders if counts(order)]
        if len(ids) > 1:
            doubled[key] = ids
    return doubled
