"""The workshop's own books: what is wanted, what was tried, what arrived, what failed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors import casework, outgoing  # noqa: F401 - Django looks for models here
from connectors.accounts.fields import EncryptedJSONField
from connectors.accounts.models import Account, AppendOnlyError, Organization
from connectors.config_versions import (  # noqa: F401 - Django finds models here
    ConfigKind,
    ConfigVersion,
)
from connectors.errors import Category, Kind, Owner, System
from connectors.exception_rows import (  # noqa: F401 - Django finds models here
    ExceptionRow,
)
from connectors.hearing import (  # noqa: F401 - Django finds models here
    ApiUse,
    MessageForm,
    MessageState,
    RequestKind,
    RequestState,
    SalesforceListener,
    SalesforceMessage,
    SalesforceNotification,
    SalesforceRequest,
)
from orders.models import Export, Order


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(word.value, word.value.replace("_", " ").capitalize()) for word in words]


class Payload(models.Model):
    """A body that was sent or received; retention and erasure touch only this table.

    `body` is redacted when written, but for raw webhook bodies (`is_raw`), which
    must stay byte for byte until they expire.
    """

    digest = models.CharField(max_length=64, db_index=True)
    body = models.BinaryField()
    media_type = models.CharField(max_length=80, default="application/json")
    size = models.PositiveIntegerField()
    is_raw = models.BooleanField(default=False)
    is_personal = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.media_type}, {self.size} bytes"


class JobState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    PARKED = "parked", "Parked"


class Trigger(models.TextChoices):
    WEBHOOK = "webhook", "Webhook"
    MESSAGE = "message", "Message from Salesforce"
    SCHEDULE = "schedule", "Schedule"
    PERSON = "person", "Person"
    FOLLOW_UP = "follow_up", "Follow-up"


class SyncJob(models.Model):
    """That a record is to be brought together with its other side: the ledger of intent.

    One row per (kind, account or organization, subject), whose three are spelled in
    `key`. A ring raises `wanted_version`; a run is done only if that has not moved
    since its start. `starts` counts claims without an outcome, `attempts` failures
    in a row. `not_before` is when it is due.
    """

    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=40)
    lane = models.CharField(max_length=20)
    priority = models.PositiveSmallIntegerField(default=50)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True
    )
    subject = models.CharField(max_length=80)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, null=True, blank=True, related_name="jobs"
    )

    state = models.CharField(
        max_length=8, choices=JobState, default=JobState.WAITING, db_index=True
    )
    wanted_version = models.PositiveBigIntegerField(default=1)
    done_version = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    starts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    fence = models.PositiveBigIntegerField(default=0)

    trigger = models.CharField(max_length=12, choices=Trigger, default=Trigger.SCHEDULE)
    cause = models.CharField(max_length=255, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    note = models.CharField(
        max_length=255, blank=True, help_text="Why it waits, in words for people."
    )
    last_code = models.CharField(max_length=80, blank=True)
    last_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["lane", "not_before", "priority"],
                condition=Q(state="waiting"),
                name="jobs_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state="running"),
                name="jobs_running",
            ),
            # The console's lists: what is not done, one kind, what was tried in vain.
            models.Index(fields=["-id"], condition=~Q(state="done"), name="jobs_open"),
            models.Index(fields=["kind", "-id"], name="jobs_by_kind"),
            models.Index(
                fields=["-id"], condition=Q(attempts__gt=0), name="jobs_tried"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.order or self.subject}"


class Outcome(models.TextChoices):
    DONE = "done", "Done"
    LATER = "later", "Waits"
    THROTTLED = "throttled", "Throttled"
    RETRY = "retry", "Will retry"
    PARKED = "parked", "Parked"
    PAUSED = "paused", "Paused the login"


class SyncAttempt(models.Model):
    """The sync log: one row per try that had an effect or an error. Append-only."""

    job = models.ForeignKey(
        SyncJob, on_delete=models.SET_NULL, null=True, related_name="tries"
    )
    kind = models.CharField(max_length=40, db_index=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True
    )
    subject = models.CharField(max_length=80)
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="attempts"
    )
    export = models.ForeignKey(Export, on_delete=models.SET_NULL, null=True, blank=True)
    trigger = models.CharField(max_length=12, choices=Trigger)
    cause = models.CharField(max_length=255, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    started_at = models.DateTimeField(db_index=True)
    duration_ms = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome, db_index=True)
    error_kind = models.CharField(max_length=12, choices=_choices(Kind), blank=True)
    code = models.CharField(max_length=80, blank=True, db_index=True)
    reason = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    detail = models.TextField(blank=True)
    request_id = models.CharField(max_length=80, blank=True, db_index=True)
    credits = models.PositiveIntegerField(default=0)
    diff = models.JSONField(null=True, blank=True)
    did = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["outcome", "-id"], name="tries_by_outcome"),
            models.Index(fields=["kind", "-id"], name="tries_by_kind"),
            models.Index(fields=["account", "-id"], name="tries_by_account"),
            models.Index(fields=["error_kind", "-id"], name="tries_by_error_kind"),
            models.Index(fields=["trigger", "-id"], name="tries_by_trigger"),
            models.Index(fields=["order", "-id"], name="tries_by_order"),
            models.Index(fields=["code", "-id"], name="tries_by_code"),
            models.Index(fields=["subject", "-id"], name="tries_by_subject"),
            models.Index(
                fields=["fingerprint", "-id"],
                condition=~Q(fingerprint=""),
                name="tries_by_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.outcome}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not kwargs.get("force_insert"):
            raise AppendOnlyError("The sync log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("The sync log is append-only.")


class RemoteCall(models.Model):
    """One request to a remote system within a try, with its answer. Append-only."""

    attempt = models.ForeignKey(
        SyncAttempt, on_delete=models.CASCADE, related_name="calls"
    )
    system = models.CharField(max_length=12, choices=_choices(System))
    operation = models.CharField(max_length=60)
    sent = models.ForeignKey(
        Payload, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answer = models.ForeignKey(
        Payload, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    request_id = models.CharField(max_length=80, blank=True, db_index=True)
    credits = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.operation


class Closing(models.TextChoices):
    RESOLVED = "resolved", "Resolved by success"
    RETRIED = "retried", "Retried by a person"
    REOPENED = "reopened", "Something changed"
    DISMISSED = "dismissed", "Dismissed"
    BY_HAND = "by_hand", "Resolved by a person"


class FailedPayload(models.Model):
    """One episode of parking: why, since when, whose it is, and how it ended."""

    job = models.ForeignKey(SyncJob, on_delete=models.CASCADE, related_name="failures")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True
    )
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="failures"
    )
    attempt = models.ForeignKey(
        SyncAttempt, on_delete=models.SET_NULL, null=True, blank=True
    )
    error_kind = models.CharField(max_length=12, choices=_choices(Kind), db_index=True)
    category = models.CharField(
        max_length=12, choices=_choices(Category), db_index=True
    )
    owner = models.CharField(max_length=12, choices=_choices(Owner), db_index=True)
    code = models.CharField(max_length=80, db_index=True)
    reason = models.TextField()
    problems = models.JSONField(default=list, blank=True)
    fingerprint = models.CharField(max_length=64, db_index=True)
    detail = models.TextField(blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    payload = models.ForeignKey(
        Payload, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    error_response = models.ForeignKey(
        Payload, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closed_how = models.CharField(max_length=10, choices=Closing, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    closing_note = models.CharField(max_length=255, blank=True)
    times = models.PositiveIntegerField(
        default=1, help_text="How often in a row the record stopped for this cause."
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job"],
                condition=Q(closed_at__isnull=True),
                name="one_open_failure_per_job",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["fingerprint", "opened_at"],
                condition=Q(closed_at__isnull=True),
                name="open_failures_by_cause",
            ),
            models.Index(fields=["-opened_at", "-id"], name="failures_newest"),
            models.Index(
                fields=["request_id"],
                condition=~Q(request_id=""),
                name="failures_by_request",
            ),
            models.Index(fields=["owner", "-opened_at"], name="failures_by_owner"),
            models.Index(fields=["closed_how", "-closed_at"], name="failures_by_end"),
        ]

    def __str__(self) -> str:
        return self.reason[:80]


class RegistrationState(models.TextChoices):
    WANTED = "wanted", "Wanted"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class WebhookRegistration(models.Model):
    """A webhook type asked for at ShipHero. Written before the remote call.

    `token` is the secret part of the URL that finds this row; `secrets` holds the
    signature secret, which the remote tells once.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    type_name = models.CharField(max_length=40)
    label = models.CharField(max_length=40)
    token = models.CharField(max_length=64, unique=True)
    secrets = EncryptedJSONField(default=dict, blank=True)
    remote_id = models.CharField(max_length=80, blank=True)
    state = models.CharField(
        max_length=8, choices=RegistrationState, default=RegistrationState.WANTED
    )
    health = models.CharField(max_length=20, blank=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    secret_not_after = models.DateTimeField(null=True, blank=True)
    last_received_at = models.DateTimeField(null=True, blank=True)
    last_refused_at = models.DateTimeField(null=True, blank=True)
    refused_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["type_name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "type_name", "label"],
                name="one_registration_per_type_and_label",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type_name} ({self.label})"


class DeliveryState(models.TextChoices):
    NEW = "new", "New"
    APPLIED = "applied", "Applied"
    UNMATCHED = "unmatched", "No order yet"
    IGNORED = "ignored", "Not ours to act on"
    FAILED = "failed", "Failed"


class WebhookDelivery(models.Model):
    """A webhook as it arrived, stored before it was read. Never deleted before expiry."""

    registration = models.ForeignKey(WebhookRegistration, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    # Null, not empty, where the sender gave none: many rows may have none.
    message_id = models.CharField(  # noqa: DJ001
        max_length=200, null=True, blank=True
    )
    digest = models.CharField(max_length=64, db_index=True)
    payload = models.ForeignKey(Payload, on_delete=models.SET_NULL, null=True)
    received_at = models.DateTimeField(db_index=True)
    copies = models.PositiveIntegerField(default=1)
    type_name = models.CharField(max_length=40, blank=True, db_index=True)
    state = models.CharField(
        max_length=10, choices=DeliveryState, default=DeliveryState.NEW, db_index=True
    )
    reason = models.TextField(blank=True)
    order = models.ForeignKey(
        Order,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
    )
    order_key = models.CharField(max_length=80, blank=True, db_index=True)
    order_remote_id = models.CharField(max_length=80, blank=True, db_index=True)
    order_legacy_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    order_number = models.CharField(max_length=80, blank=True, db_index=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "webhook deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "message_id"],
                condition=Q(message_id__isnull=False),
                name="one_delivery_per_message",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="deliveries_by_state"),
            models.Index(fields=["message_id"], name="deliveries_by_message"),
            models.Index(fields=["account", "-id"], name="deliveries_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.type_name or 'Webhook'} {self.message_id or self.pk}"


class SyncCursor(models.Model):
    """How far a poll has read. Moves only in the transaction that stores what it read."""

    name = models.CharField(max_length=80, unique=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True
    )
    watermark = models.DateTimeField(null=True, blank=True)
    last_record_id = models.CharField(max_length=80, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    rows_read = models.PositiveBigIntegerField(default=0)
    rows_changed = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """The worker parent's sign of life; stale means that nothing is being done."""

    host = models.CharField(max_length=120, unique=True)
    pid = models.PositiveIntegerField()
    group = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    restarts = models.PositiveIntegerField(default=0)
    last_restart_reason = models.CharField(max_length=255, blank=True)
    is_stopped = models.BooleanField(default=False)
    alerted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["host"]

    def __str__(self) -> str:
        return self.host
