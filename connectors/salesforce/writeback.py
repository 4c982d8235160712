"""Our facts into Salesforce rows, under the names an organisation gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from connectors.errors import Category, MappingError, Problem, System
from connectors.salesforce.soql import ORDER
from orders.records import OrderWriteback, PackageWriteback

API_NAME = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)
NEEDED = frozenset({"package_object", "package_key"})


@dataclass(frozen=True, slots=True)
class WritebackFields:
    """The names that our facts have in an organisation; empty leaves one out."""

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
        return cls(**{str(name): value for name, value in document.items()})


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
    row: dict[str, Any] = {"attributes": {"type": ORDER}, "id": order.salesforce_id}
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
    }
    return row | {name: value for name, value in named.items() if name}


def time_value(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
