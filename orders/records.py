"""What crosses the borders: frozen values in our own words, no vendor's."""

from __future__ import annotations

import enum
from dataclasses import dataclass
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
    """One line as the source has it; `quantity` may still be a fraction or negative.

    It counts in `unit`, as the source names it; an empty one means pieces.
    """

    salesforce_id: str
    line_number: str
    sku: str | Missing
    quantity: Decimal | Missing
    unit_price: Decimal | Missing | None = MISSING
    product_name: str | Missing = MISSING
    product_id: str | Missing = MISSING
    brand: str | Missing = MISSING
    unit: str | Missing = MISSING


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One sales order as read from Salesforce through the organisation's mapping.

    `modified_at` is the source's version stamp (one second resolution). `lines` is MISSING
    when not all child rows were read. `extra` holds fields without their own attribute.
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
    gift_note: str | Missing = MISSING
    is_gift: bool | Missing = MISSING
    require_signature: bool | Missing = MISSING
    adult_signature: bool | Missing = MISSING
    insurance: bool | Missing = MISSING
    insurance_amount: Decimal | Missing | None = MISSING
    shipping_price: Decimal | Missing | None = MISSING
    total_tax: Decimal | Missing | None = MISSING
    total_discount: Decimal | Missing | None = MISSING
    brand: str | Missing = MISSING
    warehouse: str | Missing = MISSING
    lines: tuple[LineRecord, ...] | Missing = MISSING
    line_stamps: tuple[tuple[str, datetime], ...] | Missing = MISSING
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceStamp:
    """That a row of the source moved, and when: an order, or a line of `order_id`."""

    row_id: str
    order_id: str
    moved_at: datetime
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line to stand in the warehouse order, in base units.

    `key` is our own name for the line there; it comes back on shipments. `unit` and
    `factor` say what the quantity was made of, where it was not ordered in pieces.
    """

    key: str
    sku: str
    quantity: int
    price: str = "0.00"
    product_name: str = ""
    warehouse: str = ""
    unit: str | Missing = MISSING
    factor: int | Missing = MISSING


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """The picture of a warehouse order as it should stand (`Export.wanted`).

    `key` is our idempotency key. Money is text with two digits. Without `bill_to` the
    warehouse takes the ship-to address, without `insurance_amount` its own amount.
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
    bill_to: Address | None = None
    gift_note: str = ""
    is_gift: bool = False
    require_signature: bool = False
    adult_signature: bool = False
    insurance: bool = False
    insurance_amount: str = ""
    total_tax: str = "0.00"
    total_discount: str = "0.00"


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
    bill_to: Address | Missing = MISSING
    gift_note: str | Missing = MISSING
    is_gift: bool | Missing = MISSING
    require_signature: bool | Missing = MISSING
    adult_signature: bool | Missing = MISSING
    insurance: bool | Missing = MISSING
    insurance_amount: str | Missing = MISSING
    total_tax: str | Missing = MISSING
    total_discount: str | Missing = MISSING
    allow_split: bool | Missing = MISSING
    allow_partial: bool | Missing = MISSING


@dataclass(frozen=True, slots=True)
class LineChange:
    """What to set on one line that stands in the warehouse order already."""

    remote_id: str
    quantity: int | Missing = MISSING
    price: str | Missing = MISSING
    product_name: str | Missing = MISSING
    warehouse: str | Missing = MISSING


@dataclass(frozen=True, slots=True)
class PickRecord:
    """One thing taken from a shelf into a tote. An event tells no quantity."""

    legacy_id: int
    sku: str = ""
    remote_line_id: str = ""
    tote: str = ""
    quantity: int | None = None
    picked_at: datetime | None = None


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
    picks: tuple[PickRecord, ...] | Missing = MISSING
    serial_numbers: tuple[str, ...] | Missing = MISSING


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One labelled parcel. `is_void` once its label no longer counts.

    `is_pickup`: the customer fetches it, so it has no tracking number.
    """

    remote_id: str
    number: int = 1
    carrier: str = ""
    method: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    is_void: bool = False
    is_pickup: bool = False


@dataclass(frozen=True, slots=True)
class ShipmentLineRecord:
    """`line_key` is our line's name; `sku` says what left when no key came back.

    A reading tells serial numbers by order line only: of a shipment they are MISSING.
    """

    line_key: str
    sku: str
    quantity: int
    remote_line_id: str = ""
    package_number: int | None = None
    serial_numbers: tuple[str, ...] | Missing = MISSING
    lot_name: str | Missing = MISSING
    lot_expires_on: date | Missing | None = MISSING


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
    """`quantities` are (line's remote id, units), `components` (that, SKU, units)."""

    reference: str
    warehouse: str
    allocated_at: datetime | None
    ready_to_ship: bool
    is_locked: bool = False
    quantities: tuple[tuple[str, int], ...] = ()
    components: tuple[tuple[str, str, int], ...] = ()


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
    shipping_price: str | Missing = MISSING
    email: str | Missing = MISSING
    packing_note: str | Missing = MISSING
    required_date: str | Missing = MISSING
    bill_to: Address | Missing = MISSING
    gift_note: str | Missing = MISSING
    is_gift: bool | Missing = MISSING
    require_signature: bool | Missing = MISSING
    adult_signature: bool | Missing = MISSING
    insurance: bool | Missing = MISSING
    insurance_amount: str | Missing = MISSING
    total_tax: str | Missing = MISSING
    total_discount: str | Missing = MISSING
    lines: tuple[RemoteLine, ...] | Missing = MISSING
    allocations: tuple[AllocationRecord, ...] | Missing = MISSING
    shipments: tuple[ShipmentRecord, ...] | Missing = MISSING
    merged_into: str | Missing = MISSING

    @property
    def is_canceled(self) -> bool:
        return self.status.casefold() in {"canceled", "cancelled"}


class WarehouseEventKind(enum.StrEnum):
    """What a webhook can be about. Most kinds only say: look."""

    SHIPMENT = "shipment"
    ALLOCATED = "allocated"
    DEALLOCATED = "deallocated"
    CANCELED = "canceled"
    PICKED = "picked"
    PUT_BACK = "put_back"
    PACKED = "packed"
    STAGED = "staged"
    RULE = "rule"
    RETURN = "return"
    STOCK = "stock"
    PURCHASE = "purchase"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OrderNames:
    """What a message calls an order; any of the names may be empty."""

    remote_id: str = ""
    legacy_id: int | None = None
    key: str = ""
    number: str = ""

    def __bool__(self) -> bool:
        return bool(
            self.remote_id or self.legacy_id is not None or self.key or self.number
        )


@dataclass(frozen=True, slots=True)
class ReturnLineRecord:
    """What comes back of one line. `received` is what the warehouse has counted."""

    sku: str
    quantity: int
    received: int = 0
    line_key: str = ""
    remote_line_id: str = ""
    reason: str = ""
    restocked: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """A return as the warehouse tells it: read, never written by us."""

    remote_id: str
    legacy_id: int | None
    status: str
    reason: str = ""
    opened_at: datetime | None = None
    label_type: str = ""
    tracking_number: str = ""
    lines: tuple[ReturnLineRecord, ...] | Missing = MISSING
    order_remote_id: str = ""
    order_key: str = ""


@dataclass(frozen=True, slots=True)
class WarehouseEvent:
    """One webhook read tolerantly. Any of the order's names may be empty.

    `shipment`, `returned` and `picks` are set where the message is a fact by itself;
    everything else only says that something moved. `others` are the further orders
    of a message that names several. `reference` is the event's own name, where it
    has one.
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
    returned: ReturnRecord | None = None
    picks: tuple[PickRecord, ...] = ()
    skus: tuple[str, ...] = ()
    others: tuple[OrderNames, ...] = ()

    @property
    def orders(self) -> tuple[OrderNames, ...]:
        """Every order that the message names."""
        first = OrderNames(
            self.order_remote_id,
            self.order_legacy_id,
            self.order_key,
            self.order_number,
        )
        return tuple(names for names in (first, *self.others) if names)


# -- requests -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """What a person in the sales system asks for; `kind` in lower case, "" if unsaid."""

    salesforce_id: str
    order_id: str
    kind: str
    note: str
    asked_by: str
    asked_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """What stands on a request's row from now on; `state` is new, working, done or
    refused."""

    salesforce_id: str
    state: str
    answer: str
    codes: tuple[str, ...]
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """`units` of a SKU that a warehouse expects; `due` is None where nobody said when."""

    number: str
    place: str
    units: int
    due: date | None
