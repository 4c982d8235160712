"""A write to Salesforce that lands late must not have the last word."""

from __future__ import annotations

import pytest

from connectors import failpoints
from connectors.failpoints import SimulatedCrashError
from connectors.sandbox.faults import Fault
from connectors.sync import claims
from tests.stories.reading import floor_off, status, the_one, until, until_created
from tests.town import Town

COMPOSITE = "salesforce.composite"


def die_before(name: str) -> None:
    """The worker dies when it comes to that place."""

    def die(passed: str) -> None:
        if passed == name:
            failpoints.arm(None)
            raise SimulatedCrashError(name)

    failpoints.arm(die)


@pytest.mark.parametrize("worker", ["lives", "dies"])
def test_the_newest_status_stands_in_the_end(town: Town, worker: str) -> None:
    floor_off(town)
    town.setting("quarantine_seconds", 300)
    town.salesforce.switches["late_landing"] = 200.0
    order = town.order()
    town.salesforce.faults.script(COMPOSITE, Fault.LATE_LANDING)
    if worker == "dies":
        die_before("before:commit.written_back")
    try:
        until_created(town, order)
        until(town, lambda: town.salesforce.ledger(call=COMPOSITE), minutes=2)
    except SimulatedCrashError:
        claims.release_dead([claims.owner_name()], now=town.now())
    until_created(town, order)
    town.run(minutes=1)  # until the stock is set aside for it
    town.shiphero.floor.ship(the_one(town, order)["id"])
    until(town, lambda: status(town, order) == "Shipped", minutes=1, step=2)

    until(town, lambda: status(town, order) != "Shipped", minutes=4)  # it landed
    town.run(minutes=6)

    assert status(town, order) == "Shipped"
