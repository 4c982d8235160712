"""Housekeeping: what is kept for a while only goes by its age, however much it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.hearing import ApiUse, SalesforceMessage, SalesforceNotification
from connectors.models import JobState, Payload, SyncJob
from connectors.sync import upkeep
from tests.conftest import Clock
from tests.factories.accounts import OrganizationFactory, ScopedSettingFactory
from tests.factories.connectors import (
    FailedPayloadFactory,
    PayloadFactory,
    SalesforceMessageFactory,
    SyncJobFactory,
)

pytestmark = pytest.mark.django_db


def test_every_expired_body_is_blanked_however_many(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    PayloadFactory.create_batch(5, expires_at=clock() - timedelta(days=1))
    kept = PayloadFactory.create(expires_at=clock() + timedelta(days=1))

    assert upkeep.expire_payloads(now=clock()) == 5

    assert list(Payload.objects.filter(erased_at=None)) == [kept]


def test_jobs_of_webhooks_applied_long_ago_are_dropped(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    old = {"state": JobState.DONE, "finished_at": clock() - timedelta(days=8)}
    SyncJobFactory.create_batch(5, kind="apply_delivery", **old)
    failed = SyncJobFactory.create(kind="apply_delivery", **old)
    FailedPayloadFactory.create(job=failed)
    other = SyncJobFactory.create(kind="push_order", **old)
    young = SyncJobFactory.create(
        kind="apply_delivery", state=JobState.DONE, finished_at=clock()
    )

    assert upkeep.drop_applied_jobs(now=clock()) == 5

    assert set(SyncJob.objects.all()) == {failed, other, young}


def test_messages_go_by_their_age_and_what_was_never_read_stays(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    ScopedSettingFactory(key="messages_days", value=30, account=None)
    old = {"received_at": clock() - timedelta(days=31)}
    for message in SalesforceMessageFactory.create_batch(5, state="read", **old):
        SalesforceNotification.objects.create(
            message=message,
            organization=message.organization,
            key=f"key {message.pk}",
            received_at=message.received_at,
        )
    unread = SalesforceMessageFactory.create(state="new", **old)
    young = SalesforceMessageFactory.create(
        state="refused", received_at=clock() - timedelta(days=29)
    )

    assert upkeep.sweep(now=clock()) == 5

    assert set(SalesforceMessage.objects.all()) == {unread, young}
    assert not SalesforceNotification.objects.exists()


def test_what_calls_cost_is_kept_for_a_year_and_a_bit(clock: Clock) -> None:
    organization = OrganizationFactory.create()
    for days in (1, 399, 401, 500):
        ApiUse.objects.create(
            organization=organization,
            hour=clock() - timedelta(days=days),
            kind="pull_orders",
            calls=7,
        )

    assert upkeep.sweep(now=clock()) == 2

    assert ApiUse.objects.count() == 2
