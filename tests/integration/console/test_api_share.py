"""What asking Salesforce costs stands on its organization's page, by kind of job."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Organization
from connectors.sync import load
from tests.factories import accounts

pytestmark = pytest.mark.django_db


def page_of(client: Client, organization: Organization) -> str:
    address = reverse("admin:accounts_organization_change", args=[organization.pk])
    return str(client.get(address).content.decode())


def test_a_page_tells_our_calls_by_kind_and_their_share_of_the_days_limit(client):
    client.force_login(accounts.UserFactory(role="viewer"))
    organization = accounts.OrganizationFactory(
        credential__api_limit=100_000, credential__api_used=40_000
    )
    load.note_use(organization.pk, "pull_orders", 2_900, now=now())
    load.note_use(organization.pk, "push_fulfillment", 100, now=now())

    page = page_of(client, organization)

    assert "40,000 of 100,000 (40 %)" in page
    assert "All together: 3,000 of 100,000 (3.0 %)" in page
    assert "Write facts to Salesforce: 100 of 100,000 (0.1 %)" in page
    assert page.index("2,900") < page.index("Write facts to Salesforce")


def test_before_the_first_call_it_says_so(client):
    client.force_login(accounts.UserFactory(role="viewer"))

    page = page_of(client, accounts.OrganizationFactory())

    assert "Not known before the first call." in page
