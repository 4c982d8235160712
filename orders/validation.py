"""Everything that is wrong with an order before it is exported, in one pass."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.errors import Problem
from orders.address_checks import (
    MAX_TEXT,
    contact_problems,
    ship_to_problems,
    unreadable,
    words_of,
)
from orders.checks import Checks, Severity
from orders.line_units import is_piece
from orders.records import MISSING, LineRecord, Missing, OrderRecord

MAX_QUANTITY = 1_000_000
MAX_SKU = 255
MAX_NUMBER = 80
MAX_PRICE_DIGITS = 12
AMOUNTS = ("shipping_price", "total_tax", "total_discount", "insurance_amount")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around an order; at its default nothing is.

    `required` are the mapping's required fields, `duplicates` other orders with the
    same number that went or go before this one.
    """

    required: frozenset[str] = frozenset()
    duplicates: tuple[str, ...] = ()
    today: date | None = None


def validate(
    record: OrderRecord, checks: Checks | None = None, known: Known | None = None
) -> list[Problem]:
    """All problems of the order itself; maps and rules have problems of their own.

    Those that the account does not want to hear of are left out.
    """
    checks, known = checks or Checks(), known or Known()
    found = [
        *_header(record, known),
        *ship_to_problems(record, checks),
        *contact_problems(record),
        *_lines(record, checks),
    ]
    found += _required(record, known.required, {problem.field for problem in found})
    return [one for one in found if checks.severity(one.code) is not Severity.OFF]


def parted(
    found: list[Problem], checks: Checks
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """What blocks, and what is only told."""
    severities = [(checks.severity(one.code), one) for one in found]
    blocking = tuple(one for level, one in severities if level is Severity.BLOCK)
    return blocking, tuple(one for level, one in severities if level is Severity.WARN)


def _header(record: OrderRecord, known: Known) -> Iterator[Problem]:
    if record.shipping_method is MISSING:
        yield unreadable("shipping_method", "the shipping method")
    elif not record.shipping_method.strip():
        yield Problem(
            "method.missing", "The order has no shipping method.", "shipping_method"
        )
    yield from _number_of(record, known)
    for name in AMOUNTS:
        yield from _amount(getattr(record, name), name, f"The {words_of(name)}")
    due = record.required_date
    if known.today and due and due < known.today:
        yield Problem(
            "order.date_past",
            f"The required date {due} has passed.",
            "required_date",
            due.isoformat(),
        )


def _number_of(record: OrderRecord, known: Known) -> Iterator[Problem]:
    number = record.order_number
    if not number.strip():
        yield Problem(
            "order.number_missing", "The order has no number.", "order_number"
        )
    elif len(number) > MAX_NUMBER:
        yield Problem(
            "order.number_too_long",
            f"The order's number has {len(number)} characters; {MAX_NUMBER} are the most.",
            "order_number",
            number[:MAX_NUMBER],
        )
    elif known.duplicates:
        others = ", ".join(known.duplicates[:3])
        yield Problem(
            "order.duplicate_number",
            f"The number {number} is another order's already: {others}.",
            "order_number",
            number,
        )


def _amount(
    amount: Decimal | Missing | None, field: str, what: str
) -> Iterator[Problem]:
    if amount is None or amount is MISSING:
        return
    if not is_price(amount):
        yield Problem("price.unusable", f"{what} is unusable.", field, shown(amount))
    elif amount < 0:
        yield Problem(
            "price.negative",
            f"{what} is {shown(amount)}, below zero.",
            field,
            shown(amount),
        )


# -- lines ------------------------------------------------------------------------


def _lines(record: OrderRecord, checks: Checks) -> Iterator[Problem]:
    if record.lines is MISSING:
        yield Problem(
            "source.incomplete", "The order's lines could not be read.", "lines"
        )
        return
    if not record.lines:
        yield Problem("lines.none", "The order has no lines.", "lines")
    if checks.most_lines and len(record.lines) > checks.most_lines:
        count = len(record.lines)
        yield Problem(
            "lines.many",
            f"The order has {count} lines; more than {checks.most_lines} are unusual.",
            "lines",
            str(count),
        )
    yield from _brands(record.lines)
    for number, line in enumerate(record.lines, start=1):
        yield from _line(line, f"lines[{number}]", line.line_number or str(number))


def _brands(lines: tuple[LineRecord, ...]) -> Iterator[Problem]:
    names = {(line.brand or "").strip() for line in lines} - {""}
    by_key = {name.casefold(): name for name in sorted(names, reverse=True)}
    if len(by_key) > 1:
        listed = ", ".join(sorted(by_key.values()))[:MAX_TEXT]
        yield Problem(
            "brand.mixed",
            f"The lines belong to several brands: {listed}.",
            "lines",
            listed,
        )


def _line(line: LineRecord, field: str, name: str) -> Iterator[Problem]:
    yield from _sku(line.sku, f"{field}.sku", name)
    if line.quantity is MISSING:
        yield Problem(
            "quantity.missing", f"Line {name} has no quantity.", f"{field}.quantity"
        )
    else:
        yield from _quantity(line.quantity, f"{field}.quantity", name, is_piece(line))
    yield from _amount(
        line.unit_price, f"{field}.unit_price", f"The price of line {name}"
    )


def _sku(sku: str | Missing, field: str, name: str) -> Iterator[Problem]:
    if sku is MISSING:
        yield unreadable(field, f"the SKU of line {name}")
    elif not sku.strip():
        yield Problem("sku.missing", f"Line {name} has no SKU.", field)
    elif len(sku) > MAX_SKU:
        yield Problem(
            "sku.too_long", f"The SKU of line {name} is too long.", field, sku[:MAX_SKU]
        )
    elif any(unicodedata.category(char) in {"Cc", "Cs"} for char in sku.strip()):
        yield Problem(
            "sku.unprintable",
            f"The SKU of line {name} holds a character that cannot be printed.",
            field,
            repr(sku)[:MAX_TEXT],
        )


def is_price(price: Decimal) -> bool:
    return price.is_finite() and price.adjusted() < MAX_PRICE_DIGITS


def shown(number: Decimal) -> str:
    """As people write it; what nobody writes out is left in powers of ten."""
    if not number.is_finite():
        return "unusable"
    if abs(number.adjusted()) > 20 or len(number.as_tuple().digits) > 40:
        return f"{number:.3E}"
    return format(number.normalize(), "f")


def _quantity(
    quantity: Decimal, field: str, name: str, in_pieces: bool
) -> Iterator[Problem]:
    """Half a case may be six pieces: whether it is, the table of units knows."""
    number = shown(quantity)
    if not quantity.is_finite() or quantity <= 0:
        yield Problem(
            "quantity.not_positive",
            f"Line {name} has the quantity {number}; it must be at least 1.",
            field,
            number,
        )
    elif in_pieces and quantity != quantity.to_integral_value():
        yield Problem(
            "quantity.fraction",
            f"Line {name} has the quantity {number}; it must be whole.",
            field,
            number,
        )
    elif quantity > MAX_QUANTITY:
        yield Problem(
            "quantity.too_large",
            f"Line {name} has the quantity {number}; that is more than {MAX_QUANTITY}.",
            field,
            number,
        )


# -- the mapping's own demands ----------------------------------------------------


def _required(
    record: OrderRecord, required: frozenset[str], told: set[str]
) -> Iterator[Problem]:
    """What the source mapping requires and nobody complained of yet."""
    for field in sorted(required):
        for name, value in _values_of(record, field):
            if value is MISSING and not _is_told(name, told):
                yield unreadable(name, f"the {words_of(field)}")
            elif value in (None, "") and not _is_told(name, told):
                yield Problem(
                    "source.required",
                    f"The order has no {words_of(field)}, which the mapping requires.",
                    name,
                )


def _is_told(name: str, told: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in told)


def _values_of(record: OrderRecord, field: str) -> Iterator[tuple[str, object]]:
    """The values of a field with the names under which people are told of them."""
    group, _, part = field.partition(".")
    if group == "lines":
        for number, line in enumerate(record.lines or (), start=1):
            yield f"lines[{number}].{part}", getattr(line, part)
    elif group == "extra":
        yield field, dict(record.extra).get(part, MISSING)
    elif part:
        address = getattr(record, group)
        yield field, MISSING if address is MISSING else getattr(address, part).strip()
    else:
        yield field, getattr(record, field)
