"""What is on its way to a warehouse, and when it is to arrive.

Its model belongs to `inventory.models`, which names it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from connectors.accounts.models import Account


class ExpectedGoods(models.Model):
    """One line of a purchase order, as long as pieces of it have yet to arrive."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    remote_id = models.CharField("ShipHero id", max_length=80)
    purchase_remote_id = models.CharField(max_length=80, db_index=True)
    number = models.CharField("purchase order", max_length=120, blank=True)
    warehouse_remote_id = models.CharField(max_length=80, blank=True)
    sku = models.CharField("SKU", max_length=255, db_index=True)
    units = models.PositiveIntegerField("pieces to come")
    due_on = models.DateField("due", null=True, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        verbose_name_plural = "expected goods"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "remote_id"], name="one_row_per_purchased_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.units} of {self.sku}"
