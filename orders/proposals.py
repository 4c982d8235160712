"""What ShipSync proposes to a person because it must not decide it alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ProposalKind(models.TextChoices):
    CANCEL = "cancel", "Cancel in ShipHero"
    ADDRESS = "address", "Take the address over from ShipHero"


class Decision(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "No longer needed"


class Proposal(models.Model):
    """One thing to decide about one warehouse order; open until it is decided.

    `value` is what would be taken over (an address), or null. `decided_by_name` is
    empty where ShipSync decided by the account's setting, or withdrew it.
    """

    export = models.ForeignKey(
        "orders.Export", on_delete=models.CASCADE, related_name="proposals"
    )
    kind = models.CharField(max_length=8, choices=ProposalKind)
    reason = models.CharField(max_length=255)
    value = models.JSONField(null=True, blank=True)
    opened_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True, db_index=True)
    decision = models.CharField(max_length=9, choices=Decision, blank=True)
    decided_by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "kind"],
                condition=Q(decided_at__isnull=True),
                name="one_open_proposal_per_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.export.order}"

    @property
    def account(self) -> models.Model:
        return self.export.account
