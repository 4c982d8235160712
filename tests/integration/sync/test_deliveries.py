"""Applying stored webhooks: each for itself, whatever its company is like."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError

from connectors.models import (
    FailedPayload,
    Payload,
    SyncJob,
    WebhookDelivery,
    WebhookRegistration,
)
from connectors.sync import engine
from connectors.sync.registry import Lane
from connectors.sync.rings import ring
from connectors.sync.unmatched import delivery_ring
from orders import shipments
from orders.models import Export, Shipment
from orders.records import WarehouseEventKind as Kind
from tests.factories.orders import ExportFactory, ExportLineFactory
from tests.integration.sync.conftest import Workshop
from tests.unit.connectors.shiphero.test_event_types import BODIES


@pytest.fixture
def export(workshop: Workshop) -> Export:
    made = ExportFactory.create(
        account=workshop.account,
        order__account=workshop.account,
        remote_id="T3JkZXI6MQ==",
    )
    ExportLineFactory.create(export=made, key="line", sku="MUG", quantity=9)
    return made


@pytest.fixture
def registration(workshop: Workshop) -> WebhookRegistration:
    return WebhookRegistration.objects.create(
        account=workshop.account,
        type_name="Shipment Update",
        label="shipsync",
        token="t" * 43,
        state="active",
        created_at=workshop.clock(),
    )


def deliver(
    workshop: Workshop, registration: WebhookRegistration, number: int, quantity: Any
) -> WebhookDelivery:
    return deliver_body(
        workshop,
        registration,
        {
            "webhook_type": "Shipment Update",
            "fulfillment": {
                "shipment_id": number,
                "order_uuid": "T3JkZXI6MQ==",
                "tracking_number": f"1Z{number}",
                "line_items": [{"id": "line", "sku": "MUG", "quantity": quantity}],
            },
        },
    )


def deliver_body(
    workshop: Workshop, registration: WebhookRegistration, told: Any
) -> WebhookDelivery:
    body = json.dumps(told).encode()
    now = workshop.clock()
    payload = Payload.objects.create(
        digest=hashlib.sha256(body).hexdigest(),
        body=body,
        size=len(body),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    delivery = WebhookDelivery.objects.create(
        account=workshop.account,
        registration=registration,
        digest=payload.digest,
        payload=payload,
        received_at=now,
    )
    ring(delivery_ring(delivery.pk, workshop.account.pk, "Came"), now=now)
    return delivery


def states() -> list[str]:
    rows = WebhookDelivery.objects.order_by("pk")
    return list(rows.values_list("state", flat=True))


def work(workshop: Workshop) -> None:
    """All of them in one batch."""
    workshop.clock.advance(seconds=10)
    assert engine.work_once((Lane.FULFILLMENT,), clock=workshop.clock) == 3


@pytest.mark.parametrize("quantity", [-1, 2**31])
def test_a_spoiled_message_fails_alone(
    workshop: Workshop,
    export: Export,
    registration: WebhookRegistration,
    quantity: int,
) -> None:
    for number, told in ((1, 2), (2, quantity), (3, 4)):
        deliver(workshop, registration, number, told)

    work(workshop)

    assert states() == ["applied", "failed", "applied"]
    assert export.lines.get().shipped == 6
    assert FailedPayload.objects.get().code == "shiphero.malformed_event"


def test_what_the_database_refuses_fails_alone_and_leaves_nothing(
    workshop: Workshop,
    export: Export,
    registration: WebhookRegistration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = shipments.record

    def refuse_the_second(**values: Any) -> None:
        record(**values)
        if values["shipments"][0].legacy_id == 2:
            raise IntegrityError("refused")

    monkeypatch.setattr(shipments, "record", refuse_the_second)
    for number in (1, 2, 3):
        deliver(workshop, registration, number, 1)

    work(workshop)

    assert states() == ["applied", "failed", "applied"]
    assert set(Shipment.objects.values_list("remote_legacy_id", flat=True)) == {1, 3}


SAMPLES = Path(__file__).parents[2] / "payloads" / "shiphero"


def damaged(name: str) -> list[Any]:
    """The sample whole, then with each of its outer keys gone, null and odd."""
    body = json.loads((SAMPLES / f"{name}.json").read_text())
    cut = [{k: v for k, v in body.items() if k != gone} for gone in body]
    odd = [body | {key: value} for key in body for value in (None, "odd", [7])]
    return [body, *cut, *odd]


# What may become of a message about an order that is not ours, and of others.
ENDS = {
    Kind.STOCK: {"applied", "failed"},
    Kind.PURCHASE: {"applied", "failed"},
}


@pytest.mark.parametrize("name", BODIES)
def test_a_damaged_message_is_never_just_kept(
    workshop: Workshop, registration: WebhookRegistration, name: str
) -> None:
    bodies = damaged(name)
    known, kind = BODIES[name]
    WebhookRegistration.objects.filter(pk=registration.pk).update(type_name=known)
    for body in bodies:
        deliver_body(workshop, registration, body)

    workshop.clock.advance(seconds=10)
    while engine.work_once((Lane.FULFILLMENT,), clock=workshop.clock):
        pass

    assert len(states()) == len(bodies)
    assert set(states()) <= ENDS.get(kind, {"unmatched", "failed"})
    assert states()[0] != "failed"
    failed = WebhookDelivery.objects.filter(state="failed")
    assert all(row.reason for row in failed)
    assert FailedPayload.objects.filter(closed_at=None).count() == failed.count()


def test_a_tote_of_several_orders_rings_for_each_of_ours(
    workshop: Workshop, export: Export, registration: WebhookRegistration
) -> None:
    Export.objects.filter(pk=export.pk).update(remote_number="A-1")
    other = ExportFactory.create(
        account=workshop.account, remote_id="T3JkZXI6Mg==", remote_number="A-2"
    )
    orders = [{"order_number": number} for number in ("A-1", "A-2", "STRANGE")]
    body = {"webhook_type": "Tote Complete", "totes": [{"orders": orders}]}
    delivery = deliver_body(workshop, registration, body)

    workshop.clock.advance(seconds=10)
    engine.work_once((Lane.FULFILLMENT,), clock=workshop.clock)

    delivery.refresh_from_db()
    assert delivery.state == "applied"
    assert delivery.reason == "2 of 3 orders are ours."
    rung = SyncJob.objects.filter(kind="read_warehouse").values_list("subject")
    assert set(rung) == {(str(export.pk),), (str(other.pk),)}


def test_a_type_without_use_is_kept_and_says_so(
    workshop: Workshop, registration: WebhookRegistration
) -> None:
    body = {"webhook_type": "Pallet Moved", "pallet": 7}
    WebhookRegistration.objects.update(type_name="Pallet Moved")
    delivery = deliver_body(workshop, registration, body)

    workshop.clock.advance(seconds=10)
    engine.work_once((Lane.FULFILLMENT,), clock=workshop.clock)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.type_name) == ("ignored", "Pallet Moved")
    assert "Pallet Moved" in delivery.reason
