"""Rows of the workshop's books."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import factory
from django.utils.timezone import now
from factory.django import DjangoModelFactory

from connectors import config_versions, exception_rows, hearing, models
from connectors.casework import (
    BulkRetry,
    BulkRetryItem,
    Cause,
    FlowBucket,
    MailChoice,
)
from connectors.outgoing import OutgoingMail
from connectors.sync.flow import bucket_of
from tests.factories.accounts import AccountFactory, OrganizationFactory, UserFactory


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


class CauseFactory(DjangoModelFactory):
    class Meta:
        model = Cause

    fingerprint = factory.Sequence(lambda n: f"cause-{n}")
    code = "address.zip_missing"
    title = "The postal code is missing."
    error_kind = "invalid"
    category = "address"
    owner = "sales"
    first_seen_at = factory.LazyFunction(now)
    last_seen_at = factory.LazyFunction(now)


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
        model = config_versions.ConfigVersion

    kind = config_versions.ConfigKind.SHIPPING_METHODS
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


class SalesforceListenerFactory(DjangoModelFactory):
    class Meta:
        model = hearing.SalesforceListener

    organization = factory.SubFactory(OrganizationFactory)
    token = factory.Sequence(lambda number: f"listener{number:032d}")
    secrets = factory.LazyFunction(lambda: {"current": "a-made-up-callout-secret"})
    created_at = factory.LazyFunction(now)


class SalesforceMessageFactory(DjangoModelFactory):
    class Meta:
        model = hearing.SalesforceMessage

    organization = factory.SubFactory(OrganizationFactory)
    form = hearing.MessageForm.SOAP
    payload = factory.SubFactory(PayloadFactory, is_raw=True)
    digest = factory.SelfAttribute("payload.digest")
    received_at = factory.LazyFunction(now)


class SalesforceRequestFactory(DjangoModelFactory):
    class Meta:
        model = hearing.SalesforceRequest

    order = factory.SubFactory("tests.factories.orders.OrderFactory")
    organization = factory.SelfAttribute("order.organization")
    salesforce_id = factory.Sequence(lambda number: f"a01{number:012d}AAA")
    kind = hearing.RequestKind.CHECK
    state = hearing.RequestState.DONE
    answer = "Nothing stops this order."
    asked_at = factory.LazyFunction(now)
    seen_at = factory.LazyFunction(now)


class ExceptionRowFactory(DjangoModelFactory):
    class Meta:
        model = exception_rows.ExceptionRow

    order = factory.SubFactory("tests.factories.orders.OrderFactory")
    organization = factory.SelfAttribute("order.organization")
    key = factory.LazyAttribute(lambda row: f"ACM-{row.order.salesforce_id}-push_order")
    code = "address.city_missing"
    category = "address"
    owner = "sales"
    reason = "The ship-to address has no city."
    fix = "Fill in the city on the order in Salesforce."
    opened_at = factory.LazyFunction(now)
    told_at: Any = factory.LazyFunction(now)


class RefusedRowFactory(ExceptionRowFactory):
    told_at = None
    refused_at = factory.LazyFunction(now)
    refused_code = "salesforce.FIELD_CUSTOM_VALIDATION_EXCEPTION"
    refused_reason = "Exceptions are frozen this week."


class BulkRetryFactory(DjangoModelFactory):
    class Meta:
        model = BulkRetry

    words = "All of one cause"
    total = 1
    created_at = factory.LazyFunction(now)


class BulkRetryItemFactory(DjangoModelFactory):
    class Meta:
        model = BulkRetryItem

    retry = factory.SubFactory(BulkRetryFactory)
    failure = factory.SubFactory(FailedPayloadFactory)
    position = factory.Sequence(int)


class FlowBucketFactory(DjangoModelFactory):
    class Meta:
        model = FlowBucket

    account = factory.SubFactory(AccountFactory)
    starts_at = factory.LazyFunction(lambda: bucket_of(now()))


class MailChoiceFactory(DjangoModelFactory):
    class Meta:
        model = MailChoice

    user = factory.SubFactory(UserFactory)


class OutgoingMailFactory(DjangoModelFactory):
    class Meta:
        model = OutgoingMail

    to = "ops@example.com"
    subject = "A new cause"
    text = "The shipping method “Drone” is not mapped."
    created_at = factory.LazyFunction(now)
    not_before = factory.LazyFunction(now)


class SalesforceNotificationFactory(DjangoModelFactory):
    class Meta:
        model = hearing.SalesforceNotification

    message = factory.SubFactory(SalesforceMessageFactory)
    organization = factory.LazyAttribute(lambda row: row.message.organization)
    received_at = factory.LazyFunction(now)


class ApiUseFactory(DjangoModelFactory):
    class Meta:
        model = hearing.ApiUse

    organization = factory.SubFactory(OrganizationFactory)
    hour = factory.LazyFunction(lambda: now().replace(minute=0, second=0))
    kind = "pull_orders"
    calls = 1
