"""What crosses the borders: places, products and counts, in our own words."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from orders.records import MISSING, Missing

SKU_LENGTH: Final = 255


class Reason(enum.StrEnum):
    """What kind of event stood behind a movement, as far as its text tells."""

    ORDER = "order"
    RETURN = "return"
    RECEIPT = "receipt"
    COUNT = "count"
    TRANSFER = "transfer"
    OTHER = "other"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class WarehouseRecord:
    """A warehouse as the account lists it. `name` is what staff call it."""

    remote_id: str
    remote_legacy_id: int | None = None
    name: str = ""
    company_name: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class KitPart:
    """`quantity` pieces of `sku` make one kit."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case holds `units` pieces."""

    units: int
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product as ShipHero keeps it.

    A kit with `is_built` lies assembled on the shelf and has stock of its own; one
    without is taken apart into its components when an order comes.
    """

    sku: str
    remote_id: str = ""
    remote_legacy_id: int | None = None
    name: str = ""
    barcode: str = ""
    is_kit: bool = False
    is_built: bool = False
    is_virtual: bool = False
    needs_serial: bool = False
    needs_lot: bool = False
    is_active: bool = True
    components: tuple[KitPart, ...] | Missing = MISSING
    cases: tuple[CaseRecord, ...] | Missing = MISSING
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceProductRecord:
    """A product as Salesforce keeps it; `sku` is empty where it has none."""

    salesforce_id: str
    sku: str
    name: str
    modified_at: datetime
    is_active: bool = True
    is_deleted: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pieces of one SKU are where, in one warehouse. None: not told.

    `available` is what the warehouse itself promises: on hand, less allocated, plus
    sell ahead, less reserve.
    """

    on_hand: int
    allocated: int | None = None
    available: int | None = None
    backordered: int | None = None
    reserve: int | None = None
    sell_ahead: int | None = None
    non_sellable: int | None = None
    in_tote: int | None = None


@dataclass(frozen=True, slots=True)
class StockRecord:
    """One SKU's counts in one warehouse, as one reading told them.

    `is_active` None: not told, as a snapshot's file has no word of it.
    """

    sku: str
    warehouse_remote_id: str
    counts: Counts
    is_active: bool | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row of a reading that cannot be believed or understood, and why."""

    sku: str
    warehouse_remote_id: str
    why: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class StockEvent:
    """What a message about stock names: whom to read again, and what it says happened.

    `places` are the (SKU, warehouse id) pairs it names; the warehouse may be empty.
    The other values are those of a single change, and None where it told none.
    """

    places: tuple[tuple[str, str], ...] = ()
    delta: int | None = None
    before: int | None = None
    reason: str = ""
    source: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotTicket:
    """Where a snapshot that was asked for stands. `url` is filled on success only."""

    remote_id: str
    status: str
    url: str = ""
    expires_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseLineRecord:
    """`left` pieces of a purchase order's line have yet to arrive."""

    remote_id: str
    sku: str
    left: int


@dataclass(frozen=True, slots=True)
class PurchaseRecord:
    """Goods that were ordered for a warehouse; `due_on` is when they are to arrive.

    `is_whole` says that all of its lines were read.
    """

    remote_id: str
    number: str
    is_open: bool
    warehouse_remote_id: str = ""
    due_on: date | None = None
    lines: tuple[PurchaseLineRecord, ...] = ()
    is_whole: bool = True
