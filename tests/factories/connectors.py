"""Rows of the workshop's books."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import factory
from django.utils.timezone import now
from factory.django import DjangoModelFactory

from connectors import models
from tests.factories.accounts import AccountFactory, OrganizationFactory


class PayloadFactory(DjangoModelFactory):
    class Meta:
        model = models.Payload

    body = b'{"hello": "world"}'
    digest = factory.LazyAttribute(lambda row: hashlib.sha256(row.body).hexdigest())
    size = factory.LazyAttribute(lambda row: len(row.body))
    created_at = factory.LazyFunction(now)


class SyncJobFactory(DjangoModelFactory):
    class Meta:
        model = models.SyncJob

    kind = "push_order"
    lane = "new_order"
    account = factory.SubFactory(AccountFactory)
    subject = factory.Sequence(str)
    key = factory.LazyAttribute(
        lambda row: f"{row.kind}:a{row.account.pk}:{row.subject}"
    )
    not_before = factory.LazyFunction(now)
    created_at = factory.LazyFunction(now)
    rung_at = factory.LazyFunction(now)


class SyncAttemptFactory(DjangoModelFactory):
    class Meta:
        model = models.SyncAttempt

    job = factory.SubFactory(SyncJobFactory)
    kind = factory.SelfAttribute("job.kind")
    account = factory.SelfAttribute("job.account")
    subject = factory.SelfAttribute("job.subject")
    order = factory.SelfAttribute("job.order")
    trigger = models.Trigger.SCHEDULE
    started_at = factory.LazyFunction(now)
    duration_ms = 120
    outcome = models.Outcome.DONE
    did = "Created in ShipHero."


class RemoteCallFactory(DjangoModelFactory):
    class Meta:
        model = models.RemoteCall

    attempt = factory.SubFactory(SyncAttemptFactory)
    system = "shiphero"
    operation = "order_create"
    sent = factory.SubFactory(PayloadFactory)
    answer = factory.SubFactory(PayloadFactory)
    status = 200
    request_id = factory.Sequence("request-{}".format)
    started_at = factory.LazyFunction(now)


class FailedPayloadFactory(DjangoModelFactory):
    class Meta:
        model = models.FailedPayload

    job = factory.SubFactory(SyncJobFactory, state=models.JobState.PARKED)
    account = factory.SelfAttribute("job.account")
    order = factory.SelfAttribute("job.order")
    error_kind = "invalid"
    category = "address"
    owner = "sales"
    code = "address.zip_missing"
    reason = "The postal code is missing."
    fingerprint = factory.LazyAttribute(lambda row: f"{row.code}:{row.owner}")
    opened_at = factory.LazyFunction(now)


class WebhookRegistrationFactory(DjangoModelFactory):
    class Meta:
        model = models.WebhookRegistration

    account = factory.SubFactory(AccountFactory)
    type_name = "Shipment Update"
    label = factory.Sequence("shipsync-{}".format)
    token = factory.Sequence("token-{}".format)
    secrets = {"signature": "s3cr3t-signature"}
    created_at = factory.LazyFunction(now)


class WebhookDeliveryFactory(DjangoModelFactory):
    class Meta:
        model = models.WebhookDelivery

    registration = factory.SubFactory(WebhookRegistrationFactory)
    account = factory.SelfAttribute("registration.account")
    message_id = factory.Sequence("message-{}".format)
    payload = factory.SubFactory(PayloadFactory, is_raw=True)
    digest = factory.SelfAttribute("payload.digest")
    received_at = factory.LazyFunction(now)
    type_name = factory.SelfAttribute("registration.type_name")


class SyncCursorFactory(DjangoModelFactory):
    class Meta:
        model = models.SyncCursor

    name = factory.Sequence("orders of {}".format)
    organization = factory.SubFactory(OrganizationFactory)
    watermark = factory.LazyFunction(now)


class ConfigVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.ConfigVersion

    kind = models.ConfigKind.SHIPPING_METHODS
    account = factory.SubFactory(AccountFactory)
    number = factory.Sequence(lambda place: place + 1)
    document = {"Ground": {"carrier": "ups", "method": "ground"}}
    created_at = factory.LazyFunction(now)


class HeartbeatFactory(DjangoModelFactory):
    class Meta:
        model = models.Heartbeat

    host = factory.Sequence("host{}".format)
    pid = 4711
    started_at = factory.LazyFunction(lambda: now() - timedelta(hours=1))
    beat_at = factory.LazyFunction(now)
