"""How we came to know the counts: movements, points, snapshots, disagreements.

Its models belong to `inventory.models`, which names them all.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account
from inventory.records import SKU_LENGTH, Reason


class StockSource(models.TextChoices):
    """Which reading told the counts."""

    READ = "read", "Read after a ring"
    POLL = "poll", "Poll"
    SNAPSHOT = "snapshot", "Snapshot"
    PERSON = "person", "Refreshed by a person"


class StockMovement(models.Model):
    """The ledger: how a count moved, when, and what stood behind it. Append-only.

    Rows of a reading tell that a count is another than before; rows of a message
    (`told_by` = event) tell why. Both are kept: their sums are compared by eye, and
    never added up into a level.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    warehouse = models.ForeignKey("inventory.Warehouse", on_delete=models.PROTECT)
    sku = models.CharField("SKU", max_length=SKU_LENGTH, db_index=True)
    at = models.DateTimeField(db_index=True)
    told_by = models.CharField(
        max_length=8, choices=[*StockSource.choices, ("event", "Message")]
    )
    delta = models.BigIntegerField("change on hand")
    before = models.BigIntegerField("on hand before", null=True, blank=True)
    after = models.BigIntegerField("on hand after", null=True, blank=True)
    available_before = models.BigIntegerField(null=True, blank=True)
    available_after = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(
        max_length=8,
        choices=[(word.value, word.value.capitalize()) for word in Reason],
        default=Reason.UNTOLD,
    )
    reason_text = models.CharField("in their words", max_length=255, blank=True)
    reference = models.CharField(
        max_length=120,
        blank=True,
        db_index=True,
        help_text="The order, return or purchase behind it.",
    )
    key = models.CharField(
        max_length=120,
        blank=True,
        help_text="Names the message, so that one told twice is one row.",
    )

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["warehouse", "sku", "at"], name="movement_place"),
            models.Index(fields=["account", "sku", "at"], name="movement_sku"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "key"],
                condition=~Q(key=""),
                name="one_movement_per_message",
            )
        ]

    def __str__(self) -> str:
        return f"{self.delta:+} {self.sku}"


class StockPoint(models.Model):
    """A count as it stood at a time, kept where it had moved; thinned by age."""

    warehouse = models.ForeignKey("inventory.Warehouse", on_delete=models.CASCADE)
    sku = models.CharField("SKU", max_length=SKU_LENGTH)
    at = models.DateTimeField(db_index=True)
    on_hand = models.BigIntegerField()
    allocated = models.BigIntegerField(null=True, blank=True)
    available = models.BigIntegerField(null=True, blank=True)
    backordered = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["warehouse", "sku", "at"], name="point_place"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.on_hand}"


class SnapshotState(models.TextChoices):
    WANTED = "wanted", "To be asked for"
    ASKED = "asked", "Being made by ShipHero"
    READY = "ready", "Ready to download"
    READING = "reading", "Being read"
    APPLIED = "applied", "Applied"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired before it was read"
    ABORTED = "aborted", "Aborted"


class StockSnapshot(models.Model):
    """One whole reading of an account's stock, or of one warehouse's.

    `asked_at` stamps every count in it: what was read by another way since is newer.
    `missed` counts rows that no ring or poll had told, `absent` those we hold and the
    file does not.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="snapshots"
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Empty: all warehouses.",
    )
    state = models.CharField(
        max_length=8, choices=SnapshotState, default=SnapshotState.WANTED
    )
    remote_id = models.CharField("ShipHero id", max_length=80, blank=True)
    remote_status = models.CharField(max_length=40, blank=True)
    layout = models.CharField(max_length=8, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    url_expires_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField("reading began", null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField("bytes", default=0)
    offset = models.PositiveBigIntegerField(
        "bytes applied", default=0, help_text="How far its rows have been taken over."
    )
    seen = models.JSONField("warehouses in it", default=list, blank=True)
    rows = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    absent = models.PositiveIntegerField(default=0)
    odd = models.PositiveIntegerField("not believed", default=0)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["remote_id"], name="snapshot_remote_id"),
            models.Index(
                fields=["account", "asked_at"],
                condition=Q(state="applied", warehouse=None),
                name="snapshot_last_whole",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=["wanted", "asked", "ready", "reading"])
                & Q(warehouse=None),
                name="one_open_snapshot_per_account",
            ),
            models.UniqueConstraint(
                fields=["warehouse"],
                condition=Q(state__in=["wanted", "asked", "ready", "reading"]),
                name="one_open_snapshot_per_warehouse",
            ),
        ]

    def __str__(self) -> str:
        return f"Snapshot {self.remote_id or self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {
            SnapshotState.WANTED,
            SnapshotState.ASKED,
            SnapshotState.READY,
            SnapshotState.READING,
        }


class DiscrepancyKind(models.TextChoices):
    MISSED = "missed", "Missed by messages and polls"
    ABSENT = "absent", "Not in the snapshot"
    NEGATIVE = "negative", "Below zero"
    UNBELIEVED = "unbelieved", "Not believed"
    UNKNOWN_WAREHOUSE = "unknown_warehouse", "Unknown warehouse"
    MISSING_WAREHOUSE = "missing_warehouse", "Warehouse not in the snapshot"


class StockDiscrepancy(models.Model):
    """Where a reading and what we held disagreed, or a count that cannot be right.

    `size` is how many pieces; `ours_read_at` how old our knowledge was. One that was
    missed is corrected by the reading that found it and closed at once.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    warehouse = models.ForeignKey(
        "inventory.Warehouse", on_delete=models.PROTECT, null=True, blank=True
    )
    snapshot = models.ForeignKey(
        StockSnapshot,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="discrepancies",
    )
    kind = models.CharField(max_length=20, choices=DiscrepancyKind, db_index=True)
    sku = models.CharField("SKU", max_length=SKU_LENGTH, blank=True, db_index=True)
    bucket = models.CharField(max_length=16, blank=True)
    ours = models.BigIntegerField(null=True, blank=True)
    theirs = models.BigIntegerField(null=True, blank=True)
    size = models.PositiveBigIntegerField("pieces", default=0)
    detail = models.CharField(max_length=255, blank=True)
    ours_read_at = models.DateTimeField("we had read it", null=True, blank=True)
    found_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField("last seen")
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closed_how = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "stock discrepancies"
        indexes: ClassVar = [
            models.Index(fields=["account", "sku"], name="discrepancy_sku"),
            models.Index(
                fields=["account", "sku"],
                condition=Q(closed_at=None),
                name="discrepancy_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.sku}"
