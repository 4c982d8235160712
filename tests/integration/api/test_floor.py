"""Exceptions and returns through the API: who may decide what, and in which words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.accounts.models import Audit
from connectors.models import SyncJob
from inventory.models import Warehouse
from orders.floor import OrderException
from orders.models import Order
from tests.factories.orders import (
    ExportLineFactory,
    OrderExceptionFactory,
    ReturnFactory,
    SightingFactory,
)
from tests.integration.api.conftest import client_of, post

pytestmark = pytest.mark.django_db

DEEDS = {
    "wait": {"hours": 4, "why": "Comes tomorrow."},
    "reroute": {"warehouse": "West", "why": "They have it."},
    "split": {"why": "Ship what there is."},
    "cancel-line": {"sku": "MUG", "why": "Discontinued."},
    "accept": {"why": "Fetched."},
    "reopen": {"why": "By mistake."},
    "cancel": {"why": "Nobody wants it."},
}


@pytest.fixture
def found() -> OrderException:
    made = OrderExceptionFactory.create(
        kind="closed_unshipped", export__order__state="closed"
    )
    ExportLineFactory.create(export=made.export, sku="MUG", quantity=2)
    Warehouse.objects.create(account=made.account, remote_id="W2", name="West")
    return made


@pytest.mark.parametrize(("deed", "body"), DEEDS.items(), ids=DEEDS)
class TestDeeds:
    def test_an_operator_decides_and_it_is_audited(
        self, found: OrderException, deed: str, body: dict[str, object]
    ) -> None:
        address = f"/api/v1/exceptions/{found.pk}/{deed}/"
        answer = post(client_of("operator"), address, body)

        assert answer.status_code == 200, answer.content
        assert answer.json()["id"] == found.pk
        assert str(body["why"]) in Audit.objects.get().note

    def test_a_viewer_may_not(
        self, found: OrderException, deed: str, body: dict[str, object]
    ) -> None:
        address = f"/api/v1/exceptions/{found.pk}/{deed}/"

        assert post(client_of("viewer"), address, body).status_code == 403
        assert not Audit.objects.exists()
        assert not SyncJob.objects.filter(kind="change_floor").exists()

    def test_without_a_reason_nothing_is_done(
        self, found: OrderException, deed: str, body: dict[str, object]
    ) -> None:
        address = f"/api/v1/exceptions/{found.pk}/{deed}/"
        answer = post(client_of("operator"), address, {**body, "why": " "})

        assert answer.status_code == 400
        assert not Audit.objects.exists()


def test_a_warehouse_nobody_has_is_refused_with_those_there_are(
    found: OrderException,
) -> None:
    answer = post(
        client_of("operator"),
        f"/api/v1/exceptions/{found.pk}/reroute/",
        {"warehouse": "Moon", "why": "Why not."},
    )

    assert answer.status_code == 409
    assert "known: West" in answer.content.decode()


def test_an_open_order_cannot_be_accepted(found: OrderException) -> None:
    Order.objects.update(state="sent")
    answer = post(
        client_of("operator"), f"/api/v1/exceptions/{found.pk}/accept/", {"why": "x"}
    )

    assert answer.status_code == 409


def test_lists_are_filtered_and_of_the_users_accounts(found: OrderException) -> None:
    ReturnFactory.create()
    client = client_of("viewer")

    rows = client.get("/api/v1/exceptions/?open=true&kind=closed_unshipped").json()
    returns = client.get("/api/v1/returns/").json()

    assert [row["id"] for row in rows["results"]] == [found.pk]
    assert len(returns["results"]) == 1
    assert client.get("/api/v1/exceptions/?open=false").json()["results"] == []


def test_the_loss_of_webhooks_is_told(found: OrderException) -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    SightingFactory.create(account=found.account, first_at=an_hour_ago)
    SightingFactory.create(
        account=found.account, first_at=an_hour_ago, webhook_at=an_hour_ago
    )

    (row,) = client_of("viewer").get("/api/v1/webhook-loss/").json()

    assert (row["fact"], row["facts"], row["lost"], row["share"]) == (
        "shipment",
        2,
        1,
        0.5,
    )
