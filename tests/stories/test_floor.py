"""What the floor really does, order by order, and how it stands in both worlds after.

R4, R8, R9, R15. All orders live through the same afternoon in one town: each row says
what happens to it, and everything that is to be seen at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.models import SyncJob
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.sync import decisions
from inventory.models import ExpectedGoods, UnitFactor
from orders.floor import OrderException, Pick, Return
from orders.models import Export
from orders.standing import balances_of
from tests.stories import both_worlds
from tests.stories.both_worlds import of_order
from tests.stories.reading import (
    a_user,
    floor_off,
    live,
    released,
    status,
    the_one,
    until,
    until_created,
    until_status,
)
from tests.town import Town

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.every_round,
]  # what the remotes do is what differs

Deed = Callable[[Town, dict[str, Any]], object]
STOCK: dict[str, dict[str, Any]] = {
    "PAIR": {"on_hand": {"Primary": 1, "West": 1}},
    "RARE": {"on_hand": {"Primary": 3}},
    "SER": {"on_hand": {"Primary": 50}, "needs_serial_number": True},
    "LOT": {"on_hand": {"Primary": 50}, "needs_lot_tracking": True},
    "CUP": {"on_hand": {"Primary": 50}},
    "SPOON": {"on_hand": {"Primary": 50}},
    "SET": {"components": {"CUP": 1, "SPOON": 2}},
    "INK": {"on_hand": {"Primary": 500}},
}
SOLD_IN = {"INK": "Case"}


def ship(town: Town, there: dict[str, Any]) -> object:
    return town.shiphero.floor.ship(there["id"])


def ship_part(sku: str, units: int) -> Deed:
    return lambda town, there: town.shiphero.floor.ship(there["id"], {sku: units})


def three_packages(town: Town, there: dict[str, Any]) -> object:
    return town.shiphero.floor.ship(there["id"], packages=3)


def pick(town: Town, there: dict[str, Any]) -> object:
    return town.shiphero.floor.pick(there["id"])


def pack(town: Town, there: dict[str, Any]) -> None:
    town.shiphero.floor.pack(there["id"])


def staff(name: str, *more: Any, **values: Any) -> Deed:
    return lambda town, there: getattr(town.shiphero.staff, name)(
        there["id"], *more, **values
    )


def to_its_shipment(deed: str) -> Deed:
    def do(town: Town, there: dict[str, Any]) -> object:
        (shipment,) = shipments_there(town, there)
        return getattr(town.shiphero.floor, deed)(shipment["id"])

    return do


def shipments_there(town: Town, there: dict[str, Any]) -> list[dict[str, Any]]:
    rows = town.shiphero.every("shipment")
    return [row for row in rows if row["order_id"] == there["id"]]


def restock(town: Town, there: dict[str, Any]) -> None:
    """What was on its way has come."""
    (row,) = OrderException.objects.filter(export__remote_id=there["id"])
    assert row.next_step.startswith("It is on its way, due 30 November at Primary")
    (bought,) = town.shiphero.every("purchase")
    town.shiphero.staff.receive_goods(bought["id"])
    town.shiphero.floor.restock("RARE", "Primary", 10)


def receive(town: Town, there: dict[str, Any]) -> object:
    (row,) = [x for x in town.shiphero.every("return") if x["order_id"] == there["id"]]
    return town.shiphero.staff.receive_return(row["id"])


@dataclass(frozen=True)
class Row:
    """Lines, then what happens in each part of the afternoon, then how it stands.

    `items` are the units that stand as shipped in Salesforce, by SKU; `parcels` are
    live and void package rows; `shipments` the live shipments there; `exceptions` what
    is open for a person.
    """

    lines: tuple[tuple[str, int], ...]
    deeds: tuple[Deed | None, ...]
    status: str
    items: dict[str, int]
    parcels: tuple[int, int] = (1, 0)
    shipments: int = 1
    exceptions: set[str] = field(default_factory=set)
    reason: str = ""


TWO = (("MUG", 2), ("TEE", 1))
BOTH = {"MUG": 2, "TEE": 1}
TABLE = {
    "single": Row(TWO, (ship,), "Shipped", BOTH),
    "picked": Row(TWO, (pick,), "Picking", {}, (0, 0), 0),
    "packed": Row(TWO, (pack,), "Packed", {}, (0, 0), 0),
    "batch by tote": Row(TWO, (pick, pack, ship), "Shipped", BOTH),
    "split over two warehouses": Row(
        (("PAIR", 2),),
        (
            staff("edit", allow_split=True),
            lambda town, there: town.shiphero.floor.allocate(there["id"]),
            ship,
        ),
        "Shipped",
        {"PAIR": 2},
        (2, 0),
        2,
    ),
    "three packages": Row(
        (("MUG", 3),), (three_packages,), "Shipped", {"MUG": 3}, (3, 0)
    ),
    "short pick, closed": Row(
        TWO,
        (ship_part("MUG", 1), staff("set_status", "fulfilled")),
        "Partially Shipped",
        {"MUG": 1},
        exceptions={"short_shipped"},
        reason="1 of 3 units shipped. 2 will not ship.",
    ),
    "the rest later": Row(TWO, (ship_part("MUG", 1), ship), "Shipped", BOTH, (2, 0), 2),
    "backorder, then restock": Row(
        (("RARE", 5),), (None, restock, ship), "Shipped", {"RARE": 5}, (2, 0), 2
    ),
    "void and label again": Row(
        TWO, (ship, to_its_shipment("relabel")), "Shipped", BOTH, (1, 1)
    ),
    "void for good": Row(
        TWO,
        (ship, to_its_shipment("void_label")),
        "Closed",
        {},
        (0, 1),
        0,
        {"closed_unshipped"},
    ),
    "cancel after the pick": Row(
        TWO, (pick, staff("cancel")), "Canceled", {}, (0, 0), 0
    ),
    "sent again": Row(
        TWO,
        (ship, staff("reship"), ship),
        "Shipped",
        {"MUG": 4, "TEE": 2},
        (2, 0),
        2,
    ),
    "kit": Row((("SET", 2),), (ship,), "Shipped", {"CUP": 2, "SPOON": 4}),
    "seven of a case of 24": Row(
        (("INK", 1),),
        (ship_part("INK", 7),),
        "Partially Shipped",
        {"INK": 7},
        reason="7 of 24 units shipped.",
    ),
    "seven cases of 24": Row((("INK", 7),), (ship,), "Shipped", {"INK": 168}),
    "serial numbers": Row((("SER", 2),), (ship,), "Shipped", {"SER": 2}),
    "lot": Row((("LOT", 2),), (ship,), "Shipped", {"LOT": 2}),
    "clone": Row(TWO, (staff("clone"), ship), "Shipped", BOTH, exceptions={"cloned"}),
    "fetched by the customer": Row(
        TWO,
        (
            staff("edit", shipping_lines={"carrier": "pickup", "method": "pickup"}),
            ship,
        ),
        "Shipped",
        BOTH,
    ),
    "returned": Row(
        TWO, (ship, staff("open_return", {"MUG": 1}), receive), "Shipped", BOTH
    ),
    "held after the pick": Row(
        TWO,
        (pick, staff("set_hold", payment_hold=True)),
        "On Hold",
        {},
        (0, 0),
        0,
        {"held_too_late"},
        "On hold in the warehouse: payment. Set after picking began: it may ship anyway.",
    ),
    "closed by hand": Row(
        TWO,
        (staff("set_status", "closed"),),
        "Closed",
        {},
        (0, 0),
        0,
        {"closed_unshipped"},
    ),
}
INKS = {
    "seven of a case of 24": [0, "Case of 24, and 7 pieces over"],
    "seven cases of 24": [7, "Case of 24"],
}
PARTS = max(len(row.deeds) for row in TABLE.values())


def open_the_shop(town: Town) -> dict[str, str]:
    """Every order of the table, on the floor."""
    floor_off(town)
    town.shiphero.set_switches({"kit_shipments": "components", "tote_complete": True})
    town.setting("poll_returns_seconds", 600)
    case = UnitFactor.objects.create(
        account=town.account, sku="INK", unit="Case", factor=24
    )
    for sku, more in STOCK.items():
        town._products[sku] = town.desk.create_product(
            sku, sku.title(), 10.0, QuantityUnitOfMeasure=SOLD_IN.get(sku)
        )
        town.shiphero.seed_product(sku, sku.title(), **more)
    made = {name: town.order(*row.lines) for name, row in TABLE.items()}
    until(town, lambda: all(released(town, one) for one in made.values()), step=20)
    town.run(minutes=1, step=30)
    UnitFactor.objects.filter(pk=case.pk).update(factor=20)  # what went out keeps 24
    return made


def stands(town: Town, order: str) -> dict[str, Any]:
    """The whole end state of one order, in Salesforce and in our books."""
    shown = town.in_salesforce(order)
    parcels = town.packages(order)
    items: dict[str, int] = {}
    for row in of_order(town, "ShipSync_Shipment_Item__c", order):
        if not row["Voided__c"]:
            items[row["SKU__c"]] = items.get(row["SKU__c"], 0) + int(row["Quantity__c"])
    void = sum(bool(row["Voided__c"]) for row in parcels)
    rows = of_order(town, "ShipSync_Shipment__c", order)
    return {
        "status": shown["ShipSync_Status__c"],
        "items": items,
        "parcels": (len(parcels) - void, void),
        "shipments": sum(not row["Voided__c"] for row in rows),
        "exceptions": set(
            OrderException.objects.filter(
                order__salesforce_id=order, closed_at=None
            ).values_list("kind", flat=True)
        ),
    }


def wanted(row: Row) -> dict[str, Any]:
    names = ("status", "items", "parcels", "shipments", "exceptions")
    return {name: getattr(row, name) for name in names}


def test_r15_an_afternoon_on_the_floor_stands_alike_in_both_worlds(
    town: Town,
) -> None:
    orders = open_the_shop(town)
    rare = orders["backorder, then restock"]
    town.shiphero.staff.order_goods({"RARE": 10}, "Primary", days=3)
    until(town, lambda: status(town, rare) == "Backordered", step=20)

    for part in range(PARTS):
        for name, row in TABLE.items():
            deed = row.deeds[part] if part < len(row.deeds) else None
            if deed is not None:
                deed(town, our_own(town, orders[name]))
        town.run(minutes=3, step=30)

    jobs = SyncJob.objects.filter(kind="pull_warehouses")
    jobs.update(not_before=town.now())  # West was opened since the last round
    town.tick(900)  # voids and returns show only when their windows are read again
    town.run(minutes=1, step=30)

    seen = {name: stands(town, orders[name]) for name in TABLE}
    differing = {n: seen[n] for n, row in TABLE.items() if seen[n] != wanted(row)}
    assert differing == {}
    for name, row in TABLE.items():
        shown = town.in_salesforce(orders[name])
        assert (shown["ShipSync_Reason__c"] or "").startswith(row.reason), name
        assert shown["ShipSync_Edit_Window__c"], name
    what_left_is_told_alike(town, orders)
    every_unit_is_somewhere(orders)
    assert not ExpectedGoods.objects.exists()
    the_details_are_there(town, orders)


def what_left_is_told_alike(town: Town, orders: dict[str, str]) -> None:
    """Row by row: shipments, packages, items, serial numbers, lots, and what is void."""
    for name, order in orders.items():
        here = both_worlds.in_salesforce(town, order)
        there = both_worlds.in_warehouse(town, our_own(town, order))
        assert here == there, name


def our_own(town: Town, order: str) -> dict[str, Any]:
    """The warehouse order that we stored, also beside a clone of it."""
    stored = Export.objects.get(order__salesforce_id=order).remote_id
    (found,) = [one for one in town.in_warehouse(order) if one["id"] == stored]
    return found


def every_unit_is_somewhere(orders: dict[str, str]) -> None:
    for name, order in orders.items():
        export = Export.objects.get(order__salesforce_id=order)
        for line, told in balances_of(export):
            assert not told.difference, (name, line.sku, told)


def the_details_are_there(town: Town, orders: dict[str, str]) -> None:
    """What the table has no column for."""

    def items(name: str) -> list[dict[str, Any]]:
        return of_order(town, "ShipSync_Shipment_Item__c", orders[name])

    serials = items("serial numbers")[0]["Serial_Numbers__c"].split("\n")
    assert len(set(serials)) == 2
    (lot,) = items("lot")
    assert (lot["Lot_Number__c"], lot["Expires_On__c"]) == ("LOT-LOT", "2027-06-30")
    in_cases = ("Order_Quantity__c", "Order_Unit__c")
    told = {
        name: [row[one] for one in in_cases for row in items(name)] for name in INKS
    }
    assert told == INKS
    for name, pieces in (("seven of a case of 24", 24), ("seven cases of 24", 168)):
        (there,) = our_own(town, orders[name])["line_items"]
        assert (there["quantity"], there["price"]) == (pieces, "0.42")
    line_ids = {line["Id"] for line in town.lines(orders["kit"])}
    assert {row["Order_Product__c"] for row in items("kit")} == line_ids
    fetched = town.in_salesforce(orders["fetched by the customer"])
    assert fetched["ShipSync_Tracking_Number__c"] is None
    assert fetched["ShipSync_Carrier__c"] == "pickup"
    parcels = town.packages(orders["void and label again"])
    (alive,) = [row for row in parcels if not row["Voided__c"]]
    shown = town.in_salesforce(orders["void and label again"])
    assert shown["ShipSync_Tracking_Number__c"] == alive["Tracking_Number__c"]
    (back,) = Return.objects.all()
    assert (back.status, back.lines.get().received) == ("complete", 1)
    shipped_there = shiphero_judge.shipped(town.shiphero)
    assert len(shipped_there[town.key(orders["sent again"])]) == 2
    packed = Pick.objects.filter(export__order__salesforce_id=orders["packed"])
    assert all(row.packed_at and row.quantity for row in packed)


@pytest.mark.parametrize(
    ("choice", "ends"),
    [("accept_closing", "Closed"), ("reopen", "Shipped"), ("cancel", "Canceled")],
)
def test_a_close_without_a_shipment_ends_as_a_person_chooses(
    town: Town, choice: str, ends: str
) -> None:
    floor_off(town)
    order = town.order()
    until_created(town, order)
    town.run(minutes=1, step=15)
    there = the_one(town, order)
    town.shiphero.staff.set_status(there["id"], "closed")
    until(town, lambda: status(town, order) == "Closed")
    assert OrderException.objects.get(closed_at=None).kind == "closed_unshipped"

    getattr(decisions, choice)(
        order=town.mirror(order), why="So it is.", user=a_user(), now=town.now()
    )
    town.run(minutes=1, step=15)
    if choice == "reopen":
        town.shiphero.floor.ship(there["id"])

    until(town, lambda: status(town, order) == ends)
    until(
        town,
        lambda: (
            not OrderException.objects.filter(
                closed_at=None, kind="closed_unshipped"
            ).exists()
        ),
    )
    if choice == "cancel":
        town.run(minutes=3, step=15)
        assert live(town, order) == []


def test_staff_merge_two_orders_and_both_say_so(town: Town) -> None:
    floor_off(town)
    master, other = town.order(("MUG", 1)), town.order(("TEE", 1))
    for order in (master, other):
        until_created(town, order)
    town.run(minutes=1, step=15)
    kept = the_one(town, master)

    town.shiphero.staff.merge(kept["id"], the_one(town, other)["id"])
    until(town, lambda: status(town, other) == "Closed")
    town.shiphero.floor.ship(kept["id"])

    until(town, lambda: status(town, master) == "Shipped")
    reason = town.in_salesforce(other)["ShipSync_Reason__c"]
    assert reason.startswith("Merged in the warehouse into order")
    merged = both_worlds.in_salesforce(town, master)
    assert merged == both_worlds.in_warehouse(town, the_one(town, master))
    (shipment,) = merged["shipments"].values()
    assert [item[:2] for item in shipment["items"]] == [("MUG", 1), ("TEE", 1)]
    assert both_worlds.in_salesforce(town, other)["shipments"] == {}
    assert not OrderException.objects.filter(closed_at=None).exists()


def test_r9_a_backordered_sku_is_an_exception_until_a_person_cancels_its_line(
    town: Town,
) -> None:
    floor_off(town)
    town.shiphero.seed_product("RARE", "Rare", {"Primary": 0})
    town.desk.create_product("RARE", "Rare", 90.0)
    order = town.order(("RARE", 2), ("MUG", 1))
    until(town, lambda: status(town, order) == "Backordered", step=20)
    until(town, OrderException.objects.filter(closed_at=None).exists, step=20)
    told = OrderException.objects.get()
    assert (told.kind, told.evidence["short"]) == ("backorder", {"RARE": 2})

    decisions.cut_line(
        order=town.mirror(order), sku="RARE", why="No", user=a_user(), now=town.now()
    )

    until(town, lambda: status(town, order) == "In Warehouse", step=20)
    until(town, lambda: not OrderException.objects.filter(closed_at=None).exists())
    town.shiphero.floor.ship(the_one(town, order)["id"])
    until_status(town, order, "Partially Shipped")
    assert "2 will not ship" in town.in_salesforce(order)["ShipSync_Reason__c"]
    there = both_worlds.in_warehouse(town, the_one(town, order))
    assert both_worlds.in_salesforce(town, order) == there
