"""What Salesforce was told of the things that need somebody, one row for each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from connectors.accounts.models import Organization
from orders.floor import OrderException
from orders.models import Order


class ExceptionRow(models.Model):
    """The row that one failure or exception has in Salesforce, as it was last sent.

    `key` is its external id there: one for each order and kind of trouble, so that the
    same row ends and begins again. `refused_at` is set while Salesforce does not take
    what was sent; `doubt_until` while an older write may still land late.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    key = models.CharField(max_length=80)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="exception_rows"
    )
    failure = models.ForeignKey(
        "connectors.FailedPayload",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    exception = models.ForeignKey(
        OrderException,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    code = models.CharField(max_length=80)
    category = models.CharField(max_length=12)
    owner = models.CharField(max_length=12)
    reason = models.TextField()
    fix = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    is_open = models.BooleanField(default=True, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=255, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    doubt_until = models.DateTimeField(null=True, blank=True, db_index=True)
    refused_at = models.DateTimeField(null=True, blank=True, db_index=True)
    refused_code = models.CharField(max_length=80, blank=True)
    refused_reason = models.TextField(blank=True)

    class Meta:
        app_label = "connectors"
        ordering: ClassVar = ["-opened_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-opened_at", "-id"], name="told_newest"),
            models.Index(fields=["key"], name="told_key"),
            models.Index(fields=["code"], name="told_code"),
            models.Index(fields=["owner"], name="told_owner"),
            models.Index(fields=["category"], name="told_category"),
        ]
        verbose_name = "exception told to Salesforce"
        verbose_name_plural = "exceptions told to Salesforce"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "key"], name="one_row_per_exception_key"
            )
        ]

    def __str__(self) -> str:
        return self.reason[:80]
