"""Real records, of one's own account and of another: pages and REST, as every role.

Two sets of records are made; a person limited to the account of the first may open
each of its records and none of the second's. A model of the console without a record
here fails until it is made or listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.urls import URLPattern, get_resolver, reverse

from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock
from tests.factories import orders as order_rows
from tests.integration.api.conftest import client_of, make_records

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OUR_APPS = {"accounts", "connectors", "orders", "inventory"}
ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
# About the installation itself: everybody sees them, so nobody's are another's.
OF_ALL = {"connectors.Heartbeat"}


def make_all() -> Any:
    """One of each kind of record that belongs to an account or its organization."""
    made = make_records()
    account, organization = made.account, made.organization
    accounts.AccountAccessFactory(account=account)
    accounts.BrandFactory(account=account)
    accounts.ScopedSettingFactory(account=account)
    accounts.AuditFactory(account=account, at=made.order.source_modified_at)
    rows.ConfigVersionFactory(account=account)
    rows.SyncCursorFactory(account=account)
    rows.SalesforceListenerFactory(organization=organization)
    order_rows.ProposalFactory(export=made.export)
    order_rows.ReturnFactory(export=made.export)
    stock.SourceProductFactory(organization=organization)
    stock.StockLevelFactory(warehouse=made.place)
    stock.StockDiscrepancyFactory(warehouse=made.place)
    stock.StockMovementFactory(warehouse=made.place)
    stock.StockSnapshotFactory(account=account)
    return made


def models() -> list[Any]:
    """Those with pages of ours, but for those that everybody sees."""
    ours = [m for m in admin.site._registry if m._meta.app_label in OUR_APPS]
    return [model for model in ours if model._meta.label not in OF_ALL]


def keys() -> dict[Any, set[Any]]:
    return {
        model: set(model._default_manager.values_list("pk", flat=True))
        for model in models()
    }


@pytest.fixture
def two() -> tuple[Any, dict[Any, Any], dict[Any, Any]]:
    """The own account, and by model a key of its records and one of the others'."""
    mine = make_all()
    own = keys()
    make_all()
    others = {model: found - own[model] for model, found in keys().items()}
    return (
        mine.account,
        {model: min(found) for model, found in own.items() if found},
        {model: min(found) for model, found in others.items() if found},
    )


def page(model: Any, key: Any) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[key])


def details() -> Iterator[tuple[str, Any]]:
    """The addresses of single records in the API, with the model of each."""
    for pattern in _below(get_resolver()):
        view = getattr(pattern.callback, "cls", None)
        queryset = getattr(view, "queryset", None)
        if queryset is not None and str(pattern.name).endswith("-detail"):
            yield pattern.name, queryset.model


def _below(resolver: Any) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from _below(one)


def test_every_model_of_the_console_has_records_here(two):
    _account, own, others = two

    assert [m._meta.label for m in models() if m not in own or m not in others] == []


@pytest.mark.parametrize("role", ROLES)
def test_own_records_open_and_another_account_s_are_not_there(two, role):
    account, own, others = two
    client = client_of(role, account=account)
    wrong = []
    for model, key in others.items():
        got = client.get(page(model, key)).status_code
        if got != 404:
            wrong.append((model._meta.label, "of another", got))
    for model, key in own.items() if role in {"viewer", "integrator"} else ():
        got = client.get(page(model, key)).status_code
        if got != 200:
            wrong.append((model._meta.label, "own", got))

    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_rest_answers_own_records_only(two, role):
    account, own, others = two
    client = client_of(role, account=account)
    asked, wrong = 0, []
    for name, model in details():
        for keys_of, wanted in ((own, 200), (others, 404)):
            if model in keys_of:
                cache.clear()
                got = client.get(reverse(name, args=[keys_of[model]])).status_code
                asked += 1
                if got != wanted:
                    wrong.append((name, wanted, got))

    assert asked > 20
    assert not wrong
