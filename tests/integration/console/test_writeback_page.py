"""The page of names written to Salesforce: checked, tried on an order, then saved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors.config_versions import ConfigVersion
from connectors.console import writeback_page
from connectors.models import SyncJob
from connectors.sandbox.faults import Fault
from connectors.sync import config
from connectors.sync.writeback_trial import DEFAULTS
from orders.models import Order
from tests.factories import accounts
from tests.town import Town


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Town:
    settings.SHIPSYNC_SANDBOX = True
    made = Town(monkeypatch)
    monkeypatch.setattr(writeback_page, "timezone", SimpleNamespace(now=made.now))
    return made


def signed_in(role: str = "integrator") -> Client:
    client = Client()
    client.force_login(
        accounts.UserFactory.create(role=role),
        backend="connectors.accounts.backend.OneReadBackend",
    )
    return client


def page(town: Town) -> str:
    return reverse("admin:writeback_fields", args=[town.organization.pk])


def form(do: str = "try", **values: str) -> dict[str, str]:
    """What a browser sends for the default names with these instead."""
    names = {name: str(getattr(DEFAULTS, name)) for name in DEFAULTS.__slots__}
    return {**names, "do": do, **values}


def row(answer: Any, name: str) -> Any:
    return next(
        one for _, rows in answer.context["groups"] for one in rows if one.name == name
    )


class TestTrying:
    def test_shows_what_an_order_would_say_and_what_salesforce_has(
        self, town: Town
    ) -> None:
        order = town.order()
        town.run(minutes=2)
        number = str(town.in_salesforce(order)["OrderNumber"])
        before = town.in_salesforce(order)

        answer = signed_in().post(page(town), form(order=number))

        status = row(answer, "status").look
        assert (status.kind, status.trouble) == ("picklist", "")
        assert status.value == before["ShipSync_Status__c"]
        assert row(answer, "package_shipment").look.trouble == ""
        assert row(answer, "package_tracking_number").look.value is None
        assert town.in_salesforce(order) == before

    def test_a_name_that_salesforce_does_not_have_is_marked(self, town: Town) -> None:
        answer = signed_in().post(page(town), form(carrier="Nobody__c"))

        assert "no such field" in row(answer, "carrier").look.trouble
        assert row(answer, "method").look.trouble == ""

    def test_a_name_that_is_none_is_said_beside_it(self, town: Town) -> None:
        answer = signed_in().post(page(town), form(carrier="not a name"))

        assert row(answer, "carrier").errors
        assert answer.context["trial"] is None

    def test_an_order_that_nobody_knows_is_said(self, town: Town) -> None:
        answer = signed_in().post(page(town), form(order="0815"))

        assert "no order “0815”" in answer.context["trial"].words

    def test_without_salesforce_the_values_are_shown_all_the_same(
        self, town: Town
    ) -> None:
        order = town.order()
        town.run(minutes=2)
        number = str(town.in_salesforce(order)["OrderNumber"])
        town.salesforce.faults.script("salesforce.describe", *[Fault.REFUSED] * 20)

        answer = signed_in().post(page(town), form(order=number, carrier="Other__c"))

        assert answer.status_code == 200
        assert row(answer, "status").look.value


class TestSaving:
    def test_puts_the_names_into_force_and_tells_orders_anew(self, town: Town) -> None:
        town.order()
        town.run(minutes=2)
        assert Order.objects.get().written_back_hash

        answer = signed_in().post(
            page(town), form(do="save", edit_window="", note="Not wanted")
        )

        assert answer.status_code == 302
        assert config.writeback_fields(town.organization).edit_window == ""
        version = ConfigVersion.objects.get(kind="writeback_fields")
        assert (version.document, version.note) == ({"edit_window": ""}, "Not wanted")
        assert Order.objects.get().written_back_hash == ""
        assert SyncJob.objects.get(kind="push_fulfillment").state == "waiting"

    def test_saves_nothing_that_is_wrong(self, town: Town) -> None:
        signed_in().post(page(town), form(do="save", package_key=""))

        assert not ConfigVersion.objects.filter(kind="writeback_fields").exists()

    def test_is_for_integrators(self, town: Town) -> None:
        answer = signed_in("operator").post(page(town), form(do="save", carrier=""))

        assert answer.status_code == 403
        assert not ConfigVersion.objects.filter(kind="writeback_fields").exists()


def test_the_only_organization_is_opened_straight_away(town: Town) -> None:
    answer = signed_in("viewer").get(reverse("admin:writeback_names"))

    assert answer.url == page(town)
    assert signed_in("viewer").get(page(town)).status_code == 200
