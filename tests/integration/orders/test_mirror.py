"""Mirroring an order: what was read is stored, what people chose is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from orders import mirroring
from orders.models import Order
from orders.records import OrderRecord, OrderStage
from tests.factories.accounts import AccountFactory

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
RECORD = OrderRecord(
    salesforce_id="801A",
    order_number="100",
    stage=OrderStage.ACTIVATED,
    status="Activated",
    modified_at=NOON,
    lines=(),
)


def mirror(record: OrderRecord, account: Any) -> mirroring.Mirrored:
    return mirroring.upsert_order(
        record=record,
        organization=account.organization,
        account=account,
        brand=None,
        now=NOON,
    )


def test_what_a_person_chose_while_it_was_mirrored_stays(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = AccountFactory.create()
    mirror(RECORD, account)
    show = mirroring._show

    def while_a_person_decides(*args: Any) -> None:
        Order.objects.update(handled_outside=True, include_anyway=True, state="on_hold")
        show(*args)

    monkeypatch.setattr(mirroring, "_show", while_a_person_decides)
    mirrored = mirror(replace(RECORD, po_number="PO-7"), account)

    stored = Order.objects.get()
    assert (stored.handled_outside, stored.include_anyway) == (True, True)
    assert stored.state == "on_hold"
    assert stored.po_number == "PO-7"
    assert mirrored.order.handled_outside
