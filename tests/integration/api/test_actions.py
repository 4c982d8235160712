"""Who may do what through the API, and how each refusal reads."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import URLPattern, get_resolver

from connectors.accounts.models import Audit
from connectors.sync import (
    account_actions,
    actions,
    availability_actions,
    decisions,
    discrepancy_actions,
    listeners,
    map_actions,
    mapping_trial,
    overrides,
    place_actions,
    placements,
    push_exceptions,
    requests,
    routing_actions,
    stock_actions,
    unit_actions,
    webhook_actions,
    whereabouts,
)
from tests.integration.api.account_actions import ACCOUNT_ACTIONS
from tests.integration.api.conftest import client_of, make_records, post, refusal_of
from tests.integration.api.order_actions import ORDER_ACTIONS
from tests.undoing import undone

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SERVICES = (
    *(actions, account_actions, overrides, whereabouts, availability_actions),
    *(decisions, mapping_trial, placements, stock_actions, webhook_actions),
    *(listeners, requests, push_exceptions, routing_actions, map_actions),
    *(discrepancy_actions, unit_actions, place_actions),
)
ROLES = ("viewer", "operator", "lead", "integrator", "auditor", "nobody", "anonymous")
ACTIONS = [*ORDER_ACTIONS, *ACCOUNT_ACTIONS]
# Posts that carry a draft and keep nothing: whoever sees the account may ask.
QUESTIONS = {
    f"/api/v1/rules/{{}}/{name}/" for name in ("impact", "read", "try", "replay")
}
every_action = pytest.mark.parametrize(
    "action", ACTIONS, ids=[action.path for action in ACTIONS]
)


@pytest.fixture(autouse=True)
def _own_address(settings: Any) -> None:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"


class TestTable:
    def test_names_every_post_of_the_api(self):
        paths = {action.path for action in ACTIONS} | QUESTIONS
        listed = {path.replace("{}", "<pk>") for path in paths}

        assert set(posts_of_the_api()) == listed

    def test_names_every_action_a_person_may_take(self):
        people_may = {
            found
            for module in SERVICES
            for _name, found in inspect.getmembers(module, inspect.isfunction)
            if found.__module__ == module.__name__
            and not found.__name__.startswith("_")
            and {"user", "now"} <= set(inspect.signature(found).parameters)
        }

        assert people_may == {action.service for action in ACTIONS}


BAD_BODIES = (
    b"[]",
    b"{",
    b"\xff",
    b'{"why": "\\u0000"}',
    b'{"why": "\\ud800", "remote_id": "\\ud800", "ids": ["\\ud800"]}',
    b'{"a": ' + b"[" * 50_000,
    b'{"outside": NaN}',
)


@every_action
class TestAction:
    """One set of records for several trials: each trial is undone."""

    def test_is_for_its_roles_only(self, action, records):
        action.prepare(records)
        address, body = action.address(records), action.body(records)

        for role in ROLES:
            with undone():
                answer = post(client_of(role), address, body)

                done = Audit.objects.filter(action=action.audited).count()
                wanted = (200, 1) if role in action.allowed else (refusal_of(role), 0)
                assert (answer.status_code, done) == wanted, role
                assert role in action.allowed or answer.json()["detail"], role

    def test_does_nothing_for_what_is_no_proper_request(self, action, records):
        """Reading methods, no CSRF token, and bodies that are bad or huge."""
        action.prepare(records)
        address, body = action.address(records), action.body(records)
        client = client_of("integrator")
        others = (client.get, client.head, client.put, client.patch, client.delete)

        assert {method(address).status_code for method in others} == {405}

        without = post(client_of("integrator", enforce_csrf_checks=True), address, body)
        assert without.status_code == 403
        assert "CSRF" in without.json()["detail"]
        assert not Audit.objects.exists()

        size = 5_000_000 if "/rules/" in address else 100_000  # maps are long
        huge = post(client, address, {**body, "pad": "x" * size})
        assert huge.status_code == 413
        assert not Audit.objects.exists()

        for bad in BAD_BODIES:
            cache.clear()
            answer = client.post(address, bad, content_type="application/json")
            assert answer.status_code == 400, bad[:40]
            assert answer.json(), bad[:40]

    def test_takes_the_csrf_token_from_the_header(self, action, records):
        action.prepare(records)
        client = client_of("integrator", enforce_csrf_checks=True)
        client.cookies["csrftoken"] = "a" * 32

        answer = post(
            client,
            action.address(records),
            action.body(records),
            HTTP_X_CSRFTOKEN="a" * 32,
        )

        assert answer.status_code == 200

        # And says in words when there is nothing left to do.
        again = post(
            client_of("integrator"), action.address(records), action.body(records)
        )

        assert again.status_code == action.again
        assert again.status_code == 200 or again.json()["detail"].endswith(".")

    def test_finds_the_records_of_its_own_account_only(self, action, records, others):
        client = client_of("integrator", account=records.account)
        action.prepare(others)

        answer = post(client, action.address(others), action.body(others))

        assert answer.status_code == 404
        assert not Audit.objects.exists()

        action.prepare(records)

        own = post(client, action.address(records), action.body(records))

        assert own.status_code == 200


def posts_of_the_api() -> Iterator[str]:
    for pattern in patterns_below(get_resolver(), "/"):
        path, found = pattern
        methods = getattr(found.callback, "actions", None) or {}
        if "post" in methods and path.startswith("/api/"):
            yield path
        elif not methods and path.startswith("/api/"):
            view = getattr(found.callback, "cls", None)
            assert view is not None
            assert not hasattr(view, "post"), path


def patterns_below(resolver: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + plain(str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield path, entry
        else:
            yield from patterns_below(entry, path)


def plain(pattern: str) -> str:
    return (
        pattern.removeprefix("^")
        .removesuffix("$")
        .replace("(?P<pk>[0-9]{1,18})", "<pk>")
    )


def test_the_table_can_find_what_is_missing(monkeypatch):
    """The list of posts comes from the addresses, not from the table."""
    assert "/api/v1/orders/<pk>/sync/" in set(posts_of_the_api())


def test_two_sets_of_records_share_nothing():
    one, other = make_records(), make_records()

    assert one.account != other.account
    assert one.credential != other.credential
    assert one.order.organization != other.order.organization
