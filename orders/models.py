"""What we know of orders, what was exported of them, and what came back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from connectors.accounts.models import Account, Brand, Organization
from orders.editing import EditOutcome


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
    email = models.CharField(max_length=254, blank=True, help_text="In lower case.")
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    is_deleted = models.BooleanField("deleted in Salesforce", default=False)
    picture = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    source_modified_at = models.DateTimeField(db_index=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField()
    read_whole_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When its last reading with all its lines was asked for.",
    )
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
    cancel_requested_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="A person in Salesforce asked to cancel it; a later activation counts "
        "more.",
    )
    never_export = models.BooleanField(
        default=False, help_text="A person decided that no warehouse gets this order."
    )
    exclusion_why = models.CharField(max_length=255, blank=True)
    is_split = models.BooleanField(
        "in several accounts",
        default=False,
        help_text="Lines of it are shipped by another account than its own.",
    )
    cancel_wanted = models.CharField(
        max_length=255,
        blank=True,
        help_text="Why the warehouse order of a draft or deleted order is canceled.",
    )

    state = models.CharField(
        max_length=24, choices=OrderState, default=OrderState.WAITING, db_index=True
    )
    state_reason = models.TextField(blank=True)
    state_since = models.DateTimeField()
    written_back_hash = models.CharField(max_length=64, blank=True)
    written_back_at = models.DateTimeField(null=True, blank=True)
    written_items = models.JSONField(
        default=list, blank=True, help_text="Keys of the shipped lines in Salesforce."
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "salesforce_id"], name="one_mirror_per_order"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["salesforce_id"], name="orders_by_salesforce_id"),
            models.Index(fields=["state", "state_since"], name="orders_by_state"),
            models.Index(fields=["state", "-id"], name="orders_newest_by_state"),
            models.Index(fields=["account", "-id"], name="orders_by_account"),
            models.Index(fields=["stage", "-id"], name="orders_by_stage"),
            models.Index(fields=["is_eligible", "-id"], name="orders_by_eligibility"),
            models.Index(
                fields=["po_number"], condition=~Q(po_number=""), name="orders_by_po"
            ),
            models.Index(
                fields=["email"], condition=~Q(email=""), name="orders_by_email"
            ),
        ]

    def __str__(self) -> str:
        return self.order_number or self.salesforce_id


class LineItem(models.Model):
    """One line of the order as last read; quantity as the source has it.

    `account` ships it, `brand` is the one it was placed by; both are empty where no line
    is placed by itself.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    salesforce_id = models.CharField(max_length=18)
    line_number = models.CharField(max_length=40, blank=True)
    sku = models.CharField(max_length=255, blank=True, db_index=True)
    product_name = models.CharField(max_length=255, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    unit = models.CharField("unit of measure", max_length=40, blank=True)
    unit_price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True
    )
    brand = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["line_number", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "salesforce_id"], name="one_mirror_per_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class EditState(models.TextChoices):
    """What became of the last edit, by the reading after it."""

    APPLIED = EditOutcome.APPLIED.value, "Applied"
    PARTLY = EditOutcome.PARTLY.value, "Applied in part"
    TOO_LATE = EditOutcome.TOO_LATE.value, "Too late"


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

    edit_outcome = models.CharField(
        "last edit", max_length=8, choices=EditState, blank=True
    )
    edit_note = models.CharField(max_length=255, blank=True)
    edit_outcome_at = models.DateTimeField(null=True, blank=True)

    hold_kind = models.CharField(max_length=20, blank=True)
    window_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Until then edits are folded; the floor gets the order after it.",
    )
    held_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    alarmed_at = models.DateTimeField(
        null=True, blank=True, help_text="When people were mailed that it is held."
    )
    close_accepted_at = models.DateTimeField(null=True, blank=True)
    close_accepted_why = models.CharField(max_length=255, blank=True)
    clones = models.JSONField(
        default=list, blank=True, help_text="Numbers of orders that staff made of it."
    )

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
        indexes: ClassVar = [
            models.Index(fields=["sent_at"], name="exports_by_sent"),
            models.Index(fields=["key"], name="exports_by_key"),
            models.Index(
                fields=["remote_number"],
                condition=~Q(remote_number=""),
                name="exports_by_number",
            ),
            models.Index(fields=["account", "-id"], name="exports_by_account"),
            models.Index(
                fields=["held_at"],
                condition=Q(released_at=None, canceled_at=None, closed_at=None)
                & ~Q(hold_kind=""),
                name="exports_held",
            ),
            models.Index(
                fields=["id"],
                condition=Q(canceled_at=None, closed_at=None)
                & ~Q(remote_id="")
                & ~Q(sent_hash="")
                & ~Q(wanted_hash=F("sent_hash")),
                name="exports_drifting",
            ),
            models.Index(
                fields=["edit_intent_at"],
                condition=Q(edit_intent_at__isnull=False),
                name="exports_edit_unknown",
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
    """A line frozen at export; quantities are in base units.

    It was ordered in `unit`, of `unit_factor` pieces each; without a unit in pieces.
    `allocated` to `remote_shipped` are what the newest reading says. `shipped` follows
    from the shipments, `shipped_as_read` from those that this reading knew. `components`
    is what one unit of a kit is made of ({SKU: units}), as first seen.
    """

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="lines")
    line_item = models.ForeignKey(
        LineItem, on_delete=models.SET_NULL, null=True, blank=True
    )
    sequence = models.PositiveIntegerField()
    key = models.CharField(max_length=45)
    sku = models.CharField(max_length=255, db_index=True)
    product_name = models.CharField(max_length=255, blank=True)
    quantity = models.PositiveIntegerField()
    unit = models.CharField("unit of measure", max_length=40, blank=True)
    unit_factor = models.PositiveIntegerField(default=1)
    warehouse = models.CharField(max_length=80, blank=True)
    remote_id = models.CharField(max_length=80, blank=True)
    is_removed = models.BooleanField(default=False)
    allocated = models.PositiveIntegerField(default=0)
    backordered = models.PositiveIntegerField(default=0)
    picked = models.PositiveIntegerField(default=0)
    packed = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)
    shipped_as_read = models.PositiveIntegerField(default=0)
    pending = models.PositiveIntegerField(null=True, blank=True)
    remote_quantity = models.PositiveIntegerField(null=True, blank=True)
    remote_shipped = models.PositiveIntegerField(null=True, blank=True)
    components = models.JSONField(default=dict, blank=True)
    serials_read = models.JSONField(default=list, blank=True)

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
    void_seen_at = models.DateTimeField(null=True, blank=True)
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
        indexes: ClassVar = [
            models.Index(fields=["received_at"], name="shipments_by_received"),
            models.Index(fields=["remote_id"], name="shipments_by_remote_id"),
            models.Index(fields=["remote_legacy_id"], name="shipments_by_number"),
            models.Index(fields=["written_back_at"], name="shipments_by_told"),
            models.Index(fields=["account", "-id"], name="shipments_by_account"),
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
    is_pickup = models.BooleanField(default=False)

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
    lot_expires_on = models.DateField(null=True, blank=True)

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


# Django finds models where an app's `models` module brings them in.
from orders import decisions, floor, proposals  # noqa: E402, F401
