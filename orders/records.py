"""What crosses the borders: frozen values in our own words, no vendor's."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal


class Missing(enum.Enum):
    """The value of a field that a read did not contain. Absent is not empty."""

    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> Literal[False]:
        return False


MISSING: Final = Missing.MISSING


class OrderStage(enum.StrEnum):
    """What the source's status means, whatever an organisation calls it."""

    DRAFT = "draft"
    ACTIVATED = "activated"
    SUPERSEDED = "superseded"


class HoldKind(enum.StrEnum):
    """The reasons a warehouse must not ship, as ShipHero separates them."""

    FRAUD = "fraud"
    ADDRESS = "address"
    SHIPPING_METHOD = "shipping_method"
    OPERATOR = "operator"
    PAYMENT = "payment"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address with its contact. Empty text means known to be empty."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line as the source has it; `quantity` may still be a fraction or negative."""

    salesforce_id: str
    line_number: str
    sku: str | Missing
    quantity: Decimal | Missing
    unit_price: Decimal | Missing | None = MISSING
    product_name: str | Missing = MISSING
    product_id: str | Missing = MISSING


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One sales order as read from Salesforce through the organisation's mapping.

    `modified_at` is the source's version stamp (one second resolution). `lines` is
    MISSING when the child rows were not read to their end. `extra` holds mapped
    fields that have no attribute of their own.
    """

    salesforce_id: str
    order_number: str
    stage: OrderStage
    status: str
    modified_at: datetime
    is_deleted: bool = False
    is_reduction: bool | Missing = MISSING
    modified_by: str | Missing = MISSING
    record_type: str | Missing = MISSING
    activated_at: datetime | Missing | None = MISSING
    account_id: str | Missing = MISSING
    account_name: str | Missing = MISSING
    ship_to: Address | Missing = MISSING
    bill_to: Address | Missing = MISSING
    email: str | Missing = MISSING
    phone: str | Missing = MISSING
    shipping_method: str | Missing = MISSING
    po_number: str | Missing = MISSING
    currency: str | Missing = MISSING
    required_date: date | Missing | None = MISSING
    order_date: date | Missing | None = MISSING
    packing_note: str | Missing = MISSING
    brand: str | Missing = MISSING
    warehouse: str | Missing = MISSING
    lines: tuple[LineRecord, ...] | Missing = MISSING
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line to stand in the warehouse order, in base units.

    `key` is our own name for the line there; it comes back on shipments.
    """

    key: str
    sku: str
    quantity: int
    price: str = "0.00"
    product_name: str = ""
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """The picture of a warehouse order as it should stand (`Export.wanted`).

    `key` is our idempotency key. Money is text with two digits.
    """

    key: str
    order_number: str
    shop_name: str
    ship_to: Address
    lines: tuple[WantedLine, ...]
    method_title: str = ""
    carrier: str = ""
    method: str = ""
    shipping_price: str = "0.00"
    currency: str = ""
    email: str = ""
    order_date: str = ""
    required_date: str = ""
    packing_note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """What to set on a warehouse order's head; MISSING leaves a field as it is.

    The address is replaced as a whole. The four words on shipping go together: they
    are set when `method_title` is.
    """

    ship_to: Address | Missing = MISSING
    method_title: str | Missing = MISSING
    carrier: str = ""
    method: str = ""
    shipping_price: str = "0.00"
    packing_note: str | Missing = MISSING
    required_date: str | Missing = MISSING


@dataclass(frozen=True, slots=True)
class LineChange:
    """What to set on one line that stands in the warehouse order already."""

    remote_id: str
    quantity: int | Missing = MISSING
    price: str | Missing = MISSING
    product_name: str | Missing = MISSING


@dataclass(frozen=True, slots=True)
class RemoteLine:
    remote_id: str
    legacy_id: int | None
    key: str
    sku: str
    quantity: int
    pending: int | None = None
    shipped: int | None = None
    allocated: int | None = None
    backordered: int | None = None
    picked: int | None = None
    price: str = ""
    product_name: str = ""


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One labelled parcel. `is_void` once its label no longer counts."""

    remote_id: str
    number: int = 1
    carrier: str = ""
    method: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class ShipmentLineRecord:
    """`line_key` is our line's name; `sku` says what left when no key came back."""

    line_key: str
    sku: str
    quantity: int
    remote_line_id: str = ""
    package_number: int | None = None
    serial_numbers: tuple[str, ...] = ()
    lot_name: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """What left, when, with which carrier: an event with an id of its own."""

    remote_id: str
    legacy_id: int | None
    shipped_at: datetime | None
    warehouse: str = ""
    packages: tuple[PackageRecord, ...] | Missing = MISSING
    lines: tuple[ShipmentLineRecord, ...] | Missing = MISSING
    order_remote_id: str = ""
    order_key: str = ""
    order_number: str = ""
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class AllocationRecord:
    reference: str
    warehouse: str
    allocated_at: datetime | None
    ready_to_ship: bool
    is_locked: bool = False
    quantities: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """A warehouse order as read, stamped with the time of the reading.

    `status` is the remote's own free text. `holds` are the kinds that are set.
    `merged_into` is the id of the order that took this one's lines over.
    """

    remote_id: str
    legacy_id: int | None
    key: str
    order_number: str
    status: str
    read_at: datetime
    shop_name: str = ""
    source: str = ""
    updated_at: datetime | None = None
    holds: frozenset[HoldKind] | Missing = MISSING
    tags: tuple[str, ...] | Missing = MISSING
    ship_to: Address | Missing = MISSING
    method_title: str | Missing = MISSING
    carrier: str | Missing = MISSING
    method: str | Missing = MISSING
    email: str | Missing = MISSING
    packing_note: str | Missing = MISSING
    required_date: str | Missing = MISSING
    lines: tuple[RemoteLine, ...] | Missing = MISSING
    allocations: tuple[AllocationRecord, ...] | Missing = MISSING
    shipments: tuple[ShipmentRecord, ...] | Missing = MISSING
    merged_into: str | Missing = MISSING

    @property
    def is_canceled(self) -> bool:
        return self.status.casefold() in {"canceled", "cancelled"}


class WarehouseEventKind(enum.StrEnum):
    SHIPMENT = "shipment"
    ALLOCATED = "allocated"
    DEALLOCATED = "deallocated"
    CANCELED = "canceled"
    PACKED = "packed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WarehouseEvent:
    """One webhook read tolerantly. Any of the order's names may be empty.

    `shipment` is set for shipment events only: that is the one event which is a
    fact by itself. Every other kind only says that something moved.
    """

    kind: WarehouseEventKind
    type_name: str
    order_remote_id: str = ""
    order_legacy_id: int | None = None
    order_key: str = ""
    order_number: str = ""
    occurred_at: datetime | None = None
    reference: str = ""
    shipment: ShipmentRecord | None = None
    skus: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PackageWriteback:
    """One parcel as it stands on the Salesforce order; `key` is its external id."""

    key: str
    carrier: str
    method: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime | None
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class OrderWriteback:
    """Everything we say on one Salesforce order: a pure function of the facts."""

    salesforce_id: str
    account_id: str
    status: str
    reason: str
    status_since: datetime | None
    remote_id: str
    remote_number: str
    carrier: str
    method: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime | None
    packages: tuple[PackageWriteback, ...] = ()
