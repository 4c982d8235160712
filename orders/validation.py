"""Everything that is wrong with an order before it is exported, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

from connectors.errors import Problem
from orders.records import MISSING, Address, LineRecord, OrderRecord

# Countries without postal codes, or where most addresses have none.
_NO_POSTAL_CODE = """
AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM
ER FJ GA GD GH GM GN GQ GY HK IE JM KE KI KM KN KP LC ML MO
MR MS MU MW NR NU PA QA RW SB SC SL SR ST SY TF TG TK TL TO
TT TV TZ UG VU YE ZA ZW
"""
NO_POSTAL_CODE = frozenset(_NO_POSTAL_CODE.split())
NEEDS_STATE = frozenset({"US", "CA", "AU", "BR", "MX"})
MAX_QUANTITY = 1_000_000
MAX_SKU = 255
MAX_PRICE_DIGITS = 12
_COUNTRY_CODE = re.compile("[A-Za-z]{2}")


def validate(record: OrderRecord) -> list[Problem]:
    """All problems of the order itself; maps and rules have problems of their own."""
    return [*_header(record), *_ship_to(record), *_lines(record)]


def _header(record: OrderRecord) -> Iterator[Problem]:
    if record.shipping_method is MISSING:
        yield _unreadable("shipping_method", "the shipping method")
    elif not record.shipping_method.strip():
        yield Problem(
            "method.missing", "The order has no shipping method.", "shipping_method"
        )


def _ship_to(record: OrderRecord) -> Iterator[Problem]:
    if record.ship_to is MISSING:
        yield _unreadable("ship_to", "the ship-to address")
        return
    address = _stripped(record.ship_to)
    if not any((address.address1, address.city, address.zip, address.country)):
        yield Problem("address.missing", "The order has no ship-to address.", "ship_to")
        return
    yield from _address_parts(address)


def _stripped(address: Address) -> Address:
    """Blanks are nothing, also where a source keeps them."""
    return Address(*(getattr(address, field.name).strip() for field in fields(address)))


def _address_parts(address: Address) -> Iterator[Problem]:
    if not (address.first_name or address.last_name or address.company):
        yield _gap("name_missing", "recipient", "last_name")
    if not address.address1:
        yield _gap("street_missing", "street", "address1")
    if not address.city:
        yield _gap("city_missing", "city", "city")
    if not address.country:
        yield _gap("country_missing", "country", "country")
        return
    if not _COUNTRY_CODE.fullmatch(address.country):
        yield Problem(
            "address.country_unknown",
            f"The country “{address.country}” is not known.",
            "ship_to.country",
            address.country,
        )
        return
    country = address.country.upper()
    if not address.zip and country not in NO_POSTAL_CODE:
        yield _gap("zip_missing", "postal code", "zip")
    if not address.state and country in NEEDS_STATE:
        yield _gap("state_missing", "state", "state")


def _gap(code: str, what: str, field: str) -> Problem:
    return Problem(
        f"address.{code}", f"The ship-to address has no {what}.", f"ship_to.{field}"
    )


def _lines(record: OrderRecord) -> Iterator[Problem]:
    if record.lines is MISSING:
        yield Problem(
            "source.incomplete", "The order's lines could not be read.", "lines"
        )
        return
    if not record.lines:
        yield Problem("lines.none", "The order has no lines.", "lines")
    for number, line in enumerate(record.lines, start=1):
        yield from _line(line, f"lines[{number}]", line.line_number or str(number))


def _line(line: LineRecord, field: str, name: str) -> Iterator[Problem]:
    if line.sku is MISSING:
        yield _unreadable(f"{field}.sku", f"the SKU of line {name}")
    elif not line.sku.strip():
        yield Problem("sku.missing", f"Line {name} has no SKU.", f"{field}.sku")
    elif len(line.sku) > MAX_SKU:
        yield Problem(
            "sku.too_long", f"The SKU of line {name} is too long.", f"{field}.sku"
        )
    if line.quantity is MISSING:
        yield Problem(
            "quantity.missing", f"Line {name} has no quantity.", f"{field}.quantity"
        )
    else:
        yield from _quantity(line.quantity, f"{field}.quantity", name)
    if line.unit_price and not _is_price(line.unit_price):
        yield Problem(
            "price.unusable",
            f"Line {name} has an unusable price.",
            f"{field}.unit_price",
        )


def _is_price(price: Decimal) -> bool:
    return price.is_finite() and price.adjusted() < MAX_PRICE_DIGITS


def _shown(number: Decimal) -> str:
    """As people write it; what nobody writes out is left in powers of ten."""
    if not number.is_finite():
        return "unusable"
    if abs(number.adjusted()) > 20 or len(number.as_tuple().digits) > 40:
        return f"{number:.3E}"
    return format(number.normalize(), "f")


def _quantity(quantity: Decimal, field: str, name: str) -> Iterator[Problem]:
    shown = _shown(quantity)
    if not quantity.is_finite() or quantity <= 0:
        yield Problem(
            "quantity.not_positive",
            f"Line {name} has the quantity {shown}; it must be at least 1.",
            field,
            shown,
        )
    elif quantity != quantity.to_integral_value():
        yield Problem(
            "quantity.fraction",
            f"Line {name} has the quantity {shown}; it must be whole.",
            field,
            shown,
        )
    elif quantity > MAX_QUANTITY:
        yield Problem(
            "quantity.too_large",
            f"Line {name} has the quantity {shown}; that is more than {MAX_QUANTITY}.",
            field,
            shown,
        )


def _unreadable(field: str, what: str) -> Problem:
    return Problem("source.unreadable", f"ShipSync may not read {what}.", field)
