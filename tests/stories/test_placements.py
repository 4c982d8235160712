"""What people decide about an order's place in the warehouse, and what is proposed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.accounts.models import Account
from connectors.models import FailedPayload
from connectors.sandbox.shiphero import intake
from connectors.sync import account_actions, actions, alerts, placements
from orders.models import Export, Order
from orders.proposals import Proposal
from tests.stories.reading import (
    a_user,
    creates,
    floor_off,
    live,
    open_codes,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import Town

pytestmark = [pytest.mark.every_round, pytest.mark.one_database]

HELD_BACK = ["order_create", "order_update_holds", "order_update_holds"]


@pytest.fixture
def order(town: Town) -> str:
    """Exported and released, and nobody picks it."""
    floor_off(town)
    made = town.order(("MUG", 2), ("TEE", 1))
    until_created(town, made)
    return made


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The subjects of the alarms that were sent."""
    subjects: list[str] = []
    monkeypatch.setattr(alerts, "send", lambda subject, _text: subjects.append(subject))
    return subjects


def open_proposals(order: str) -> list[Proposal]:
    return list(
        Proposal.objects.filter(export__order__salesforce_id=order, decided_at=None)
    )


class TestBackInDraft:
    @pytest.fixture(autouse=True)
    def _soon(self, town: Town) -> None:
        town.setting("draft_cancel_seconds", 300)

    def test_is_held_at_once_and_its_cancel_proposed_after_a_while(
        self, town: Town, order: str, mails: list[str]
    ) -> None:
        town.desk.deactivate(order)
        until(town, lambda: writes(town, order) == HELD_BACK)
        town.run(minutes=3)
        assert open_proposals(order) == []

        until(town, lambda: open_proposals(order))

        assert "order_cancel" not in writes(town, order)
        assert len(mails) == 1
        actions_ = placements.open_proposals(town.mirror(order))
        placements.accept_proposal(proposal=actions_[0], user=a_user(), now=town.now())
        until_status(town, order, "Canceled")
        assert live(town, order) == []
        town.desk.activate(order)
        until(town, lambda: creates(town, order) == 2)

    def test_activated_again_withdraws_the_proposal(
        self, town: Town, order: str
    ) -> None:
        town.desk.deactivate(order)
        until(town, lambda: open_proposals(order))
        town.desk.activate(order)

        until(town, lambda: not the_one(town, order)["holds"]["operator_hold"])

        assert Proposal.objects.get().decision == "withdrawn"

    def test_a_refused_cancel_is_not_proposed_again(
        self, town: Town, order: str
    ) -> None:
        town.desk.deactivate(order)
        until(town, lambda: open_proposals(order))
        placements.refuse_proposal(
            proposal=Proposal.objects.get(), why="Soon", user=a_user(), now=town.now()
        )
        town.desk.edit_order(order, PoNumber="PO-8")

        town.run(minutes=7)

        assert Proposal.objects.count() == 1
        assert writes(town, order) == HELD_BACK


def test_a_deleted_order_s_cancel_is_proposed_at_once_and_done_by_setting(
    town: Town, order: str
) -> None:
    town.setting("cancel_by_itself", True)
    town.desk.deactivate(order)
    until(town, lambda: writes(town, order) == HELD_BACK)
    town.desk.delete_order(order)

    until(town, lambda: live(town, order) == [])

    assert writes(town, order)[3:] == ["order_cancel"]
    assert Proposal.objects.get().decided_by_name == ""


def test_exported_again_and_an_older_one_that_staff_open_again_is_an_alarm(
    town: Town, order: str, mails: list[str]
) -> None:
    first = the_one(town, order)["id"]
    town.shiphero.staff.cancel(first)
    until_status(town, order, "Canceled")
    placements.re_export(
        order=town.mirror(order),
        why="Canceled by mistake",
        user=a_user(),
        now=town.now(),
    )
    until(town, lambda: creates(town, order) == 2)
    town.run(minutes=1)
    assert open_codes(order) == []

    town.shiphero.staff.set_status(first, "pending")
    until(town, lambda: open_codes(order))

    assert open_codes(order) == ["export.older_generation_live"]
    assert len([mail for mail in mails if "stands twice" in mail]) == 1
    town.shiphero.staff.cancel(first)
    until(town, lambda: open_codes(order) == [])


def test_an_order_moves_by_a_confirmed_cancel_and_a_create(
    town: Town, order: str
) -> None:
    other = town.second_account("Other brand", "OTH")

    placements.move_order(
        order=town.mirror(order),
        account=other,
        why="Sold by the other brand",
        user=a_user(),
        now=town.now(),
    )
    until(town, lambda: creates_of(town, f"OTH-{order}-2") == 1)

    assert writes(town, order)[-1] == "order_cancel"
    assert live(town, order) == []
    canceled, made = (
        at(town, "shiphero.order_cancel", f"ACM-{order}-1"),
        at(town, "shiphero.order_create", f"OTH-{order}-2"),
    )
    assert canceled < made


def test_a_move_waits_while_the_cancel_is_refused(town: Town, order: str) -> None:
    """It has shipped there: nothing may be created anywhere else."""
    other = town.second_account("Other brand", "OTH")
    town.run(minutes=1)
    town.shiphero.floor.ship(the_one(town, order)["id"])

    placements.move_order(
        order=town.mirror(order), account=other, why="x", user=a_user(), now=town.now()
    )
    town.run(minutes=6)

    assert creates_of(town, f"OTH-{order}-2") == 0
    assert open_codes(order) == ["export.cancel_refused"]


def test_an_order_made_by_hand_is_linked_by_the_number_people_see(town: Town) -> None:
    floor_off(town)
    account_actions.pause_account(
        account=town.account, why="linking", user=a_user(), now=town.now()
    )
    mine = town.order(("MUG", 1))
    until(town, lambda: Order.objects.filter(salesforce_id=mine).exists())
    with town.shiphero.turn():
        line = {"sku": "MUG", "quantity": 1, "price": "0", "partner_line_item_id": "x"}
        made = intake.create(
            town.shiphero,
            {
                "order_number": "MANUAL-77",
                "shipping_address": {"address1": "12 Mill Lane"},
                "line_items": [line],
            },
            origin="staff",
        )
    actions.link_export(
        order=town.mirror(mine), remote_id="MANUAL-77", user=a_user(), now=town.now()
    )

    until(town, lambda: Export.objects.filter(linked_by_person=True).exists())

    assert Export.objects.get().remote_id == made["id"]


def test_an_order_held_too_long_is_mailed_once(town: Town, mails: list[str]) -> None:
    town.setting("held_alarm_seconds", 60)
    order = town.order()
    until_created(town, order)
    account_actions.pause_account(
        account=town.account, why="x", user=a_user(), now=town.now()
    )
    town.shiphero.staff.set_hold(the_one(town, order)["id"], operator_hold=True)
    Export.objects.update(released_at=None, held_at=town.now(), hold_kind="operator")

    town.run(minutes=4)

    assert len([mail for mail in mails if "too long" in mail]) == 1


def test_a_pause_with_an_end_resumes_by_itself(town: Town) -> None:
    account_actions.pause_account(
        account=town.account,
        why="Lunch",
        until=town.now() + timedelta(minutes=5),
        user=a_user(),
        now=town.now(),
    )
    order = town.order()
    town.run(minutes=4)
    assert creates(town, order) == 0

    until(town, lambda: creates(town, order) == 1, minutes=3)

    assert not Account.objects.get().paused


def test_a_pause_of_one_direction_leaves_the_other_open(town: Town) -> None:
    account_actions.pause_account(
        account=town.account,
        why="Salesforce is being deployed to",
        direction="salesforce",
        user=a_user(),
        now=town.now(),
    )
    order = town.order()
    until_created(town, order)
    assert town.in_salesforce(order)["ShipSync_Status__c"] is None

    account_actions.resume_account(
        account=town.account, direction="salesforce", user=a_user(), now=town.now()
    )

    until(town, lambda: town.in_salesforce(order)["ShipSync_Status__c"])
    assert FailedPayload.objects.count() == 0


def creates_of(town: Town, key: str) -> int:
    return sum(
        entry.call == "shiphero.order_create" and entry.subject == key
        for entry in town.shiphero.ledger()
    )


def at(town: Town, call: str, key: str) -> int:
    """The place in the ledger."""
    return next(
        place
        for place, entry in enumerate(town.shiphero.ledger())
        if entry.call == call and entry.subject == key
    )
