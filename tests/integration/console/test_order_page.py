"""One order's story: no state without a next step, no failure without its button."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from connectors.console import comparison
from connectors.console.story import tell
from orders.models import OrderState
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return accounts.UserFactory(role="operator")


def next_step(order, user):
    return tell(order, user, now()).next_step


@pytest.mark.parametrize("state", OrderState.values)
def test_every_state_says_what_comes_next(state, operator, client, page_of):
    order = order_rows.OrderFactory(state=state)
    client.force_login(operator)

    assert next_step(order, operator).endswith(".")
    assert client.get(page_of(order)).status_code == 200


def test_a_failure_tells_the_fix_and_offers_the_retry(operator, client, page_of):
    order = order_rows.OrderFactory(state="failed")
    job = rows.SyncJobFactory(account=order.account, order=order, state="parked")
    rows.FailedPayloadFactory(job=job, reason="The postal code is missing.")
    client.force_login(operator)

    page = client.get(page_of(order)).content.decode()

    assert "Complete the shipping postal code" in page
    assert "The postal code is missing." in page
    assert "/do/retry/" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"handled_outside": True}, "Take back"),
        (
            {"is_eligible": False, "eligibility_reason": "Excluded: before go-live."},
            "Include anyway",
        ),
        (
            {"account__paused": True, "account__paused_reason": "Stock count."},
            "Stock count.",
        ),
        ({"is_eligible": False, "eligibility_reason": "A draft."}, "A draft."),
    ],
)
def test_what_keeps_an_order_is_named_with_its_remedy(fields, words, operator):
    assert words in next_step(order_rows.OrderFactory(**fields), operator)


def test_an_order_without_account_says_so(operator):
    order = order_rows.OrderFactory(account=None)

    assert "No ShipHero account" in next_step(order, operator)


def test_an_unknown_outcome_is_explained(operator):
    export = order_rows.ExportFactory(intent_at=now())

    assert "nothing is created twice" in next_step(export.order, operator)


def test_a_waiting_job_says_why_and_when(operator):
    order = order_rows.OrderFactory()
    rows.SyncJobFactory(
        account=order.account,
        order=order,
        note="ShipHero asked us to slow down.",
        not_before=now() + timedelta(seconds=90),
    )

    assert "slow down. Next try in 1 min." in next_step(order, operator)


def test_an_export_that_waits_for_a_yes_is_approved_from_the_order(
    operator, client, page_of, button
):
    export = order_rows.ExportFactory(order__account__preview_first=2)
    client.force_login(operator)

    page = client.get(page_of(export.order)).content.decode()

    assert button(export, "approve") in page


def test_what_differs_from_wanted_is_marked_and_what_was_not_read_is_not():
    export = order_rows.ExportFactory(
        wanted={"ship_to": {"city": "Austin", "zip": "78701"}, "carrier": "ups"},
        acknowledged={"ship_to": {"city": "Waco"}, "carrier": "ups"},
    )

    rows_by_label = {row.label: row for row in comparison.compare(export.order, export)}

    assert rows_by_label["City"].differs
    assert not rows_by_label["Postal code"].differs
    assert not rows_by_label["Carrier"].differs


def test_lines_are_matched_by_their_key_and_extra_ones_come_last():
    order = order_rows.OrderFactory()
    line = order_rows.LineItemFactory(order=order, sku="A", salesforce_id="L1")
    wanted = {"lines": [{"key": "L1", "sku": "A", "quantity": 2}]}
    facts = {
        "lines": [
            {"key": "L1", "sku": "A", "quantity": 1},
            {"key": "", "sku": "GIFT", "quantity": 1},
        ]
    }
    export = order_rows.ExportFactory(
        order=order, wanted=wanted, acknowledged=facts, facts=facts
    )
    order_rows.ExportLineFactory(export=export, key="L1", sku="A", shipped=1)

    found = comparison.compare_lines([line], export)

    assert [row.sku for row in found] == ["A", "GIFT"]
    assert (found[0].source, found[0].wanted, found[0].acknowledged) == ("2", "2", "1")
    assert found[0].differs
    assert found[0].shipped == 1


def test_the_timeline_merges_all_books_with_the_newest_first(operator):
    order = order_rows.OrderFactory()
    export = order_rows.ExportFactory(order=order)
    today = now()
    shipment = order_rows.ShipmentFactory(
        export=export, shipped_at=today - timedelta(minutes=1)
    )
    order_rows.PackageFactory(shipment=shipment, tracking_number="1Z42")
    job = rows.SyncJobFactory(account=order.account, order=order)
    rows.SyncAttemptFactory(job=job, started_at=today - timedelta(minutes=4))
    rows.FailedPayloadFactory(job=job, opened_at=today - timedelta(minutes=3))
    rows.WebhookDeliveryFactory(order=order, received_at=today - timedelta(minutes=2))
    accounts.AuditFactory(
        at=today,
        action="sync_order",
        object_type="orders.order",
        object_id=str(order.pk),
    )

    events = tell(order, operator, today).events

    assert [event.what for event in events] == [
        "Sync order",
        "Shipped",
        "Webhook: Shipment Update",
        "Parked",
        "Send an order to ShipHero",
        "First read from Salesforce",
    ]
