"""Which warehouse gives what to an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import bodies, ids, stock

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def is_held(world: ShipHeroWorld, order: Document) -> bool:
    """Any hold, or a date until which it is held."""
    until = order["hold_until_date"]
    return any(order["holds"].values()) or bool(until and until > world.stamp())


def is_ready(world: ShipHeroWorld, order: Document) -> bool:
    """Open, free of holds, and allocated: fully, or in part where that may ship."""
    if order["closed"] or is_held(world, order) or not order["allocations"]:
        return False
    return order["allow_partial"] or not any(
        line["backorder_quantity"] for line in order["line_items"]
    )


def lacking(line: Document) -> int:
    """Units still to ship that no stock is set aside for."""
    units: int = line["quantity_pending_fulfillment"] - line["quantity_allocated"]
    return max(0, units)


def allocate(world: ShipHeroWorld, order: Document) -> list[Document]:
    """Set stock aside for what lacks it; the rest is backordered.

    One allocation, and one webhook, per warehouse.
    """
    shares: dict[str, dict[str, int]] = {}
    for line in order["line_items"]:
        for warehouse_id, units in _sources(world, order, line):
            shares.setdefault(warehouse_id, {})[line["id"]] = units
    made = [_take(world, order, where, units) for where, units in shares.items()]
    for line in order["line_items"]:
        line["backorder_quantity"] = lacking(line)
    world.put("order", order["id"], order)
    for allocation in made:
        world.record(
            "floor.allocate",
            order["partner_order_id"],
            "applied",
            order_id=order["id"],
            allocation_reference=allocation["allocation_reference"],
        )
        _tell_allocated(world, order, allocation)
    return made


def deallocate(world: ShipHeroWorld, order: Document) -> None:
    """Give back what nobody has begun to pick."""
    for allocation in [a for a in order["allocations"] if not a["is_locked"]]:
        order["allocations"].remove(allocation)
        for line in order["line_items"]:
            units = allocation["units"].get(line["id"], 0)
            line["quantity_allocated"] -= units
            _shift(world, order, line["sku"], allocation["warehouse_id"], -units)
        _tell_deallocated(world, order, allocation)
    world.put("order", order["id"], order)


def free_locks(order: Document) -> None:
    """Let go of allocations in picking, as a forced cancel does."""
    for allocation in order["allocations"]:
        allocation["is_locked"] = False


def forget_line(world: ShipHeroWorld, order: Document, line: Document) -> None:
    """Take one line out of what is being picked; its stock goes back."""
    for row in list(order["allocations"]):
        units = row["units"].pop(line["id"], 0)
        row["line_items"] = [
            item for item in row["line_items"] if item["line_item_id"] != line["id"]
        ]
        _shift(world, order, line["sku"], row["warehouse_id"], -units)
        if not row["units"]:
            order["allocations"].remove(row)


def _sources(
    world: ShipHeroWorld, order: Document, line: Document
) -> list[tuple[str, int]]:
    """(warehouse id, units) that can be given to a line now."""
    needed = lacking(line)
    sources = []
    for warehouse_id in _candidates(world, order, line):
        units = min(needed, _free_units(world, order, line["sku"], warehouse_id))
        if units:
            sources.append((warehouse_id, units))
            needed -= units
        if not needed:
            break
    return sources


def _candidates(world: ShipHeroWorld, order: Document, line: Document) -> list[str]:
    """Where a line may come from, best first."""
    if world.switches["mwa"]:
        chosen = world.switches["mwa_warehouse"]
        first = world.every("warehouse")[0]
        return [world.warehouse_named(chosen)["id"] if chosen else first["id"]]
    pinned = line["locked_to_warehouse_id"] or order["pinned_warehouse_id"]
    if pinned:
        return [pinned]
    return _by_coverage(world, order)


def _by_coverage(world: ShipHeroWorld, order: Document) -> list[str]:
    """The warehouse that can give most units first; only one unless it may split."""

    def covered(warehouse_id: str) -> int:
        return sum(
            min(lacking(line), _free_units(world, order, line["sku"], warehouse_id))
            for line in order["line_items"]
            if not line["locked_to_warehouse_id"]
        )

    everywhere = [warehouse["id"] for warehouse in world.every("warehouse")]
    ranked = sorted(everywhere, key=covered, reverse=True)
    return ranked if order["allow_split"] else ranked[:1]


def _free_units(
    world: ShipHeroWorld, order: Document, sku: str, warehouse_id: str
) -> int:
    counts = []
    for part, per_unit in stock.unit_needs(world, order["account_id"], sku).items():
        row = stock.stock_of(world, order["account_id"], part, warehouse_id)
        counts.append(stock.free(row) // per_unit if row else 0)
    return min(counts, default=0)


def _take(
    world: ShipHeroWorld, order: Document, warehouse_id: str, units: dict[str, int]
) -> Document:
    reference = world.next_number("Allocation", ids.FIRST_NUMBERS["Allocation"])
    allocation: Document = {
        "order_id": order["id"],
        "warehouse_id": warehouse_id,
        "allocated_at": world.stamp(),
        "allocation_reference": str(reference),
        "line_items": [],
        "is_locked": False,
        "stage": "allocated",
        "scheduled": False,
        "units": units,
    }
    for line in order["line_items"]:
        count = units.get(line["id"], 0)
        if count:
            _give(world, order, allocation, line, count)
    order["allocations"].append(allocation)
    return allocation


def _give(
    world: ShipHeroWorld,
    order: Document,
    allocation: Document,
    line: Document,
    count: int,
) -> None:
    warehouse_id = allocation["warehouse_id"]
    line["quantity_allocated"] += count
    line["warehouse_id"] = warehouse_id
    line["warehouse"] = world.warehouse_for(warehouse_id)["identifier"]
    needs = stock.unit_needs(world, order["account_id"], line["sku"])
    allocation["line_items"] += [
        {
            "order_id": order["id"],
            "warehouse_id": warehouse_id,
            "allocated_at": allocation["allocated_at"],
            "line_item_id": line["id"],
            "sku": part,
            "quantity_allocated": count * per_unit,
            "is_kit_component": part != line["sku"],
            "allocation_reference": allocation["allocation_reference"],
        }
        for part, per_unit in needs.items()
    ]
    _shift(world, order, line["sku"], warehouse_id, count)


def _shift(
    world: ShipHeroWorld, order: Document, sku: str, warehouse_id: str, units: int
) -> None:
    if not units:
        return
    for part, per_unit in stock.unit_needs(world, order["account_id"], sku).items():
        row = stock.stock_of(world, order["account_id"], part, warehouse_id)
        if row is not None:
            stock.move(world, row, allocated=units * per_unit)


def _tell_allocated(
    world: ShipHeroWorld, order: Document, allocation: Document
) -> None:
    ready = is_ready(world, order)
    world.postman.emit(
        "Order Allocated",
        order["account_id"],
        lambda: bodies.order_allocated(world, order, allocation, ready),
    )


def _tell_deallocated(
    world: ShipHeroWorld, order: Document, allocation: Document
) -> None:
    world.postman.emit(
        "Order Deallocated",
        order["account_id"],
        lambda: bodies.order_deallocated(world, order, allocation),
    )
