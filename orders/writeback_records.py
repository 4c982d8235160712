"""What we say on a Salesforce order: frozen values in our own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from orders.records import MISSING, Missing


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
    shipment_key: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentWriteback:
    """One shipment as a child row of the order; `key` is its external id.

    Carrier to tracking URL are those of its first live package.
    """

    key: str
    remote_id: str
    status: str
    warehouse: str
    carrier: str
    method: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime | None
    package_count: int
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class ShipmentItemWriteback:
    """What left of one line, in base units; `line_id` is the source's id of the line.

    What was not ordered in pieces is told in whole `order_unit`s too.
    """

    key: str
    shipment_key: str
    line_id: str
    sku: str
    quantity: int
    serial_numbers: tuple[str, ...] = ()
    lot_name: str = ""
    lot_expires_on: date | None = None
    is_void: bool = False
    order_quantity: int | Missing = MISSING
    order_unit: str | Missing = MISSING


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
    edit_window: str = ""
    shipments: tuple[ShipmentWriteback, ...] = ()
    items: tuple[ShipmentItemWriteback, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionWriteback:
    """One thing that needs somebody; `key` is its external id.

    `order_id` is empty where the source does not have the order any more.
    """

    key: str
    order_id: str
    category: str
    code: str
    owner: str
    reason: str
    fix: str
    opened_at: datetime
    closed_at: datetime | None = None
    resolution: str = ""
