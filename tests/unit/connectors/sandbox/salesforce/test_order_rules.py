"""What sales people and the integration may do with orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.salesforce import judge
from connectors.sandbox.salesforce.refusals import RefusedError


@pytest.fixture
def draft(desk):
    return desk.create_order(lines=[("A-1", 2)], activate=False)


@pytest.fixture
def activated(desk):
    return desk.create_order(lines=[("A-1", 2)])


def refused(action: Callable[..., Any], *args: Any, **fields: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        action(*args, **fields)
    return caught.value.code


class TestDraft:
    def test_begins_with_number_total_and_category(self, world, draft):
        order = judge.order(world, draft)

        assert order["OrderNumber"] == "00000100"
        assert order["StatusCode"] == "Draft"
        assert order["TotalAmount"] == 25.0
        assert order["ActivatedDate"] is None

    def test_cannot_be_born_activated(self, world, desk):
        code = refused(
            desk.create_order, lines=[("A-1", 1)], activate=False, Status="Activated"
        )

        assert code == "FAILED_ACTIVATION"
        assert world.every("Order") == []

    def test_an_action_that_fails_leaves_nothing(self, world, desk):
        with pytest.raises(LookupError):
            desk.create_order(lines=[("A-1", 1), ("NOPE", 1)])

        assert world.every("Order") == []
        assert world.every("OrderItem") == []

    def test_needs_its_required_fields(self, client, desk):
        account = desk.create_account("Acme")
        answer = client.restful(
            "composite/sobjects",
            method="POST",
            json={"records": [{"attributes": {"type": "Order"}, "AccountId": account}]},
        )

        assert answer[0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
        assert set(answer[0]["errors"][0]["fields"]) == {"EffectiveDate", "Status"}

    def test_can_be_deleted_with_its_lines(self, world, desk, draft):
        desk.delete_order(draft)

        assert judge.order(world, draft)["IsDeleted"]
        assert judge.lines(world, draft) == []

    def test_removed_lines_skip_the_recycle_bin(self, world, desk, draft):
        (line,) = judge.lines(world, draft)

        desk.remove_line(line["Id"])

        assert world.get("OrderItem", line["Id"]) is None
        assert judge.order(world, draft)["TotalAmount"] == 0.0

    def test_takes_prices_from_its_price_book(self, world, desk, draft):
        desk.add_line(draft, "B-1", 4, unit_price=2.25)

        first, second = judge.lines(world, draft)
        assert (first["UnitPrice"], first["TotalPrice"]) == (12.5, 25.0)
        assert (second["UnitPrice"], second["ListPrice"]) == (2.25, 3.0)
        assert judge.order(world, draft)["TotalAmount"] == 34.0


class TestActivation:
    def test_sets_category_time_and_person(self, world, desk, draft):
        desk.activate(draft)

        order = judge.order(world, draft)
        assert order["StatusCode"] == "Activated"
        assert order["ActivatedDate"] == "2026-01-05T09:00:00.000+0000"
        assert order["ActivatedById"] == desk.user_id

    def test_works_with_an_organisations_own_status(self, world, desk, draft):
        world.add_order_status("Released", "Activated")

        desk.activate(draft, status="Released")

        assert judge.order(world, draft)["StatusCode"] == "Activated"

    def test_needs_a_line(self, desk):
        order = desk.create_order(lines=[], activate=False)

        assert refused(desk.activate, order) == "FAILED_ACTIVATION"

    def test_may_change_status_only(self, desk, draft):
        code = refused(desk.edit_order, draft, Status="Activated", PoNumber="7")

        assert code == "FAILED_ACTIVATION"

    def test_needs_the_permission(self, world, desk, draft):
        world.switches["denied_permissions"] = {
            "sales@shipsync.example": ["ActivateOrder"]
        }

        assert refused(desk.activate, draft) == "INSUFFICIENT_ACCESS_OR_READONLY"

    def test_refuses_an_unknown_status(self, desk, draft):
        code = refused(desk.edit_order, draft, Status="Nonsense")

        assert code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


class TestActivated:
    def test_is_not_deleted(self, desk, activated):
        assert refused(desk.delete_order, activated) == "DELETE_FAILED"

    def test_keeps_its_lines(self, world, desk, activated):
        (line,) = judge.lines(world, activated)

        assert refused(desk.remove_line, line["Id"]) == "DELETE_FAILED"
        assert (
            refused(desk.add_line, activated, "B-1", 1)
            == "INSUFFICIENT_ACCESS_OR_READONLY"
        )

    def test_keeps_its_account(self, desk, activated):
        other = desk.create_account("Other")

        assert (
            refused(desk.edit_order, activated, AccountId=other)
            == "FIELD_INTEGRITY_EXCEPTION"
        )

    def test_is_edited_with_the_permission(self, world, desk, activated):
        (line,) = judge.lines(world, activated)

        desk.edit_order(activated, PoNumber="7")
        desk.edit_line(line["Id"], Quantity=3)

        assert judge.order(world, activated)["PoNumber"] == "7"
        assert judge.order(world, activated)["TotalAmount"] == 37.5

    def test_is_locked_without_the_permission(self, world, desk, activated):
        (line,) = judge.lines(world, activated)
        name = "sales@shipsync.example"
        world.switches["denied_permissions"] = {name: ["EditActivatedOrders"]}

        for action, subject, change in (
            (desk.edit_order, activated, {"PoNumber": "7"}),
            (desk.edit_line, line["Id"], {"Quantity": 3}),
        ):
            code = refused(action, subject, **change)
            assert code == "INSUFFICIENT_ACCESS_OR_READONLY"

    def test_enhanced_commerce_locks_prices(self, world, desk, activated):
        (line,) = judge.lines(world, activated)
        world.switches["enhanced_commerce_orders"] = True

        assert refused(desk.edit_line, line["Id"], Quantity=3)

    def test_goes_back_to_draft_and_forward_again(self, world, desk, clock, activated):
        desk.deactivate(activated)
        back = judge.order(world, activated)
        desk.add_line(activated, "B-1", 1)
        clock.advance(60)
        desk.activate(activated)

        assert back["StatusCode"] == "Draft"
        assert back["ActivatedDate"] is None
        assert (
            judge.order(world, activated)["ActivatedDate"]
            == "2026-01-05T09:01:00.000+0000"
        )


class TestStamps:
    def test_move_with_a_change_and_name_its_author(self, world, desk, clock, draft):
        clock.advance(61.6)

        desk.edit_order(draft, PoNumber="7")

        order = judge.order(world, draft)
        assert order["SystemModstamp"] == "2026-01-05T09:01:01.000+0000"
        assert order["LastModifiedById"] == desk.user_id
        assert order["CreatedDate"] == "2026-01-05T09:00:00.000+0000"

    @pytest.mark.parametrize(
        ("changes", "moves"),
        [({"Description": "softly"}, False), ({"Quantity": 3}, True)],
        ids=["description", "quantity"],
    )
    def test_a_line_moves_its_order_only_with_the_total(
        self, world, desk, clock, draft, changes, moves
    ):
        before = judge.order(world, draft)["SystemModstamp"]
        (line,) = judge.lines(world, draft)
        clock.advance(60)

        desk.edit_line(line["Id"], **changes)

        assert (judge.order(world, draft)["SystemModstamp"] != before) is moves

    @pytest.mark.parametrize("bumps", [True, False])
    def test_an_update_of_nothing_follows_the_switch(
        self, world, desk, clock, draft, bumps
    ):
        world.switches["bump_without_change"] = bumps
        before = judge.order(world, draft)["SystemModstamp"]
        clock.advance(60)

        desk.edit_order(draft, Status="Draft")

        assert (judge.order(world, draft)["SystemModstamp"] != before) is bumps
