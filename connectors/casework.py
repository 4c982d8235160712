"""What people do about failures: causes, retries of many, mail, and the pulse of the flow."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account, Organization


class Cause(models.Model):
    """One reason why records fail, however many records it stops.

    `fingerprint` is made of account, code and the reason without what is the record's
    own; tries and failures carry the same. `title` is that reason in words. Open
    failures are counted live; the rest is kept here. `recovered_at` is set when the
    last open failure has gone, and cleared when one comes again.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True
    )
    code = models.CharField(max_length=80, db_index=True)
    title = models.TextField()
    error_kind = models.CharField(max_length=12)
    category = models.CharField(max_length=12)
    owner = models.CharField(max_length=12)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(null=True, blank=True)
    muted_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-last_seen_at"]

    def __str__(self) -> str:
        return self.title[:120]


class Stage(models.TextChoices):
    FIRST = "first", "Trying the first"
    FIVE = "five", "Trying five"
    REST = "rest", "Trying the rest"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"


class BulkRetry(models.Model):
    """A retry of many failures, the canary first: one, then five, then the rest.

    It stops by itself when a stage fails for a reason it was started for, and by hand
    at any time; what it has not touched stays as it was.
    """

    cause = models.ForeignKey(
        Cause, on_delete=models.SET_NULL, null=True, blank=True, related_name="retries"
    )
    words = models.CharField(max_length=255, help_text="Which failures were meant.")
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.FIRST)
    total = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField()
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.words

    @property
    def is_over(self) -> bool:
        return self.stage in {Stage.DONE, Stage.STOPPED}


class Result(models.TextChoices):
    WAITING = "waiting", "Not tried yet"
    TRIED = "tried", "Being tried"
    SOLVED = "solved", "Solved"
    SAME = "same", "Same reason again"
    OTHER = "other", "Another reason now"
    SKIPPED = "skipped", "Closed before its turn"


class BulkRetryItem(models.Model):
    """One failure of a retry of many, in its turn."""

    retry = models.ForeignKey(BulkRetry, on_delete=models.CASCADE, related_name="items")
    failure = models.ForeignKey(
        "connectors.FailedPayload", on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveIntegerField()
    result = models.CharField(max_length=8, choices=Result, default=Result.WAITING)
    tried_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["retry", "failure"], name="one_item_per_failure"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["retry", "result", "position"], name="retry_turns")
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.result}"


class FlowBucket(models.Model):
    """Five minutes of one account: what went out, what came back, and how fast.

    The sums are milliseconds: from the change in Salesforce to the warehouse, and
    from the shipment to its standing in Salesforce. `waiting` is no sum: how many
    orders waited to go out when they were last counted in these minutes.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    starts_at = models.DateTimeField(db_index=True)
    sent = models.PositiveIntegerField(default=0)
    sent_ms = models.PositiveBigIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    told_ms = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "starts_at"], name="one_bucket_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.starts_at:%Y-%m-%d %H:%M}"


class MailChoice(models.Model):
    """What a user wants to be mailed, and when not.

    Times are of `time_zone`. Within the quiet hours nothing is sent; what came
    meanwhile is told in the first mail afterwards.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choice"
    )
    new_causes = models.BooleanField("new causes", default=True)
    recovered = models.BooleanField("recoveries", default=True)
    owners = models.JSONField(default=list, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digest_at = models.JSONField(default=list, blank=True)
    digest_sent_at = models.DateTimeField(null=True, blank=True)
    told_until = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"Mail of {self.user}"
