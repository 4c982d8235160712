"""Applying stored webhooks: each for itself, whatever its company is like."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from connectors.models import (
    FailedPayload,
    Payload,
    WebhookDelivery,
    WebhookRegistration,
)
from connectors.sync import engine
from connectors.sync.registry import Lane
from connectors.sync.rings import ring
from connectors.sync.unmatched import delivery_ring
from orders import shipments
from orders.models import Export, Shipment
from tests.factories.orders import ExportFactory, ExportLineFactory
from tests.integration.sync.conftest import Workshop


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
    body = json.dumps(
        {
            "webhook_type": "Shipment Update",
            "fulfillment": {
                "shipment_id": number,
                "order_uuid": "T3JkZXI6MQ==",
                "tracking_number": f"1Z{number}",
                "line_items": [{"id": "line", "sku": "MUG", "quantity": quantity}],
            },
        }
    ).encode()
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
