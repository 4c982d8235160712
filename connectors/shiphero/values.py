"""ShipHero's single values, read tolerantly."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

PICKUP = "Pickup"

Node = Mapping[str, Any]


def text_of(value: Any) -> str:
    """Text and numbers as text; everything else counts as empty."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def int_of(value: Any) -> int | None:
    """A whole number, also one written as text; numbers pass 2^31, so stay 64-bit."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if isinstance(value, float) and value.is_integer():
        return int_of(int(value))
    if isinstance(value, str) and value.strip().isascii():
        digits = value.strip().removesuffix(".0")
        if digits.removeprefix("-").isdigit() and len(digits) <= 20:
            return int_of(int(digits))
    return None


def count_of(value: Any) -> int | None:
    """A quantity; None for what is none: a fraction, below zero, or beyond 32 bits."""
    number = int_of(value)
    return number if number is not None and 0 <= number < 2**31 else None


def money_of(value: Any) -> str:
    """An amount as text with two digits; empty for what is none."""
    try:
        amount = Decimal(str(value).strip()) if value not in (None, "") else None
        return f"{amount:.2f}" if amount is not None and amount.is_finite() else ""
    except InvalidOperation:
        return ""


def is_count(value: Any) -> bool:
    """Whether a quantity is one, or is not told at all."""
    return value is None or count_of(value) is not None


_bare: dict[str, tzinfo] = {"zone": UTC}


def take_bare_times_as(zone: tzinfo) -> None:
    """What times without a zone mean from now on, in this process."""
    _bare["zone"] = zone


def time_of(value: Any) -> datetime | None:
    """A time in either of ShipHero's layouts.

    Without a zone it is of the one that `take_bare_times_as` was told: UTC is documented
    for one query only, and messages tell none.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    try:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_bare["zone"])
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def global_id(type_name: str, legacy_id: int | None) -> str:
    """ShipHero's opaque id for one of its numbers: base64 of `Type:number`."""
    if legacy_id is None:
        return ""
    return base64.b64encode(f"{type_name}:{legacy_id}".encode()).decode()


def date_of(value: Any) -> date | None:
    """A day, also one written with a time."""
    text = text_of(value)
    moment = time_of(text)
    return moment.date() if moment else None


def carried_by(carrier: Any, tracking: Any) -> tuple[str, str]:
    """Carrier and tracking number; ShipHero writes "Pickup" for a number at times."""
    number = text_of(tracking)
    if number == PICKUP:
        return text_of(carrier) or PICKUP, ""
    return text_of(carrier), number


def is_pickup(carrier: Any, tracking: Any) -> bool:
    """Whether the customer fetches it himself."""
    words = {text_of(carrier).casefold(), text_of(tracking).casefold()}
    return PICKUP.casefold() in words


def mapping_of(value: Any) -> Node:
    """An object; everything else counts as empty."""
    return value if isinstance(value, Mapping) else {}


def rows_of(value: Any) -> Iterator[Node]:
    """The objects of a list; everything else is passed over."""
    for row in value if isinstance(value, list) else []:
        if isinstance(row, Mapping):
            yield row
