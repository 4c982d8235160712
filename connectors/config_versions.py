"""Versions of what people configure: maps, rules and settings as documents."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account, AppendOnlyError, Organization


class ConfigKind(models.TextChoices):
    SOURCE_MAPPING = "source_mapping", "Source mapping"
    ELIGIBILITY = "eligibility", "Eligibility"
    SHIPPING_METHODS = "shipping_methods", "Shipping methods"
    CHECKS = "checks", "Checks"
    WRITEBACK_FIELDS = "writeback_fields", "Fields written to Salesforce"
    SKU_ALIASES = "sku_aliases", "SKU aliases"
    TAGS = "tags", "Tags"
    STATUSES = "statuses", "Statuses"
    PRODUCT_TYPES = "product_types", "Product types"
    WEIGHTS = "weights", "Weights"
    ROUTING = "routing", "Routing rules"


# The kinds that are set for an account; the others are set for an organization.
OF_ACCOUNT = frozenset(
    {
        ConfigKind.SHIPPING_METHODS,
        ConfigKind.SKU_ALIASES,
        ConfigKind.TAGS,
        ConfigKind.STATUSES,
        ConfigKind.PRODUCT_TYPES,
        ConfigKind.WEIGHTS,
        ConfigKind.ROUTING,
        ConfigKind.CHECKS,
    }
)


class ConfigVersion(models.Model):
    """One immutable version of a configuration document. The newest one counts."""

    kind = models.CharField(max_length=20, choices=ConfigKind)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True
    )
    number = models.PositiveIntegerField()
    document = models.JSONField()
    note = models.CharField(max_length=255, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "organization", "number"],
                condition=Q(organization__isnull=False),
                name="one_config_number_per_organization",
            ),
            models.UniqueConstraint(
                fields=["kind", "account", "number"],
                condition=Q(account__isnull=False),
                name="one_config_number_per_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not kwargs.get("force_insert"):
            raise AppendOnlyError("Save a new version instead.")
        super().save(*args, **kwargs)
