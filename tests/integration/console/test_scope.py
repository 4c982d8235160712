"""Nobody sees another account's rows, by list, page, search or filter."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Account
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

OPEN_TO_ALL = {"connectors.Heartbeat"}


@pytest.fixture
def limited():
    """A client that may see one account, and that account."""
    access = accounts.AccountAccessFactory(
        user=accounts.UserFactory(role="integrator"),
        account__name="Mine",
    )
    client = Client()
    client.force_login(access.user)
    return client, access.account


def rows_of(account: Account) -> list[object]:
    """A row of every scoped model that belongs to an account."""
    order = order_rows.OrderFactory(account=account, order_number=f"N{account.pk}")
    export = order_rows.ExportFactory(order=order)
    job = rows.SyncJobFactory(account=account, order=order)
    return [
        order,
        export,
        order_rows.ShipmentFactory(export=export),
        job,
        rows.SyncAttemptFactory(job=job),
        rows.FailedPayloadFactory(job=job),
        rows.WebhookDeliveryFactory(registration__account=account),
        rows.WebhookRegistrationFactory(account=account),
        rows.SyncCursorFactory(organization=account.organization),
        rows.ConfigVersionFactory(account=account),
        accounts.AuditFactory(account=account, at=now()),
        accounts.BrandFactory(account=account),
        accounts.ScopedSettingFactory(account=account, key="reconcile_seconds"),
        accounts.AccountAccessFactory(account=account),
        account,
        account.organization,
        account.credential,
    ]


def test_every_console_page_is_covered_here():
    covered = {row._meta.label for row in rows_of(accounts.AccountFactory())}
    ours = {
        model._meta.label
        for model in admin.site._registry
        if model._meta.app_label in {"orders", "connectors", "accounts"}
    }

    assert ours - covered == OPEN_TO_ALL


def test_own_rows_open_and_others_are_not_there(limited, page_of):
    client, mine = limited
    own = rows_of(mine)
    others = rows_of(accounts.AccountFactory(name="Theirs"))

    assert [client.get(page_of(row)).status_code for row in own] == [200] * len(own)
    assert {client.get(page_of(row)).status_code for row in others} == {404}


def test_lists_hold_own_rows_only(limited):
    client, mine = limited
    rows_of(mine)
    rows_of(accounts.AccountFactory(name="Theirs"))

    for model, page in admin.site._registry.items():
        meta = model._meta
        if meta.label in OPEN_TO_ALL or not page.has_view_permission(_request(client)):
            continue
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        text = client.get(address).content.decode()
        assert "Theirs" not in text, meta.label


def test_the_home_page_counts_own_rows_only(limited):
    client, mine = limited
    rows_of(mine)
    rows_of(accounts.AccountFactory(name="Theirs", paused=True))

    page = client.get(reverse("admin:index"))

    tiles = {one.panel.name: one.first.count for one in page.context["tiles"]}
    assert tiles["open_failures"] == 1
    assert "Theirs" not in page.content.decode()


def test_an_order_without_account_is_seen_through_its_organization(limited, page_of):
    client, mine = limited
    seen = order_rows.OrderFactory(account=None, organization=mine.organization)
    unseen = order_rows.OrderFactory(account=None)

    assert client.get(page_of(seen)).status_code == 200
    assert client.get(page_of(unseen)).status_code == 404


def test_a_try_of_another_accounts_order_is_hidden_within_one_organization(
    limited, page_of
):
    client, mine = limited
    neighbor = accounts.AccountFactory(organization=mine.organization)
    order = order_rows.OrderFactory(account=neighbor)
    job = rows.SyncJobFactory(account=neighbor, order=order)
    attempt = rows.SyncAttemptFactory(
        job=job, account=None, organization=mine.organization, order=order
    )

    assert client.get(page_of(attempt)).status_code == 404


def test_somebody_with_a_right_to_no_account_sees_no_rows():
    person = accounts.UserFactory()
    order_rows.OrderFactory()
    client = Client()
    client.force_login(person)

    assert client.get(reverse("admin:orders_order_changelist")).status_code == 403
    assert client.get(reverse("admin:index")).status_code == 200


def _request(client):
    return client.get(reverse("admin:index")).wsgi_request
