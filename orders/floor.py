"""What the warehouse's people did, and what of it needs somebody: more of the mirror."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account


class Fact(models.TextChoices):
    """What of the warehouse's doings both a message and a reading can tell."""

    SHIPMENT = "shipment", "Shipment"
    ALLOCATION = "allocation", "Allocation"
    DEALLOCATION = "deallocation", "Allocation taken back"
    CANCEL = "cancel", "Cancel"
    PICK = "pick", "Pick"
    RETURN = "return", "Return"


class Sighting(models.Model):
    """One fact of the warehouse, and when each of the two ways first told it.

    Webhooks are hints and reading is the guarantee: what only reading told was lost on
    the way. `reference` is the fact's own name within its kind.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    export = models.ForeignKey(
        "orders.Export", on_delete=models.SET_NULL, null=True, blank=True
    )
    fact = models.CharField(max_length=16, choices=Fact)
    reference = models.CharField(max_length=120)
    first_at = models.DateTimeField(db_index=True)
    webhook_at = models.DateTimeField(null=True, blank=True)
    reading_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "fact", "reference"],
                name="one_sighting_per_fact",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_fact_display()} {self.reference}"


class Pick(models.Model):
    """Goods taken into a tote. `quantity` comes from a reading, `packed_at` from an event.

    `is_current` says whether the newest reading still shows it; what was put back is not.
    """

    export = models.ForeignKey(
        "orders.Export", on_delete=models.CASCADE, related_name="picks"
    )
    export_line = models.ForeignKey(
        "orders.ExportLine", on_delete=models.CASCADE, null=True, blank=True
    )
    remote_legacy_id = models.BigIntegerField()
    sku = models.CharField(max_length=255, blank=True)
    tote = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField(default=0)
    picked_at = models.DateTimeField(null=True, blank=True)
    packed_at = models.DateTimeField(null=True, blank=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "remote_legacy_id"], name="one_pick_per_remote_id"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class HoldSpell(models.Model):
    """One stretch of time in which the warehouse kept an order back, by kind.

    ShipHero tells only that a hold is set, so `since` is when a reading first saw it.
    `after_picking` says that goods were in a tote by then: it may ship anyway.
    """

    export = models.ForeignKey(
        "orders.Export", on_delete=models.CASCADE, related_name="hold_spells"
    )
    kind = models.CharField(max_length=20)
    is_ours = models.BooleanField(default=False)
    after_picking = models.BooleanField(default=False)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "kind"],
                condition=Q(ended_at__isnull=True),
                name="one_open_spell_per_hold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} hold"


class Return(models.Model):
    """Goods that come back, as the warehouse tells it. ShipSync only shows it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    export = models.ForeignKey(
        "orders.Export", on_delete=models.PROTECT, related_name="returns"
    )
    remote_id = models.CharField("ShipHero id", max_length=80)
    remote_legacy_id = models.BigIntegerField(null=True, blank=True)
    status = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    label_type = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    facts_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["remote_id"], name="return_remote_id"),
            models.Index(fields=["remote_legacy_id"], name="return_legacy_id"),
            models.Index(fields=["tracking_number"], name="return_tracking"),
            models.Index(fields=["status"], name="return_status"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "remote_id"], name="one_return_per_remote_id"
            )
        ]

    def __str__(self) -> str:
        return f"Return {self.remote_legacy_id or self.remote_id}"


class ReturnLine(models.Model):
    """What comes back of one line; `received` is what the warehouse has counted."""

    of_return = models.ForeignKey(
        Return, on_delete=models.CASCADE, related_name="lines"
    )
    export_line = models.ForeignKey(
        "orders.ExportLine", on_delete=models.SET_NULL, null=True, blank=True
    )
    sku = models.CharField(max_length=255, blank=True, db_index=True)
    quantity = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    restocked = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.received} of {self.quantity} {self.sku}"


class ExceptionKind(models.TextChoices):
    """What may need a person although nothing has failed."""

    BACKORDER = "backorder", "Backorder"
    STUCK = "stuck", "Stuck"
    CUT_OFF = "cut_off", "Will miss the cut-off"
    OVER_SHIPPED = "over_shipped", "Too much shipped"
    SHORT_SHIPPED = "short_shipped", "Too little shipped"
    NEVER_FINISHES = "never_finishes", "Will never finish"
    CLOSED_UNSHIPPED = "closed_unshipped", "Closed without a shipment"
    HELD_TOO_LATE = "held_too_late", "Held after picking"
    COUNTS_DIFFER = "counts_differ", "Counts do not add up"
    SERIALS_DIFFER = "serials_differ", "Serial numbers do not match"
    LOTS_MISSING = "lots_missing", "Lots are missing"
    CLONED = "cloned", "Cloned in the warehouse"


class OrderException(models.Model):
    """One thing about one order that a person may have to see to.

    It opens and closes with the facts: `evidence` is what the rule saw when it last
    held, `closed_with` what it saw when it no longer did. `times` counts how often it
    opened. A person's “wait” keeps it quiet until `quiet_until`.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="exceptions"
    )
    export = models.ForeignKey(
        "orders.Export", on_delete=models.CASCADE, null=True, blank=True
    )
    kind = models.CharField(max_length=20, choices=ExceptionKind, db_index=True)
    reason = models.TextField()
    next_step = models.TextField(blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    times = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(db_index=True)
    first_opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closed_with = models.TextField(blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    quiet_why = models.CharField(max_length=255, blank=True)
    quiet_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar = ["-opened_at", "-id"]
        verbose_name = "exception"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "kind"], name="one_exception_per_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: order {self.order}"

    def is_quiet(self, now: datetime) -> bool:
        """Whether a person said that it may wait."""
        return bool(self.quiet_until and self.quiet_until > now)
