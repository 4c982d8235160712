"""What the ledgers of both worlds say of one order, and living until it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model

from connectors.models import FailedPayload
from connectors.sandbox.salesforce import judge as salesforce_judge
from connectors.sandbox.shiphero import judge as shiphero_judge
from orders.models import Export
from tests.town import Town

HELD = ["operator_hold"]


def writes(town: Town, order: str) -> list[str]:
    """The names of all writes that ShipHero applied for this order, in their order."""
    return [
        entry.call.removeprefix("shiphero.")
        for entry in town.shiphero.ledger()
        if entry.call.startswith("shiphero.order_")
        and entry.outcome == "applied"
        and entry.subject.startswith(f"ACM-{order}-")
    ]


def creates(town: Town, order: str) -> int:
    return writes(town, order).count("order_create")


def fields_sent(town: Town, order: str, call: str) -> list[list[str]]:
    """Which arguments each applied write of that name carried."""
    return [
        entry.detail["fields"]
        for entry in town.shiphero.ledger(call=f"shiphero.{call}")
        if entry.outcome == "applied" and entry.subject.startswith(f"ACM-{order}-")
    ]


def live(town: Town, order: str) -> list[dict[str, Any]]:
    """The warehouse orders with this order's key that are not canceled."""
    return [one for one in town.in_warehouse(order) if shiphero_judge.live(one)]


def the_one(town: Town, order: str) -> dict[str, Any]:
    """The only live warehouse order."""
    (found,) = live(town, order)
    return found


def lines_of(warehouse_order: dict[str, Any]) -> dict[str, int]:
    return {
        line["sku"]: line["quantity"]
        for line in warehouse_order["line_items"]
        if line["quantity"]
    }


def lines_in_salesforce(town: Town, order: str) -> dict[str, str]:
    """SKU to line id."""
    found = salesforce_judge.lines(town.salesforce, order)
    by_product = {
        p["Id"]: p["StockKeepingUnit"] for p in town.salesforce.every("Product2")
    }
    return {by_product[line["Product2Id"]]: line["Id"] for line in found}


def status(town: Town, order: str) -> str:
    return str(town.in_salesforce(order)["ShipSync_Status__c"] or "")


def until(
    town: Town, so: Callable[[], object], minutes: float = 15, step: float = 5
) -> None:
    """Live until `so` holds; fail when it does not within that time."""
    ends = town.now() + timedelta(minutes=minutes)
    while not so():
        assert town.now() < ends, f"Not so within {minutes} minutes: {town.waiting()}"
        town.tick(step)


def until_status(town: Town, order: str, wanted: str, minutes: float = 15) -> None:
    until(town, lambda: status(town, order) == wanted, minutes)


def until_created(town: Town, order: str, minutes: float = 15) -> None:
    """Until the stored warehouse order is on the floor, released."""
    until(town, lambda: released(town, order), minutes)


def released(town: Town, order: str) -> bool:
    return Export.objects.filter(
        order__salesforce_id=order, released_at__isnull=False
    ).exists()


def open_failures(order: str) -> list[FailedPayload]:
    return list(
        FailedPayload.objects.filter(order__salesforce_id=order, closed_at=None)
    )


def open_codes(order: str) -> list[str]:
    return [failure.code for failure in open_failures(order)]


def insist_on_once(town: Town, order: str) -> None:
    """Exactly one live order, never two for the floor, shipped once, no held extra."""
    world = town.shiphero
    assert len(live(town, order)) == 1
    assert shiphero_judge.pickable_duplicates(world) == {}
    assert shiphero_judge.held_extras(world) == {}
    assert shiphero_judge.shipped_twice(world) == set()


def ships_once(town: Town, order: str, minutes: float = 15) -> None:
    """Live until Salesforce says Shipped, and judge by the ledgers."""
    until_status(town, order, "Shipped", minutes)
    insist_on_once(town, order)
    (shipment,) = shiphero_judge.shipped(town.shiphero)[town.key(order)]
    shown = town.in_salesforce(order)
    tracking = {one["tracking_number"] for one in shipment["packages"]}
    assert shown["ShipSync_Tracking_Number__c"] in tracking
    until(town, lambda: tracked(town, order) == sorted(tracking), minutes=5)


def tracked(town: Town, order: str) -> list[str]:
    """The tracking numbers of the package rows in Salesforce."""
    return sorted(row["Tracking_Number__c"] for row in town.packages(order))


def floor_off(town: Town) -> None:
    """Nobody picks by himself from now on."""
    town.shiphero.set_switches({"auto_floor": False})


def a_user(name: str = "olga") -> Any:
    """A person who may do everything."""
    user, _ = get_user_model().objects.get_or_create(
        username=name, defaults={"is_superuser": True, "is_staff": True}
    )
    return user
