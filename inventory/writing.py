"""What may be promised, and how it gets to Salesforce: each row, and large writes.

Its models belong to `inventory.models`, which names them all.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account, Brand
from inventory import units
from inventory.records import SKU_LENGTH


class Standing(models.TextChoices):
    """What became of the number that is wanted now."""

    NEW = "new", "To be written"
    WRITTEN = "written", "In Salesforce"
    REFUSED = "refused", "Refused by Salesforce"
    NO_PRODUCT = "no_product", "No product in Salesforce has this SKU"
    AMBIGUOUS = "ambiguous", "Several products in Salesforce have this SKU"
    INACTIVE = "inactive", "The product is inactive in Salesforce"
    EMPTY = "empty", "None here, and none told before"
    LEFT_OUT = "left_out", "Left out by a person"


class RunState(models.TextChoices):
    PROPOSED = "proposed", "Waits for a person"
    RUNNING = "running", "Being written"
    STOPPING = "stopping", "Being stopped"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    DECLINED = "declined", "Declined"


class JobStep(models.TextChoices):
    """How far the Bulk job that is under way has got."""

    NONE = "none", "No job"
    OPEN = "open", "Opened"
    FILLED = "filled", "Filled"
    STARTED = "started", "Started"


OPEN_STATES = (RunState.PROPOSED, RunState.RUNNING, RunState.STOPPING)


class AvailabilityRun(models.Model):
    """One large write: its price, who said yes, and the Bulk job that is under way.

    `calls` and `storage_kb` are estimates made when it was proposed; each row starts
    every flow that the organization has on the object. One is open per account.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=RunState)
    rows = models.PositiveBigIntegerField("rows to write")
    new_rows = models.PositiveBigIntegerField("of them new", default=0)
    calls = models.PositiveIntegerField("API calls", default=0)
    storage_kb = models.PositiveBigIntegerField("storage in KB", default=0)
    written = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    remote_job_id = models.CharField("Bulk job", max_length=18, blank=True)
    step = models.CharField(
        "job is", max_length=8, choices=JobStep, default=JobStep.NONE
    )
    job_started_at = models.DateTimeField(null=True, blank=True)
    last_word = models.TextField("Salesforce said", blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = "large write"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=["proposed", "running", "stopping"]),
                name="one_open_availability_run_per_account",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rows} rows of {self.account}"


class Availability(models.Model):
    """What may be promised of a SKU from a warehouse, and what Salesforce was told.

    `scope` is the brand's key, or 0 where the account's own formula holds for all its
    brands; `brand` is that brand. `explanation` lists the steps of the formula as
    [words, amount], and `unit` is what people count the SKU in: one holds `unit_factor`
    pieces. A row is to be dealt with while `wanted_hash` is not `settled_hash`;
    `standing` says how it was. `sent_hash` and `run` belong to a write under way. After
    `rewrite_at` it is written once more, because an older write may have landed late.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True)
    scope = models.PositiveBigIntegerField(default=0)
    warehouse = models.ForeignKey(
        "inventory.Warehouse", on_delete=models.PROTECT, related_name="availabilities"
    )
    sku = models.CharField("SKU", max_length=SKU_LENGTH, db_index=True)
    quantity = models.BigIntegerField()
    explanation = models.JSONField(default=list)
    unit = models.CharField(max_length=40, blank=True)
    unit_factor = models.PositiveIntegerField("pieces in one unit", default=1)
    stock_read_at = models.DateTimeField()
    computed_at = models.DateTimeField()
    wanted_hash = models.CharField(max_length=64)
    written_hash = models.CharField(max_length=64, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    settled_hash = models.CharField(max_length=64, blank=True)
    standing = models.CharField(
        "in Salesforce", max_length=10, choices=Standing, default=Standing.NEW
    )
    code = models.CharField(max_length=80, blank=True)
    reason = models.TextField("Salesforce said", blank=True)
    sent_hash = models.CharField(max_length=64, blank=True)
    run = models.ForeignKey(
        AvailabilityRun,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="under_way",
        db_index=False,
    )
    rewrite_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["sku", "warehouse", "scope"]
        verbose_name_plural = "availabilities"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["warehouse", "sku", "scope"],
                name="one_availability_per_sku_warehouse_and_brand",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "sku"], name="availability_sku"),
            models.Index(
                fields=["account", "id"],
                condition=~Q(wanted_hash=models.F("settled_hash")),
                name="availability_to_settle",
            ),
            models.Index(
                fields=["run", "id"],
                condition=Q(run__isnull=False),
                name="availability_under_way",
            ),
            models.Index(
                fields=["account", "rewrite_at"],
                condition=Q(rewrite_at__isnull=False),
                name="availability_to_rewrite",
            ),
            models.Index(
                fields=["account", "standing"],
                condition=Q(standing__in=["refused", "ambiguous", "inactive"]),
                name="availability_troubled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"

    @property
    def sum_in_words(self) -> str:
        """`On hand +10, Buffer -2`."""
        return ", ".join(f"{words} {amount:+}" for words, amount in self.explanation)

    @property
    def in_units(self) -> str:
        """The number in the SKU's own unit, or "" where it is counted by the piece."""
        if self.unit_factor <= 1:
            return ""
        return units.in_words(self.quantity, self.unit, self.unit_factor)
