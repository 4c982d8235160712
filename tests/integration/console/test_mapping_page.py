"""The source mapping's page: rows checked, tried on an order, weighed and saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors.accounts.models import Audit
from connectors.config_versions import ConfigVersion
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sandbox.faults import Fault
from connectors.sync import config
from orders.models import Order
from tests.factories import accounts
from tests.town import Town

DEFAULT = SourceMapping.default().to_document()["fields"]


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Town:
    settings.SHIPSYNC_SANDBOX = True
    return Town(monkeypatch)


def signed_in(role: str = "integrator", account: Any = None) -> Client:
    user: Any = accounts.UserFactory(role=role)
    if account is not None:
        accounts.AccountAccessFactory(user=user, account=account)
    client = Client()
    client.force_login(user, backend="connectors.accounts.backend.OneReadBackend")
    return client


def page(town: Town) -> str:
    return reverse("admin:source_mapping", args=[town.organization.pk])


def form(*more: dict[str, Any], do: str = "try", **values: Any) -> dict[str, Any]:
    """What a browser sends for the default mapping with these rows after it."""
    rows = [*DEFAULT, *more]
    columns = {
        name: [str(row.get(name, "")) for row in rows]
        for name in ("field", "path", "transform", "default")
    }
    required = [str(at) for at, row in enumerate(rows) if row.get("required")]
    return {**columns, "required": required, "do": do, **values}


def number(town: Town, order: str) -> str:
    return str(town.in_salesforce(order)["OrderNumber"])


GIFT = {"field": "gift_note", "path": "Description", "transform": "one_line"}


class TestTrying:
    def test_shows_type_value_and_what_we_read_of_a_real_order(
        self, town: Town
    ) -> None:
        order = town.order(Description="For\nAda")

        answer = signed_in().post(page(town), form(GIFT, order=number(town, order)))

        look = answer.context["rows"][len(DEFAULT)].look
        assert (look.kind, look.raw, look.value) == ("textarea", "For\nAda", "For Ada")
        sku = next(
            r for r in answer.context["rows"] if r.values["field"] == "lines.sku"
        )
        assert sku.look.value == "MUG"
        assert "Would be exported" in answer.content.decode()
        assert not ConfigVersion.objects.filter(kind="source_mapping").exists()

    def test_names_what_salesforce_does_not_show(self, town: Town) -> None:
        answer = signed_in().post(page(town), form({**GIFT, "path": "Gift__c"}))

        assert answer.context["rows"][len(DEFAULT)].look.is_absent
        assert "Not shown to ShipSync" in answer.content.decode()

    def test_tells_the_problems_of_the_order_under_it(self, town: Town) -> None:
        order = town.order()
        needs = {"field": "po_number", "path": "PoNumber", "required": True}

        answer = signed_in().post(page(town), form(needs, order=number(town, order)))

        assert [one.code for one in answer.context["trial"].problems] == [
            "source.required"
        ]

    def test_says_when_there_is_no_such_order(self, town: Town) -> None:
        answer = signed_in().post(page(town), form(order="<99>"))

        assert "no order “&lt;99&gt;”" in answer.content.decode()

    def test_says_when_salesforce_cannot_be_asked(self, town: Town) -> None:
        town.salesforce.faults.script("salesforce.query", *[Fault.SERVER_ERROR] * 9)

        answer = signed_in().post(page(town), form(order="1"))

        assert answer.status_code == 200
        assert "could not be asked" in answer.content.decode()

    def test_shows_each_error_at_its_row(self, town: Town) -> None:
        bad = {"field": "gift_nota", "path": "x y", "transform": ""}

        answer = signed_in().post(page(town), form(bad))

        errors = answer.context["rows"][len(DEFAULT)].errors
        assert len(errors) == 2
        assert "no field" in errors[0]
        assert answer.context["trial"] is None


class TestImpact:
    def test_counts_what_would_go_stop_and_change_by_the_code_that_exports(
        self, town: Town
    ) -> None:
        gift = town.order(Description="For Ada")
        plain = town.order()
        stuck = town.order(ShipSync_Shipping_Method__c="", PoNumber="Ground")
        town.tick(60)
        rows = [GIFT, {"field": "shipping_method", "path": "PoNumber"}]

        answer = signed_in().post(page(town), form(*rows, do="impact"))

        impact = answer.context["impact"]
        assert impact.looked_at == 3
        assert [one.order.salesforce_id for one in impact.unblocks] == [stuck]
        assert [one.order.salesforce_id for one in impact.changes] == [gift]
        assert impact.changes[0].words == "gift note"
        assert impact.blocks == []
        assert town.mirror(plain).picture.get("gift_note") is None

        needs = {"field": "po_number", "path": "PoNumber", "required": True}
        answer = signed_in().post(page(town), form(needs, do="impact"))
        stopped = {one.order.salesforce_id for one in answer.context["impact"].blocks}
        assert stopped == {gift, plain}


class TestSaving:
    def test_puts_it_into_force_with_audit_and_history(self, town: Town) -> None:
        answer = signed_in().post(page(town), form(GIFT, do="save", note="Gifts"))

        assert answer.status_code == 302
        mapping = config.source_mapping(town.organization)
        assert mapping.fields[-1].field == "gift_note"
        assert ConfigVersion.objects.get(kind="source_mapping").note == "Gifts"
        assert Audit.objects.filter(action="change_config").count() == 2

    def test_keeps_what_was_typed_when_it_is_refused(self, town: Town) -> None:
        answer = signed_in().post(
            page(town), form({"field": "gift_note", "path": "1"}, do="save")
        )

        content = answer.content.decode()
        assert "Nothing was saved" in content
        assert answer.context["rows"][len(DEFAULT)].values["path"] == "1"
        assert not ConfigVersion.objects.filter(kind="source_mapping").exists()

    def test_removes_the_rows_that_are_ticked(self, town: Town) -> None:
        at = next(i for i, r in enumerate(DEFAULT) if r["field"] == "po_number")

        signed_in().post(page(town), form(do="save", remove=[str(at)]))

        fields = [one.field for one in config.source_mapping(town.organization).fields]
        assert "po_number" not in fields
        assert len(fields) == len(DEFAULT) - 1

    def test_takes_an_object_of_the_organizations_own(self, town: Town) -> None:
        own = {
            "source_object": "Sale__c",
            "source_lines": "Line__c",
            "source_parent": "Sale__c",
            "stages": "Approved = activated\nNew=draft",
        }

        signed_in().post(page(town), form(do="save", **own))

        source = config.source_mapping(town.organization).source
        assert (source.object, source.stages["approved"]) == ("Sale__c", "activated")

    @pytest.mark.parametrize("role", ["viewer", "operator", "lead", "auditor"])
    def test_is_for_integrators(self, town: Town, role: str) -> None:
        answer = signed_in(role).post(page(town), form(do="save"))

        assert answer.status_code == 403
        assert not ConfigVersion.objects.filter(kind="source_mapping").exists()

    def test_needs_the_token(self, town: Town) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(
            accounts.UserFactory(role="integrator"),
            backend="connectors.accounts.backend.OneReadBackend",
        )

        assert client.post(page(town), form(do="save")).status_code == 403


class TestScope:
    def test_another_organization_is_not_there(self, town: Town) -> None:
        client = signed_in(account=accounts.AccountFactory())

        assert client.get(page(town)).status_code == 404
        assert client.post(page(town), form(do="save")).status_code == 404

    def test_another_accounts_order_is_not_shown(self, town: Town) -> None:
        order = town.order(Description="Secret")
        named = number(town, order)
        town.tick(60)
        Order.objects.update(account=accounts.AccountFactory())
        client = signed_in(account=town.account)

        answer = client.post(page(town), form(GIFT, order=named))

        assert "Secret" not in answer.content.decode()

    def test_the_choice_leads_straight_to_the_only_organization(
        self, town: Town
    ) -> None:
        answer = signed_in("viewer").get(reverse("admin:source_mappings"))

        assert answer.status_code == 302
        assert answer.url == page(town)
        shown = signed_in("viewer").get(page(town))
        assert shown.status_code == 200
        assert "Save as a new version" not in shown.content.decode()
