"""A cancel in Salesforce is one in ShipHero, unless it is too late or taken back."""

from __future__ import annotations

import pytest

from connectors import failpoints
from connectors.models import SyncJob
from connectors.sandbox.faults import Fault
from connectors.sync import claims, engine
from connectors.sync.registry import Lane
from orders.models import Export
from tests.stories.reading import (
    creates,
    floor_off,
    live,
    open_codes,
    open_failures,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import Town


@pytest.fixture
def order(town: Town) -> str:
    """Exported and released, and nobody picks it."""
    floor_off(town)
    made = town.order(("MUG", 2), ("TEE", 1))
    until_created(town, made)
    return made


class TestCancel:
    @pytest.fixture(autouse=True)
    def _status(self, town: Town) -> None:
        town.salesforce.add_order_status("Canceled", "Activated")

    def test_in_salesforce_is_a_cancel_in_the_warehouse(
        self, town: Town, order: str
    ) -> None:
        town.desk.edit_order(order, Status="Canceled")

        until_status(town, order, "Canceled")

        town.run(minutes=1.5)
        assert writes(town, order).count("order_cancel") == 1
        assert live(town, order) == []

    def test_too_late_parks_with_a_plain_reason(self, town: Town, order: str) -> None:
        town.run(minutes=1)
        town.shiphero.floor.ship(the_one(town, order)["id"])
        town.desk.edit_order(order, Status="Canceled")

        until(town, lambda: open_codes(order))

        assert open_codes(order) == ["export.cancel_refused"]
        assert "shipped" in open_failures(order)[0].reason
        until_status(town, order, "Shipped")
        assert "order_cancel" not in writes(town, order)

    def test_before_the_export_creates_nothing(self, town: Town) -> None:
        never = town.order()
        town.desk.edit_order(never, Status="Canceled")

        town.run(minutes=2)

        assert creates(town, never) == 0

    def test_while_the_create_is_in_doubt_ends_with_no_live_order(
        self, town: Town
    ) -> None:
        town.shiphero.faults.script("shiphero.order_create", Fault.LOST_ANSWER)
        doubtful = town.order()
        until(town, lambda: creates(town, doubtful) == 1)
        town.desk.edit_order(doubtful, Status="Canceled")

        town.run(minutes=4)

        assert live(town, doubtful) == []
        assert creates(town, doubtful) == 1

    def test_that_is_taken_back_before_the_worker_has_it_in_hand_is_none(
        self, town: Town, order: str
    ) -> None:
        def take_back(name: str) -> None:
            canceling = SyncJob.objects.filter(kind="cancel_order", state="running")
            if name == "before:commit.claim_export" and canceling.exists():
                failpoints.arm(None)
                town.desk.edit_order(order, Status="Activated")
                SyncJob.objects.filter(kind="pull_orders").update(not_before=town.now())
                engine.work_once((Lane.NEW_ORDER,), clock=town.now)

        town.desk.edit_order(order, Status="Canceled")
        failpoints.arm(take_back)

        town.run(minutes=2)

        assert "order_cancel" not in writes(town, order)
        assert len(live(town, order)) == 1

    def test_is_not_sent_by_a_worker_whose_lease_is_over(
        self, town: Town, order: str
    ) -> None:
        def held_up(name: str) -> None:
            if name == "after:commit.cancel_intent":
                failpoints.arm(None)
                town.clock.advance(claims.LEASE.total_seconds())
                town.desk.edit_order(order, Status="Activated")

        town.desk.edit_order(order, Status="Canceled")
        failpoints.arm(held_up)
        town.run(minutes=8)

        assert "order_cancel" not in writes(town, order)
        assert len(live(town, order)) == 1

    def test_and_activated_again_is_a_new_generation(
        self, town: Town, order: str
    ) -> None:
        town.desk.edit_order(order, Status="Canceled")
        until_status(town, order, "Canceled")
        town.desk.edit_order(order, Status="Activated")

        until(town, lambda: creates(town, order) == 2)

        assert live(town, order) == []
        assert Export.objects.filter(generation=2, key=town.key(order, 2)).exists()
