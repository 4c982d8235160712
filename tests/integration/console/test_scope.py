"""Nobody sees another account's rows, by list, page, search or filter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Account
from connectors.casework import BulkRetry, BulkRetryItem
from connectors.console import pages
from connectors.models import FailedPayload
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock_rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

OUR_APPS = {"orders", "connectors", "accounts", "inventory"}
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
        order_rows.ProposalFactory(export=export),
        order_rows.OrderExceptionFactory(export=export),
        order_rows.ReturnFactory(export=export),
        job,
        rows.SyncAttemptFactory(job=job),
        rows.FailedPayloadFactory(job=job),
        rows.WebhookDeliveryFactory(registration__account=account),
        rows.WebhookRegistrationFactory(account=account),
        rows.SalesforceListenerFactory(organization=account.organization),
        rows.SalesforceMessageFactory(organization=account.organization),
        rows.SalesforceRequestFactory(order=order),
        rows.ExceptionRowFactory(order=order),
        rows.SyncCursorFactory(organization=account.organization),
        rows.ConfigVersionFactory(account=account),
        stock_rows.AvailabilityFactory(warehouse__account=account),
        stock_rows.AvailabilityRunFactory(account=account),
        stock_rows.SourceProductFactory(organization=account.organization),
        stock_rows.ProductFactory(account=account),
        stock_rows.StockLevelFactory(warehouse__account=account),
        stock_rows.StockMovementFactory(warehouse__account=account),
        stock_rows.StockSnapshotFactory(account=account),
        stock_rows.StockDiscrepancyFactory(warehouse__account=account),
        stock_rows.WarehouseFactory(account=account),
        stock_rows.UnitFactorFactory(account=account),
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
        if model._meta.app_label in OUR_APPS
    }

    assert ours - covered == OPEN_TO_ALL


def test_own_rows_open_and_others_are_not_there(limited, page_of):
    client, mine = limited
    own = rows_of(mine)
    others = rows_of(accounts.AccountFactory(name="Stranger Ltd"))

    assert [client.get(page_of(row)).status_code for row in own] == [200] * len(own)
    assert {client.get(page_of(row)).status_code for row in others} == {404}


def test_no_page_names_what_is_others(limited):
    """Rows, filters and choices of every page that needs nothing to be named."""
    client, mine = limited
    rows_of(mine)
    theirs = stranger()
    begin_retry(rows.FailedPayloadFactory(job__account=theirs), "Of Stranger Ltd")

    for address in [*lists(), *own_pages()]:
        text = client.get(address).text
        assert "Stranger Ltd" not in text, address


def stranger() -> Account:
    """An account with rows of every kind, the names of which give it away."""
    name = "Stranger Ltd"
    account = accounts.AccountFactory(
        name=name,
        organization__name=name,
        organization__credential__name=name,
        credential__name=name,
    )
    rows_of(account)
    accounts.BrandFactory(account=account, name=name)
    warehouse = stock_rows.WarehouseFactory(account=account, name=name)
    stock_rows.AvailabilityFactory(warehouse=warehouse)
    return account


def begin_retry(failure: FailedPayload, words: str) -> BulkRetry:
    retry = BulkRetry.objects.create(words=words, total=1, created_at=now())
    BulkRetryItem.objects.create(retry=retry, failure=failure, position=1)
    return retry


def lists() -> Iterator[str]:
    for model in admin.site._registry:
        meta = model._meta
        if meta.app_label in OUR_APPS:
            yield reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def own_pages() -> Iterator[str]:
    yield reverse("admin:index")
    for page in pages.every_page():
        if "<" not in page.route and page.name != "failures_csv":
            yield reverse(f"admin:{page.name}")


class TestARetryOfMany:
    def test_anothers_is_not_there(self, limited):
        client, _mine = limited
        retry = begin_retry(rows.FailedPayloadFactory(), "All")

        assert (
            client.get(reverse("admin:bulk_retry", args=[retry.pk])).status_code == 404
        )

    def test_one_with_rows_of_others_shows_own_rows_and_cannot_be_stopped(
        self, limited
    ):
        client, mine = limited
        own = rows.FailedPayloadFactory(
            job__account=mine, order=order_rows.OrderFactory(order_number="OWN-1")
        )
        retry = begin_retry(own, "All")
        hidden = order_rows.OrderFactory(order_number="HIDDEN-1")
        others = rows.FailedPayloadFactory(order=hidden)
        BulkRetryItem.objects.create(retry=retry, failure=others, position=2)
        retry.items.update(result="same")
        address = reverse("admin:bulk_retry", args=[retry.pk])

        stopped = client.post(address, {"stop": "1"}, follow=True)

        assert "ask a lead to stop it" in stopped.text
        assert "OWN-1" in stopped.text
        assert "HIDDEN-1" not in stopped.text
        retry.refresh_from_db()
        assert retry.stop_asked_at is None


def test_the_home_page_counts_own_rows_only(limited):
    client, mine = limited
    rows_of(mine)
    theirs = accounts.AccountFactory(name="Stranger Ltd", paused=True)
    rows_of(theirs)
    for account in (mine, theirs):
        rows.WebhookDeliveryFactory(registration__account=account, state="unmatched")

    page = client.get(reverse("admin:index"))

    tiles = {one.panel.name: one.first.count for one in page.context["tiles"]}
    assert tiles["unmatched"] == 1
    assert "Stranger Ltd" not in page.content.decode()


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


@pytest.mark.parametrize("shared", ["organization", "credential"])
def test_what_another_account_stands_on_too_is_shown_and_not_changed(limited, shared):
    client, mine = limited
    row = getattr(mine, shared)
    at = reverse(f"admin:accounts_{shared}_change", args=[row.pk])
    assert 'name="_save"' in client.get(at).text

    accounts.AccountFactory(**{shared: row}, key_prefix="TWO")

    assert 'name="_save"' not in client.get(at).text
    assert client.post(at, {"name": "Taken"}).status_code == 403
    row.refresh_from_db()
    assert row.name != "Taken"
