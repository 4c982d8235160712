"""Somebody limited to an account changes nothing that others stand on, limits included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors import queue
from connectors.accounts import permissions
from connectors.accounts.models import Account, AccountAccess
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.hearing import SalesforceListener
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sync import (
    account_actions,
    config,
    listeners,
    mapping_trial,
    rhythms,
    writeback_trial,
)
from tests.factories import accounts
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> AccountAccess:
    return accounts.AccountAccessFactory(
        user=accounts.UserFactory(role="integrator"), account__name="Mine"
    )


@pytest.fixture
def sister(access: AccountAccess) -> Account:
    """Another account of the same organization and login."""
    mine = access.account
    return accounts.AccountFactory(
        organization=mine.organization, credential=mine.credential, key_prefix="TWO"
    )


@pytest.fixture
def client(access: AccountAccess) -> Client:
    client = Client()
    client.force_login(access.user)
    return client


@pytest.fixture
def chief() -> Client:
    client = Client()
    client.force_login(accounts.UserFactory(role="integrator"))
    return client


# -- who sees what -----------------------------------------------------------------------


def own_row(access: AccountAccess, action: str) -> str:
    return reverse(f"admin:accounts_accountaccess_{action}", args=[access.pk])


def test_the_own_limit_is_shown_and_not_lifted(
    access: AccountAccess, client: Client
) -> None:
    other = accounts.UserFactory(role="viewer")
    page = client.get(own_row(access, "change"))
    assert page.status_code == 200
    assert 'name="_save"' not in page.text

    changed = client.post(
        own_row(access, "change"), {"user": other.pk, "account": access.account_id}
    )
    deleted = client.post(own_row(access, "delete"), {"post": "yes"})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert AccountAccess.objects.get().user == access.user


def test_nobody_limited_limits_others(access: AccountAccess, client: Client) -> None:
    other = accounts.UserFactory(role="integrator")

    page = client.post(
        reverse("admin:accounts_accountaccess_add"),
        {"user": other.pk, "account": access.account_id},
    )

    assert page.status_code == 403
    assert not AccountAccess.objects.filter(user=other).exists()


def test_who_sees_all_limits_others(access: AccountAccess, chief: Client) -> None:
    other = accounts.UserFactory(role="integrator")

    page = chief.post(
        reverse("admin:accounts_accountaccess_add"),
        {"user": other.pk, "account": access.account_id, "brand": ""},
    )

    assert page.status_code == 302
    assert AccountAccess.objects.filter(user=other).exists()


# -- what an organization, a login or the clock is told ------------------------------------

MAPPING = SourceMapping.default().to_document()


def save_mapping(account: Account, user: Any) -> None:
    mapping_trial.save_mapping(
        organization=account.organization, document=MAPPING, user=user, now=now()
    )


def save_names(account: Account, user: Any) -> None:
    writeback_trial.save_names(
        organization=account.organization, document={}, user=user, now=now()
    )


def save_rule(account: Account, user: Any) -> None:
    config.save(
        kind=ConfigKind.ELIGIBILITY,
        document={},
        organization=account.organization,
        user=user,
        now=now(),
    )


def listener_of(account: Account) -> SalesforceListener:
    return SalesforceListener.objects.get_or_create(
        organization=account.organization,
        defaults={"token": "t" * 32, "created_at": now()},
    )[0]


def renew_secret(account: Account, user: Any) -> None:
    listener = listener_of(account)
    listeners.renew_secret(listener=listener, user=user, now=now())


def renew_address(account: Account, user: Any) -> None:
    listener = listener_of(account)
    listeners.renew_address(listener=listener, user=user, now=now())


def resume_login(account: Account, user: Any) -> None:
    account_actions.resume_credential(
        credential=account.credential, user=user, now=now()
    )


Deed = Callable[[Account, Any], None]
DEEDS = (
    *(save_mapping, save_names, save_rule),
    *(renew_secret, renew_address, resume_login),
)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_what_a_sister_account_stands_on_is_not_changed(
    deed: Deed, access: AccountAccess, sister: Account
) -> None:
    with pytest.raises(PermissionDenied):
        deed(access.account, access.user)
    assert not ConfigVersion.objects.exists()

    AccountAccess.objects.create(user=access.user, account=sister)
    deed(access.account, type(access.user).objects.get(pk=access.user.pk))


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_a_brand_of_an_account_is_not_all_of_it(
    deed: Deed, access: AccountAccess
) -> None:
    access.brand = accounts.BrandFactory.create(account=access.account)
    access.save()

    with pytest.raises(PermissionDenied):
        deed(access.account, access.user)


def test_pages_of_a_shared_organization_offer_no_saving(
    access: AccountAccess, sister: Account, client: Client, chief: Client
) -> None:
    for name in ("source_mapping", "writeback_fields"):
        at = reverse(f"admin:{name}", args=[access.account.organization_id])
        save = 'value="save"'
        assert save in chief.get(at).text
        assert save not in client.get(at).text
        assert client.post(at, {"do": "save"}).status_code == 403


def test_the_clock_is_of_all_accounts(access: AccountAccess) -> None:
    name = "connectors.tasks.drain"
    queue.ensure_schedules({name: (name, 5)})

    with pytest.raises(PermissionDenied):
        rhythms.set_minutes(name=name, minutes="7", user=access.user, now=now())

    chief = accounts.UserFactory(role="integrator")
    assert permissions.sees_all(chief)
    rhythms.set_minutes(name=name, minutes="7", user=chief, now=now())


def test_an_order_that_moved_here_does_not_show_where_it_was(
    access: AccountAccess, client: Client, chief: Client
) -> None:
    order = order_rows.OrderFactory.create(account=access.account)
    there = order_rows.ExportFactory.create(
        order=order, account=accounts.AccountFactory(), key="KEY-THERE"
    )
    order_rows.ExportFactory.create(
        order=order, account=access.account, key="KEY-HERE", generation=2
    )
    parcel = order_rows.ShipmentFactory.create(export=there)
    at = reverse("admin:orders_order_change", args=[order.pk])

    page, whole = client.get(at).text, chief.get(at).text

    assert "KEY-HERE" in page
    assert "KEY-THERE" not in page
    assert parcel.remote_id not in page
    assert "KEY-THERE" in whole
