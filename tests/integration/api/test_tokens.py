"""Machines sign in by a token: shown once, limited, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connectors.accounts import sign_in
from connectors.accounts.api_tokens import ApiToken
from connectors.accounts.models import Audit
from tests.factories.accounts import AccountAccessFactory, UserFactory
from tests.factories.connectors import FailedPayloadFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db
ME = "/admin/me/"


@pytest.fixture
def person() -> Any:
    return UserFactory(username="robot", role="operator")


def token_of(person: Any, *, may_write: bool = False, days: int | None = 90) -> str:
    return sign_in.make_token(
        person, name="robot", may_write=may_write, days=days, now=timezone.now()
    )


def client_with(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_is_shown_once_and_kept_as_a_digest_only(person):
    client = Client()
    client.force_login(person)

    page = client.post(ME, {"do": "token", "name": "Prometheus", "days": "90"}).text

    token = ApiToken.objects.get()
    secret = page.split('<code class="factor-key">')[1].split("<")[0]
    assert client_with(secret).get("/api/v1/status/").status_code == 200
    assert secret not in client.get(ME).text
    assert secret not in str(vars(token))
    assert not any(secret in str(vars(row)) for row in Audit.objects.all())
    assert not token.may_write


def test_lets_a_monitor_scrape_without_a_session(person):
    answer = client_with(token_of(person)).get("/metrics")

    assert answer.status_code == 200
    assert b"shipsync_jobs" in answer.content


def test_sees_what_its_person_sees(person):
    mine = OrderFactory()
    OrderFactory()
    AccountAccessFactory(user=person, account=mine.account)

    rows = client_with(token_of(person)).get("/api/v1/orders/").json()["results"]

    assert [row["id"] for row in rows] == [mine.pk]


def test_one_that_reads_changes_nothing(person):
    failure = FailedPayloadFactory()
    address = f"/api/v1/failures/{failure.pk}/retry/"

    refused = client_with(token_of(person)).post(address, {}, "application/json")
    allowed = client_with(token_of(person, may_write=True)).post(
        address, {}, "application/json"
    )

    assert refused.status_code == 403
    assert refused.json()["detail"] == "This token may only read."
    assert allowed.status_code == 200


@pytest.mark.parametrize("end", ["revoked", "expired", "person", "unknown"])
def test_one_that_does_not_hold_is_refused_in_words(person, end):
    secret = token_of(person, days=1)
    token = ApiToken.objects.get()
    if end == "revoked":
        sign_in.revoke_token(token, actor=person, now=timezone.now())
    elif end == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "person":
        type(person).objects.update(is_active=False)
    else:
        secret += "x"

    answer = client_with(secret).get("/api/v1/orders/")

    assert answer.status_code == 401
    assert "not valid" in answer.json()["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_works_where_people_need_a_second_factor(person, settings):
    settings.SHIPSYNC_REQUIRE_OTP = True

    assert client_with(token_of(person)).get("/api/v1/orders/").status_code == 200


def test_nobody_revokes_anothers(person):
    token_of(person)
    token = ApiToken.objects.get()
    client = Client()
    client.force_login(UserFactory(role="integrator"))

    page = client.post(ME, {"do": "revoke", "token": token.pk}, follow=True)

    token.refresh_from_db()
    assert token.revoked_at is None
    assert "There is no such token." in page.text


def test_opens_no_page_of_the_console(person):
    answer = client_with(token_of(person, may_write=True)).get("/admin/")

    assert answer.status_code == 302
