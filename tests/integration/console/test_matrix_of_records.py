"""Who may open and change what is there: each page of a record, as every role.

`test_matrix` asks every address for what does not exist; here each names a record that
does, so that a refusal is a refusal. A model or a page with a record in its address
that is not listed here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from connectors.accounts.roles import CONFIGURATION
from connectors.console import pages
from orders.checks import CHOICES
from tests.factories import accounts, connectors, inventory, orders
from tests.integration.console.test_matrix import OUR_APPS
from tests.undoing import undone

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ROLES = ("viewer", "operator", "lead", "integrator", "auditor", "nobody")
FACTORIES = (accounts, connectors, inventory, orders)


def factory_of(model: Any) -> Any:
    named = f"{model.__name__}Factory"
    return next(getattr(one, named) for one in FACTORIES if hasattr(one, named))


OURS = {
    model._meta.label: model
    for model in admin.site._registry
    if model._meta.app_label in OUR_APPS
}


def client_of(role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(accounts.UserFactory(role=None if role == "nobody" else role))
    return client


# Whose form an integrator sends; every other record is a mirror, or made by a page.
FORMS = {*CONFIGURATION, "warehouse", "unitfactor"}


def answers(at: str, role: str, data: dict[str, Any] | None = None) -> tuple[int, int]:
    """The status by GET and by POST; what the post did is undone."""
    cache.clear()
    with undone():
        client = client_of(role)
        return client.get(at).status_code, client.post(at, data or {}).status_code


def of_record(model: Any, role: str) -> tuple[int, int]:
    if role == "nobody":
        return 403, 403
    sends = role == "integrator" and model._meta.model_name in FORMS
    return 200, 200 if sends else 403


@pytest.mark.parametrize("label", sorted(OURS))
def test_a_record_is_shown_to_every_role_and_sent_by_an_integrator_at_most(label):
    model = OURS[label]
    row = factory_of(model)()
    stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    for role in ROLES:
        at = reverse(f"{stem}_change", args=[row.pk])
        assert answers(at, role) == of_record(model, role), role
    for role in ("viewer", "integrator", "nobody"):
        at = reverse(f"{stem}_delete", args=[row.pk])
        assert answers(at, role) == (403, 403), role
        told = set(answers(reverse(f"{stem}_history", args=[row.pk]), role))
        # Its history stands in the audit; nobody's scope has no record at all.
        assert told <= ({403, 404} if role == "nobody" else {302}), role


@dataclass(frozen=True)
class Place:
    """A page with a record in its address, and what its weightiest button posts.

    `sends` are the roles whose post does something; it answers them `answer`, and
    403 to the others. `post` None: the page takes no posts.
    """

    keys: Callable[[], list[Any]]
    sends: frozenset[str] = frozenset()
    post: dict[str, Any] | None = None
    answer: int = 302


CONFIGURES = frozenset({"integrator"})
WORKS = frozenset({"operator", "lead", "integrator"})


def account(*more: Any, owner: bool = False) -> Callable[[], list[Any]]:
    def keys() -> list[Any]:
        pk = accounts.AccountFactory().pk
        return ["account", pk, *more] if owner else [pk, *more]

    return keys


def organization() -> list[Any]:
    return [accounts.OrganizationFactory().pk]


def cause_with_a_failure() -> list[Any]:
    cause = connectors.CauseFactory()
    order = orders.OrderFactory(account=accounts.AccountFactory())
    connectors.FailedPayloadFactory(
        order=order, account=order.account, fingerprint=cause.fingerprint
    )
    return [cause.pk]


def two_versions() -> list[Any]:
    first = connectors.ConfigVersionFactory(number=1)
    connectors.ConfigVersionFactory(
        number=2, account=first.account, document={"Ground": {"carrier": "ups"}}
    )
    return ["account", first.account_id, first.kind]


CHECKS = {
    **dict.fromkeys(CHOICES, "off"),
    "line_length": "0",
    "most_lines": "0",
    "no_po_box": "",
    "base": "0",
    "do": "save",
}
MAP = {"step": "save", "text": "A,B", "note": "new", "base": "0"}
RULES = {"step": "save", "text": '{"rules": []}', "note": "new", "base": "0"}
# A person's page is a superuser's; the other one leads on, or tells what is not here.
ELSEWHERE = {"person", "open_from_salesforce"}
PLACES = {
    "bulk_retry": Place(lambda: [connectors.BulkRetryFactory().pk], WORKS, {}),
    "cause": Place(cause_with_a_failure, WORKS, {"do": "retry", "all": "1"}),
    "checks": Place(account(), CONFIGURES, CHECKS),
    "config_export": Place(account(owner=True)),
    "config_history": Place(two_versions, CONFIGURES, {"back": 1, "in_force": 2}),
    "config_import": Place(account(owner=True), CONFIGURES, {}, 200),
    "connection": Place(account(owner=True), WORKS, {}, 200),
    "map": Place(account("sku_aliases"), CONFIGURES, MAP),
    "routing": Place(account(), CONFIGURES, RULES),
    "source_mapping": Place(organization, CONFIGURES, {"do": "save"}, 200),
    "writeback_fields": Place(
        organization, CONFIGURES, {"do": "save", "note": "new"}, 302
    ),
}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_page_of_a_record_is_seen_by_every_role_and_used_by_those_who_may(name):
    place = PLACES[name]
    at = reverse(f"admin:{name}", args=place.keys())

    for role in ROLES:
        seen = 403 if role == "nobody" else 200
        sent = place.answer if role in place.sends else 403
        wanted = (seen, 405 if place.post is None else sent)
        assert answers(at, role, place.post) == wanted, role


def test_every_page_of_a_record_is_in_this_table():
    named = {page.name for page in pages.every_page() if "<" in page.route}

    assert named - ELSEWHERE == set(PLACES)
