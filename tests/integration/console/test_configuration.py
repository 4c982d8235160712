"""Configuration by form: nothing invalid is saved, and errors are in words."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from connectors.accounts import scoped
from connectors.accounts.models import Account, Audit, ScopedSetting
from connectors.config_versions import ConfigVersion
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

ADD = reverse("admin:connectors_configversion_add")
GOOD = {"Ground": {"carrier": "ups", "method": "ground"}}


@pytest.fixture
def integrator(client):
    client.force_login(accounts.UserFactory(role="integrator"))
    return client


def post(client, text, *, kind="shipping_methods", **scope):
    data = {"kind": kind, "text": text, "note": "Tried.", **scope}
    return client.post(ADD, data)


class TestConfigVersion:
    def test_a_good_document_becomes_the_next_version_with_audit(self, integrator):
        account = accounts.AccountFactory()
        rows.ConfigVersionFactory(account=account, number=4)

        answer = post(integrator, json.dumps(GOOD), account=account.pk)

        assert answer.status_code == 302
        newest = ConfigVersion.objects.first()
        assert (newest.number, newest.document) == (5, GOOD)
        assert Audit.objects.get(action="change_config").after == GOOD

    @pytest.mark.parametrize(
        ("kind", "text", "words"),
        [
            ("shipping_methods", "{", "This is not JSON"),
            ("shipping_methods", "[]", "must be an object"),
            ("shipping_methods", '{"Ground": "ups"}', "needs a carrier and a method"),
            ("shipping_methods", '{"a": {"method": "\\u0000"}}', "NUL"),
            ("shipping_methods", "[" * 100_000, "nested too deeply"),
            ("eligibility", '{"colors": []}', "Unknown entries: colors"),
            ("eligibility", '{"statuses": [1]}', "must be a list of texts"),
            ("source_mapping", '{"fields": [{"field": "x", "path": "Y"}]}', "no field"),
            ("source_mapping", '{"fields": [{"field": "status"}]}', "A row needs path"),
            ("source_mapping", "{}", "A mapping is an object"),
            ("writeback_fields", '{"nope": "X__c"}', "no write-back field"),
        ],
    )
    def test_a_bad_document_is_refused_in_words(self, integrator, kind, text, words):
        account = accounts.AccountFactory()
        of_account = kind == "shipping_methods"
        scope = (
            {"account": account.pk}
            if of_account
            else {"organization": account.organization_id}
        )

        page = post(integrator, text, kind=kind, **scope)

        assert page.status_code == 200
        assert words in page.content.decode().replace("&#x27;", "'")
        assert not ConfigVersion.objects.exists()

    def test_a_kind_needs_its_own_scope(self, integrator):
        organization = accounts.OrganizationFactory()

        page = post(integrator, json.dumps(GOOD), organization=organization.pk)

        assert "This kind is set for an account." in page.content.decode()
        assert not ConfigVersion.objects.exists()

    def test_a_new_version_starts_from_the_one_looked_at(self, integrator, page_of):
        row = rows.ConfigVersionFactory()

        assert f"{ADD}?from={row.pk}" in integrator.get(page_of(row)).content.decode()
        form = integrator.get(ADD, {"from": row.pk}).context["adminform"].form
        assert json.loads(form.initial["text"]) == row.document

    def test_versions_are_never_changed(self, integrator, page_of):
        row = rows.ConfigVersionFactory()

        assert integrator.post(page_of(row), {"note": "x"}).status_code == 403

    def test_others_may_not_add_one(self, client):
        client.force_login(accounts.UserFactory(role="lead"))

        assert client.get(ADD).status_code == 403
        assert post(client, json.dumps(GOOD)).status_code == 403


class TestScopedSetting:
    add = reverse("admin:accounts_scopedsetting_add")

    def test_a_value_is_saved_by_the_service_with_audit(self, integrator):
        account = accounts.AccountFactory()

        answer = integrator.post(
            self.add,
            {"key": "quarantine_seconds", "text": "45", "account": account.pk},
        )

        assert answer.status_code == 302
        assert scoped.lookup("quarantine_seconds", account=account).value == 45
        assert Audit.objects.filter(action="change_setting").exists()

    @pytest.mark.parametrize("text", ["soon", "-1", "true", "1.5", "[1]"])
    def test_a_wrong_value_is_refused_in_words(self, integrator, text):
        page = integrator.post(self.add, {"key": "quarantine_seconds", "text": text})

        assert page.status_code == 200
        assert "quarantine_seconds must be" in page.content.decode()
        assert not ScopedSetting.objects.exists()

    def test_it_can_be_changed_in_place(self, integrator, page_of):
        row = accounts.ScopedSettingFactory(account=accounts.AccountFactory())

        answer = integrator.post(page_of(row), {"text": "60"})

        assert answer.status_code == 302
        assert ScopedSetting.objects.get().value == 60

    def test_the_list_says_what_holds_where(self, integrator):
        accounts.ScopedSettingFactory(account=accounts.AccountFactory(name="EU"))

        page = integrator.get(reverse("admin:accounts_scopedsetting_changelist"))

        text = page.content.decode()
        assert "the default everywhere" in text
        assert "EU" in text
        assert scoped.REGISTRY["reconcile_seconds"].help in text


class TestAccount:
    def test_a_change_is_written_to_the_audit_before_and_after(
        self, integrator, page_of
    ):
        row = accounts.AccountFactory(preview_first=0)
        data = {
            "name": row.name,
            "organization": row.organization_id,
            "credential": row.credential_id,
            "preview_first": 5,
            "shop_name": row.shop_name,
            "key_prefix": row.key_prefix,
            "own_tag": row.own_tag,
            "hold_kind": row.hold_kind,
        }

        assert integrator.post(page_of(row), data).status_code == 302

        assert Account.objects.get(pk=row.pk).preview_first == 5
        noted = Audit.objects.get(action="change_account")
        assert (noted.before["preview_first"], noted.after["preview_first"]) == (0, 5)

    def test_its_key_prefix_is_fixed_once_something_was_exported(
        self, integrator, page_of
    ):
        export = order_rows.ExportFactory()

        page = integrator.get(page_of(export.account)).content.decode()

        assert 'name="key_prefix"' not in page
        assert 'name="own_tag"' in page
