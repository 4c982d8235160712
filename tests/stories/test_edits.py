"""An edit in Salesforce after the export becomes the smallest change in ShipHero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from connectors.accounts.models import Account
from connectors.errors import RejectedError, System
from connectors.models import SyncAttempt
from connectors.sandbox.shiphero import lines
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import actions, decisions
from orders.models import Export
from tests.stories.reading import (
    HELD,
    a_user,
    creates,
    fields_sent,
    floor_off,
    insist_on_once,
    lines_in_salesforce,
    lines_of,
    open_codes,
    open_failures,
    released,
    ships_once,
    status,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import START, Town

CREATED = ["order_create", "order_update_holds"]


@pytest.fixture
def order(town: Town) -> str:
    """Exported and released, and nobody picks it."""
    floor_off(town)
    made = town.order(("MUG", 2), ("TEE", 1))
    until_created(town, made)
    return made


def after(town: Town, order: str) -> list[str]:
    """The writes since the create and its release, when all is said."""
    town.run(minutes=1.5)
    found = writes(town, order)
    assert found[:2] == CREATED
    return found[2:]


def test_another_address_is_one_update_of_the_address(town: Town, order: str) -> None:
    town.desk.edit_order(order, ShippingCity="Bixby", ShippingPostalCode="74008")

    assert after(town, order) == ["order_update"]
    assert fields_sent(town, order, "order_update") == [
        ["order_id", "shipping_address"]
    ]
    assert the_one(town, order)["shipping_address"]["city"] == "Bixby"


def test_another_method_is_one_update_of_the_shipping_words(
    town: Town, order: str
) -> None:
    town.desk.edit_order(order, ShipSync_Shipping_Method__c="Express")

    assert after(town, order) == ["order_update"]
    assert fields_sent(town, order, "order_update") == [["order_id", "shipping_lines"]]
    assert the_one(town, order)["shipping_lines"]["method"] == "fedex_2_day"


def test_another_quantity_is_one_update_of_that_line(town: Town, order: str) -> None:
    town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=5)

    assert after(town, order) == ["order_update_line_items"]
    assert lines_of(the_one(town, order)) == {"MUG": 5, "TEE": 1}


def test_another_price_is_one_update_of_that_line(town: Town, order: str) -> None:
    town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], UnitPrice=7.25)

    assert after(town, order) == ["order_update_line_items"]
    prices = {line["sku"]: line["price"] for line in the_one(town, order)["line_items"]}
    assert prices == {"MUG": "7.25", "TEE": "10.00"}


def test_a_line_more_is_one_addition(town: Town, order: str) -> None:
    town.salesforce.switches["add_items_when_activated"] = True
    town.desk.add_line(order, "CAP", 3)

    assert after(town, order) == ["order_add_line_items"]
    assert lines_of(the_one(town, order)) == {"MUG": 2, "TEE": 1, "CAP": 3}


def test_a_line_less_is_a_hold_a_removal_and_a_release(town: Town, order: str) -> None:
    """An activated order keeps its lines, so sales goes through Draft."""
    town.desk.deactivate(order)
    until(town, lambda: the_one(town, order)["holds"]["operator_hold"])
    town.desk.remove_line(lines_in_salesforce(town, order)["TEE"])
    town.desk.activate(order)

    done = after(town, order)

    assert sorted(done) == [
        "order_remove_line_items",
        "order_update_holds",
        "order_update_holds",
    ]
    assert lines_of(the_one(town, order)) == {"MUG": 2}
    assert creates(town, order) == 1


def test_everything_at_once_is_one_call_each(town: Town, order: str) -> None:
    town.salesforce.switches["add_items_when_activated"] = True
    town.desk.add_line(order, "CAP", 1)
    town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=1)
    town.desk.edit_order(order, ShippingStreet="1 Elm St")

    assert sorted(after(town, order)) == [
        "order_add_line_items",
        "order_update",
        "order_update_line_items",
    ]


def test_ten_edits_become_one_push(town: Town, order: str) -> None:
    for number in range(10):
        town.desk.edit_order(order, ShippingStreet=f"{number} Elm St")

    assert after(town, order) == ["order_update"]
    assert the_one(town, order)["shipping_address"]["address1"] == "9 Elm St"


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"Description": "call me"}, id="a field nobody maps"),
        pytest.param({"ShipSync_Status__c": "Sent"}, id="our own field"),
    ],
)
def test_an_edit_that_means_nothing_to_the_warehouse_calls_nothing(
    town: Town, order: str, edit: dict[str, str]
) -> None:
    town.desk.edit_order(order, **edit)

    assert after(town, order) == []


def test_there_and_back_between_two_polls_calls_nothing(town: Town, order: str) -> None:
    town.desk.edit_order(order, ShippingCity="Bixby")
    town.desk.edit_order(order, ShippingCity="Tulsa")

    assert after(town, order) == []


def test_an_edit_is_in_the_log_without_the_address(town: Town, order: str) -> None:
    town.desk.edit_order(order, ShippingStreet="99 Secret Street")
    after(town, order)

    attempt = SyncAttempt.objects.get(did__contains="Edited")

    assert [change["group"] for change in attempt.diff or ()] == [
        "address",
        "unchanged",
    ]
    assert "Secret" not in str(attempt.diff)


@pytest.mark.parametrize("how", ["emptied", "removed"])
def test_a_line_that_staff_took_away_comes_back_with_an_edit(
    town: Town, order: str, how: str
) -> None:
    """What stands there no more is not what was wanted: the edit must reach it."""
    made = the_one(town, order)
    (mug,) = (line["id"] for line in made["line_items"] if line["sku"] == "MUG")
    with town.shiphero.turn():
        asked = {"order_id": made["id"], "line_items": [{"id": mug, "quantity": 0}]}
        if how == "emptied":
            lines.update_lines(town.shiphero, asked)
        else:
            asked = {"order_id": made["id"], "line_item_ids": [mug]}
            lines.remove_lines(town.shiphero, asked)
    town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=4)

    after(town, order)

    assert lines_of(the_one(town, order)) == {"MUG": 4, "TEE": 1}


def cut_by_a_person(town: Town, order: str) -> None:
    decisions.cut_line(
        order=town.mirror(order), sku="MUG", why="No", user=a_user(), now=town.now()
    )
    until(town, lambda: lines_of(the_one(town, order)) == {"TEE": 1}, minutes=2)


def changed_by_staff(town: Town, order: str) -> None:
    made = the_one(town, order)
    (mug,) = (line["id"] for line in made["line_items"] if line["sku"] == "MUG")
    asked = {"order_id": made["id"], "line_items": [{"id": mug, "quantity": 1}]}
    with town.shiphero.turn():
        lines.update_lines(town.shiphero, asked)


@pytest.mark.parametrize(
    ("people", "stands"),
    [
        pytest.param(cut_by_a_person, {"TEE": 1}, id="cut"),
        pytest.param(changed_by_staff, {"MUG": 1, "TEE": 1}, id="fewer"),
    ],
)
def test_what_people_did_to_a_line_is_not_undone_by_edits_of_something_else(
    town: Town,
    order: str,
    people: Callable[[Town, str], None],
    stands: dict[str, int],
) -> None:
    people(town, order)

    for city in ("Bixby", "Jenks", "Owasso"):
        town.desk.edit_order(order, ShippingCity=city)
        after(town, order)
        assert the_one(town, order)["shipping_address"]["city"] == city
        assert lines_of(the_one(town, order)) == stands

    town.desk.edit_line(lines_in_salesforce(town, order)["TEE"], Quantity=4)
    after(town, order)
    assert lines_of(the_one(town, order)) == {**stands, "TEE": 4}


def test_a_line_that_staff_added_is_never_taken_away(town: Town, order: str) -> None:
    made = the_one(town, order)
    added = {"sku": "CAP", "quantity": 1, "price": "0", "partner_line_item_id": "gift"}
    with town.shiphero.turn():
        lines.add_lines(town.shiphero, {"order_id": made["id"], "line_items": [added]})
    for quantity in (3, 4):
        town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=quantity)
        after(town, order)

    assert lines_of(the_one(town, order)) == {"MUG": 4, "TEE": 1, "CAP": 1}


Act = Callable[[Town, dict[str, object]], object]


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        pytest.param(
            lambda town, made: town.shiphero.floor.ship(made["id"]),
            "shipped",
            id="shipped",
        ),
        pytest.param(
            lambda town, made: town.shiphero.staff.cancel(made["id"]),
            "canceled",
            id="canceled",
        ),
        pytest.param(
            lambda town, made: town.shiphero.floor.pick(made["id"]),
            "packed",
            id="picked",
        ),
    ],
)
def test_an_edit_too_late_parks_with_a_plain_reason(
    town: Town, order: str, ending: Act, words: str
) -> None:
    town.run(minutes=1)
    ending(town, the_one(town, order))
    town.desk.edit_order(order, ShippingCity="Bixby")

    until(town, lambda: open_codes(order))

    (failure,) = open_failures(order)
    assert failure.code == "export.edit_too_late"
    assert words in failure.reason or "ended" in failure.reason
    assert "order_update" not in writes(town, order)
    until(
        town, lambda: town.in_salesforce(order)["ShipSync_Reason__c"] == failure.reason
    )


def test_an_edit_too_late_that_the_warehouse_would_not_notice_is_no_failure(
    town: Town, order: str
) -> None:
    town.run(minutes=1)
    town.shiphero.floor.ship(the_one(town, order)["id"])
    until_status(town, order, "Shipped")
    town.desk.edit_order(order, PoNumber="PO-7", EffectiveDate="2026-12-01")

    town.run(minutes=1.5)

    assert open_codes(order) == []


class TestBackToDraft:
    def test_holds_at_once_and_activation_releases(
        self, town: Town, order: str
    ) -> None:
        town.desk.deactivate(order)
        until(town, lambda: len(writes(town, order)) == 3)
        assert the_one(town, order)["holds"]["operator_hold"]
        town.run(minutes=2)
        assert len(writes(town, order)) == 3

        town.desk.activate(order)
        town.shiphero.set_switches({"auto_floor": True})

        ships_once(town, order)
        assert writes(town, order)[2:] == ["order_update_holds"] * 2

    def test_is_never_picked_meanwhile(self, town: Town, order: str) -> None:
        town.desk.deactivate(order)
        until(town, lambda: len(writes(town, order)) == 3)
        town.shiphero.set_switches({"auto_floor": True})

        town.run(minutes=5)

        assert town.shiphero.ledger(call="floor.pick") == []

    def test_before_the_export_creates_nothing(self, town: Town) -> None:
        draft = town.order()
        town.desk.deactivate(draft)

        town.run(minutes=2)

        assert creates(town, draft) == 0
        assert status(town, draft) in {"", "Not Exported"}

    def test_what_staff_released_of_our_hold_is_not_held_again_for_ever(
        self, town: Town, order: str
    ) -> None:
        town.desk.deactivate(order)
        until(town, lambda: len(writes(town, order)) == 3)
        town.shiphero.staff.set_hold(the_one(town, order)["id"], operator_hold=False)

        town.run(minutes=6)

        assert len(writes(town, order)) <= 4
        insist_on_once(town, order)


def test_our_hold_is_the_one_kind_reserved_for_us(town: Town, order: str) -> None:
    (entry,) = town.shiphero.ledger(call="shiphero.order_create")

    assert entry.detail["held"] == HELD


@contextmanager
def lines_refused() -> Iterator[None]:
    """ShipHero says no to every change of a line."""

    def say_no(*_args: object) -> None:
        raise RejectedError("Not this quantity.", system=System.SHIPHERO)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ShipHeroClient, "update_lines", say_no)
        yield


class TestOutcome:
    def test_applied_stands_on_the_export(self, town: Town, order: str) -> None:
        town.desk.edit_order(order, ShippingCity="Bixby")
        after(town, order)

        assert Export.objects.get().edit_outcome == "applied"

    def test_lines_that_are_refused_are_partly_and_only_they_are_sent_again(
        self, town: Town, order: str
    ) -> None:
        """The address was taken, so a retry must not send it a second time."""
        town.desk.edit_order(order, ShippingCity="Bixby")
        town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=7)

        with lines_refused():
            until(town, lambda: open_codes(order))

        (failure,) = open_failures(order)
        assert failure.code == "export.partly_applied"
        assert "lines stand as before" in failure.reason
        assert Export.objects.get().edit_outcome == "partly"
        actions.retry(failures=[failure], user=a_user(), now=town.now())
        town.run(minutes=1)
        assert after(town, order) == ["order_update", "order_update_line_items"]
        assert lines_of(the_one(town, order)) == {"MUG": 7, "TEE": 1}
        assert Export.objects.get().edit_outcome == "applied"

    def test_a_lock_that_comes_between_reading_and_writing_is_too_late(
        self, town: Town, order: str
    ) -> None:
        town.run(minutes=1)
        town.shiphero.set_switches({"locked_edits": "reject"})
        before = ShipHeroClient.update_lines

        def pick_first(client: ShipHeroClient, *args: object) -> object:
            town.shiphero.floor.pick(the_one(town, order)["id"])
            return before(client, *args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ShipHeroClient, "update_lines", pick_first)
            town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=7)
            until(town, lambda: open_codes(order))

        assert open_codes(order) == ["export.edit_too_late"]
        assert Export.objects.get().edit_outcome == "too_late"

    def test_a_retry_of_what_was_partly_applied_says_so_again(
        self, town: Town, order: str
    ) -> None:
        town.desk.edit_order(order, ShippingCity="Bixby")
        town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=7)
        with lines_refused():
            until(town, lambda: open_codes(order))
            actions.retry(failures=open_failures(order), user=a_user(), now=town.now())
            town.run(minutes=1)

        assert len(open_codes(order)) == 1
        assert after(town, order) == ["order_update"]


class TestHoldWindow:
    @pytest.fixture(autouse=True)
    def _window(self, town: Town) -> None:
        town.setting("hold_window_seconds", 600)
        floor_off(town)

    def test_edits_fold_into_one_before_the_floor_sees_the_order(
        self, town: Town
    ) -> None:
        order = town.order(("MUG", 2))
        until(town, lambda: creates(town, order))
        for city in ("Bixby", "Jenks", "Owasso"):
            town.desk.edit_order(order, ShippingCity=city)
            town.run(minutes=1)
        assert writes(town, order) == ["order_create"]

        until_created(town, order)

        assert writes(town, order) == [
            "order_create",
            "order_update",
            "order_update_holds",
        ]
        assert the_one(town, order)["shipping_address"]["city"] == "Owasso"
        assert town.now() - START >= timedelta(minutes=10)

    def test_release_now_ends_it(self, town: Town) -> None:
        order = town.order()
        until(town, lambda: creates(town, order))

        actions.release_now(export=Export.objects.get(), user=a_user(), now=town.now())
        town.tick(1)

        assert released(town, order)

    def test_without_a_hold_kind_the_create_itself_waits(self, town: Town) -> None:
        Account.objects.update(hold_kind="")
        order = town.order()
        town.run(minutes=5)
        assert creates(town, order) == 0
        town.desk.edit_order(order, ShippingCity="Bixby")

        until(town, lambda: creates(town, order))
        town.run(minutes=1)

        assert writes(town, order) == ["order_create"]

    def test_canceled_within_it_never_reaches_the_floor(self, town: Town) -> None:
        order = town.order()
        until(town, lambda: creates(town, order))
        town.desk.edit_order(order, Status="Canceled")

        town.run(minutes=12)

        assert writes(town, order) == ["order_create", "order_cancel"]
