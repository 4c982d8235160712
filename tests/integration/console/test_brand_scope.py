"""Somebody limited to one brand of an account sees and does nothing of the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts import permissions
from connectors.accounts.models import AccountAccess, Brand
from connectors.api.urls import router
from connectors.casework import Cause, MailChoice
from connectors.models import FailedPayload
from connectors.sync import cause_mail
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock_rows
from tests.factories import orders as order_rows
from tests.integration.console.test_scope import lists, own_pages

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden Brand"


@pytest.fixture
def seen() -> Brand:
    return accounts.BrandFactory(account__name="Shared", name="Seen Brand")


@pytest.fixture
def hidden(seen: Brand) -> Brand:
    return accounts.BrandFactory(account=seen.account, name=HIDDEN, code=HIDDEN)


@pytest.fixture
def person(seen: Brand) -> Any:
    user = accounts.UserFactory(role="integrator", email="ana@example.test")
    AccountAccess.objects.create(user=user, account=seen.account, brand=seen)
    return user


@pytest.fixture
def client(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def rows_of(brand: Brand) -> list[Any]:
    """A row of every model that can be of a brand, with its name where it shows."""
    account = brand.account
    order = order_rows.OrderFactory(
        account=account, brand=brand, order_number=f"#{brand.name}", state="failed"
    )
    export = order_rows.ExportFactory(
        order=order, account=account, brand=brand, key=f"key {brand.name}"
    )
    order_rows.ExportLineFactory(export=export)
    job = rows.SyncJobFactory(account=account, order=order, last_reason=brand.name)
    attempt = rows.SyncAttemptFactory(job=job, order=order, reason=brand.name)
    failure = rows.FailedPayloadFactory(
        job=job, order=order, reason=brand.name, fingerprint=f"of {brand.pk}"
    )
    return [
        brand,
        order,
        export,
        order_rows.ShipmentFactory(export=export),
        order_rows.ProposalFactory(export=export, reason=brand.name),
        order_rows.OrderExceptionFactory(export=export, order=order, reason=brand.name),
        order_rows.ReturnFactory(export=export, reason=brand.name),
        job,
        attempt,
        failure,
        rows.WebhookDeliveryFactory(
            registration__account=account, order=order, reason=brand.name
        ),
        rows.SalesforceRequestFactory(order=order, answer=brand.name),
        rows.ExceptionRowFactory(order=order, reason=brand.name),
        stock_rows.AvailabilityFactory(
            warehouse__account=account, brand=brand, scope=brand.pk, sku=brand.name
        ),
        accounts.ScopedSettingFactory(brand=brand, key="reconcile_seconds"),
    ]


def cause_of(brand: Brand) -> Cause:
    return Cause.objects.create(
        fingerprint=f"of {brand.pk}",
        account=brand.account,
        code="sku.unknown",
        title=f"A cause of {brand.name}",
        error_kind="mapping",
        category="sku",
        owner="ops",
        first_seen_at=now(),
        last_seen_at=now(),
        mailed_at=now(),
    )


def test_own_rows_open_and_those_of_other_brands_are_not_there(
    client, seen, hidden, page_of
):
    own, others = rows_of(seen), rows_of(hidden)

    assert {client.get(page_of(row)).status_code for row in own} == {200}
    assert {client.get(page_of(row)).status_code for row in others} == {404}


def test_no_page_and_no_list_for_machines_names_what_is_of_another_brand(
    client, seen, hidden
):
    rows_of(seen)
    rows_of(hidden)
    cause_of(hidden)
    accounts.AuditFactory(account=seen.account, at=now(), object_label=HIDDEN)
    of_api = [reverse(f"{name}-list") for _prefix, _view, name in router.registry]

    for address in [*lists(), *own_pages(), *of_api]:
        assert HIDDEN not in client.get(address).text, address


def test_what_all_brands_share_is_shown(client, seen, hidden, page_of):
    shared = [
        seen.account,
        stock_rows.StockLevelFactory(warehouse__account=seen.account),
        stock_rows.AvailabilityFactory(warehouse__account=seen.account),
        rows.WebhookRegistrationFactory(account=seen.account),
    ]

    assert {client.get(page_of(row)).status_code for row in shared} == {200}


def test_counts_are_of_the_own_brand(client, seen, hidden):
    for brand in (seen, hidden, hidden):
        rows_of(brand) if brand.pk == seen.pk else order_rows.OrderFactory(
            account=brand.account, brand=brand, state="failed"
        )

    page = client.get(reverse("admin:index"))

    tiles = {one.panel.name: one.first.count for one in page.context["tiles"]}
    assert tiles["blocked"] == 1
    assert client.get(reverse("api-status")).json()["failures"] != {}


def test_a_raw_key_of_another_brands_failure_is_refused(client, hidden):
    failure = next(row for row in rows_of(hidden) if isinstance(row, FailedPayload))
    cause = cause_of(hidden)

    many = client.post(
        reverse("api-failure-retry-many"),
        {"ids": [failure.pk]},
        content_type="application/json",
    )
    on_its_page = client.post(
        reverse("admin:cause", args=[cause.pk]), {"do": "retry", "all": "1"}
    )

    assert (many.status_code, on_its_page.status_code) == (404, 404)


class TestWhatConcernsAllBrands:
    @pytest.mark.parametrize(
        "operation", [permissions.PAUSE, permissions.CHANGE_CONFIG]
    )
    def test_is_not_for_somebody_of_one(self, person, seen, operation):
        with pytest.raises(PermissionDenied):
            permissions.require(person, operation, seen.account)

    def test_what_concerns_an_order_is(self, person, seen):
        permissions.require(person, permissions.RETRY, seen.account)

    def test_its_form_cannot_be_saved(self, client, seen, page_of):
        answer = client.post(page_of(seen.account), {"name": "Mine now"})

        assert answer.status_code == 403

    def test_maps_and_rules_of_the_account_are_not_theirs(self, client, seen):
        address = reverse("admin:routing", args=[seen.account.pk])

        assert client.get(address).status_code == 404


class TestAccess:
    def test_naming_the_account_beside_a_brand_opens_all_of_it(
        self, person, client, hidden, page_of
    ):
        AccountAccess.objects.create(user=person, account=hidden.account)

        assert client.get(page_of(rows_of(hidden)[1])).status_code == 200

    def test_a_brand_of_another_account_is_refused_in_words(self, seen):
        chief = accounts.UserFactory(role="integrator")
        client = Client()
        client.force_login(chief)
        other = accounts.AccountFactory()

        page = client.post(
            reverse("admin:accounts_accountaccess_add"),
            {"user": chief.pk, "account": other.pk, "brand": seen.pk},
        )

        assert "This brand is of another account." in page.text

    def test_mail_is_about_causes_that_stop_the_own_brand(self, person, seen, hidden):
        rows_of(seen)
        rows_of(hidden)
        cause_of(seen)
        cause_of(hidden)
        MailChoice.objects.create(
            user=person, told_until=now(), digest_at=["00:00"], digest_sent_at=now()
        )

        choice = MailChoice.objects.get(user=person)

        assert "Seen Brand" in cause_mail.digest_of(choice)
        assert HIDDEN not in cause_mail.digest_of(choice)
