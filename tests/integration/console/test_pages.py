"""Every page opens, for every role, empty and full."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils.timezone import now

from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

OURS = ("orders", "connectors", "accounts")
PAGES = [model for model in admin.site._registry if model._meta.app_label in OURS]
ROLES = ["viewer", "operator", "lead", "integrator", "auditor"]


def label(model):
    return model._meta.label


def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


@pytest.fixture
def full():
    """One row of every model, bound to each other where that can be."""
    order = order_rows.OrderFactory()
    order_rows.LineItemFactory(order=order)
    export = order_rows.ExportFactory(order=order)
    order_rows.ExportLineFactory(export=export)
    shipment = order_rows.ShipmentFactory(export=export)
    package = order_rows.PackageFactory(shipment=shipment)
    order_rows.ShipmentLineFactory(shipment=shipment)
    order_rows.AllocationFactory(export=export)
    order_rows.OverrideFactory(order=order)
    order_rows.ProposalFactory(export=export)
    order_rows.OrderExceptionFactory(export=export)
    order_rows.ReturnFactory(export=export)
    account = order.account
    job = rows.SyncJobFactory(account=account, order=order)
    attempt = rows.SyncAttemptFactory(job=job)
    rows.RemoteCallFactory(attempt=attempt)
    rows.FailedPayloadFactory(job=job, attempt=attempt)
    rows.WebhookDeliveryFactory(order=order, registration__account=account)
    rows.SalesforceListenerFactory(organization=order.organization)
    rows.SalesforceMessageFactory(organization=order.organization)
    rows.SalesforceRequestFactory(order=order)
    rows.RefusedRowFactory(order=order)
    rows.SyncCursorFactory()
    rows.ConfigVersionFactory(account=account)
    rows.HeartbeatFactory()
    accounts.BrandFactory(account=account)
    accounts.AccountAccessFactory()
    accounts.ScopedSettingFactory(account=account)
    accounts.AuditFactory(account=account, at=now())
    return package


@pytest.mark.parametrize("model", PAGES, ids=label)
class TestEveryPage:
    def test_opens_for_every_role_when_there_is_nothing(self, client, model):
        for role in ROLES:
            client.force_login(accounts.UserFactory(role=role))
            assert client.get(list_of(model)).status_code == 200, role

    def test_opens_for_every_role_with_rows_and_each_row_opens(
        self, client, model, full
    ):
        for role in ROLES:
            client.force_login(accounts.UserFactory(role=role))
            assert client.get(list_of(model)).status_code == 200, role
            assert client.get(page_of(model.objects.first())).status_code == 200, role


@pytest.mark.parametrize("model", PAGES, ids=label)
def test_every_list_can_be_searched_and_sorted_by_each_column(client, model, full):
    client.force_login(accounts.UserFactory(role="viewer"))
    columns = len(admin.site._registry[model].list_display)

    for term in ["00000001", "Ada", "x\x00y", "'; --", "٣", "99999999999999999999"]:
        assert client.get(list_of(model), {"q": term}).status_code == 200
    for place in range(columns + 1):
        assert client.get(list_of(model), {"o": f"-{place}"}).status_code in {200, 302}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["index", "errors", "schedules", "password_change"])
def test_pages_of_no_model_open_for_every_role(client, role, name, full):
    client.force_login(accounts.UserFactory(role=role))

    assert client.get(reverse(f"admin:{name}")).status_code == 200


def test_the_home_page_of_an_empty_installation_says_what_to_do(client):
    client.force_login(accounts.UserFactory(role="integrator"))

    page = client.get(reverse("admin:index")).content.decode()

    assert "Enter the logins for Salesforce and ShipHero" in page
    assert "Worker never started" in page
    assert "manage.py work" in page


def test_strangers_are_asked_to_sign_in(client):
    page = client.get(reverse("admin:orders_order_changelist"))

    assert page.status_code == 302
    assert page.url.startswith(reverse("admin:login"))
    assert client.get(reverse("admin:login")).status_code == 200


def test_the_pages_of_the_queue_are_not_there():
    names = {model._meta.app_label for model in admin.site._registry}

    assert "django_q" not in names


def test_a_locked_sign_in_says_so_in_words(client):
    accounts.UserFactory(username="ana")
    wrong = {"username": "ana", "password": "wrong"}

    answers = [client.post(reverse("admin:login"), wrong) for _ in range(6)]

    assert answers[-1].status_code == 429
    assert "Sign-in is locked" in answers[-1].content.decode()
