"""What sales, operations and warehouse staff do, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.models import Closing, FailedPayload
from connectors.sandbox.shiphero import intake, judge
from connectors.sync import account_actions, actions, config
from orders.models import Export, Order
from tests.stories.reading import (
    a_user,
    creates,
    fields_sent,
    floor_off,
    insist_on_once,
    lines_in_salesforce,
    live,
    open_codes,
    open_failures,
    ships_once,
    status,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import SHIP_TO, START, Town

pytestmark = pytest.mark.one_database  # what people do is what differs

HIDDEN = [
    pytest.param("Order.ShipSync_Shipping_Method__c", id="shipping method"),
    pytest.param("Order.ShippingPostalCode", id="postal code"),
    pytest.param("Product2.ProductCode", id="SKU"),
]


ALSO = ["Product2.StockKeepingUnit"]  # the second choice for a SKU


class TestMistakes:
    def test_all_stand_in_one_failure_and_the_fix_ships_by_itself(
        self, town: Town
    ) -> None:
        order = town.order(
            ("MUG", 0.5),
            ship_to={**SHIP_TO, "postal_code": ""},
            ShipSync_Shipping_Method__c="Camel",
        )
        until_status(town, order, "Failed")

        (failure,) = open_failures(order)
        assert {problem["code"] for problem in failure.problems} == {
            "address.zip_missing",
            "quantity.fraction",
            "method.unmapped",
        }
        assert town.in_salesforce(order)["ShipSync_Reason__c"] == failure.reason
        assert creates(town, order) == 0

        town.desk.edit_line(lines_in_salesforce(town, order)["MUG"], Quantity=1)
        town.desk.edit_order(
            order, ShippingPostalCode="74103", ShipSync_Shipping_Method__c="Ground"
        )
        ships_once(town, order)
        failure.refresh_from_db()
        assert failure.closed_how == Closing.REOPENED
        assert not town.in_salesforce(order)["ShipSync_Reason__c"]

    def test_half_a_fix_is_a_new_episode_with_what_is_left(self, town: Town) -> None:
        order = town.order(
            ship_to={**SHIP_TO, "postal_code": ""}, ShipSync_Shipping_Method__c="Camel"
        )
        until(town, lambda: open_codes(order))
        town.desk.edit_order(order, ShippingPostalCode="74103")

        until(town, lambda: open_codes(order) == ["method.unmapped"])

        assert FailedPayload.objects.count() == 2

    def test_a_completed_map_wakes_what_it_kept_back(self, town: Town) -> None:
        order = town.order(ShipSync_Shipping_Method__c="Camel")
        until(town, lambda: open_codes(order))
        config.save(
            kind="shipping_methods",
            account=town.account,
            document={"Camel": {"carrier": "ups", "method": "ups_ground"}},
            user=None,
            now=town.now(),
        )

        ships_once(town, order)
        assert FailedPayload.objects.get().closed_how == Closing.REOPENED

    def test_a_person_retries_what_the_warehouse_refused(self, town: Town) -> None:
        town.shiphero.set_switches({"unknown_sku": "reject"})
        town.desk.create_product("NEW", "New", 5.0)
        order = town.order(("NEW", 1))
        until(town, lambda: open_codes(order))
        town.shiphero.seed_product("NEW", "New", {"Primary": 10})

        actions.retry(failures=open_failures(order), user=a_user(), now=town.now())

        ships_once(town, order)
        failure = FailedPayload.objects.get()
        assert (failure.closed_how, failure.closed_by) == (Closing.RETRIED, a_user())

    def test_a_dismissed_failure_rests_until_its_source_changes(
        self, town: Town
    ) -> None:
        order = town.order(ship_to={**SHIP_TO, "postal_code": ""})
        until(town, lambda: open_codes(order))
        (failure,) = open_failures(order)
        actions.dismiss(failure=failure, why="By hand", user=a_user(), now=town.now())
        town.run(minutes=3)
        assert open_codes(order) == []
        assert creates(town, order) == 0

        town.desk.edit_order(order, ShippingPostalCode="74103")

        ships_once(town, order)

    def test_what_shiphero_rejects_parks_with_its_own_words(self, town: Town) -> None:
        town.shiphero.set_switches({"unknown_sku": "reject"})
        town.desk.create_product("NEW", "Novelty", 1.0)
        order = town.order(("NEW", 1))

        until(town, lambda: open_codes(order))

        (failure,) = open_failures(order)
        assert "Product with sku NEW not found" in failure.reason
        assert failure.error_response is not None
        town.shiphero.seed_product("NEW", "Novelty", {"Primary": 5})
        actions.retry(failures=[failure], user=a_user(), now=town.now())
        ships_once(town, order)


class TestHiddenFields:
    @pytest.mark.parametrize("field", HIDDEN)
    def test_before_the_export_park_as_unreadable(self, town: Town, field: str) -> None:
        town.salesforce.switches["hidden_fields"] = [field, *ALSO]
        order = town.order()

        until(town, lambda: open_codes(order))

        assert open_codes(order) == ["source.unreadable"]
        assert creates(town, order) == 0

    @pytest.mark.parametrize("field", [*HIDDEN, pytest.param("OrderItem.Quantity")])
    def test_after_the_export_push_no_removal(self, town: Town, field: str) -> None:
        floor_off(town)
        order = town.order()
        until_created(town, order)
        town.salesforce.switches["hidden_fields"] = [field, *ALSO]
        town.desk.edit_order(order, Description="moves its stamp")

        town.run(minutes=2)

        assert writes(town, order) == ["order_create", "order_update_holds"]


class TestWarehouseStaff:
    def test_cancel_is_shown_and_not_exported_again(self, town: Town) -> None:
        floor_off(town)
        order = town.order()
        until_created(town, order)
        town.shiphero.staff.cancel(the_one(town, order)["id"])

        until_status(town, order, "Canceled")
        town.desk.edit_order(order, Description="again")
        town.run(minutes=3)

        assert creates(town, order) == 1
        assert live(town, order) == []

    def test_hold_is_shown_with_its_kind_and_left_alone(self, town: Town) -> None:
        floor_off(town)
        order = town.order()
        until_created(town, order)
        town.shiphero.staff.set_hold(the_one(town, order)["id"], fraud_hold=True)

        until_status(town, order, "On Hold")

        assert "fraud" in town.in_salesforce(order)["ShipSync_Reason__c"]
        assert len(writes(town, order)) == 2

    def test_close_without_shipment_is_told_and_not_called_shipped(
        self, town: Town
    ) -> None:
        floor_off(town)
        order = town.order()
        until_created(town, order)
        town.shiphero.staff.set_status(the_one(town, order)["id"], "fulfilled")

        until_status(town, order, "Closed")

        assert "without a shipment" in town.in_salesforce(order)["ShipSync_Reason__c"]

    @pytest.mark.parametrize("packages", [False, True], ids=["outer words", "packages"])
    def test_two_shipments_come_one_after_the_other(
        self, town: Town, packages: bool
    ) -> None:
        town.shiphero.set_switches({"auto_splits": 2, "packages": packages})
        order = town.order(("MUG", 2), ("TEE", 2))

        until_status(town, order, "Shipped")

        made = judge.shipped(town.shiphero)[town.key(order)]
        tracking = {one["tracking_number"] for m in made for one in m["packages"]}
        shown = {row["Tracking_Number__c"] for row in town.packages(order)}
        assert len(made) == 2
        assert shown == tracking
        assert not any(row["Voided__c"] for row in town.packages(order))

    def test_a_part_is_partially_shipped(self, town: Town) -> None:
        floor_off(town)
        order = town.order(("MUG", 2), ("TEE", 2))
        until_created(town, order)
        town.run(minutes=1)
        town.shiphero.floor.ship(the_one(town, order)["id"], {"MUG": 2})

        until_status(town, order, "Partially Shipped")

        town.shiphero.floor.ship(the_one(town, order)["id"])
        until_status(town, order, "Shipped")
        assert len(town.packages(order)) == 2

    @pytest.mark.parametrize("packages", [1, 3])
    def test_several_packages_have_a_row_each(self, town: Town, packages: int) -> None:
        town.shiphero.set_switches({"auto_packages": packages})
        order = town.order()

        ships_once(town, order)

        assert len(town.packages(order)) == packages

    @pytest.mark.parametrize("reopens", [False, True])
    def test_a_void_label_is_taken_back(self, town: Town, reopens: bool) -> None:
        town.shiphero.set_switches({"void_reopens": reopens})
        order = town.order()
        until_status(town, order, "Shipped")
        (shipment,) = town.shiphero.snapshot("shipment")
        town.shiphero.floor.void_label(shipment["id"])
        if not reopens:  # nothing tells of it: somebody must look
            actions.sync_now(order=town.mirror(order), user=a_user(), now=town.now())

        until(town, lambda: all(row["Voided__c"] for row in town.packages(order)))

        assert status(town, order) != "Shipped"
        assert not town.in_salesforce(order)["ShipSync_Tracking_Number__c"]


class TestOperations:
    def test_handled_outside_creates_nothing_until_it_is_taken_back(
        self, town: Town
    ) -> None:
        order = town.order(ship_to={**SHIP_TO, "postal_code": ""})
        until(town, lambda: open_codes(order))
        actions.set_handled_outside(
            order=town.mirror(order),
            outside=True,
            why="DHL",
            user=a_user(),
            now=town.now(),
        )
        town.desk.edit_order(order, ShippingPostalCode="74103")
        until_status(town, order, "Not Exported")
        assert creates(town, order) == 0
        assert open_codes(order) == []

        actions.set_handled_outside(
            order=town.mirror(order),
            outside=False,
            why="",
            user=a_user(),
            now=town.now(),
        )

        ships_once(town, order)

    def test_go_live_excludes_what_was_activated_before(self, town: Town) -> None:
        town.account.export_from = START + timedelta(hours=1)
        town.account.save()
        order = town.order()
        until_status(town, order, "Not Exported")
        assert "go-live" in town.in_salesforce(order)["ShipSync_Reason__c"]
        town.run(minutes=1)
        assert creates(town, order) == 0

        actions.include_anyway(order=town.mirror(order), user=a_user(), now=town.now())

        ships_once(town, order)

    def test_the_first_exports_wait_for_a_yes_and_later_ones_do_not(
        self, town: Town
    ) -> None:
        town.account.preview_first = 1
        town.account.save()
        first = town.order()
        town.run(minutes=2)
        assert creates(town, first) == 0

        export = Export.objects.get(order__salesforce_id=first)
        actions.approve_export(export=export, user=a_user(), now=town.now())
        until_created(town, first)
        second = town.order()

        until_created(town, second)

    def test_a_paused_account_writes_nothing_and_still_reads(self, town: Town) -> None:
        floor_off(town)
        seen = town.order()
        until_created(town, seen)
        account_actions.pause_account(
            account=town.account, why="Stock-taking", user=a_user(), now=town.now()
        )
        waiting = town.order()
        town.shiphero.staff.set_hold(the_one(town, seen)["id"], fraud_hold=True)

        until_status(town, seen, "On Hold")
        assert creates(town, waiting) == 0
        assert open_codes(waiting) == []

        account_actions.resume_account(
            account=town.account, user=a_user(), now=town.now()
        )
        until_created(town, waiting)
        insist_on_once(town, waiting)


def made_by_hand(town: Town, **lines: int) -> dict[str, Any]:
    """An order that warehouse staff typed in."""
    with town.shiphero.turn():
        return intake.create(
            town.shiphero,
            {
                "order_number": "HAND-1",
                "shipping_address": {
                    "first_name": "Ada",
                    "last_name": "Byron",
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
                        "partner_line_item_id": sku,
                    }
                    for sku, n in lines.items()
                ],
            },
            origin="staff",
        )


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

    @pytest.mark.parametrize("name", ["id", "legacy_id"])
    def test_binds_and_creates_nothing(self, town: Town, order: str, name: str) -> None:
        by_hand = made_by_hand(town, MUG=2, TEE=1)
        actions.link_export(
            order=town.mirror(order),
            remote_id=str(by_hand[name]),
            user=a_user(),
            now=town.now(),
        )
        until(town, lambda: Export.objects.filter(linked_by_person=True).exists())
        account_actions.resume_account(
            account=town.account, user=a_user(), now=town.now()
        )
        town.run(minutes=2)

        assert creates(town, order) == 0
        touched = [
            entry
            for entry in town.shiphero.ledger()
            if entry.detail.get("order_id") == by_hand["id"]
            and entry.call.startswith("shiphero.order_")
        ]
        assert [entry.call for entry in touched] == []
        town.shiphero.floor.ship(by_hand["id"])
        until_status(town, order, "Shipped")

    def test_to_an_order_that_is_not_there_parks_in_words(
        self, town: Town, order: str
    ) -> None:
        actions.link_export(
            order=town.mirror(order), remote_id="4711", user=a_user(), now=town.now()
        )

        until(town, lambda: open_codes(order))

        assert open_codes(order) == ["shiphero.not_found"]

    def test_to_another_orders_export_parks_in_words(
        self, town: Town, order: str
    ) -> None:
        account_actions.resume_account(
            account=town.account, user=a_user(), now=town.now()
        )
        until_created(town, order)
        other = town.order(ship_to={**SHIP_TO, "postal_code": ""})
        until(town, lambda: open_codes(other))
        actions.link_export(
            order=town.mirror(other),
            remote_id=the_one(town, order)["id"],
            user=a_user(),
            now=town.now(),
        )

        until(town, lambda: "export.not_ours" in open_codes(other))


def test_sync_now_reads_both_sides_at_once(town: Town) -> None:
    floor_off(town)
    order = town.order()
    until_created(town, order)
    town.run(minutes=1)
    town.desk.edit_order(order, ShippingCity="Bixby")
    town.shiphero.staff.set_hold(the_one(town, order)["id"], fraud_hold=True)

    actions.sync_now(order=town.mirror(order), user=a_user(), now=town.now())
    town.work()
    town.work()

    assert fields_sent(town, order, "order_update") == [
        ["order_id", "shipping_address"]
    ]
    assert town.mirror(order).state == "on_hold"
