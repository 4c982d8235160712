"""R14: failed orders stand in Salesforce with clear reasons and a retry control."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from connectors.hearing import (
    SalesforceMessage,
    SalesforceNotification,
    SalesforceRequest,
)
from connectors.models import SyncAttempt, WebhookDelivery
from connectors.sandbox.faults import CALL_FAULTS, Fault, FaultPlan
from connectors.sandbox.salesforce import judge as salesforce_judge
from connectors.sandbox.salesforce.refusals import RefusedError
from connectors.sandbox.salesforce.world import SALES_USERNAME
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.timing import scaled
from orders.models import Order
from tests.stories.reading import (
    creates,
    insist_on_once,
    lines_in_salesforce,
    lines_of,
    status,
    the_one,
    tracked,
    until,
)
from tests.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# The most that a step may take, in the town's seconds.
WITH_NUDGES = 10
WITHOUT = 90


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Town:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    town = Town(monkeypatch, switches={"unknown_sku": "reject"})
    town.desk.create_product("WRONG", "Not in any warehouse", 5.0)
    return town


def request(town: Town, request_id: str) -> dict[str, Any]:
    return next(
        row
        for row in town.salesforce.snapshot("ShipSync_Request__c")
        if row["Id"] == request_id
    )


def within(town: Town, seconds: float, so: Any, step: float = 1) -> None:
    """Live in small steps; fail when it is not so in time."""
    most = scaled(timedelta(seconds=seconds))
    until(town, so, minutes=most.total_seconds() / 60, step=step)


def answered(town: Town, request_id: str) -> bool:
    return request(town, request_id)["Status__c"] in {"Done", "Refused"}


def whole_story(town: Town, most: float, step: float = 1) -> str:
    """Each step of sales and of the floor, seen on the record in time."""
    order = town.order(("WRONG", 1), ("TEE", 1))
    within(town, most, lambda: status(town, order) == "Failed", step)
    failed = town.in_salesforce(order)
    assert "WRONG" in failed["ShipSync_Reason__c"]
    assert failed["ShipSync_Status_Since__c"]

    town.desk.deactivate(order)
    within(town, most, lambda: status(town, order) != "Failed", step)
    town.desk.remove_line(lines_in_salesforce(town, order)["WRONG"])
    town.desk.add_line(order, "MUG", 2)
    town.desk.activate(order)
    asked = town.desk.ask(order, "Retry", Note__c="Line replaced")
    within(town, most, lambda: answered(town, asked), step)

    row = request(town, asked)
    assert row["Status__c"] == "Done", row
    assert "Warehouse order" in row["Answer__c"]
    assert row["Answered_At__c"]
    assert creates(town, order) == 1
    assert lines_of(the_one(town, order)) == {"MUG": 2, "TEE": 1}
    reason = "ShipSync_Reason__c"
    within(town, most, lambda: not town.in_salesforce(order)[reason], step)

    there = f"ACM-{order}-1"
    until(town, lambda: there in shiphero_judge.shipped(town.shiphero), 30, step)
    within(town, most, lambda: status(town, order) == "Shipped", step)
    insist_on_once(town, order)
    (shipment,) = shiphero_judge.shipped(town.shiphero)[there]
    tracking = sorted(one["tracking_number"] for one in shipment["packages"])
    assert town.in_salesforce(order)["ShipSync_Tracking_Number__c"] in tracking
    assert tracked(town, order) == tracking
    return order


class Post(FaultPlan):
    """What becomes of the nudges of both systems; calls are well."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults
        self.drawn = 0

    def draw(self, call: str, possible: Iterable[Fault] = CALL_FAULTS) -> Fault | None:
        if call not in {"webhook", "salesforce.outbound_message"}:
            return None
        self.drawn += 1
        return self.faults[self.drawn % len(self.faults)]


def posted(town: Town, *faults: Fault) -> None:
    town.salesforce.faults = town.shiphero.faults = Post(*faults)
    town.listens()


def test_a_wrong_sku_is_mended_where_sales_works(town: Town) -> None:
    """With nudges each step takes ten seconds at the most."""
    town.listens()

    whole_story(town, WITH_NUDGES)

    assert SalesforceMessage.objects.exists()
    assert WebhookDelivery.objects.exists()


def test_with_every_nudge_of_both_systems_lost_polling_does_it(town: Town) -> None:
    posted(town, Fault.HOOK_DROPPED)

    whole_story(town, WITHOUT, step=5)

    assert not SalesforceMessage.objects.exists()
    assert not WebhookDelivery.objects.exists()
    for world in (town.salesforce, town.shiphero):
        assert any(entry.outcome == "lost" for entry in world.ledger())


@pytest.mark.parametrize(
    ("delay", "most", "step"),
    [
        pytest.param(2, WITH_NUDGES, 1, id="a little late, and in time"),
        pytest.param(60, WITHOUT, 5, id="late by up to a minute"),
    ],
)
def test_doubled_reordered_and_forged_nudges_change_nothing(
    town: Town, delay: float, most: float, step: float
) -> None:
    """Every message comes twice or late, and beside each one come three forged ones."""
    town.salesforce.switches["outbound_delay"] = delay
    town.shiphero.set_switches({"hook_delay": delay})
    posted(town, Fault.HOOK_DOUBLED, Fault.HOOK_DELAYED)
    answers = forging(town)

    order = whole_story(town, most, step)

    assert SalesforceNotification.objects.filter(copies__gt=1).exists()
    assert numbers_out_of_order(town)
    assert answers["another organization"] == {403}
    assert answers["another address"] == {404}
    assert answers["an order that is not there"] == {200}  # a hint, read and not found
    (made,) = shiphero_judge.orders_by_key(town.shiphero)
    assert made == f"ACM-{order}-1"
    assert Order.objects.count() == len(town.salesforce.snapshot("Order")) == 1


def forging(town: Town) -> dict[str, set[int]]:
    """Strangers send beside each real message; answers what they were answered."""
    real = town.salesforce.outbox.send
    own = town.salesforce.organization_id.encode()
    answers: dict[str, set[int]] = {
        "another organization": set(),
        "another address": set(),
        "an order that is not there": set(),
    }

    def send(url: str, headers: dict[str, str], body: bytes) -> int:
        foreign = body.replace(own, b"00D000000000009EAA")
        nobody = body.replace(b"<sf:Id>801", b"<sf:Id>809")
        nobody = nobody.replace(b"<Id>04l", b"<Id>04z")
        guessed = url.rstrip("/")[:-4] + "0000/"
        answers["another organization"].add(real(url, headers, foreign))
        answers["another address"].add(real(guessed, headers, body))
        answers["an order that is not there"].add(real(url, headers, nobody))
        real(url, headers, body)
        return real(url, headers, body)

    town.salesforce.outbox.send = send
    return answers


def numbers_out_of_order(town: Town) -> bool:
    """Whether notifications were sent in another order than they were made in."""
    sent = [
        entry.detail["notification"]
        for entry in town.salesforce.ledger(call="salesforce.outbound_message")
        if entry.outcome == "sent"
    ]
    return sent != sorted(sent)


def test_a_sku_mended_on_the_product_itself_frees_its_order_at_once(town: Town) -> None:
    """Polling alone looks at products every five minutes."""
    town.listens()
    order = town.order(("WRONG", 1))
    within(town, WITH_NUDGES, lambda: status(town, order) == "Failed")
    (product,) = (
        row["Id"]
        for row in town.salesforce.every("Product2")
        if row["ProductCode"] == "WRONG"
    )

    town.desk.edit_product(product, StockKeepingUnit="MUG", ProductCode="MUG")

    within(town, 30, lambda: creates(town, order) == 1)
    assert lines_of(the_one(town, order)) == {"MUG": 1}


class TestEachKind:
    def test_a_draft_is_checked_before_it_is_activated(self, town: Town) -> None:
        order = town.order(("MUG", 1), activate=False, ShipSync_Shipping_Method__c=None)
        asked = town.desk.ask(order, "Check")

        within(town, WITHOUT, lambda: answered(town, asked))

        row = request(town, asked)
        assert (row["Status__c"], row["Problem_Codes__c"]) == ("Done", "method.missing")
        assert "no shipping method" in row["Answer__c"]
        assert status(town, order) == ""  # nothing is said on the draft itself

        town.desk.edit_order(order, ShipSync_Shipping_Method__c="Ground")
        again = town.desk.ask(order, "Check")
        within(town, WITHOUT, lambda: answered(town, again))
        assert "once it is activated" in request(town, again)["Answer__c"]
        assert creates(town, order) == 0

    def test_a_cancel_by_who_may_not_edit_the_order_reaches_the_warehouse(
        self, town: Town
    ) -> None:
        town.salesforce.switches["denied_permissions"] = {
            SALES_USERNAME: ["EditActivatedOrders"]
        }
        town.shiphero.set_switches({"auto_floor": False})
        order = town.order()
        until(town, lambda: creates(town, order) == 1)
        with pytest.raises(RefusedError, match="edit activated orders"):
            town.desk.edit_order(order, PoNumber="PO-2")
        asked = town.desk.ask(order, "Cancel", Note__c="Customer changed his mind")

        within(town, WITHOUT, lambda: answered(town, asked))

        assert request(town, asked)["Status__c"] == "Done"
        (there,) = town.in_warehouse(order)
        assert there["fulfillment_status"] == "canceled"
        until(town, lambda: status(town, order) == "Canceled")

    def test_too_late_is_said(self, town: Town) -> None:
        order = town.order()
        until(town, lambda: status(town, order) == "Shipped", minutes=30)
        asked = town.desk.ask(order, "Cancel")

        within(town, WITHOUT, lambda: answered(town, asked))

        row = request(town, asked)
        assert row["Status__c"] == "Refused"
        assert "too late" in row["Answer__c"]
        assert status(town, order) == "Shipped"

    def test_what_cannot_be_done_is_refused_with_its_reason(self, town: Town) -> None:
        draft = town.order(activate=False)
        rows = [
            (town.desk.ask(draft, "Retry"), "not activated"),
            (town.desk.ask(draft, "Release"), "does not have this order"),
            (town.desk.ask(None, "Retry"), "names no order"),
        ]

        within(town, WITHOUT, lambda: all(answered(town, one) for one, _ in rows))

        for asked, words in rows:
            assert request(town, asked)["Status__c"] == "Refused"
            assert words in request(town, asked)["Answer__c"]


class TestNoLoop:
    def test_our_own_answers_send_no_message(self, town: Town) -> None:
        town.listens()
        order = town.order()
        until(town, lambda: status(town, order) == "Shipped", minutes=30)
        listener = town.organization.listener
        listener.refresh_from_db()

        assert listener.echo_count == 0

    def test_a_flow_that_forgets_to_leave_us_out_makes_no_loop(
        self, town: Town
    ) -> None:
        town.salesforce.switches["flows_leave_us_out"] = False
        town.shiphero.set_switches({"auto_floor": False})
        town.listens()
        order = town.order()
        until(town, lambda: creates(town, order) == 1)
        town.run(minutes=4, step=20)
        writes = salesforce_writes(town)

        town.run(minutes=2, step=10)

        assert salesforce_writes(town) == writes
        town.organization.listener.refresh_from_db()
        assert town.organization.listener.echo_count > 0

    def test_something_that_undoes_answers_is_not_answered_for_ever(
        self, town: Town
    ) -> None:
        order = town.order(activate=False)
        asked = town.desk.ask(order, "Check")
        for _ in range(7):
            town.run(minutes=0.7, step=40)
            town.desk.edit_request(asked, Status__c="New")
        town.run(minutes=2, step=40)

        told = [
            entry
            for entry in town.salesforce.ledger()
            if entry.subject == asked
            and entry.outcome == "applied"
            and entry.detail["user"] == town.salesforce.integration_user_id
        ]
        assert len(told) == 5
        kept = SalesforceRequest.objects.get(salesforce_id=asked)
        assert (kept.answers, kept.is_told) == (
            5,
            False,
        )  # as the home page's panel says


def salesforce_writes(town: Town) -> int:
    us = town.salesforce.integration_user_id
    return sum(
        entry.outcome == "applied" and entry.detail.get("user") == us
        for entry in town.salesforce.ledger()
    )


def test_who_asked_stands_in_the_sync_log(town: Town) -> None:
    order = town.order(activate=False)
    asked = town.desk.ask(order, "Check")
    within(town, WITHOUT, lambda: answered(town, asked))

    did = SyncAttempt.objects.filter(kind="answer_requests").values_list(
        "did", flat=True
    )
    assert any("1 requests answered" in one for one in did)
    assert salesforce_judge.order(town.salesforce, order)["Status"] == "Draft"
