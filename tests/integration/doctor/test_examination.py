"""The doctor names what is broken, and what helps."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from connectors.accounts.models import Audit, Credential
from connectors.doctor import asking, house
from connectors.doctor.examination import examine
from connectors.doctor.findings import Finding, Status
from connectors.errors import TransientError
from connectors.models import Heartbeat, SyncJob
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import oauth
from connectors.sandbox.shiphero.world import REFRESH_TOKEN
from connectors.sync import clients
from orders.models import Export
from tests.town import Town


def examined(town: Town) -> list[Finding]:
    return examine(town.now)


def troubles(town: Town) -> dict[str, Finding]:
    """What is not ok, by check; the first of each."""
    found: dict[str, Finding] = {}
    for finding in examined(town):
        if finding.status is not Status.OK:
            found.setdefault(finding.check, finding)
    return found


def test_a_healthy_town_has_nothing_but_ok(town: Town) -> None:
    findings = examined(town)

    assert [f for f in findings if f.status is not Status.OK] == []
    checks = {finding.check.split(".")[0] for finding in findings}
    assert checks >= {
        "account",
        "clock",
        "database",
        "login",
        "orders",
        "salesforce",
        "secrets",
        "settings",
        "shiphero",
        "worker",
    }


class TestFingerprints:
    def test_the_first_success_is_noted_and_audited(self, town: Town) -> None:
        examined(town)

        town.organization.refresh_from_db()
        town.account.refresh_from_db()
        assert town.organization.org_id == town.salesforce.organization_id
        assert town.account.fingerprint
        assert Audit.objects.filter(action="note_fingerprint").count() == 2

    def test_another_organization_is_refused_and_not_noted(self, town: Town) -> None:
        town.organization.org_id = "00D000000000999AAA"
        town.organization.save()

        found = troubles(town)

        assert found["salesforce.login"].status is Status.FAILED
        assert "00D000000000999AAA was connected" in found["salesforce.login"].says
        assert found["salesforce.limits"].status is Status.UNKNOWN
        town.organization.refresh_from_db()
        assert town.organization.org_id == "00D000000000999AAA"

    def test_another_warehouse_account_is_refused_and_not_noted(
        self, town: Town
    ) -> None:
        town.account.fingerprint = "another"
        town.account.save()

        found = troubles(town)

        assert found["shiphero.login"].status is Status.FAILED
        town.account.refresh_from_db()
        assert town.account.fingerprint == "another"

    def test_a_sandbox_entered_as_production_is_named(self, town: Town) -> None:
        town.organization.is_sandbox = False
        town.organization.save()

        found = troubles(town)

        assert found["salesforce.environment"].status is Status.FAILED
        town.organization.refresh_from_db()
        assert town.organization.org_id == ""


class TestLogins:
    def test_a_revoked_shiphero_token_is_named_with_its_fix(self, town: Town) -> None:
        with town.shiphero.turn():
            town.shiphero.tokens.revoke()

        found = troubles(town)

        assert found["shiphero.login"].status is Status.FAILED
        assert "refresh token" in found["shiphero.login"].fix
        assert found["shiphero.webhooks"].status is Status.UNKNOWN

    def test_a_refused_salesforce_login_is_named_with_its_fix(self, town: Town) -> None:
        with town.salesforce.turn():
            oauth.revoke_all(town.salesforce)
        credential = town.organization.credential
        credential.secrets = {"client_secret": "wrong"}
        credential.save(update_fields=["secrets"])

        found = troubles(town)

        assert found["salesforce.login"].status is Status.FAILED
        assert "login" in found["salesforce.login"].fix
        # The next look shows that work with it is paused, too.
        assert "Use again" in troubles(town)["login.state"].fix

    def test_a_system_that_does_not_answer_is_a_finding(self, town: Town) -> None:
        town.shiphero.set_switches({"outage": "503"})

        found = troubles(town)

        assert found["shiphero.login"].status is Status.FAILED
        assert found["shiphero.credits"].status is Status.UNKNOWN
        assert "salesforce.login" not in found

    def test_an_error_of_our_own_is_a_finding(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_args: object, **_kwargs: object) -> None:
            raise ZeroDivisionError("secret words")

        monkeypatch.setattr(clients, "build_shiphero", broken)

        found = troubles(town)

        assert "ZeroDivisionError" in found["shiphero.login"].says
        assert "secret words" not in found["shiphero.login"].says


class TestRights:
    def test_a_hidden_source_field_is_named(self, town: Town) -> None:
        town.salesforce.switches["hidden_fields"] = ["Order.PoNumber"]

        found = troubles(town)["salesforce.source_fields"]

        assert found.status is Status.WARNING
        assert "PoNumber" in found.says
        assert "permission set" in found.fix

    def test_a_hidden_write_back_field_is_named(self, town: Town) -> None:
        town.salesforce.switches["hidden_fields"] = ["Order.ShipSync_Carrier__c"]

        found = troubles(town)["salesforce.writeback_fields"]

        assert found.status is Status.FAILED
        assert "ShipSync_Carrier__c" in found.says
        assert "package" in found.fix

    def test_a_hidden_field_of_the_packages_is_named(self, town: Town) -> None:
        hidden = "ShipSync_Package__c.Tracking_Number__c"
        town.salesforce.switches["hidden_fields"] = [hidden]

        found = troubles(town)["salesforce.writeback_fields"]

        assert "Tracking_Number__c" in found.says

    def test_a_missing_scope_is_named(self, town: Town) -> None:
        town.shiphero.set_switches({"missing_scopes": ["view:orders"]})

        found = troubles(town)["shiphero.read_orders"]

        assert found.status is Status.FAILED
        assert "view:orders" in found.says

    def test_what_cannot_be_known_is_said(self, town: Town) -> None:
        Export.objects.update(remote_id="")
        for order in town.account.order_set.all():
            order.written_back_at = None
            order.save()

        found = troubles(town)

        assert found["salesforce.edit_activated"].status is Status.UNKNOWN
        assert "Edit Activated Orders" in found["salesforce.edit_activated"].fix
        assert found["shiphero.write_orders"].status is Status.UNKNOWN


class TestWebhooks:
    def change(self, town: Town, **values: Any) -> None:
        with town.shiphero.turn():
            hook = town.shiphero.every("webhook")[0]
            town.shiphero.put("webhook", hook["id"], hook | values)

    def test_a_disabled_one_is_named(self, town: Town) -> None:
        self.change(town, enabled=False)

        found = troubles(town)["shiphero.webhooks"]

        assert found.status is Status.FAILED
        assert "disabled" in found.says
        assert "Keep webhooks registered" in found.fix

    @pytest.mark.parametrize("health", ["WARNING", "UNHEALTHY"])
    def test_an_unhealthy_one_is_named(self, town: Town, health: str) -> None:
        self.change(town, health=health)

        found = troubles(town)["shiphero.webhooks"]

        assert health.lower() in found.says
        assert "SHIPSYNC_BASE_URL" in found.fix

    def test_one_that_goes_elsewhere_is_named(self, town: Town) -> None:
        self.change(town, url="https://elsewhere.example/")

        assert "another address" in troubles(town)["shiphero.webhooks"].says

    def test_one_that_is_gone_is_named(self, town: Town) -> None:
        with town.shiphero.turn():
            hook = town.shiphero.every("webhook")[0]
            town.shiphero.remove("webhook", hook["id"])

        found = troubles(town)["shiphero.webhooks"]

        assert f"“{hook['name']}” is not registered" in found.says

    def test_that_there_is_no_address_is_said(self, town: Town, settings: Any) -> None:
        settings.SHIPSYNC_BASE_URL = ""

        assert troubles(town)["shiphero.webhooks"].status is Status.WARNING


class TestHouse:
    def test_a_stale_heartbeat_is_named(self, town: Town) -> None:
        Heartbeat.objects.update(beat_at=town.now() - timedelta(minutes=2))

        found = troubles(town)["worker.heartbeat"]

        assert found.status is Status.FAILED
        assert "manage.py work" in found.fix

    def test_that_no_worker_ever_ran_is_named(self, town: Town) -> None:
        Heartbeat.objects.all().delete()

        assert troubles(town)["worker.heartbeat"].status is Status.FAILED

    def test_secrets_that_no_key_opens_are_named(
        self, town: Town, settings: Any
    ) -> None:
        settings.SHIPSYNC_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        found = troubles(town)

        assert found["secrets.readable"].status is Status.FAILED
        assert "credential Salesforce: Acme" in found["secrets.readable"].says
        assert "SHIPSYNC_ENCRYPTION_KEYS" in found["secrets.readable"].fix
        assert found["salesforce.login"].status is Status.FAILED

    def test_a_clock_that_is_off_is_named(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ahead = town.now() + timedelta(seconds=40)
        monkeypatch.setattr(house, "database_time", lambda: ahead)

        found = troubles(town)["clock.database"]

        assert found.status is Status.FAILED
        assert "NTP" in found.fix

    def test_a_wrong_setting_is_named(self, town: Town, settings: Any) -> None:
        settings.SHIPSYNC_WORKERS = 0

        assert "SHIPSYNC_WORKERS" in troubles(town)["settings.shipsync.E013"].says

    def test_work_that_nobody_takes_is_named(self, town: Town) -> None:
        long_ago = town.now() - timedelta(minutes=5)
        SyncJob.objects.filter(kind="pull_orders").update(not_before=long_ago)

        assert troubles(town)["worker.progress"].status is Status.WARNING

    def test_a_poll_that_fails_is_named(self, town: Town) -> None:
        SyncJob.objects.filter(kind="pull_orders").update(
            attempts=3, last_reason="Salesforce did not answer."
        )

        found = troubles(town)["worker.recurring"]

        assert found.says.endswith("3 times in a row: Salesforce did not answer.")


class TestOrders:
    def test_one_that_we_hold_for_too_long_is_an_alarm(self, town: Town) -> None:
        export = Export.objects.get()
        Export.objects.filter(pk=export.pk).update(
            held_at=town.now() - timedelta(minutes=3), released_at=None, closed_at=None
        )

        assert troubles(town)["orders.held"].status is Status.FAILED

    def test_one_that_went_back_to_draft_is_no_alarm(self, town: Town) -> None:
        order = town.account.order_set.get()
        picture = {**order.picture, "stage": "draft"}
        type(order).objects.update(picture=picture, stage="draft")
        Export.objects.update(
            held_at=town.now() - timedelta(minutes=3), released_at=None, closed_at=None
        )

        assert "orders.held" not in troubles(town)

    def test_an_unknown_outcome_is_named_when_it_is_overdue(self, town: Town) -> None:
        Export.objects.update(remote_id="", intent_at=town.now() - timedelta(seconds=9))
        assert "orders.unknown_outcome" not in troubles(town)

        Export.objects.update(intent_at=town.now() - timedelta(minutes=20))
        assert troubles(town)["orders.unknown_outcome"].status is Status.WARNING

    def test_what_is_parked_is_counted_by_owner(self, town: Town) -> None:
        town.order(("MUG", 1.5))
        town.run(minutes=1)

        assert "1 for sales" in troubles(town)["orders.parked"].says


class TestCommand:
    def run(self, *args: str) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("doctor", *args, stdout=out)
        except SystemExit as left:
            return int(str(left.code)), out.getvalue()
        return 0, out.getvalue()

    def test_says_it_as_json_of_one_shape(self, town: Town) -> None:
        code, text = self.run("--json")

        report = json.loads(text)
        assert code == 0
        assert set(report) == {"at", "ok", "counts", "findings"}
        assert report["ok"] is True
        assert set(report["counts"]) == {"ok", "warning", "failed", "unknown"}
        assert sum(report["counts"].values()) == len(report["findings"])
        for finding in report["findings"]:
            assert set(finding) == {"check", "status", "says", "fix", "subject"}

    def test_ends_with_one_when_something_failed(self, town: Town) -> None:
        Heartbeat.objects.all().delete()

        code, text = self.run()

        assert code == 1
        assert text.splitlines()[0].startswith("failed   worker.heartbeat")
        assert "→ Start `manage.py work`" in text.splitlines()[1]

    def test_shows_no_secret(self, town: Town) -> None:
        secrets = {REFRESH_TOKEN, '"secret"'}
        secrets |= {str(row.token["value"]) for row in Credential.objects.all()}

        with town.shiphero.turn():
            town.shiphero.tokens.revoke()
        text = self.run("--json")[1] + self.run()[1]

        assert [secret for secret in secrets if secret in text] == []

    @pytest.mark.usefixtures("db")
    def test_says_of_a_fresh_installation_what_to_do_first(self) -> None:
        code, text = self.run()

        assert code == 1  # no worker
        assert "Enter both logins" in text
        assert "createsuperuser" in text

    def test_looks_no_further_before_the_migrations_are_applied(
        self, town: Town
    ) -> None:
        executor = MigrationExecutor(connection)
        (newest,) = executor.loader.graph.leaf_nodes("orders")
        squashed = executor.loader.replacements.get(newest)
        for name in (newest, *(squashed.replaces[-1:] if squashed else ())):
            executor.recorder.record_unapplied(*name)

        code, text = self.run()

        assert code == 1
        assert text.splitlines()[0].startswith("failed   database.migrations")
        assert "worker." not in text


def test_an_answer_that_was_lost_is_a_finding(town: Town) -> None:
    town.shiphero.faults.script("shiphero.account", Fault.LOST_ANSWER)

    found = troubles(town)["shiphero.login"]

    assert found.status is Status.FAILED


def test_a_throttled_look_is_unknown_not_failed(town: Town) -> None:
    town.shiphero.faults.script("shiphero.account", Fault.THROTTLED)

    assert troubles(town)["shiphero.login"].status is Status.UNKNOWN


def test_an_error_of_any_kind_is_caught_while_looking() -> None:
    def fails() -> Any:
        raise TransientError("It did not answer.")

    found = asking.examined("a.check", "Acme", fails)

    assert [f.status for f in found] == [Status.FAILED]
