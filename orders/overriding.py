"""A person's values in place of the source's, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from orders.records import MISSING, Address, OrderRecord

ADDRESS_FIELDS = tuple(f"ship_to.{part.name}" for part in fields(Address))
TEXT_FIELDS = ("email", "gift_note", "packing_note", "shipping_method")
DATE_FIELDS = ("required_date",)
FIELDS = (*ADDRESS_FIELDS, *TEXT_FIELDS, *DATE_FIELDS)


def applied(record: OrderRecord, values: Mapping[str, str]) -> OrderRecord:
    """The record with these values; fields that cannot be overridden stay.

    An address that was not read at all becomes what the person says of it.
    """
    address = {
        name.removeprefix("ship_to."): value
        for name, value in values.items()
        if name in ADDRESS_FIELDS
    }
    changes: dict[str, Any] = {
        name: value for name, value in values.items() if name in TEXT_FIELDS
    }
    changes |= {
        name: parsed_date(values[name]) for name in DATE_FIELDS if name in values
    }
    if address:
        base = Address() if record.ship_to is MISSING else record.ship_to
        changes["ship_to"] = replace(base, **address)
    return replace(record, **changes) if changes else record


def parsed_date(text: str) -> date | None:
    """Raises ValueError for what is neither empty nor a date like 2026-12-24."""
    return date.fromisoformat(text) if text else None
