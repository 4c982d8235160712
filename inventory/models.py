"""Where stock lies, what is sold, how many there are, and how we came to know it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account, Organization
from inventory.expected import ExpectedGoods
from inventory.history import (
    DiscrepancyKind,
    SnapshotState,
    StockDiscrepancy,
    StockMovement,
    StockPoint,
    StockSnapshot,
    StockSource,
)
from inventory.records import SKU_LENGTH
from inventory.writing import (
    Availability,
    AvailabilityRun,
    JobStep,
    RunState,
    Standing,
)

__all__ = [
    "Availability",
    "AvailabilityRun",
    "DiscrepancyKind",
    "ExpectedGoods",
    "Holiday",
    "JobStep",
    "KitComponent",
    "Product",
    "ProductCase",
    "RunState",
    "SnapshotState",
    "SourceProduct",
    "Standing",
    "StockDiscrepancy",
    "StockLevel",
    "StockMovement",
    "StockPoint",
    "StockSnapshot",
    "StockSource",
    "TransitTime",
    "UnitFactor",
    "Warehouse",
]


def every_day() -> list[int]:
    """Monday to Friday, as ISO numbers them."""
    return [1, 2, 3, 4, 5]


class Warehouse(models.Model):
    """A building of an account.

    Name and address are ShipHero's and are replaced with every reading; region, times
    and days are ours, and a person's. `is_listed` is False for one that stock was told
    of, though the account does not list it: it is shown and never promised from.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="warehouses"
    )
    remote_id = models.CharField("ShipHero id", max_length=80)
    remote_legacy_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    name = models.CharField(max_length=120, blank=True)
    company_name = models.CharField(max_length=255, blank=True)
    address1 = models.CharField(max_length=255, blank=True)
    address2 = models.CharField(max_length=255, blank=True)
    city = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=120, blank=True)
    zip = models.CharField("postal code", max_length=40, blank=True)
    country = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=80, blank=True)
    is_listed = models.BooleanField("listed by the account", default=True)
    is_active = models.BooleanField(
        "in use", default=True, help_text="Orders may be routed here."
    )
    is_chosen = models.BooleanField(
        "in availability",
        default=True,
        help_text="Its stock is promised and written to Salesforce.",
    )
    region = models.CharField(
        max_length=80, blank=True, help_text="Your own word, such as East or EU."
    )
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Such as America/Chicago. Blank: UTC."
    )
    cutoff = models.TimeField(
        "cut-off",
        null=True,
        blank=True,
        help_text="Orders in by then leave the same working day.",
    )
    working_days = models.JSONField(
        default=every_day, blank=True, help_text="1 is Monday, 7 is Sunday."
    )
    read_at = models.DateTimeField(null=True, blank=True)
    stock_read_at = models.DateTimeField(
        "all stock read",
        null=True,
        blank=True,
        help_text="When the last whole snapshot that names it was asked for.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["account", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "remote_id"], name="one_warehouse_per_remote_id"
            )
        ]

    def __str__(self) -> str:
        return self.name or f"Warehouse {self.remote_legacy_id or self.remote_id}"


class Holiday(models.Model):
    """A day on which a warehouse ships nothing."""

    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="holidays"
    )
    date = models.DateField()
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["date"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["warehouse", "date"], name="one_holiday_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}".strip()


class TransitTime(models.Model):
    """Working days on the road. Blank means any; the most telling row holds."""

    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="transit_times"
    )
    country = models.CharField(
        max_length=2, blank=True, help_text="Two letters, such as US. Blank: any."
    )
    region = models.CharField(
        max_length=80, blank=True, help_text="State or province. Blank: any."
    )
    method = models.CharField(
        max_length=120, blank=True, help_text="Shipping method. Blank: any."
    )
    days = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["country", "region", "method"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["warehouse", "country", "region", "method"],
                name="one_transit_time_per_way",
            )
        ]

    def __str__(self) -> str:
        way = " ".join(
            part for part in (self.country, self.region, self.method) if part
        )
        return f"{way or 'Anywhere'}: {self.days} days"


class Product(models.Model):
    """A SKU of an account. `read_at` is empty while only stock has told of it."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="products"
    )
    sku = models.CharField("SKU", max_length=SKU_LENGTH, db_index=True)
    name = models.CharField(max_length=500, blank=True)
    remote_id = models.CharField(
        "ShipHero id", max_length=80, blank=True, db_index=True
    )
    remote_legacy_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    barcode = models.CharField(max_length=255, blank=True, db_index=True)
    is_kit = models.BooleanField("kit", default=False)
    is_built = models.BooleanField(
        "built kit", default=False, help_text="Assembled beforehand: stock of its own."
    )
    is_virtual = models.BooleanField("virtual", default=False)
    needs_serial = models.BooleanField("serial numbers", default=False)
    needs_lot = models.BooleanField("lots", default=False)
    is_active = models.BooleanField("active", default=True)
    remote_updated_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["sku"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "sku"], name="one_product_per_sku"
            )
        ]

    def __str__(self) -> str:
        return self.sku


class KitComponent(models.Model):
    """One ingredient of a kit, as of the product's last reading."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="components"
    )
    sku = models.CharField("SKU", max_length=SKU_LENGTH, db_index=True)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["sku"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "sku"], name="one_component_per_sku"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class ProductCase(models.Model):
    """A carton of `units` pieces of a product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="cases")
    barcode = models.CharField(max_length=255, blank=True, db_index=True)
    units = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["units"]

    def __str__(self) -> str:
        return f"Case of {self.units}"


class UnitFactor(models.Model):
    """How many pieces one sales unit holds. A blank SKU stands for every SKU."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="unit_factors"
    )
    sku = models.CharField("SKU", max_length=SKU_LENGTH, blank=True)
    unit = models.CharField(
        max_length=40, help_text="As Salesforce names it, such as Case."
    )
    factor = models.PositiveIntegerField("pieces")

    class Meta:
        ordering: ClassVar = ["sku", "unit"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "sku", "unit"], name="one_factor_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(factor__gte=1), name="factor_is_one_or_more"
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.unit} = {self.factor}"


class SkuTrouble(models.TextChoices):
    """Why a product's SKU cannot be relied on."""

    MISSING = "missing", "No SKU"
    AMBIGUOUS = "ambiguous", "Several products have this SKU"
    INACTIVE = "inactive", "Inactive, and no other product has its SKU"


class SourceProduct(models.Model):
    """A product as last read from Salesforce. Several may carry one SKU: a problem.

    `trouble` is kept by `source_products.judge`.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="source_products"
    )
    salesforce_id = models.CharField(max_length=18, db_index=True)
    sku = models.CharField("SKU", max_length=SKU_LENGTH, blank=True, db_index=True)
    name = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField("active", default=True)
    is_deleted = models.BooleanField("deleted in Salesforce", default=False)
    unit = models.CharField("unit of measure", max_length=40, blank=True)
    source_modified_at = models.DateTimeField()
    read_at = models.DateTimeField()
    trouble = models.CharField(
        max_length=10, choices=SkuTrouble, blank=True, editable=False
    )

    class Meta:
        ordering: ClassVar = ["sku", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "salesforce_id"],
                name="one_mirror_per_source_product",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "sku"], name="source_product_sku"),
            models.Index(
                fields=["trouble"],
                condition=~models.Q(trouble=""),
                name="source_product_trouble",
            ),
        ]

    def __str__(self) -> str:
        return self.sku or self.salesforce_id


class StockLevel(models.Model):
    """How many pieces of a SKU a warehouse has, as of `read_at`; newest reading wins.

    Empty counts were not told. `changed_at` is when one of them last moved. A SKU that
    a reading leaves out keeps its row: absent is not zero.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="levels"
    )
    sku = models.CharField("SKU", max_length=SKU_LENGTH, db_index=True)
    on_hand = models.BigIntegerField()
    allocated = models.BigIntegerField(null=True, blank=True)
    available = models.BigIntegerField(
        null=True, blank=True, help_text="As ShipHero says it."
    )
    backordered = models.BigIntegerField(null=True, blank=True)
    reserve = models.BigIntegerField(null=True, blank=True)
    sell_ahead = models.BigIntegerField(null=True, blank=True)
    non_sellable = models.BigIntegerField(null=True, blank=True)
    in_tote = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField("active here", default=True)
    source = models.CharField(max_length=8, choices=StockSource)
    read_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["sku", "warehouse"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["warehouse", "sku"], name="one_level_per_sku_and_warehouse"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "sku"], name="level_account_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} in {self.warehouse}"
