"""Whose login it is, what looking costs, and writes that nobody should repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from connectors.accounts.models import Account, Audit, CredentialState
from connectors.models import FailedPayload, SyncAttempt, SyncJob
from connectors.sync import listeners, load
from orders.models import Order
from tests.factories.accounts import AccountFactory
from tests.town import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(monkeypatch)


class TestConnecting:
    def test_the_organization_is_noted_once(self, town: Town) -> None:
        town.organization.refresh_from_db()

        assert town.organization.org_id == town.salesforce.organization_id
        assert town.organization.told_sandbox is True
        us = town.salesforce.integration_user_id
        assert town.organization.integration_user_id == us
        assert Audit.objects.filter(action="note_fingerprint").count() == 1

    def test_a_new_login_of_another_organization_is_refused(self, town: Town) -> None:
        town.organization.refresh_from_db()
        town.organization.org_id = "00D000000000999EAA"
        town.organization.save()
        credential = town.organization.credential
        credential.token = {}
        credential.save()

        order = town.order()
        town.run(minutes=2, step=30)

        credential.refresh_from_db()
        assert credential.state == CredentialState.REFUSED
        assert "00D000000000999EAA was connected" in credential.refused_reason
        assert not Order.objects.filter(salesforce_id=order).exists()

    def test_a_sandbox_entered_as_production_is_refused(self, monkeypatch):
        town = Town(monkeypatch, settle=False)
        town.organization.is_sandbox = False
        town.organization.save()

        town.run(minutes=1, step=30)

        town.organization.refresh_from_db()
        credential = town.organization.credential
        credential.refresh_from_db()
        assert credential.state == CredentialState.REFUSED
        assert "is a sandbox, but it was entered as production" in (
            credential.refused_reason
        )
        assert (town.organization.org_id, town.organization.told_sandbox) == ("", True)


class TestKeyPrefixes:
    def test_two_organizations_share_no_prefix_in_one_warehouse_account(self) -> None:
        production = AccountFactory(key_prefix="ACM")
        copied = AccountFactory.build(
            name="Acme UAT",
            organization=AccountFactory().organization,
            credential=production.credential,
            key_prefix="ACM",
        )

        with pytest.raises(ValidationError, match="copied sandboxes keep record ids"):
            copied.validate_constraints()
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.bulk_create([copied])


class TestCost:
    def test_calls_are_counted_by_kind_and_hour(self, town: Town) -> None:
        use = load.use_of(town.organization, now=town.now())

        ledger = town.salesforce.calls_used
        assert sum(use.values()) == ledger
        assert use["pull_orders"] > 0
        assert load.use_of(town.organization, now=town.now() + timedelta(days=2)) == {}

    def test_short_of_calls_it_looks_less_often(self, town: Town) -> None:
        town.run(minutes=5)  # until a poll's calls are a small share of all
        town.salesforce.switches["daily_limit"] = town.salesforce.calls_used + 6
        for _ in range(2):  # the first learns it from its answers
            town.tick(30)

        job = SyncJob.objects.get(kind="pull_orders")
        assert job.not_before - town.now() > timedelta(seconds=60)
        assert "nearly spent" in job.note

    def test_told_of_changes_and_quiet_it_looks_half_as_often(self, town: Town) -> None:
        listener = listeners.listener_of(town.organization, now=town.now())
        listener.last_received_at = town.now() + timedelta(minutes=10)
        listener.save()
        town.run(minutes=15, step=60)

        job = SyncJob.objects.get(kind="pull_orders")
        assert "Quiet" in job.note


def test_an_order_written_again_and_again_rests_and_says_so(town: Town) -> None:
    town.shiphero.set_switches({"auto_floor": False})
    town.setting("most_writebacks", 3)
    order = town.order()
    town.run(minutes=1, step=5)
    for _ in range(5):
        # Something in Salesforce, or a bug of ours, makes each state look unwritten.
        Order.objects.update(written_back_hash="")
        SyncJob.objects.filter(kind="push_fulfillment").update(
            state="waiting", not_before=town.now()
        )
        town.tick(5)

    failure = FailedPayload.objects.get(code="salesforce.write_loop", closed_at=None)
    assert failure.owner == "integrator"
    done = SyncAttempt.objects.filter(
        kind="push_fulfillment", outcome="done", order__salesforce_id=order
    )
    assert done.count() == 3
