"""Whatever the order, and however often: the same facts make the same state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.models import Trigger, WebhookDelivery
from connectors.sandbox.shiphero import judge
from connectors.sync.rings import ring_many
from connectors.sync.subjects import push_rings, reading_rings
from connectors.sync.unmatched import delivery_ring
from orders.models import Export, ExportLine, Order, Package, Shipment, ShipmentLine
from tests.stories.reading import floor_off, the_one, until, until_created
from tests.town import Town


def state(town: Town, order: str) -> Any:
    """All that a person would see of it, in our books and in Salesforce."""
    shown = town.in_salesforce(order)
    return {
        "order": list(Order.objects.values("state", "state_reason")),
        "export": list(Export.objects.values("canceled_at", "remote_id")),
        "lines": sorted(ExportLine.objects.values_list("key", "shipped", "is_removed")),
        "shipments": sorted(
            Shipment.objects.values_list("remote_id", "is_void", "shipped_at")
        ),
        "packages": sorted(
            Package.objects.values_list(
                "shipment__remote_id", "tracking_number", "carrier", "method", "is_void"
            )
        ),
        "shipped": sorted(
            ShipmentLine.objects.values_list("shipment__remote_id", "sku", "quantity")
        ),
        "salesforce": {
            name: value
            for name, value in shown.items()
            if name.startswith("ShipSync_") and name != "ShipSync_Status_Since__c"
        },
        "rows": sorted(
            (row["Tracking_Number__c"], row["Voided__c"])
            for row in town.packages(order)
        ),
    }


class Undo(Exception):
    """Takes one example's changes back."""


@pytest.fixture
def shipped(town: Town) -> tuple[Town, str, list[dict[str, Any]]]:
    """Two shipments of one order; not one of its webhooks has come."""
    floor_off(town)
    order = town.order(("MUG", 2), ("TEE", 2))
    until_created(town, order)
    town.run(minutes=1)
    town.shiphero.floor.ship(the_one(town, order)["id"], {"MUG": 2})
    town.shiphero.floor.ship(the_one(town, order)["id"])
    until(town, lambda: town.mirror(order).state == "shipped")
    town.run(minutes=2)
    assert len(judge.shipped(town.shiphero)[town.key(order)]) == 2
    bodies = [
        json.loads(bytes(delivery.payload.body))
        for delivery in WebhookDelivery.objects.order_by("pk")
        if delivery.payload is not None
    ]
    assert len(bodies) >= 3
    return town, order, bodies


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_order_and_number_of_webhooks_and_rings_ends_alike(
    shipped: tuple[Town, str, list[dict[str, Any]]], data: st.DataObject
) -> None:
    town, order, _bodies = shipped
    expected = state(town, order)
    ids = list(WebhookDelivery.objects.values_list("pk", flat=True))
    steps = data.draw(
        st.lists(
            st.one_of(
                st.sampled_from(ids), st.sampled_from(["push", "read", "work", "time"])
            ),
            min_size=len(ids),
            max_size=14,
        )
    )
    tail = data.draw(st.permutations(ids))
    forget = data.draw(st.booleans())
    sandbox_order = town.salesforce.get("Order", order)
    try:
        with transaction.atomic():
            if forget:
                forget_what_came(town)
            for step in [*steps, *tail]:
                take(town, order, step)
            settle(town)
            assert state(town, order) == expected
            raise Undo
    except Undo:
        assert sandbox_order is not None


def forget_what_came(town: Town) -> None:
    """As if no webhook and no reading of the shipments had come yet."""
    ShipmentLine.objects.all().delete()
    Package.objects.all().delete()
    Shipment.objects.all().delete()
    ExportLine.objects.update(shipped=0)
    Export.objects.update(closed_at=None, facts_read_at=None)
    WebhookDelivery.objects.update(state="new")


def take(town: Town, order: str, step: Any) -> None:
    row = town.mirror(order)
    if step == "work":
        town.work()
    elif step == "time":
        town.clock.advance(1)
    elif step == "push":
        ring_many(
            push_rings(row, trigger=Trigger.SCHEDULE, cause="again"), now=town.now()
        )
    elif step == "read":
        ring_many(
            reading_rings(row, trigger=Trigger.SCHEDULE, cause="again"), now=town.now()
        )
    else:
        WebhookDelivery.objects.filter(pk=step).update(state="new")
        ring_many([delivery_ring(step, town.account.pk, "again")], now=town.now())


def settle(town: Town) -> None:
    for _ in range(4):
        town.clock.advance(5)
        town.work()
