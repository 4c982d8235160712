"""The warehouse floor: people who pick, pack and ship, by themselves or when told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import allocation as stockroom
from connectors.sandbox.shiphero import bodies, ids, orders, stock
from connectors.sandbox.shiphero.picking import chosen_part, new_pick, next_part
from connectors.sandbox.shiphero.shipment_body import shipment_update
from connectors.sandbox.shiphero.shipping import make_shipment, relabel

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

NEXT_STEP = {"allocated": "pick", "picked": "pack", "packed": "ship"}


class FloorError(Exception):
    """The floor cannot do this to this order."""


class Floor:
    """Each method takes an order (or its id), and answers what it made.

    `allocate`, `pick`, `pack` and `ship` work on all of an order's allocations;
    an order that is held, canceled or without stock raises `FloorError`.
    """

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world

    # -- by hand -------------------------------------------------------------

    def allocate(self, order: Document | str) -> list[Document]:
        """Process the order now, whatever its lag; answers its allocations."""
        with self.world.turn():
            found = self._order(order)
            orders.run_process(self.world, found["id"])
            return list(found["allocations"])

    def pick(self, order: Document | str) -> list[Document]:
        """Pick into totes; answers the picks."""
        with self.world.turn():
            found = self._workable(order)
            picks = []
            for row in self._at(found, "allocated"):
                picks += self._pick(found, row)
            return picks

    def pack(self, order: Document | str) -> None:
        """Pack out of the totes what was picked, picking it first if need be."""
        with self.world.turn():
            self.pick(order)
            found = self._workable(order)
            for row in self._at(found, "picked"):
                self._pack(found, row)

    def ship(
        self,
        order: Document | str,
        lines: dict[str, int] | None = None,
        packages: int = 1,
    ) -> list[Document]:
        """Label and ship, packing first if need be; one shipment per allocation.

        `lines` ({SKU, line id or partner line id: units}) ships only a part; the
        rest stays allocated and goes in a later shipment.
        """
        with self.world.turn():
            self.pack(order)
            found = self._workable(order)
            wanted = dict(lines) if lines is not None else None
            made = [
                self._ship(found, row, wanted, packages)
                for row in self._at(found, "packed")
            ]
            return [shipment for shipment in made if shipment is not None]

    def void_label(self, shipment: Document | str, package: int = 1) -> Document:
        """Void one package's label. No webhook tells of it."""
        with self.world.turn():
            key = shipment if isinstance(shipment, str) else shipment["id"]
            found = self.world.get("shipment", key)
            if found is None:
                raise FloorError(f"No shipment {key}")
            label: Document = found["shipping_labels"][package - 1]
            label |= {"status": "voided", "refunded": True, "needs_refund": False}
            if all(x["status"] == "voided" for x in found["shipping_labels"]):
                found["refunded"] = True
                self._after_void(found)
            self.world.put("shipment", found["id"], found)
            self.world.record(
                "floor.void", found["partner_order_id"], "applied", shipment_id=key
            )
            return label

    def relabel(self, shipment: Document | str, package: int = 1) -> Document:
        """Void a package's label and make another. No webhook tells of it."""
        key = shipment if isinstance(shipment, str) else shipment["id"]
        with self.world.turn():
            self.void_label(key, package)
            found = self.world.get("shipment", key)
            assert found is not None  # noqa: S101 - void_label found it
            label = relabel(self.world, found, package)
            self.world.put("shipment", key, found)
            self.world.record(
                "floor.relabel", found["partner_order_id"], "applied", shipment_id=key
            )
            return label

    def clear_tote(self, order: Document | str) -> None:
        """Put picked goods back on the shelf."""
        with self.world.turn():
            found = self._order(order)
            for row in self._at(found, "picked"):
                body = bodies.tote_cleared(self.world, found, row)
                for line in found["line_items"]:
                    line["tote_picks"] = [
                        p for p in line["tote_picks"] if p["tote_id"] != row["tote_id"]
                    ]
                row |= {"stage": "allocated", "is_locked": False, "scheduled": False}
                self._emit("Tote Cleared", found, body)
            orders.touch(self.world, found)

    def restock(self, sku: str, warehouse: str, units: int, account: str = "") -> None:
        """Goods arrive; waiting orders are served, oldest first."""
        with self.world.turn():
            where = self.world.warehouse_named(warehouse)["id"]
            account_id = account or self.world.account["id"]
            row = stock.stock_of(self.world, account_id, sku, where)
            if row is None:
                raise FloorError(f"{sku} is not kept in {warehouse}")
            stock.move(self.world, row, on_hand=units, reason="Restocked")
            for order in self._waiting():
                orders.run_process(self.world, order["id"])

    # -- by itself -------------------------------------------------------------

    def notice(self, order: Document) -> None:
        """Put the next step of each allocation on the agenda, if one may be taken."""
        world = self.world
        if not world.switches["auto_floor"] or not stockroom.is_ready(world, order):
            return
        for row in order["allocations"]:
            step = NEXT_STEP[row["stage"]]
            if row["scheduled"] != step:
                row["scheduled"] = step
                world.later(
                    world.switches[f"{step}_after"],
                    "floor",
                    step=step,
                    order_id=order["id"],
                    reference=row["allocation_reference"],
                )
        world.put("order", order["id"], order)

    def notice_all(self) -> None:
        for order in self.world.every("order"):
            self.notice(order)

    def step(self, args: Document) -> None:
        """A step came due: take it if the order still allows it."""
        order = self.world.get("order", args["order_id"])
        row = next(
            (
                row
                for row in (order or {}).get("allocations", [])
                if row["allocation_reference"] == args["reference"]
            ),
            None,
        )
        if order is None or row is None or row["scheduled"] != args["step"]:
            return
        row["scheduled"] = False
        if self.world.switches["auto_floor"] and stockroom.is_ready(self.world, order):
            self._take_step(args["step"], order, row)
            self.notice(order)
        self.world.put("order", order["id"], order)

    def _take_step(self, step: str, order: Document, row: Document) -> None:
        if step == "pick":
            self._pick(order, row)
        elif step == "pack":
            self._pack(order, row)
        else:
            packages = int(self.world.switches["auto_packages"])
            self._ship(order, row, next_part(self.world, row), packages)

    # -- the work --------------------------------------------------------------

    def _pick(self, order: Document, row: Document) -> list[Document]:
        tote_id, number = ids.new(self.world, "Tote")
        row |= {
            "tote_id": tote_id,
            "tote_name": f"T-{number}",
            "stage": "picked",
            "is_locked": True,
        }
        lines = {line["id"]: line for line in order["line_items"]}
        picks = []
        for item in row["line_items"]:
            pick = new_pick(self.world, item, tote_id)
            lines[item["line_item_id"]]["tote_picks"].append(pick)
            picks.append(pick)
        self._done("floor.pick", order, row)
        if self.world.switches["tote_complete"]:
            body = bodies.tote_complete(self.world, order, row)
            self._emit("Tote Complete", order, body)
        return picks

    def _pack(self, order: Document, row: Document) -> None:
        row["stage"] = "packed"
        self._done("floor.pack", order, row)
        self._emit("Order Packed Out", order, bodies.order_packed_out(order, row))

    def _ship(
        self,
        order: Document,
        row: Document,
        wanted: dict[str, int] | None,
        packages: int,
    ) -> Document | None:
        units = chosen_part(order, row, wanted)
        if not units:
            return None
        shipment = make_shipment(self.world, order, row, units, packages)
        self._emit(
            "Shipment Update",
            order,
            shipment_update(self.world, order, shipment),
        )
        return shipment

    # -- small things ------------------------------------------------------------

    def _order(self, order: Document | str) -> Document:
        key = order if isinstance(order, str) else order["id"]
        found = self.world.get("order", key)
        if found is None:
            raise FloorError(f"No order {key}")
        return found

    def _workable(self, order: Document | str) -> Document:
        found = self._order(order)
        if not stockroom.is_ready(self.world, found):
            raise FloorError("The order is closed, held or lacks stock")
        return found

    def _at(self, order: Document, stage: str) -> list[Document]:
        return [row for row in order["allocations"] if row["stage"] == stage]

    def _waiting(self) -> list[Document]:
        waiting = [
            order
            for order in self.world.every("order")
            if order["processed"]
            and not order["closed"]
            and any(stockroom.lacking(line) for line in order["line_items"])
        ]
        return sorted(
            waiting, key=lambda o: (-(o["allocation_priority"] or 0), o["legacy_id"])
        )

    def _after_void(self, shipment: Document) -> None:
        order = self.world.get("order", shipment["order_id"])
        if order is not None and self.world.switches["void_reopens"]:
            orders.set_status(order, "pending")
            orders.touch(self.world, order)

    def _done(self, call: str, order: Document, row: Document) -> None:
        orders.touch(self.world, order)
        self.world.record(
            call,
            order["partner_order_id"],
            "applied",
            order_id=order["id"],
            allocation_reference=row["allocation_reference"],
        )

    def _emit(self, name: str, order: Document, body: Document) -> None:
        self.world.postman.emit(name, order["account_id"], lambda: body)
