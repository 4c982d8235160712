"""What we know of orders, what was exported of them, and what came back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from connectors.accounts.models import Account, Brand, Organization


class OrderState(models.TextChoices):
    """Where an order is, in the words of the floor. Derived from facts only."""

    NOT_EXPORTED = "not_exported", "Not exported"
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    ON_HOLD = "on_hold", "On hold"
    IN_WAREHOUSE = "in_warehouse", "In warehouse"
    BACKORDERED = "backordered", "Backordered"
    PICKING = "picking", "Picking"
    PACKED = "packed", "Packed"
    PARTIALLY_SHIPPED = "partially_shipped", "Partially shipped"
    SHIPPED = "shipped", "Shipped"
    CANCELED = "canceled", "Canceled"
    CLOSED = "closed", "Closed without shipment"
    FAILED = "failed", "Failed"


class Order(models.Model):
    """A sales order as last read from its Salesforce organization.

    `picture` is the whole record as read; the columns beside it are for search.
    `version` grows by one whenever what was read differs from the picture.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True)
    salesforce_id = models.CharField(max_length=18)
    order_number = models.CharField(max_length=80, db_index=True)
    stage = models.CharField(max_length=16)
    status = models.CharField("status in Salesforce", max_length=80, blank=True)
    customer_name = models.CharField(max_length=255, blank=True)
    po_number = models.CharField(max_length=80, blank=True)
    ship_to_name = models.CharField(max_length=255, blank=True)
    ship_to_place = models.CharField(max_length=255, blank=True)
    shipping_method = models.CharField(max_length=120, blank=True)
    is_deleted = models.BooleanField("deleted in Salesforce", default=False)
    picture = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    source_modified_at = models.DateTimeField(db_index=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField()
    created_at = models.DateTimeField(db_index=True)

    is_eligible = models.BooleanField(default=False)
    eligibility_reason = models.CharField(max_length=255, blank=True)
    include_anyway = models.BooleanField(
        default=False,
        help_text="A person chose to export this order in spite of go-live.",
    )
    handled_outside = models.BooleanField(
        default=False, help_text="A person ships this order without ShipSync."
    )

    state = models.CharField(
        max_length=24, choices=OrderState, default=OrderState.WAITING, db_index=True
    )
    state_reason = models.TextField(blank=True)
    state_since = models.DateTimeField()
    written_back_hash = models.CharField(max_length=64, blank=True)
    written_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "salesforce_id"], name="one_mirror_per_order"
            )
        ]

    def __str__(self) -> str:
        return self.order_number or self.salesforce_id


class LineItem(models.Model):
    """One line of the order as last read; quantity as the source has it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    salesforce_id = models.CharField(max_length=18)
    line_number = models.CharField(max_length=40, blank=True)
    sku = models.CharField(max_length=255, blank=True, db_index=True)
    product_name = models.CharField(max_length=255, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    unit_price = models.DecimalField(max_digits=18, decimal_places=4, null=True)

    class Meta:
        ordering: ClassVar = ["line_number", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "salesforce_id"], name="one_mirror_per_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class Export(models.Model):
    """One warehouse order that stands, or is to stand, for one generation of an order.

    Four pictures: `wanted` (source, maps, rules, overrides), `sent` (what we last
    asked for in full), `acknowledged` (that, read back), `facts` (the remote as last
    read, with its reading time). `fence` rises with every claim; a write that does
    not carry the newest fence changes nothing. `intent_at` is set while a create
    may have been applied without our knowing, `edit_intent_at` while any other write.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="exports")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True)
    generation = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=80, help_text="Our idempotency key in ShipHero.")

    wanted = models.JSONField(null=True, blank=True)
    wanted_hash = models.CharField(max_length=64, blank=True)
    sent = models.JSONField(null=True, blank=True)
    sent_hash = models.CharField(max_length=64, blank=True)
    acknowledged = models.JSONField(null=True, blank=True)
    facts = models.JSONField(null=True, blank=True)
    facts_read_at = models.DateTimeField(null=True, blank=True)

    remote_id = models.CharField(
        "ShipHero id", max_length=80, blank=True, db_index=True
    )
    remote_legacy_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    remote_number = models.CharField("ShipHero number", max_length=80, blank=True)
    linked_by_person = models.BooleanField(default=False)

    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    intent_at = models.DateTimeField(null=True, blank=True, db_index=True)
    edit_intent_at = models.DateTimeField(null=True, blank=True)
    create_calls = models.PositiveIntegerField(default=0)

    hold_kind = models.CharField(max_length=20, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    source_modified_at = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    remote_event_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    written_back_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "account", "generation"],
                name="one_export_per_generation",
            ),
            models.UniqueConstraint(
                fields=["account", "key"], name="one_export_per_key"
            ),
            models.UniqueConstraint(
                fields=["account", "remote_id"],
                condition=~Q(remote_id=""),
                name="one_export_per_remote_order",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_held_by_us(self) -> bool:
        return bool(self.remote_id and self.hold_kind) and not (
            self.released_at or self.canceled_at or self.closed_at
        )


class ExportLine(models.Model):
    """A line frozen at export; quantities are in base units."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="lines")
    line_item = models.ForeignKey(
        LineItem, on_delete=models.SET_NULL, null=True, blank=True
    )
    sequence = models.PositiveIntegerField()
    key = models.CharField(max_length=45)
    sku = models.CharField(max_length=255, db_index=True)
    product_name = models.CharField(max_length=255, blank=True)
    quantity = models.PositiveIntegerField()
    unit_factor = models.PositiveIntegerField(default=1)
    warehouse = models.CharField(max_length=80, blank=True)
    remote_id = models.CharField(max_length=80, blank=True)
    is_removed = models.BooleanField(default=False)
    allocated = models.PositiveIntegerField(default=0)
    backordered = models.PositiveIntegerField(default=0)
    picked = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "key"], name="one_line_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class Shipment(models.Model):
    """Something left the building: an event, known by the warehouse's own id."""

    export = models.ForeignKey(
        Export, on_delete=models.PROTECT, related_name="shipments"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    remote_id = models.CharField("ShipHero id", max_length=80)
    remote_legacy_id = models.BigIntegerField(null=True, blank=True)
    warehouse = models.CharField(max_length=120, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True, db_index=True)
    is_void = models.BooleanField(default=False)
    first_seen_by = models.CharField(
        max_length=8, choices=[("webhook", "Webhook"), ("reading", "Reading")]
    )
    facts_read_at = models.DateTimeField(null=True, blank=True)
    remote_event_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    written_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "remote_id"], name="one_shipment_per_remote_id"
            )
        ]

    def __str__(self) -> str:
        return f"Shipment {self.remote_legacy_id or self.remote_id}"


class Package(models.Model):
    """One labelled parcel of a shipment."""

    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="packages"
    )
    key = models.CharField(max_length=120)
    number = models.PositiveIntegerField(default=1)
    carrier = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=120, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True, db_index=True)
    tracking_url = models.CharField(max_length=500, blank=True)
    is_void = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["number", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shipment", "key"], name="one_package_per_key"
            )
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"Package {self.number}"


class ShipmentLine(models.Model):
    """What of which line left with a shipment."""

    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="lines"
    )
    export_line = models.ForeignKey(
        ExportLine, on_delete=models.SET_NULL, null=True, blank=True
    )
    sku = models.CharField(max_length=255, db_index=True)
    quantity = models.PositiveIntegerField()
    package_number = models.PositiveIntegerField(null=True, blank=True)
    serial_numbers = models.JSONField(default=list, blank=True)
    lot_name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class Allocation(models.Model):
    """Stock promised to an export in one warehouse, as of the last reading."""

    export = models.ForeignKey(
        Export, on_delete=models.CASCADE, related_name="allocations"
    )
    reference = models.CharField(max_length=80)
    warehouse = models.CharField(max_length=120, blank=True)
    allocated_at = models.DateTimeField(null=True, blank=True)
    ready_to_ship = models.BooleanField(default=False)
    is_locked = models.BooleanField(default=False)
    quantities = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.warehouse} ({self.reference})"


class Override(models.Model):
    """A person's value for one field of an order; it feeds what is wanted."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="overrides")
    field = models.CharField(max_length=40)
    value = models.CharField(max_length=255)
    why = models.CharField(max_length=255)
    until = models.DateTimeField(null=True, blank=True)
    created_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"
