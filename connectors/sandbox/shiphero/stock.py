"""Products and their stock per warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import bodies, ids
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

BLANK_PRODUCT: dict[str, Any] = {
    "price": "0.00",
    "value": "0.00",
    "value_currency": "USD",
    "barcode": "",
    "country_of_manufacture": "US",
    "dimensions": {"weight": "1.00", "height": "1.00", "width": "1.00", "length": "1"},
    "tariff_code": "",
    "kit": False,
    "kit_build": False,
    "no_air": False,
    "final_sale": False,
    "customs_value": "0.00",
    "customs_description": "",
    "not_owned": False,
    "dropship": False,
    "needs_serial_number": False,
    "thumbnail": None,
    "large_thumbnail": None,
    "product_note": "",
    "virtual": False,
    "ignore_on_invoice": False,
    "ignore_on_customs": False,
    "active": True,
    "needs_lot_tracking": False,
    "images": [],
    "tags": [],
    "components": [],
    "kit_components": [],
    "cases": [],
    "packer_note": "",
}

BLANK_STOCK: dict[str, Any] = {
    "price": "0.00",
    "value": "0.00",
    "value_currency": "USD",
    "inventory_bin": "A-01",
    "inventory_overstock_bin": None,
    "reserve_inventory": 0,
    "replenishment_level": 0,
    "reorder_amount": 0,
    "reorder_level": 0,
    "on_hand": 0,
    "allocated": 0,
    "non_sellable_quantity": 0,
    "in_tote": 0,
    "custom": False,
    "customs_value": None,
    "sell_ahead": 0,
    "active": True,
}


def product(world: ShipHeroWorld, account_id: str, sku: str) -> Document | None:
    return world.get("product", f"{account_id}:{sku}")


def stock_of(
    world: ShipHeroWorld, account_id: str, sku: str, warehouse_id: str
) -> Document | None:
    return world.get("stock", f"{account_id}:{sku}:{warehouse_id}")


def stocks(world: ShipHeroWorld, account_id: str, sku: str) -> list[Document]:
    """One row per warehouse that keeps this SKU."""
    rows = (
        stock_of(world, account_id, sku, warehouse["id"])
        for warehouse in world.every("warehouse")
    )
    return [row for row in rows if row is not None]


def free(stock: Document) -> int:
    """What may still be allocated."""
    free_units: int = (
        stock["on_hand"]
        - stock["allocated"]
        - stock["reserve_inventory"]
        - stock["non_sellable_quantity"]
        + stock["sell_ahead"]
    )
    return max(0, free_units)


def unit_needs(world: ShipHeroWorld, account_id: str, sku: str) -> dict[str, int]:
    """What one unit of a SKU takes from stock: itself, or a kit's components."""
    item = product(world, account_id, sku)
    if item is None or not item["kit"] or item["kit_build"]:
        return {sku: 1}
    return {part["sku"]: part["quantity"] for part in item["kit_components"]}


def backorder(world: ShipHeroWorld, account_id: str, sku: str) -> dict[str, int]:
    """Units that open orders wait for, by warehouse id.

    A line that is bound to no warehouse counts for the first one.
    """
    first = world.every("warehouse")[0]["id"]
    waiting: dict[str, int] = {}
    for order in world.every("order"):
        if order["account_id"] != account_id or order["closed"]:
            continue
        for line in order["line_items"]:
            if line["sku"] == sku and line["backorder_quantity"]:
                where = line["warehouse_id"] or first
                waiting[where] = waiting.get(where, 0) + line["backorder_quantity"]
    return waiting


def promised(stock: Document) -> int:
    """ShipHero's `available`: on hand - allocated + sell ahead - reserve."""
    units: int = (
        stock["on_hand"]
        - stock["allocated"]
        + stock["sell_ahead"]
        - stock["reserve_inventory"]
    )
    return units


def move(
    world: ShipHeroWorld,
    stock: Document,
    *,
    on_hand: int = 0,
    allocated: int = 0,
    reason: str = "",
) -> None:
    """Change a warehouse's stock by these deltas and tell the world about it.

    Whether a change of the allocated count alone shows in `updated_at` is not known:
    the switch `stock_touch` says `all` or `on_hand`.
    """
    stock["on_hand"] += on_hand
    stock["allocated"] += allocated
    if on_hand or not allocated or world.switches["stock_touch"] == "all":
        stock["updated_at"] = world.stamp()
    world.put("stock", stock["key"], stock)
    owner = stock["account_id"]
    world.postman.emit("Inventory Update", owner, lambda: _update_body(world, stock))
    if on_hand:
        world.postman.emit(
            "Inventory Change",
            owner,
            lambda: bodies.inventory_change(world, stock, on_hand, reason),
        )


def _update_body(world: ShipHeroWorld, stock: Document) -> Document:
    account_id, sku = stock["account_id"], stock["sku"]
    item = product(world, account_id, sku) or BLANK_PRODUCT
    return bodies.inventory_update(
        world,
        stock,
        stocks(world, account_id, sku),
        backorder(world, account_id, sku),
        is_virtual=bool(item["virtual"] or (item["kit"] and not item["kit_build"])),
    )


def change(world: ShipHeroWorld, data: Document, *, replace: bool) -> Document:
    """inventory_add, inventory_remove (a negative quantity), inventory_replace."""
    account = world.account_for(data.get("customer_account_id"))
    world.warehouse_for(data["warehouse_id"])
    stock = stock_of(world, account["id"], data["sku"], data["warehouse_id"])
    if stock is None:
        raise Refusal("Product not found", NOT_FOUND)
    quantity = data["quantity"]
    delta = quantity - stock["on_hand"] if replace else quantity
    if stock["on_hand"] + delta < 0:
        raise Refusal("Not enough inventory to remove")
    move(world, stock, on_hand=delta, reason=data.get("reason") or "")
    return stock


def seed_stock(
    world: ShipHeroWorld, sku: str, name: str, on_hand: dict[str, int], **more: Any
) -> Document:
    """See `ShipHeroWorld.seed_product`. An existing product gets its stock set.

    Nothing rings, as when staff change a count while the webhooks are down.
    """
    account = world.account_for(more.get("customer_account_id"))
    item = product(world, account["id"], sku)
    if item is None:
        item = _new_product(world, account["id"], sku, name, more)
    for warehouse in world.every("warehouse"):
        units = on_hand.get(warehouse["identifier"])
        stock = stock_of(world, account["id"], sku, warehouse["id"])
        if stock is None:
            stock = _new_stock(world, account["id"], sku, warehouse)
        if units is not None:
            stock["on_hand"] = units
            stock["updated_at"] = world.stamp()
            world.put("stock", stock["key"], stock)
    return item


def _new_product(
    world: ShipHeroWorld, account_id: str, sku: str, name: str, more: Document
) -> Document:
    product_id, number = ids.new(world, "Product")
    item = {
        **BLANK_PRODUCT,
        "id": product_id,
        "legacy_id": number,
        "account_id": account_id,
        "name": name,
        "sku": sku,
        "barcode": more.get("barcode", ""),
        "price": more.get("price", "0.00"),
        "created_at": world.stamp(),
        "updated_at": world.stamp(),
    }
    describe(item, more)
    return world.put("product", f"{account_id}:{sku}", item)


def describe(item: Document, fields: Document) -> None:
    """Set fields of a product; a recipe makes it a kit, exploded when ordered."""
    plain = {
        name: value
        for name, value in fields.items()
        if name in item and name not in ("components", "cases")
    }
    item |= plain
    number, owner = item["legacy_id"], item["account_id"]
    if "components" in fields:
        item["kit"] = True
        item["kit_components"] = [
            {
                "id": ids.encode("KitComponent", number * 10 + n),
                "legacy_id": number * 10 + n,
                "account_id": owner,
                "sku": part,
                "quantity": units,
            }
            for n, (part, units) in enumerate(fields["components"].items())
        ]
    if "cases" in fields:
        item["cases"] = [
            {
                "id": ids.encode("Case", number * 10 + n),
                "legacy_id": number * 10 + n,
                "case_barcode": f"CASE-{item['sku']}-{units}",
                "case_quantity": units,
            }
            for n, units in enumerate(fields["cases"])
        ]


def _new_stock(
    world: ShipHeroWorld, account_id: str, sku: str, warehouse: Document
) -> Document:
    stock_id, number = ids.new(world, "WarehouseProduct")
    key = f"{account_id}:{sku}:{warehouse['id']}"
    stock = {
        **BLANK_STOCK,
        "key": key,
        "id": stock_id,
        "legacy_id": number,
        "account_id": account_id,
        "sku": sku,
        "warehouse_id": warehouse["id"],
        "warehouse_identifier": warehouse["identifier"],
        "created_at": world.stamp(),
        "updated_at": world.stamp(),
    }
    return world.put("stock", key, stock)
