"""Nearly a third of all webhooks lost, a third doubled, all in another order: the same
end in both worlds, and the loss meter says of each type how much of it was lost."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterable

import pytest

from connectors.sandbox.faults import CALL_FAULTS, Fault, FaultPlan
from connectors.sandbox.shiphero import judge as shiphero_judge
from orders import sightings
from orders.floor import Fact
from orders.models import Export, Order
from tests.stories import both_worlds
from tests.stories.reading import status, tracked
from tests.town import START, Town

# Of each kind; 500 are wanted, and fewer show the same in minutes. Half of the orders
# ship and come back, the others are canceled.
FACTS = int(os.environ.get("CHAOS_FACTS", "25"))
SHARE = 0.3
# Five points; where a single fact is more than that, two facts.
TOLERANCE = max(0.05, 2 / FACTS)
TOLD_BY = {
    Fact.ALLOCATION: "Order Allocated",
    Fact.DEALLOCATION: "Order Deallocated",
    Fact.CANCEL: "Order Canceled",
    Fact.PICK: "Tote Complete",
    Fact.SHIPMENT: "Shipment Update",
    Fact.RETURN: "Return Update",
}


class LossyPost(FaultPlan):
    """Loses and doubles webhooks by these shares, and each is late by a time of its
    own; calls are well."""

    def __init__(self, town: Town, seed: int) -> None:
        super().__init__(seed=seed)
        self._switches = town.shiphero.switches
        self._chance = random.Random(f"post:{seed}")  # noqa: S311

    def draw(self, call: str, possible: Iterable[Fault] = CALL_FAULTS) -> Fault | None:
        if call != "webhook":
            return None
        self._switches["hook_lag"] = self._chance.uniform(1.0, 60.0)  # of the next one
        value = self._chance.random()
        if value < SHARE:
            return Fault.HOOK_DROPPED
        return Fault.HOOK_DOUBLED if value < 2 * SHARE else None


@pytest.fixture
def lossy(db: None, monkeypatch: pytest.MonkeyPatch, settings: object) -> Town:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    town = Town(monkeypatch)
    town.shiphero.set_switches({"auto_floor": False, "tote_complete": True})
    town.shiphero.faults = LossyPost(town, seed=7)
    return town


def live(town: Town, minutes: int) -> None:
    """Ticks that let the worker do more at once than a story needs."""
    for _ in range(2 * minutes):
        town.clock.advance(30)
        town.salesforce.run_due()
        town.shiphero.run_due()
        town.work(most=100_000)


def until(town: Town, so: Callable[[], bool], minutes: int) -> None:
    for _ in range(minutes):
        if so():
            return
        live(town, 1)
    raise AssertionError(f"Not so within {minutes} minutes: {town.waiting()[:20]}")


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_the_end_is_the_same_and_the_meter_tells_the_loss(lossy: Town) -> None:
    for sku in ("MUG", "TEE"):
        lossy.shiphero.seed_product(sku, sku.title(), {"Primary": 10 * FACTS})
    shipped = [lossy.order() for _ in range(FACTS)]
    canceled = [lossy.order() for _ in range(FACTS)]
    until(lossy, lambda: _released() == 2 * FACTS, minutes=120)
    live(lossy, 5)

    an_hour_on_the_floor(lossy, shipped, canceled)

    assert {status(lossy, one) for one in shipped} == {"Shipped"}
    assert {status(lossy, one) for one in canceled} == {"Canceled"}
    assert shiphero_judge.shipped_twice(lossy.shiphero) == set()
    for order in (*shipped, *canceled):
        (there,) = lossy.in_warehouse(order)
        wanted = both_worlds.in_warehouse(lossy, there)
        assert both_worlds.in_salesforce(lossy, order) == wanted
    the_meter_is_right(lossy)


def _released() -> int:
    return Export.objects.exclude(released_at=None).count()


def an_hour_on_the_floor(town: Town, shipped: list[str], canceled: list[str]) -> None:
    floor, staff = town.shiphero.floor, town.shiphero.staff
    made = shiphero_judge.orders_by_key(town.shiphero)
    ids = {one: made[town.key(one)][0]["id"] for one in (*shipped, *canceled)}
    for one in canceled:
        staff.cancel(ids[one])
    for one in shipped:
        floor.pick(ids[one])
    live(town, 5)
    for one in shipped:
        floor.ship(ids[one])
    open_ones = Order.objects.exclude(state__in=["shipped", "canceled"])
    until(town, lambda: not open_ones.exists(), minutes=120)
    for one in shipped:
        staff.open_return(ids[one], {"MUG": 1})
        town.clock.advance(1)  # nobody takes hundreds back within one second
    until(town, lambda: tracked_all(town, shipped), minutes=30)
    live(town, 45)


def tracked_all(town: Town, orders: list[str]) -> bool:
    return all(tracked(town, one) for one in orders)


def the_meter_is_right(town: Town) -> None:
    """Of each type, held against the sandbox's ledger of what it really sent."""
    told = {loss.fact: loss for loss in sightings.losses(since=START, now=town.now())}
    lost = lost_by_type(town)
    seen = {
        fact.value: (told[fact].facts, round(told[fact].share, 3), round(lost[name], 3))
        for fact, name in TOLD_BY.items()
    }
    print(seen)  # noqa: T201 - the figures are what one runs it for
    assert all(facts >= FACTS for facts, _, _ in seen.values()), seen
    assert all(abs(meter - true) <= TOLERANCE for _, meter, true in seen.values()), seen


def lost_by_type(town: Town) -> dict[str, float]:
    """The share of each type's messages that were dropped; a doubled one counts once."""
    sent: dict[str, set[str]] = defaultdict(set)
    dropped: dict[str, set[str]] = defaultdict(set)
    for entry in town.shiphero.ledger(call="webhook"):
        place = dropped if entry.outcome == "lost" else sent
        place[entry.detail["name"]].add(entry.subject)
    return {
        name: len(dropped[name]) / len(dropped[name] | sent[name])
        for name in TOLD_BY.values()
    }
