"""Lists that grow without end are walked by key, whatever is searched and filtered."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from connectors.console import counting, searching
from connectors.console.logbook import SyncAttemptAdmin
from connectors.models import SyncAttempt
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

LOG = reverse("admin:connectors_syncattempt_changelist")


@pytest.fixture
def viewer(client, monkeypatch):
    """Pages of three, and searches that look at four rows at a time."""
    monkeypatch.setattr(SyncAttemptAdmin, "list_per_page", 3)
    monkeypatch.setattr(searching, "MOST", 4)
    client.force_login(accounts.UserFactory(role="viewer"))
    return client


@pytest.fixture
def log():
    """Ten tries of one order, every other one parked; and one of another order."""
    job = rows.SyncJobFactory(order=order_rows.OrderFactory(order_number="7001"))
    tries = [
        rows.SyncAttemptFactory(job=job, outcome="parked" if n % 2 else "done")
        for n in range(10)
    ]
    rows.SyncAttemptFactory()
    return tries


def page(client, query):
    found = client.get(LOG + query).context["cl"]
    return found, [row.pk for row in found.result_list]


def walk(client, query, way):
    """The rows of each page from `query` on, following the link `way`."""
    pages = []
    while True:
        found, keys = page(client, query)
        pages.append(keys)
        if not getattr(found, f"has_{way}"):
            return pages, query
        query = getattr(found, way)


@pytest.mark.parametrize(
    "query", ["", "?q=7001", "?outcome__exact=parked", "?q=7001&outcome__exact=parked"]
)
def test_every_row_is_met_once_on_the_way_down_and_up_again(viewer, log, query):
    rows_wanted = SyncAttempt.objects.order_by("-pk")
    if "7001" in query:
        rows_wanted = rows_wanted.filter(pk__in=[row.pk for row in log])
    if "parked" in query:
        rows_wanted = rows_wanted.filter(outcome="parked")
    wanted = list(rows_wanted.values_list("pk", flat=True))

    down, last = walk(viewer, query, "older")
    up, _first = walk(viewer, last, "newer")

    assert [key for keys in down for key in keys] == wanted
    assert [key for keys in reversed(up) for key in keys] == wanted


def test_links_keep_the_search_and_the_filter(viewer, log):
    found, _keys = page(viewer, "?q=7001&outcome__exact=parked")

    assert "q=7001" in found.older
    assert "outcome__exact=parked" in found.older


def test_another_filter_begins_at_the_newest_page(viewer, log):
    found, _keys = page(viewer, f"?before={log[5].pk}")

    links = [choice["query_string"] for choice in found.filter_specs[0].choices(found)]

    assert links
    assert not [link for link in links if "before" in link]


def test_nothing_is_counted(viewer, log):
    with CaptureQueriesContext(connection) as asked:
        viewer.get(LOG + "?outcome__exact=parked")

    statements = [query["sql"] for query in asked.captured_queries]
    assert not [sql for sql in statements if re.search(r"COUNT\(", sql)]


@pytest.mark.parametrize(
    "query", ["?before=x", "?after=-1", f"?before={'9' * 40}", "?o=3"]
)
def test_what_makes_no_sense_is_the_newest_page(viewer, log, query):
    found, keys = page(viewer, query)

    assert keys == list(
        SyncAttempt.objects.order_by("-pk").values_list("pk", flat=True)[:3]
    )
    assert not found.has_newer


@pytest.mark.parametrize("query", ["?before=0", "?after=999999999"])
def test_a_page_without_rows_leads_back(viewer, log, query):
    text = viewer.get(LOG + query).text

    assert "This page is empty" in text
    assert "Show the newest" in text


def test_choices_of_a_column_are_read_from_its_index():
    for action in ("pause", "resume", "pause", "retry"):
        accounts.AuditFactory(action=action, at=now())

    model = accounts.AuditFactory._meta.model

    assert counting.distinct_values(model, "action") == ["pause", "resume", "retry"]
    assert counting.distinct_values(model, "action", most=2) == ["pause", "resume"]
