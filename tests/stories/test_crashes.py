"""A worker dies before and after each remote call and each commit; the rest goes right.

The list of places comes from a run of the story itself, so that a new call or commit
cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from connectors import failpoints
from connectors.failpoints import SimulatedCrashError
from connectors.sandbox.shiphero import judge
from connectors.sync import claims
from tests.town import Town

FAST_FLOOR = {
    "process_lag": 5.0,
    "pick_after": 10.0,
    "pack_after": 5.0,
    "ship_after": 5.0,
}
REMOTE = ("salesforce.", "shiphero.")
PARTS = 4


class Story:
    """One order ships, one is edited on the way, one is canceled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.town = Town(monkeypatch, switches=FAST_FLOOR, settle=False)
        self.crashed = False

    def live(self) -> None:
        town = self.town
        self.step(30)
        self.plain = town.order(("MUG", 2), ("TEE", 1))
        self.step(40)
        town.shiphero.set_switches({"auto_floor": False})
        self.edited = town.order(("MUG", 1), ("CAP", 1))
        self.canceled = town.order(("CAP", 3))
        self.step(60)
        town.desk.edit_order(self.edited, ShippingCity="Norman")
        for line in town.lines(self.edited):
            if line["Quantity"] == 1 and line["Product2Id"] == town.product("CAP"):
                town.desk.edit_line(line["Id"], Quantity=4)
        town.desk.edit_order(self.canceled, Status="Canceled")
        self.step(200)  # an edit in doubt rests first, and must still be in time
        town.shiphero.set_switches({"auto_floor": True})
        for _ in range(12):
            self.step(60)
            if not self.troubles():
                return

    def step(self, seconds: int) -> None:
        for _ in range(0, seconds, 10):
            try:
                self.town.tick(10)
            except SimulatedCrashError:
                self.crashed = True
                failpoints.arm(None)
                claims.release_dead([claims.owner_name()], now=self.town.now())

    def troubles(self) -> list[str]:
        """What is not as it must be, by the worlds' ledgers."""
        world = self.town.shiphero
        found = [
            f"{check.__name__}: {judged}"
            for check in (
                judge.pickable_duplicates,
                judge.held_extras,
                judge.shipped_twice,
            )
            if (judged := check(world))
        ]
        found += self._not_shipped("plain", self.plain)
        found += self._not_shipped("edited", self.edited)
        return [*found, *self._not_edited(), *self._not_canceled()]

    def _not_shipped(self, name: str, order: str) -> Iterator[str]:
        town = self.town
        if town.key(order) not in judge.shipped(town.shiphero):
            yield f"{name} order did not ship"
        shown = town.in_salesforce(order)["ShipSync_Status__c"]
        if shown != "Shipped":
            yield f"{name} order shows {shown}"
        if len(town.packages(order)) != 1:
            yield f"{name} order has {len(town.packages(order))} packages"

    def _not_edited(self) -> Iterator[str]:
        for one in self.town.in_warehouse(self.edited):
            if judge.live(one) and one["shipping_address"]["city"] != "Norman":
                yield "the address edit is lost"

    def _not_canceled(self) -> Iterator[str]:
        if any(judge.live(one) for one in self.town.in_warehouse(self.canceled)):
            yield "the canceled order lives"
        shown = self.town.in_salesforce(self.canceled)["ShipSync_Status__c"]
        if shown != "Canceled":
            yield f"Salesforce shows {shown} for the canceled order"


@contextmanager
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """A story of its own on a database that forgets it."""
    with monkeypatch.context() as patch, transaction.atomic():
        yield Story(patch)
        transaction.set_rollback(True)


def recorded(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Story]:
    """The failpoints of an undisturbed run, in the order of their first pass."""
    seen: list[str] = []
    with fresh(monkeypatch) as story:
        failpoints.arm(lambda name: seen.append(name) if name not in seen else None)
        story.live()
        failpoints.arm(None)
        assert story.troubles() == []
        return seen, story


def crash_at(name: str, nth: int) -> Callable[[str], None]:
    passes = 0

    def hook(passed: str) -> None:
        nonlocal passes
        if passed == name:
            passes += 1
            if passes == nth:
                raise SimulatedCrashError(name)

    return hook


@pytest.fixture
def _sandbox(settings: object) -> None:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True


@pytest.mark.django_db
@pytest.mark.usefixtures("_sandbox")
def test_every_remote_call_stands_between_two_failpoints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, story = recorded(monkeypatch)

    worlds = (story.town.salesforce, story.town.shiphero)
    calls = {entry.call for world in worlds for entry in world.ledger()}
    remote = {call for call in calls if call.startswith(REMOTE)}
    bracketed = {name.split(":", 1)[1] for name in seen}
    assert len(remote) >= 10
    assert remote - bracketed == set()
    assert {name for name in bracketed if f"before:{name}" not in seen} == set()
    assert {name for name in bracketed if f"after:{name}" not in seen} == set()


@pytest.mark.django_db
@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("_sandbox")
def test_a_crash_at_any_place_ends_right(
    monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    crash_everywhere(monkeypatch, part, nth=1)


@pytest.mark.django_db
@pytest.mark.bench
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("_sandbox")
def test_a_crash_at_the_second_pass_of_any_place_ends_right(
    monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    crash_everywhere(monkeypatch, part, nth=2)


def crash_everywhere(monkeypatch: pytest.MonkeyPatch, part: int, *, nth: int) -> None:
    """Crash at every fourth place, so that the parts can run side by side."""
    places, _ = recorded(monkeypatch)
    assert len(places) >= 40
    mine = places[part::PARTS]
    troubles: dict[str, list[str]] = {}
    reached = 0
    for place in mine:
        with fresh(monkeypatch) as story:
            failpoints.arm(crash_at(place, nth))
            story.live()
            failpoints.arm(None)
            reached += story.crashed
            if found := story.troubles():
                troubles[place] = [*found, *story.town.waiting()]

    assert reached >= len(mine) * (0.9 if nth == 1 else 0.4)
    assert troubles == {}
