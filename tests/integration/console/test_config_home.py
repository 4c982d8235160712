"""Versions compared and taken back, files out and in, connections asked, rhythms set."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts import scoped
from connectors.accounts.models import Account, Audit, Organization, ScopedSetting
from connectors.config_versions import ConfigVersion
from connectors.console import connection_page
from connectors.doctor import findings
from connectors.sync import config_files, recurring
from tests.factories import accounts

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

GROUND = {"Ground": {"carrier": "ups", "method": "ups_ground", "title": "Ground"}}
BOTH = {**GROUND, "Air": {"carrier": "ups", "method": "ups_air", "title": "Air"}}


@pytest.fixture
def account():
    return accounts.AccountFactory(name="Main")


@pytest.fixture
def integrator(sign_in):
    return sign_in("integrator")


def saved(account, *documents):
    for number, document in enumerate(documents, start=1):
        ConfigVersion.objects.create(
            kind="shipping_methods",
            account=account,
            number=number,
            document=document,
            created_at=now(),
        )


def page(name, owner, *more, **query):
    word = "account" if isinstance(owner, Account) else "organization"
    return reverse(f"admin:{name}", args=[word, owner.pk, *more], query=query)


def methods(account):
    newest = ConfigVersion.objects.filter(account=account).order_by("-number").first()
    return newest.number, newest.document


class TestVersions:
    def test_any_two_are_compared(self, integrator, account):
        saved(account, GROUND, BOTH, GROUND)
        at = page("config_history", account, "shipping_methods", a=1, b=2)

        found = integrator.get(at).context["found"]

        assert [(one.where, one.is_new) for one in found] == [("Air", True)]

    def test_going_back_is_previewed_and_then_a_new_version(self, integrator, account):
        saved(account, GROUND, BOTH)
        at = page("config_history", account, "shipping_methods", back=1)
        preview = integrator.get(at)
        assert "Going back to version 1" in preview.text
        assert [one.where for one in preview.context["change"].differences] == ["Air"]
        assert methods(account) == (2, BOTH)

        integrator.post(at, {"back": 1, "in_force": 2, "why": "Air is too dear"})

        assert methods(account) == (3, GROUND)
        assert "Back to version 1" in ConfigVersion.objects.get(number=3).note
        assert Audit.objects.filter(action="change_config").exists()

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"in_force": 1}, "Somebody saved a version meanwhile"),
            ({"why": " "}, "Say why it is rolled back"),
            ({"back": 2}, "is in force already"),
        ],
    )
    def test_is_not_gone_back_to_blindly(self, integrator, account, given, words):
        saved(account, GROUND, BOTH)
        at = page("config_history", account, "shipping_methods")
        data = {"back": 1, "in_force": 2, "why": "So", **given}

        answer = integrator.post(at, data, follow=True)

        assert words in answer.text
        assert methods(account) == (2, BOTH)

    def test_an_operator_sees_and_does_not_change(self, sign_in, account):
        saved(account, GROUND, BOTH)
        at = page("config_history", account, "shipping_methods", back=1)
        client = sign_in("operator")

        assert "Go back to version" not in client.get(at).text
        answer = client.post(at, {"back": 1, "in_force": 2, "why": "So"})
        assert answer.status_code == 403
        assert methods(account) == (2, BOTH)

    @pytest.mark.parametrize(
        "name", ["checks", "routing", "source_mapping", "writeback_fields"]
    )
    def test_each_kind_is_changed_on_its_own_page(self, integrator, account, name):
        of_organization = name in {"source_mapping", "writeback_fields"}
        owner = account.organization if of_organization else account

        overview = integrator.get(reverse("admin:config")).text

        assert f'href="{reverse(f"admin:{name}", args=[owner.pk])}"' in overview

    def test_the_overview_names_what_holds(self, integrator, account):
        saved(account, GROUND, BOTH)

        text = integrator.get(reverse("admin:config")).text

        assert "Version 2" in text
        assert page("connection", account) in text


class TestFiles:
    def export(self, client, owner):
        return client.get(page("config_export", owner)).text

    def test_what_goes_out_comes_in_elsewhere(self, integrator, account):
        saved(account, BOTH)
        ScopedSetting.objects.create(key="release_wave", value=7, account=account)
        other = accounts.AccountFactory(name="Other")
        text = self.export(integrator, account)

        shown = integrator.post(page("config_import", other), {"text": text})
        assert "What the file does" in shown.text
        assert not ConfigVersion.objects.filter(account=other).exists()
        data = {"step": "save", "text": text, "why": "Like Main"}
        integrator.post(page("config_import", other), data)

        assert methods(other) == (1, BOTH)
        assert scoped.lookup("release_wave", account=other).value == 7
        assert self.export(integrator, other).count("ups_air") == text.count("ups_air")

    def test_no_secret_goes_out(self, integrator, account):
        account.credential.secrets = {"refresh_token": "very-secret"}
        account.credential.save()

        for owner in (account, account.organization):
            assert "very-secret" not in self.export(integrator, owner)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"format": "else"}, "This is no configuration that ShipSync exported."),
            ({"version": 9}, "this ShipSync reads version 1"),
            ({"for": "organization"}, "The file is for an organization"),
            ({"secrets": {}}, "“secrets” is nothing that a configuration holds."),
            ({"documents": [1]}, "“documents” must be an object"),
            ({"documents": {"nope": {}}}, "“nope” is not set for an account."),
            ({"documents": {"eligibility": {}}}, "is not set for an account"),
            ({"documents": {"tags": 3}}, "Tags: must be an object"),
            ({"documents": {"shipping_methods": {"G": "ups"}}}, "carrier and a method"),
            ({"settings": {"nope": 1}}, "There is no setting named nope."),
            ({"settings": {"release_wave": "x"}}, "must be of type int"),
        ],
    )
    def test_with_anything_wrong_nothing_is_taken(
        self, integrator, account, change, words
    ):
        whole = json.loads(config_files.exported(account, now=now()))
        whole |= {"documents": {"shipping_methods": GROUND}, **change}
        data = {"step": "save", "text": json.dumps(whole), "why": "So"}

        answer = integrator.post(page("config_import", account), data)

        assert words in answer.text
        assert not ConfigVersion.objects.exists()
        assert not ScopedSetting.objects.exists()

    def test_a_text_that_is_no_json_is_told_so(self, integrator, account):
        answer = integrator.post(page("config_import", account), {"text": "{"})

        assert "The file is not JSON" in answer.text

    def test_one_bad_document_keeps_the_good_ones_out(self, integrator, account):
        whole = json.loads(config_files.exported(account, now=now()))
        whole["documents"] = {"shipping_methods": GROUND, "routing": {"rules": 4}}
        data = {"step": "save", "text": json.dumps(whole), "why": "So"}

        answer = integrator.post(page("config_import", account), data)

        assert "Routing rules" in answer.text
        assert not ConfigVersion.objects.exists()


def test_a_connection_is_asked_and_answers_in_words(sign_in, account, monkeypatch):
    said = [findings.failed("x", "The login was refused.", "Enter a new token.")]
    monkeypatch.setattr(connection_page, "look_at", lambda owner: said)
    client = sign_in("operator")

    assert "Not asked yet" in client.get(page("connection", account)).text
    answer = client.post(page("connection", account)).text

    assert "The connection does not work" in answer
    assert "Enter a new token." in answer
    assert sign_in("viewer").post(page("connection", account)).status_code == 403


class TestSchedules:
    at = reverse("admin:schedules")

    def set(self, client, seconds, key="poll_orders_seconds"):
        data = {"key": key, "seconds": seconds}
        return client.post(self.at, data, follow=True)

    def test_show_what_repeats_and_what_it_costs(self, integrator, account):
        recurring.ensure(now=now())

        found = {one.key: one for one in integrator.get(self.at).context["rhythms"]}

        assert found["poll_orders_seconds"].cost == "2,880 calls or more a day."

    def test_within_bounds_are_set_for_all(self, integrator, account):
        answer = self.set(integrator, "60")

        assert "1,440 calls or more a day" in answer.text
        assert scoped.lookup("poll_orders_seconds").value == 60

    @pytest.mark.parametrize(
        "seconds", ["0", "4", "-60", "1.5", "", "604801", "x" * 99]
    )
    def test_out_of_bounds_are_refused_in_words(self, integrator, account, seconds):
        answer = self.set(integrator, seconds)

        assert "Enter whole seconds from 5 to 604,800" in answer.text
        assert not ScopedSetting.objects.exists()

    def test_a_rhythm_that_would_eat_the_days_calls_is_refused(
        self, integrator, account
    ):
        credential = Organization.objects.get().credential
        credential.api_limit = 15_000
        credential.save()

        answer = self.set(integrator, "10")

        assert "58% of Salesforce" in answer.text
        assert not ScopedSetting.objects.exists()

    def test_are_not_an_operators(self, sign_in, account):
        assert sign_in("operator").post(self.at, {}).status_code == 403
