"""What staff do to stock and products in the warehouse's own screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import stock

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

BUCKETS = (
    "on_hand",
    "allocated",
    "reserve_inventory",
    "sell_ahead",
    "non_sellable_quantity",
    "in_tote",
)


class Stockroom:
    """KeyError where there is no such product or warehouse."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world

    def count(
        self, sku: str, warehouse: str, on_hand: int, reason: str = "Cycle count"
    ) -> Document:
        """Somebody counted the shelf."""
        with self.world.turn():
            row = self._row(sku, warehouse)
            change = on_hand - row["on_hand"]
            stock.move(self.world, row, on_hand=change, reason=reason)
            return row

    def set_buckets(self, sku: str, warehouse: str, **buckets: int) -> Document:
        """Set counts directly, such as `reserve_inventory` or an impossible one."""
        unknown = sorted(set(buckets) - set(BUCKETS))
        if unknown:
            raise ValueError(f"no bucket {', '.join(unknown)}")
        with self.world.turn():
            row = self._row(sku, warehouse)
            row |= buckets
            stock.move(self.world, row)
            return row

    def edit_product(self, sku: str, **fields: Any) -> Document:
        """Change a product; `components` is {sku: quantity}, `cases` a list of sizes."""
        with self.world.turn():
            item = stock.product(self.world, self.world.account["id"], sku)
            if item is None:
                raise KeyError(sku)
            stock.describe(item, fields)
            item["updated_at"] = self.world.stamp()
            return self.world.put("product", f"{item['account_id']}:{sku}", item)

    def switch(self, sku: str, warehouse: str, *, active: bool) -> Document:
        """Switch a product on or off in one warehouse."""
        with self.world.turn():
            row = self._row(sku, warehouse)
            row["active"] = active
            stock.move(self.world, row)
            return row

    def _row(self, sku: str, warehouse: str) -> Document:
        place = self.world.warehouse_named(warehouse)
        row = stock.stock_of(self.world, self.world.account["id"], sku, place["id"])
        if row is None:
            raise KeyError(f"{sku} in {warehouse}")
        return row
