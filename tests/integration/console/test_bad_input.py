"""What no form of ours sends is refused in words, and what a form shows can be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.sync import decisions
from connectors.sync.actions import ActionRefusedError
from orders import map_files
from tests.factories import accounts
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(accounts.UserFactory(role="integrator"))
    return client


@pytest.mark.parametrize("key", ["²", "", "-1", "9" * 40, "x"])
def test_an_organization_that_is_no_number_is_none(client: Client, key: str) -> None:
    page = client.post(
        reverse("admin:find"), {"do": "read", "organization": key}, follow=True
    )

    assert page.status_code == 200
    assert "There is no such organization." in page.text


@pytest.mark.parametrize("hours", [0, -1, 24 * 90 + 1, 10**12])
def test_nobody_waits_for_ever(hours: int) -> None:
    with pytest.raises(ActionRefusedError, match="between one hour and 90 days"):
        decisions.wait(
            exception=order_rows.OrderExceptionFactory(),
            hours=hours,
            why="Tomorrow",
            user=accounts.UserFactory(role="integrator"),
            now=now(),
        )


def test_ninety_days_may_be_waited() -> None:
    exception = order_rows.OrderExceptionFactory()
    at = now()

    decisions.wait(
        exception=exception,
        hours=24 * 90,
        why="Harvest",
        user=accounts.UserFactory(role="integrator"),
        now=at,
    )

    exception.refresh_from_db()
    assert exception.quiet_until == at + timedelta(days=90)


def test_a_form_with_a_character_that_no_text_has_is_refused(client: Client) -> None:
    page = client.post(reverse("admin:find"), {"do": "read", "organization": "\0"})

    assert page.status_code == 400
    assert "Traceback" not in page.text


def test_a_button_forgets_what_no_text_has(client: Client) -> None:
    order = order_rows.OrderFactory()
    at = reverse("admin:orders_order_do", args=[order.pk, "handle-outside"])

    client.post(at, {"why": "By\0 hand"})

    order.refresh_from_db()
    assert order.handled_outside


class TestLargeMap:
    ROWS = 40_000

    def text(self) -> str:
        rows = (
            f"OLD-{one:06};NEW-{one:06};from the last system"
            for one in range(self.ROWS)
        )
        text = "\n".join(["from;to;note", *rows])
        assert 1_500_000 < len(text) < map_files.MOST_BYTES
        return text

    def test_what_was_previewed_is_saved(self, client: Client) -> None:
        account = accounts.AccountFactory()
        at = reverse("admin:map", args=[account.pk, ConfigKind.SKU_ALIASES])
        file = SimpleUploadedFile("map.csv", self.text().encode())

        shown = client.post(at, {"file": file, "base": "0"})
        saved = client.post(at, {"text": self.text(), "step": "save", "base": "0"})

        assert shown.status_code == 200
        assert saved.status_code == 302
        assert len(ConfigVersion.objects.get().document["rows"]) == self.ROWS

    def test_a_file_that_is_too_large_is_refused_in_words(self, client: Client) -> None:
        account = accounts.AccountFactory()
        at = reverse("admin:map", args=[account.pk, ConfigKind.SKU_ALIASES])
        file = SimpleUploadedFile("map.csv", b"x" * (map_files.MOST_BYTES + 1))

        page = client.post(at, {"file": file, "base": "0"}, follow=True)

        assert "larger than 4 MB" in page.text

    def test_goes_through_the_api_as_it_came(self, client: Client) -> None:
        account = accounts.AccountFactory()
        rows = [{"from": f"OLD-{one}", "to": f"NEW-{one}"} for one in range(5000)]
        asked = {"kind": "sku_aliases", "document": {"rows": rows}, "base": 0}

        answer = client.post(
            f"/api/v1/rules/{account.pk}/save/", asked, content_type="application/json"
        )

        assert answer.status_code == 200, answer.text[:300]
        assert len(answer.json()["document"]["rows"]) == 5000
