"""What warehouse staff do on their own, and what ShipSync makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero import intake
from connectors.sync import account_actions, actions
from connectors.sync.actions import ActionRefusedError
from orders.models import Export, Order
from tests.stories.reading import (
    a_user,
    creates,
    floor_off,
    lines_in_salesforce,
    open_codes,
    open_failures,
    status,
    the_one,
    until,
    until_created,
    until_status,
)
from tests.town import SHIP_TO, Town


@pytest.fixture
def order(town: Town) -> str:
    """On the floor, where nobody picks by himself."""
    floor_off(town)
    made = town.order(("MUG", 2), ("TEE", 1))
    until_created(town, made)
    town.run(minutes=1)
    return made


def reason(town: Town, order: str) -> str:
    return str(town.in_salesforce(order)["ShipSync_Reason__c"] or "")


class TestEndings:
    def test_what_staff_open_again_is_no_longer_canceled(
        self, town: Town, order: str
    ) -> None:
        made = the_one(town, order)
        town.shiphero.staff.cancel(made["id"])
        until_status(town, order, "Canceled")

        town.shiphero.staff.set_status(made["id"], "pending")

        until(town, lambda: status(town, order) in {"Sent", "In Warehouse"})
        town.shiphero.floor.ship(made["id"])
        until_status(town, order, "Shipped")

    def test_a_merged_order_is_not_canceled_and_says_where_it_went(
        self, town: Town, order: str
    ) -> None:
        master = town.order(("CAP", 1))
        until_created(town, master)
        town.run(minutes=1)
        into, gone = the_one(town, master), the_one(town, order)

        town.shiphero.staff.merge(into["id"], gone["id"])

        until_status(town, order, "Closed")
        assert town.mirror(master).order_number in reason(town, order)
        assert into["order_number"] in reason(town, order)

    def test_a_status_of_the_accounts_own_is_open(self, town: Town, order: str) -> None:
        town.shiphero.set_switches({"status_collapse": False})

        town.shiphero.staff.set_status(the_one(town, order)["id"], "Wholesale")

        until(
            town,
            lambda: (Export.objects.get().facts or {}).get("status") == "Wholesale",
        )
        town.run(minutes=1)
        assert status(town, order) in {"Sent", "In Warehouse"}


def test_a_hold_of_our_kind_that_staff_set_is_shown(town: Town, order: str) -> None:
    town.shiphero.staff.set_hold(the_one(town, order)["id"], operator_hold=True)

    until_status(town, order, "On Hold")

    assert "operator" in reason(town, order)


class TestCancel:
    def test_ends_what_the_push_had_failed_at(self, town: Town, order: str) -> None:
        town.desk.edit_order(order, ShipSync_Shipping_Method__c="Camel")
        until(town, lambda: open_codes(order) == ["method.unmapped"])

        town.desk.edit_order(order, Status="Canceled")

        until_status(town, order, "Canceled")
        assert open_failures(order) == []
        assert town.mirror(order).state == "canceled"

    def test_of_what_never_left_ends_its_failure_too(self, town: Town) -> None:
        never = town.order(ship_to={**SHIP_TO, "postal_code": ""})
        until_status(town, never, "Failed")

        town.desk.edit_order(never, Status="Canceled")

        until_status(town, never, "Not Exported")
        assert open_failures(never) == []
        assert "Canceled" in reason(town, never)

    def test_that_is_refused_is_not_remembered_as_ours(
        self, town: Town, order: str
    ) -> None:
        town.shiphero.floor.ship(the_one(town, order)["id"])
        town.desk.edit_order(order, Status="Canceled")

        until(town, lambda: open_codes(order) == ["export.cancel_refused"])

        assert Export.objects.get().cancel_asked_at is None

    def test_of_a_merged_order_asks_a_person(self, town: Town, order: str) -> None:
        master = town.order(("CAP", 1))
        until_created(town, master)
        town.run(minutes=1)
        town.shiphero.staff.merge(
            the_one(town, master)["id"], the_one(town, order)["id"]
        )
        until_status(town, order, "Closed")

        town.desk.edit_order(order, Status="Canceled")

        until(town, lambda: open_codes(order) == ["export.cancel_refused"])
        assert "merged" in open_failures(order)[0].reason


def test_nobody_takes_an_order_outside_while_its_create_is_in_doubt(
    town: Town,
) -> None:
    town.shiphero.faults.script("shiphero.order_create", Fault.LOST_ANSWER)
    doubtful = town.order()
    until(town, lambda: creates(town, doubtful) == 1)

    with pytest.raises(ActionRefusedError, match="not known yet"):
        actions.set_handled_outside(
            order=town.mirror(doubtful),
            outside=True,
            why="DHL",
            user=a_user(),
            now=town.now(),
        )


def test_salesforce_forgets_a_failure_that_was_dismissed(town: Town) -> None:
    order = town.order(ship_to={**SHIP_TO, "postal_code": ""})
    until_status(town, order, "Failed")
    (failure,) = open_failures(order)

    actions.dismiss(failure=failure, why="By hand", user=a_user(), now=town.now())

    until(town, lambda: status(town, order) != "Failed", minutes=1)
    assert reason(town, order) == ""


class TestLink:
    @pytest.fixture
    def order(self, town: Town) -> str:
        """Activated while nothing may be written."""
        floor_off(town)
        account_actions.pause_account(
            account=town.account, why="Moving", user=a_user(), now=town.now()
        )
        made = town.order(("MUG", 2), ("TEE", 1))
        until(town, Order.objects.exists)
        return made

    def made_by_hand(self, town: Town, *lines: tuple[str, int]) -> Any:
        by_hand = intake.create(
            town.shiphero,
            {
                "order_number": "HAND-1",
                "shipping_address": {
                    "first_name": "Ada",
                    "address1": "12 Mill Lane",
                    "city": "Tulsa",
                    "state": "OK",
                    "zip": "74103",
                    "country": "US",
                },
                "line_items": [
                    {
                        "sku": sku,
                        "quantity": n,
                        "price": "1.00",
                        "partner_line_item_id": f"unnamed {place}",
                    }
                    for place, (sku, n) in enumerate(lines)
                ],
            },
            origin="staff",
        )
        for line in by_hand["line_items"]:
            line["partner_line_item_id"] = ""
        return town.shiphero.put("order", by_hand["id"], by_hand)

    def linked(self, town: Town, order: str, *lines: tuple[str, int]) -> Any:
        by_hand = self.made_by_hand(town, *lines)
        actions.link_export(
            order=town.mirror(order),
            remote_id=by_hand["id"],
            user=a_user(),
            now=town.now(),
        )
        until(town, lambda: Export.objects.filter(linked_by_person=True).exists())
        account_actions.resume_account(
            account=town.account, user=a_user(), now=town.now()
        )
        town.run(minutes=1)
        return by_hand

    def touched(self, town: Town, made: Any) -> list[str]:
        return [
            entry.call.removeprefix("shiphero.")
            for entry in town.shiphero.ledger()
            if entry.detail.get("order_id") == made["id"]
            and entry.call.startswith("shiphero.order_")
        ]

    def test_takes_lines_that_a_person_made_without_names(
        self, town: Town, order: str
    ) -> None:
        made = self.linked(town, order, ("MUG", 2), ("TEE", 1))

        assert open_codes(order) == []
        assert self.touched(town, made) == []

    def test_an_edit_changes_the_line_that_stands_there(
        self, town: Town, order: str
    ) -> None:
        made = self.linked(town, order, ("MUG", 2), ("TEE", 1))
        town.salesforce.switches["add_items_when_activated"] = True

        town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=4)
        town.run(minutes=2)

        assert open_codes(order) == []
        assert self.touched(town, made) == ["order_update_line_items"]
        stored = town.shiphero.get("order", made["id"])
        assert stored is not None
        assert [(line["sku"], line["quantity"]) for line in stored["line_items"]] == [
            ("MUG", 4),
            ("TEE", 1),
        ]

    def test_takes_two_lines_of_one_sku_each_for_itself(self, town: Town) -> None:
        floor_off(town)
        account_actions.pause_account(
            account=town.account, why="Moving", user=a_user(), now=town.now()
        )
        order = town.order(("MUG", 1), ("MUG", 3))
        until(town, Order.objects.exists)

        made = self.linked(town, order, ("MUG", 1), ("MUG", 3))

        assert open_codes(order) == []
        lines = Export.objects.get().lines.filter(is_removed=False)
        assert sorted(line.remote_id for line in lines) == sorted(
            line["id"] for line in made["line_items"]
        )
        town.shiphero.floor.ship(made["id"])
        until_status(town, order, "Shipped")

    def test_to_lines_that_are_split_there_parks_in_words(
        self, town: Town, order: str
    ) -> None:
        actions.link_export(
            order=town.mirror(order),
            remote_id=self.made_by_hand(town, ("MUG", 1), ("MUG", 1))["id"],
            user=a_user(),
            now=town.now(),
        )

        until(town, lambda: open_codes(order) == ["export.lines_split"])

        assert not Export.objects.exclude(remote_id="").exists()
