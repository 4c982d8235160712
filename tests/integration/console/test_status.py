"""The strip on every page, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Credential
from connectors.console.scoping import scope_of
from connectors.console.status import read_status, ribbons
from tests.factories import accounts
from tests.factories import connectors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer():
    return accounts.UserFactory(role="viewer")


def words(user, at=None):
    return [f"{sign.tone}: {sign.word}" for sign in read_status(user, at or now())]


def test_without_any_heartbeat_the_worker_never_started(viewer):
    assert words(viewer) == ["bad: Worker never started"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(14, "good: Worker running"), (16, "bad: Worker silent since")],
)
def test_a_heartbeat_is_stale_after_fifteen_seconds(viewer, age, expected):
    today = now()
    rows.HeartbeatFactory(beat_at=today - timedelta(seconds=age))

    assert words(viewer, today)[0].startswith(expected)


def test_one_living_worker_is_enough(viewer):
    rows.HeartbeatFactory(beat_at=now() - timedelta(days=1))
    rows.HeartbeatFactory()

    assert words(viewer) == ["good: Worker running"]


def test_a_worker_that_was_stopped_says_so(viewer):
    rows.HeartbeatFactory(is_stopped=True)

    assert words(viewer)[0].startswith("bad: Worker stopped since")


def test_a_refused_login_an_open_breaker_and_a_pause_are_one_sign_each(viewer):
    rows.HeartbeatFactory()
    accounts.CredentialFactory(name="A", state="refused", refused_reason="Expired.")
    broken = accounts.CredentialFactory(name="B")
    Credential.objects.filter(pk=broken.pk).update(
        breaker_state="open", breaker_probe_at=now() + timedelta(seconds=30)
    )
    accounts.AccountFactory(
        name="EU", credential=broken, paused=True, paused_reason="Stock count."
    )

    assert words(viewer) == [
        "good: Worker running",
        "bad: ShipHero: A: login refused",
        "warn: ShipHero: B: not answering",
        "warn: EU: paused",
    ]


def test_it_takes_three_queries(viewer, django_assert_num_queries):
    accounts.AccountFactory(paused=True)
    scope_of(viewer)  # read once per request

    with django_assert_num_queries(3):
        words(viewer)
    with django_assert_num_queries(0):
        words(viewer)
        ribbons(viewer)


@pytest.mark.parametrize(
    "name", ["index", "orders_order_changelist", "errors", "accounts_account_add"]
)
def test_it_stands_on_every_page(client, name):
    client.force_login(accounts.UserFactory(role="integrator"))

    page = client.get(reverse(f"admin:{name}")).content.decode()

    assert "Worker never started" in page


def test_the_sandbox_is_named_on_every_page(client, settings, viewer):
    client.force_login(viewer)
    index = reverse("admin:index")

    settings.SHIPSYNC_SANDBOX = False
    assert "Sandbox" not in client.get(index).content.decode()
    settings.SHIPSYNC_SANDBOX = True
    assert "Sandbox" in client.get(index).content.decode()


@pytest.mark.parametrize(
    ("state", "chip"),
    [("closed", "chip-good"), ("open", "chip-warn"), ("half_open", "chip-warn")],
)
def test_the_page_of_a_login_shows_its_breaker(client, viewer, page_of, state, chip):
    row = accounts.CredentialFactory()
    Credential.objects.filter(pk=row.pk).update(
        breaker_state=state, breaker_probe_at=now()
    )
    client.force_login(viewer)

    page = client.get(page_of(row)).content.decode()

    breaker = page.split("field-breaker", 1)[1].split("</fieldset>", 1)[0]
    assert chip in breaker.split("field-credits", 1)[0]
