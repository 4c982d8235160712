"""What an organization tells us and asks of us: messages, requests, and what it costs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from connectors.accounts.fields import EncryptedJSONField
from connectors.accounts.models import Organization
from orders.models import Order


class SalesforceListener(models.Model):
    """Where one organization's messages arrive. `token` is the secret of its address.

    `secrets` sign callouts; outbound messages cannot be signed. `echo_count` counts
    messages about what we wrote ourselves, which its flows should leave out.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="listener"
    )
    token = models.CharField(max_length=64, unique=True)
    secrets = EncryptedJSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    last_received_at = models.DateTimeField(null=True, blank=True)
    last_refused_at = models.DateTimeField(null=True, blank=True)
    last_refusal = models.CharField(max_length=255, blank=True)
    refused_count = models.PositiveIntegerField(default=0)
    echo_count = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "connectors"
        ordering: ClassVar = ["organization"]
        verbose_name = "listener for Salesforce"
        verbose_name_plural = "listeners for Salesforce"

    def __str__(self) -> str:
        return f"Messages of {self.organization}"


class MessageForm(models.TextChoices):
    SOAP = "soap", "Outbound message"
    JSON = "json", "Callout"


class MessageState(models.TextChoices):
    NEW = "new", "Not read"
    READ = "read", "Read"
    REFUSED = "refused", "Refused"


class SalesforceMessage(models.Model):
    """An envelope as it arrived, stored before it was read."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    form = models.CharField(max_length=4, choices=MessageForm)
    digest = models.CharField(max_length=64, db_index=True)
    payload = models.ForeignKey(
        "connectors.Payload", on_delete=models.SET_NULL, null=True
    )
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(
        max_length=8, choices=MessageState, default=MessageState.NEW, db_index=True
    )
    reason = models.CharField(max_length=255, blank=True)
    new_count = models.PositiveIntegerField(default=0)
    repeated_count = models.PositiveIntegerField(default=0)
    bad_count = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "connectors"
        ordering: ClassVar = ["-id"]
        verbose_name = "message from Salesforce"
        verbose_name_plural = "messages from Salesforce"

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.pk}"


class SalesforceNotification(models.Model):
    """One record that a message names; repeated messages name it by the same key."""

    message = models.ForeignKey(
        SalesforceMessage, on_delete=models.CASCADE, related_name="notifications"
    )
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    # Null where the sender gave none that can be used: many rows may have none.
    key = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001
    sobject = models.CharField("kind of record", max_length=80, blank=True)
    record_id = models.CharField(max_length=18, blank=True, db_index=True)
    problem = models.CharField(max_length=255, blank=True)
    copies = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()

    class Meta:
        app_label = "connectors"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "key"],
                condition=Q(key__isnull=False),
                name="one_notification_per_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sobject} {self.record_id}".strip() or "Notification"


class RequestKind(models.TextChoices):
    RETRY = "retry", "Retry"
    CHECK = "check", "Check"
    RELEASE = "release", "Release"
    CANCEL = "cancel", "Cancel"


class RequestState(models.TextChoices):
    NEW = "new", "New"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class SalesforceRequest(models.Model):
    """What a person in Salesforce asked for, and what was answered on the same row.

    `is_told` says that the row there shows this state and answer. `answers` counts
    how often an answer was written, to notice when something there undoes it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    salesforce_id = models.CharField(max_length=18)
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="requests"
    )
    order_salesforce_id = models.CharField(max_length=18, blank=True)
    kind = models.CharField(max_length=8, choices=RequestKind, blank=True)
    note = models.TextField(blank=True)
    asked_by = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=RequestState, default=RequestState.NEW, db_index=True
    )
    answer = models.TextField(blank=True)
    codes = models.JSONField(default=list, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    is_told = models.BooleanField(default=False, db_index=True)
    told_at = models.DateTimeField(null=True, blank=True)
    answers = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "connectors"
        ordering: ClassVar = ["-id"]
        verbose_name = "request from Salesforce"
        verbose_name_plural = "requests from Salesforce"
        indexes: ClassVar = [
            models.Index(fields=["salesforce_id"], name="request_salesforce_id"),
            models.Index(fields=["order_salesforce_id"], name="request_order_id"),
            models.Index(
                fields=["answers"],
                condition=models.Q(is_told=False),
                name="request_undone_there",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "salesforce_id"], name="one_row_per_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display() or 'Request'} of {self.order or 'no order'}"


class ApiUse(models.Model):
    """How many of an organization's API requests one kind of job spent in one hour."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    hour = models.DateTimeField()
    kind = models.CharField(max_length=40)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "connectors"
        ordering: ClassVar = ["-hour", "kind"]
        verbose_name = "API use"
        verbose_name_plural = "API use"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "hour", "kind"], name="one_row_per_hour_of_use"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.calls}"
