"""What people do in the warehouse's own screens, unknown to any integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import (
    allocation,
    changes,
    intake,
    orders,
    purchases,
    returns,
)

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

PEOPLE = "warehouse staff"


class Staff:
    """Each method takes an order's id; KeyError when there is no such order."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world

    def set_hold(self, order_id: str, **holds: bool) -> Document:
        """Any of the six holds, `shipping_method_hold` too."""
        with self.world.turn():
            self._order(order_id)
            return changes.set_holds(
                self.world, {"order_id": order_id, **holds}, user=PEOPLE
            )

    def edit_address(self, order_id: str, **fields: str) -> Document:
        """Change these fields of the shipping address; it is validated again."""
        with self.world.turn():
            order = self._order(order_id)
            order["shipping_address"] = {**(order["shipping_address"] or {}), **fields}
            orders.validate_address(self.world, order)
            orders.add_history(self.world, order, "Address updated", PEOPLE)
            orders.reprocess(self.world, order)
            return orders.touch(self.world, order)

    def edit(self, order_id: str, **fields: Any) -> Document:
        """Change header fields such as `packing_note` or `shipping_lines`."""
        with self.world.turn():
            self._order(order_id)
            return changes.update(self.world, {"order_id": order_id, **fields})

    def cancel(self, order_id: str, *, force: bool = True) -> Document:
        with self.world.turn():
            self._order(order_id)
            data = {"order_id": order_id, "force": force}
            return changes.cancel(self.world, data, user=PEOPLE)

    def set_status(self, order_id: str, status: str) -> Document:
        """Close or reopen an order without any shipment."""
        with self.world.turn():
            self._order(order_id)
            data = {"order_id": order_id, "fulfillment_status": status}
            return changes.update_status(self.world, data)

    def merge(self, master_id: str, other_id: str) -> Document:
        """Put the lines of one order into another; the other is closed."""
        with self.world.turn():
            master, other = self._order(master_id), self._order(other_id)
            rows = [*master["allocations"], *other["allocations"]]
            if any(row["is_locked"] for row in rows):
                raise ValueError("an order that is being picked cannot be merged")
            for order in (master, other):
                allocation.deallocate(self.world, order)
                order["merged_orders"] = [
                    {"order_id": master_id, "is_master": True},
                    {"order_id": other_id, "is_master": False},
                ]
            for line in other["line_items"]:
                line["order_id"] = master_id
            master["line_items"] += other["line_items"]
            other["line_items"] = []
            other["merged_into"] = master_id
            orders.set_status(other, self.world.switches["merged_status"])
            other["closed"] = True
            orders.touch(self.world, other)
            orders.reprocess(self.world, master)
            return orders.touch(self.world, master)

    def clone(self, order_id: str) -> Document:
        """A new order with the same lines and the same partner_order_id."""
        with self.world.turn():
            source = self._order(order_id)
            copied = {
                name: source[name]
                for name in (*orders.TEXTS, *orders.FLAGS, "shipping_lines")
            }
            lines = [
                {"sku": x["sku"], "quantity": x["quantity"], "price": x["price"]}
                | {"partner_line_item_id": x["partner_line_item_id"]}
                for x in source["line_items"]
            ]
            data = copied | {
                "customer_account_id": source["account_id"],
                "order_number": f"{source['order_number']}-clone",
                "partner_order_id": source["partner_order_id"],
                "shipping_address": source["shipping_address"],
                "line_items": lines,
            }
            return intake.create(self.world, data, origin="staff")

    def reship(self, order_id: str) -> Document:
        """Open a shipped order again, all of it still to ship."""
        with self.world.turn():
            order = self._order(order_id)
            for line in order["line_items"]:
                line["quantity_pending_fulfillment"] = line["quantity"]
                line["quantity_shipped"] = 0
                line["fulfillment_status"] = "pending"
            orders.set_status(order, "pending")
            orders.add_history(self.world, order, "Order reopened to ship", PEOPLE)
            orders.reprocess(self.world, order)
            return orders.touch(self.world, order)

    def open_return(
        self, order_id: str, units: dict[str, int], reason: str = "Too small"
    ) -> Document:
        """Expect units (by SKU) of a shipped order back."""
        with self.world.turn():
            return returns.open_return(self.world, self._order(order_id), units, reason)

    def receive_return(self, return_id: str) -> Document:
        with self.world.turn():
            return returns.receive(self.world, return_id)

    def order_goods(
        self, units: dict[str, int], warehouse: str, days: float = 7
    ) -> Document:
        """Buy units (by SKU) that are to arrive in so many days."""
        with self.world.turn():
            return purchases.order_goods(self.world, units, warehouse, days)

    def receive_goods(self, purchase_id: str) -> Document:
        """They have arrived; what lies on the shelf is told by `floor.restock`."""
        with self.world.turn():
            return purchases.receive_goods(self.world, purchase_id)

    def _order(self, order_id: str) -> Document:
        order = self.world.get("order", order_id)
        if order is None:
            raise KeyError(order_id)
        return order
