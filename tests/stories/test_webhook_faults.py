"""Webhooks lost, doubled, late and early: polling repairs, nothing counts twice."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.models import DeliveryState, WebhookDelivery
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import judge as salesforce_judge
from orders.models import Shipment
from tests.stories.reading import creates, ships_once
from tests.town import Town

pytestmark = pytest.mark.one_database  # what the remotes do is what differs

HOOKS = ["Order Allocated", "Order Packed Out", "Shipment Update"]


def every_hook(town: Town, fault: Fault) -> None:
    draw = town.shiphero.faults.draw

    def drawn(call: str, *args: Any) -> Fault | None:
        return fault if "hook" in call and "webhook_" not in call else draw(call, *args)

    town.shiphero.faults.draw = drawn  # type: ignore[method-assign,assignment]


def test_without_a_single_webhook_polling_brings_it_all(town: Town) -> None:
    every_hook(town, Fault.HOOK_DROPPED)
    order = town.order()

    ships_once(town, order)

    assert not WebhookDelivery.objects.exists()
    assert Shipment.objects.get().first_seen_by == "reading"


@pytest.mark.parametrize(
    "fault", [Fault.HOOK_DOUBLED, Fault.HOOK_DELAYED], ids=["doubled", "reordered"]
)
def test_webhooks_in_trouble_change_nothing(town: Town, fault: Fault) -> None:
    every_hook(town, fault)
    order = town.order()

    ships_once(town, order)
    town.run(minutes=2)

    assert Shipment.objects.count() == 1
    assert creates(town, order) == 1
    assert not WebhookDelivery.objects.exclude(state=DeliveryState.APPLIED).exists()


def test_webhooks_that_overtake_the_answer_are_kept_and_applied(town: Town) -> None:
    town.shiphero.set_switches(
        {
            "hooks_before_answer": True,
            "process_lag": 0.0,
            "hook_lag": 0.0,
            "allocate_at": "create",
        }
    )
    order = town.order()

    ships_once(town, order)

    assert WebhookDelivery.objects.filter(type_name="Order Allocated").exists()
    assert not WebhookDelivery.objects.exclude(state=DeliveryState.APPLIED).exists()


def test_a_webhook_of_an_unstored_order_is_unmatched_until_it_is_adopted(
    town: Town,
) -> None:
    town.shiphero.set_switches({"allocate_at": "create"})
    town.shiphero.faults.script("shiphero.order_create", Fault.LOST_ANSWER)
    order = town.order()
    town.run(minutes=1.25)
    allocated = WebhookDelivery.objects.get(type_name="Order Allocated")
    assert allocated.state == DeliveryState.UNMATCHED

    ships_once(town, order)

    assert not WebhookDelivery.objects.exclude(state=DeliveryState.APPLIED).exists()


def test_what_salesforce_shows_only_moves_forward(town: Town) -> None:
    every_hook(town, Fault.HOOK_DELAYED)
    order = town.order()
    ships_once(town, order)

    shown = salesforce_judge.values_over_time(
        town.salesforce, order, "ShipSync_Status__c"
    )

    forward = ["Waiting", "Sent", "In Warehouse", "Picking", "Packed", "Shipped"]
    assert shown == sorted(set(shown), key=forward.index)
