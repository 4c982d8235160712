"""Our facts into Salesforce rows, under the names an organisation gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from connectors.errors import Category, MappingError, Problem, System
from orders.records import MISSING
from orders.writeback_records import (
    OrderWriteback,
    PackageWriteback,
    ShipmentItemWriteback,
    ShipmentWriteback,
)

API_NAME = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)
NEEDED = frozenset(
    {
        "orders_in",
        "package_object",
        "package_key",
        "level_object",
        "level_key",
        "level_available",
    }
)
# These objects may be left out; with the object goes its key.
OPTIONAL = {
    "shipment_object": "shipment_key",
    "item_object": "item_key",
    "exception_object": "exception_key",
}


@dataclass(frozen=True, slots=True)
class WritebackFields:
    """The names that our facts have in an organisation; empty leaves one out.

    Without the name of shipments, items or exceptions, none are written. A name that ends in `__r` is
    a relationship: the parent is named by its external id.
    """

    orders_in: str = "Order"
    status: str = "ShipSync_Status__c"
    reason: str = "ShipSync_Reason__c"
    status_since: str = "ShipSync_Status_Since__c"
    remote_id: str = "ShipSync_Warehouse_Order_Id__c"
    remote_number: str = "ShipSync_Warehouse_Order_Number__c"
    carrier: str = "ShipSync_Carrier__c"
    method: str = "ShipSync_Method__c"
    tracking_number: str = "ShipSync_Tracking_Number__c"
    tracking_url: str = "ShipSync_Tracking_URL__c"
    shipped_at: str = "ShipSync_Shipped_At__c"
    package_object: str = "ShipSync_Package__c"
    package_key: str = "ShipSync_Key__c"
    package_order: str = "Order__c"
    package_carrier: str = "Carrier__c"
    package_method: str = "Method__c"
    package_tracking_number: str = "Tracking_Number__c"
    package_tracking_url: str = "Tracking_URL__c"
    package_shipped_at: str = "Shipped_At__c"
    package_voided: str = "Voided__c"
    package_shipment: str = "Shipment__r"
    edit_window: str = "ShipSync_Edit_Window__c"
    shipment_object: str = "ShipSync_Shipment__c"
    shipment_key: str = "ShipSync_Key__c"
    shipment_order: str = "Order__c"
    shipment_remote_id: str = "Warehouse_Shipment_Id__c"
    shipment_status: str = "Status__c"
    shipment_warehouse: str = "Warehouse__c"
    shipment_carrier: str = "Carrier__c"
    shipment_method: str = "Method__c"
    shipment_tracking_number: str = "Tracking_Number__c"
    shipment_tracking_url: str = "Tracking_URL__c"
    shipment_shipped_at: str = "Shipped_At__c"
    shipment_package_count: str = "Package_Count__c"
    shipment_voided: str = "Voided__c"
    item_object: str = "ShipSync_Shipment_Item__c"
    item_key: str = "ShipSync_Key__c"
    item_shipment: str = "Shipment__r"
    item_order: str = "Order__c"
    item_line: str = "Order_Product__c"
    item_sku: str = "SKU__c"
    item_quantity: str = "Quantity__c"
    item_order_quantity: str = "Order_Quantity__c"
    item_order_unit: str = "Order_Unit__c"
    item_serial_numbers: str = "Serial_Numbers__c"
    item_lot: str = "Lot_Number__c"
    item_expires_on: str = "Expires_On__c"
    item_voided: str = "Voided__c"
    exception_object: str = "ShipSync_Sync_Exception__c"
    exception_key: str = "ShipSync_Key__c"
    exception_order: str = "Order__c"
    exception_category: str = "Category__c"
    exception_code: str = "Code__c"
    exception_owner: str = "Owner__c"
    exception_reason: str = "Reason__c"
    exception_fix: str = "Fix__c"
    exception_open: str = "Open__c"
    exception_opened_at: str = "Opened_At__c"
    exception_closed_at: str = "Closed_At__c"
    exception_resolution: str = "Resolution__c"
    level_object: str = "ShipSync_Inventory_Level__c"
    level_key: str = "ShipSync_Key__c"
    level_product: str = "Product__c"
    level_sku: str = "SKU__c"
    level_warehouse: str = "Warehouse__c"
    level_brand: str = "Brand__c"
    level_available: str = "Available__c"
    level_explanation: str = "Explanation__c"
    level_as_of: str = "As_Of__c"
    level_on_hand: str = "On_Hand__c"
    level_allocated: str = "Allocated__c"
    level_backordered: str = "Backordered__c"
    level_reserve: str = "Reserve__c"
    level_sell_ahead: str = "Sell_Ahead__c"
    level_non_sellable: str = "Non_Sellable__c"
    level_in_tote: str = "In_Tote__c"

    def to_document(self) -> dict[str, str]:
        """The names that differ from the default."""
        default = WritebackFields()
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if getattr(self, one.name) != getattr(default, one.name)
        }

    @classmethod
    def from_document(cls, document: object) -> WritebackFields:
        """The names of such data. Raises MappingError with every problem found."""
        if not isinstance(document, Mapping):
            raise _refused([_problem("", "Write-back fields are an object.")])
        problems = [
            problem
            for name, value in document.items()
            for problem in _problems_of(str(name), value)
        ]
        if problems:
            raise _refused(problems)
        names = cls(**{str(name): value for name, value in document.items()})
        for item, key in OPTIONAL.items():
            if getattr(names, item) and not getattr(names, key):
                problems.append(_problem(key, f"{key} must be named."))
        if problems:
            raise _refused(problems)
        return names


def _problems_of(name: str, value: object) -> list[Problem]:
    if name not in WritebackFields.__slots__:
        return [_problem(name, f"There is no write-back field {name!r}.")]
    if not isinstance(value, str):
        return [_problem(name, f"{name} must be text.")]
    if not value and name in NEEDED:
        return [_problem(name, f"{name} must be named.")]
    if value and not API_NAME.fullmatch(value):
        return [_problem(name, f"{value!r} is not a Salesforce API name.", value)]
    return []


def _problem(field: str, reason: str, value: str = "") -> Problem:
    return Problem(
        code="mapping.writeback_fields_invalid",
        reason=reason,
        field=field,
        value=value,
    )


def _refused(problems: list[Problem]) -> MappingError:
    return MappingError(problems, system=System.SHIPSYNC, category=Category.SETUP)


def order_row(order: OrderWriteback, names: WritebackFields) -> dict[str, Any]:
    """One row of a collections update."""
    row: dict[str, Any] = {
        "attributes": {"type": names.orders_in},
        "id": order.salesforce_id,
    }
    named = {
        names.status: order.status or None,
        names.reason: order.reason or None,
        names.status_since: time_value(order.status_since),
        names.remote_id: order.remote_id or None,
        names.remote_number: order.remote_number or None,
        names.carrier: order.carrier or None,
        names.method: order.method or None,
        names.tracking_number: order.tracking_number or None,
        names.tracking_url: order.tracking_url or None,
        names.shipped_at: time_value(order.shipped_at),
        names.edit_window: order.edit_window or None,
    }
    return row | {name: value for name, value in named.items() if name}


def package_row(
    package: PackageWriteback, order_id: str, names: WritebackFields
) -> dict[str, Any]:
    """One row of a collections upsert by external id, so that a repeat is harmless."""
    row: dict[str, Any] = {
        "attributes": {"type": names.package_object},
        names.package_key: package.key,
    }
    named = {
        names.package_order: order_id,
        names.package_carrier: package.carrier or None,
        names.package_method: package.method or None,
        names.package_tracking_number: package.tracking_number or None,
        names.package_tracking_url: package.tracking_url or None,
        names.package_shipped_at: time_value(package.shipped_at),
        names.package_voided: package.is_void,
        names.package_shipment: shipment_of(package.shipment_key, names),
    }
    return row | _named(named)


def shipment_row(
    shipment: ShipmentWriteback, order_id: str, names: WritebackFields
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "attributes": {"type": names.shipment_object},
        names.shipment_key: shipment.key,
    }
    named = {
        names.shipment_order: order_id,
        names.shipment_remote_id: shipment.remote_id or None,
        names.shipment_status: shipment.status,
        names.shipment_warehouse: shipment.warehouse or None,
        names.shipment_carrier: shipment.carrier or None,
        names.shipment_method: shipment.method or None,
        names.shipment_tracking_number: shipment.tracking_number or None,
        names.shipment_tracking_url: shipment.tracking_url or None,
        names.shipment_shipped_at: time_value(shipment.shipped_at),
        names.shipment_package_count: shipment.package_count,
        names.shipment_voided: shipment.is_void,
    }
    return row | _named(named)


def item_row(
    item: ShipmentItemWriteback, order_id: str, names: WritebackFields
) -> dict[str, Any]:
    """A line that the source does not have any more is told by its SKU alone."""
    row: dict[str, Any] = {
        "attributes": {"type": names.item_object},
        names.item_key: item.key,
    }
    day = item.lot_expires_on
    named = {
        names.item_shipment: shipment_of(item.shipment_key, names),
        names.item_order: order_id,
        names.item_line: item.line_id or None,
        names.item_sku: item.sku or None,
        names.item_quantity: item.quantity,
        names.item_serial_numbers: "\n".join(item.serial_numbers) or None,
        names.item_lot: item.lot_name or None,
        names.item_expires_on: day.isoformat() if day else None,
        names.item_voided: item.is_void,
    }
    if item.order_quantity is not MISSING and item.order_unit is not MISSING:
        named[names.item_order_quantity] = item.order_quantity
        named[names.item_order_unit] = item.order_unit
    return row | _named(named)


def shipment_of(key: str, names: WritebackFields) -> dict[str, Any] | None:
    """The parent shipment by its external id, which is known before its row is made."""
    if not key or not names.shipment_object:
        return None
    return {"attributes": {"type": names.shipment_object}, names.shipment_key: key}


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """What has a name. A relationship cannot be set to nothing, so it is left out."""
    return {
        name: value
        for name, value in values.items()
        if name and not (value is None and name.endswith("__r"))
    }


def time_value(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
