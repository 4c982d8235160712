"""Search finds, filters hold, and no list asks more with more rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils.timezone import now

from connectors.casework import BulkRetry
from connectors.console.paging import CappedPaginator
from connectors.models import FailedPayload
from orders.models import Order
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

ORDERS = reverse("admin:orders_order_changelist")
FAILURES = reverse("admin:connectors_failedpayload_changelist")
EXPORTS = reverse("admin:orders_export_changelist")
MOST = 15


def found(client, address, **query):
    page = client.get(address, query)
    return [row.pk for row in page.context["cl"].result_list]


@pytest.fixture
def many():
    fill(60)


@pytest.fixture
def few():
    fill(2)


def fill(count):
    """So many orders of one account, each with everything a list shows beside it."""
    account = accounts.AccountFactory()
    organization = account.organization
    for _ in range(count):
        order = order_rows.OrderFactory(account=account, organization=organization)
        export = order_rows.ExportFactory(order=order)
        shipment = order_rows.ShipmentFactory(export=export)
        order_rows.PackageFactory(shipment=shipment)
        job = rows.SyncJobFactory(account=account, order=order)
        rows.SyncAttemptFactory(job=job)
        rows.FailedPayloadFactory(job=job)
        registration = rows.WebhookRegistrationFactory(account=account)
        rows.WebhookDeliveryFactory(registration=registration, order=order)
        accounts.AuditFactory(account=account, at=now())
        accounts.BrandFactory(account=account)
        rows.ConfigVersionFactory(account=account)
        accounts.AccountFactory(organization=organization)


OURS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in {"orders", "connectors", "accounts"}
]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_full_list_asks_a_bounded_number_of_questions(
    client, many, model, django_assert_max_num_queries
):
    client.force_login(accounts.UserFactory(role="operator"))
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")

    with django_assert_max_num_queries(MOST):
        client.get(address)


def test_the_home_page_asks_a_bounded_number_of_questions(
    client, many, django_assert_max_num_queries
):
    client.force_login(accounts.UserFactory(role="operator"))

    with django_assert_max_num_queries(MOST):
        client.get(reverse("admin:index"))


def test_an_order_page_asks_a_bounded_number_of_questions(
    client, many, page_of, django_assert_max_num_queries
):
    client.force_login(accounts.UserFactory(role="operator"))

    # One of them lists the warehouses that the order can be sent from.
    with django_assert_max_num_queries(41):
        client.get(page_of(Order.objects.first()))


@pytest.mark.parametrize(
    "term",
    [
        "00123456",
        "00123",
        "#00123456",
        "801xx0000000001AAA",
        "PO-77",
        "po-77",
        "ada@example.test",
        "ADA@example.test",
        "lovelace",
        "Ada Love",
        "Northwind",
        "SKU-RED",
        "1Z42",
        "880042",
        "T3JkZXI",
    ],
)
def test_an_order_is_found_by_what_people_have_at_hand(client, term):
    order = order_rows.OrderFactory(
        order_number="00123456",
        salesforce_id="801xx0000000001AAA",
        po_number="PO-77",
        email="ada@example.test",
    )
    order_rows.LineItemFactory(order=order, sku="SKU-RED")
    export = order_rows.ExportFactory(
        order=order, remote_legacy_id=880042, remote_id="T3JkZXI"
    )
    order_rows.PackageFactory(shipment__export=export, tracking_number="1Z42")
    order_rows.OrderFactory(
        order_number="999", customer_name="Else", ship_to_name="Grace Hopper"
    )
    client.force_login(accounts.UserFactory(role="viewer"))

    assert found(client, ORDERS, q=term) == [order.pk]


def test_the_list_of_failures_begins_with_the_open_ones(client):
    open_one = rows.FailedPayloadFactory()
    closed = rows.FailedPayloadFactory(closed_at=now(), closed_how="resolved")
    client.force_login(accounts.UserFactory(role="viewer"))

    assert found(client, FAILURES) == [open_one.pk]
    assert found(client, FAILURES, state="closed") == [closed.pk]
    assert set(found(client, FAILURES, state="all")) == {open_one.pk, closed.pk}


def test_held_by_us_is_a_list_with_the_oldest_first(client):
    order_rows.ExportFactory(remote_id="R0", hold_kind="operator", released_at=now())
    order_rows.ExportFactory()
    young = order_rows.ExportFactory(
        remote_id="R1", hold_kind="operator", held_at=now()
    )
    old = order_rows.ExportFactory(
        remote_id="R2", hold_kind="operator", held_at=now() - timedelta(hours=1)
    )
    client.force_login(accounts.UserFactory(role="viewer"))

    assert found(client, EXPORTS, stand="held") == [old.pk, young.pk]
    tiles = client.get(reverse("admin:index")).context["tiles"]
    counts = {one.panel.name: one.first.count for one in tiles}
    assert counts["held_by_us"] == 1


def test_every_filter_choice_answers(client, few):
    client.force_login(accounts.UserFactory(role="viewer"))
    for model in OURS:
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        changelist = client.get(address).context["cl"]
        for spec in changelist.filter_specs:
            for choice in spec.choices(changelist):
                answer = client.get(address + choice["query_string"])
                assert answer.status_code == 200, (address, choice)


def test_a_count_stops_at_the_cap():
    class Small(CappedPaginator):
        cap = 2

    for _ in range(4):
        order_rows.OrderFactory()

    few = Small(Order.objects.order_by("pk"), 1)

    assert few.count == 3
    assert few.is_capped


class TestBulkRetry:
    def choose(self, client, failures, **more):
        data = {
            "action": "retry_selected",
            "_selected_action": [str(row.pk) for row in failures],
            **more,
        }
        return client.post(FAILURES, data, follow=True)

    def test_a_few_are_retried_at_once(self, client):
        failures = [rows.FailedPayloadFactory() for _ in range(3)]
        client.force_login(accounts.UserFactory(role="operator"))

        page = self.choose(client, failures).content.decode()

        assert "3 failures are tried again now." in page
        assert not FailedPayload.objects.filter(closed_at=None).exists()

    def test_many_are_shown_first_and_retried_after_a_yes(self, client):
        account = accounts.AccountFactory()
        failures = [rows.FailedPayloadFactory(job__account=account) for _ in range(21)]
        client.force_login(accounts.UserFactory(role="operator"))

        asked = self.choose(client, failures).content.decode()

        assert "Retry 21 failures?" in asked
        assert FailedPayload.objects.filter(closed_at=None).count() == 21

        done = self.choose(client, failures, confirmed="yes").content.decode()

        begun = BulkRetry.objects.get()
        assert (begun.total, begun.words) == (21, "Selected in the list")
        assert "Selected in the list" in done, "its own page shows how far it is"

    def test_a_viewer_is_not_offered_it_and_cannot_do_it(self, client):
        failure = rows.FailedPayloadFactory()
        client.force_login(accounts.UserFactory(role="viewer"))

        assert "retry_selected" not in client.get(FAILURES).content.decode()
        self.choose(client, [failure])
        assert FailedPayload.objects.filter(closed_at=None).count() == 1

    def test_another_accounts_failures_are_not_touched(self, client):
        failure = rows.FailedPayloadFactory()
        access = accounts.AccountAccessFactory(
            user=accounts.UserFactory(role="operator")
        )
        client.force_login(access.user)

        self.choose(client, [failure])

        assert FailedPayload.objects.filter(closed_at=None).count() == 1
