"""No list asks the database for each of its rows, whichever lists there are."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.bench.console_list import of_api, of_models, of_own_pages
from tests.bench.console_pages import MOST_QUERIES
from tests.factories.accounts import AccountFactory, UserFactory
from tests.integration.console.test_scope import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(UserFactory(role="integrator"))
    return client


def counted(client: Client) -> dict[str, int]:
    """How many statements each list takes, by name."""
    home = ("home", reverse("admin:index"))
    found = {}
    for name, address in (home, *of_models(), *of_own_pages(), *of_api()):
        cache.clear()  # as many visits in a minute would be slowed down
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        found[name] = len(asked)
    return found


def test_every_list_takes_as_many_statements_for_many_rows_as_for_few(client):
    for _ in range(2):
        rows_of(AccountFactory())
    counted(client)  # what is read once is read now
    few = counted(client)
    for _ in range(4):
        rows_of(AccountFactory())
    client.get(reverse("admin:maps"))  # a version is parsed once in a process
    many = counted(client)

    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name]}
    assert grown == {}
    assert {name for name, count in many.items() if count > MOST_QUERIES} == set()
