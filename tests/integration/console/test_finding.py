"""One search: one order opens, many things are listed, 200 numbers are looked up."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.casework import Cause
from connectors.console import finding
from connectors.console.finding import numbers_in
from connectors.sync.whereabouts import Place, Sighting
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db
FIND = reverse("admin:find")


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """What Salesforce is asked, instead of asking it."""
    terms = []

    def look_for(term, *, user, clock):
        terms.append(term)
        return [
            Sighting(
                Place.DRAFT,
                accounts.OrganizationFactory(),
                f"Salesforce has order {term}. It is not activated.",
                "Activate it in Salesforce.",
                salesforce_id="801000000000001AAA",
                order_number=term,
                may_read=True,
            )
        ]

    monkeypatch.setattr(finding.whereabouts, "look_for", look_for)
    return terms


def test_what_names_one_order_opens_it(sign_in, page_of, asked):
    order = order_rows.OrderFactory(order_number="00123456")
    order_rows.ExportFactory(order=order)

    answer = sign_in("viewer").get(FIND, {"q": "00123456"})

    assert answer.url == page_of(order)
    assert asked == []


def test_what_several_have_is_listed_by_kind(sign_in):
    for number in ("1001", "1002"):
        order = order_rows.OrderFactory(order_number=number)
        order_rows.LineItemFactory(order=order, sku="TEE-M")

    hits = sign_in("viewer").get(FIND, {"q": "TEE-M"}).context["hits"]

    assert [(found.words, found.count) for found in hits] == [("Orders", "2")]


def test_a_request_id_leads_to_the_sync_log(sign_in):
    attempt = rows.SyncAttemptFactory(request_id="req-77")

    hits = sign_in("viewer").get(FIND, {"q": "req-77"}).context["hits"]

    assert [(found.words, found.rows) for found in hits] == [("Sync log", [attempt])]


def test_words_of_an_error_lead_to_its_cause(sign_in):
    failure = rows.FailedPayloadFactory(fingerprint="f1")
    cause = Cause.objects.create(
        fingerprint="f1",
        code=failure.code,
        title="The postal code is missing.",
        error_kind="invalid",
        category="address",
        owner="sales",
        first_seen_at=now(),
        last_seen_at=now(),
    )

    page = sign_in("viewer").get(FIND, {"q": "postal code"})

    assert page.context["causes"] == [cause]
    assert [found.words for found in page.context["hits"]] == ["Failures"]


def test_a_number_that_is_not_here_is_asked_of_salesforce(sign_in, asked):
    page = sign_in("operator").get(FIND, {"q": "00999999"})

    assert asked == ["00999999"]
    assert "It is not activated." in page.text
    assert "Read it now" in page.text


def test_a_viewer_sees_the_answer_without_the_button(sign_in):
    page = sign_in("viewer").get(FIND, {"q": "00999999"})

    assert "It is not activated." in page.text
    assert "Read it now" not in page.text


def test_words_are_not_asked_of_salesforce(sign_in, asked):
    sign_in("viewer").get(FIND, {"q": "Ada Lovelace"})

    assert asked == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1001\n1002\r\n1003", ["1001", "1002", "1003"]),
        ("#1001, 1002;1001", ["1001", "1002"]),
        ("SO-1001 SO-1002", ["SO-1001", "SO-1002"]),
        ("1001", []),
        ("Ada Lovelace", []),
        ("Ada 1001", []),
        ("", []),
    ],
)
def test_a_pasted_list_is_told_from_words(text, numbers):
    assert numbers_in(text) == numbers


def test_two_hundred_numbers_are_looked_up_at_once(
    sign_in, asked, django_assert_max_num_queries
):
    account = accounts.AccountFactory()
    for number in range(150):
        order_rows.OrderFactory(
            account=account,
            organization=account.organization,
            order_number=f"N-{number:04d}",
        )
    text = "\n".join(f"N-{number:04d}" for number in range(210))
    client = sign_in("operator")

    with django_assert_max_num_queries(60):
        page = client.post(FIND, {"q": text})

    assert (page.context["here"], page.context["missing"]) == (150, 50)
    assert page.context["left_out"] == 10
    assert asked == [f"N-{number:04d}" for number in range(150, 160)]


def test_the_next_of_the_missing_are_asked_on_demand(sign_in, asked):
    text = "\n".join(f"N-{number:04d}" for number in range(30))

    page = sign_in("operator").post(FIND, {"q": text, "start": "10"})

    assert asked == [f"N-{number:04d}" for number in range(10, 20)]
    assert page.context["unasked"] == 10


def test_another_accounts_order_is_not_found(client):
    order_rows.OrderFactory(order_number="00123456")
    access = accounts.AccountAccessFactory(user=accounts.UserFactory(role="viewer"))
    client.force_login(access.user)

    page = client.get(FIND, {"q": "00123456"})

    assert page.context["hits"] == []
