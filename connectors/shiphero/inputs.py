"""Our records into ShipHero's inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.errors import Category, MappingError, Problem, System
from orders.records import (
    MISSING,
    Address,
    HoldKind,
    LineChange,
    Missing,
    OrderChanges,
    WantedLine,
    WantedOrder,
)

# A live integration had to shorten its ids for this; no other limit is known.
LONGEST_LINE_KEY = 45

# Our fields of an order's head by ShipHero's names, in create and update alike.
HEAD_FIELDS = {
    "required_date": "required_ship_date",
    "packing_note": "packing_note",
    "gift_note": "gift_note",
    "is_gift": "gift_invoice",
    "require_signature": "require_signature",
    "adult_signature": "adult_signature_required",
    "insurance": "insurance",
    "insurance_amount": "insurance_amount",
    "total_tax": "total_tax",
    "total_discount": "total_discounts",
}
# Empty text is no date and no amount: null takes them away.
NO_TEXT = frozenset({"required_ship_date", "insurance_amount"})
# What a new order has without being told.
UNSAID = frozenset({"", "0.00", False})

# `shipping_method_hold` is output only: ShipHero sets it, nobody else can.
SETTABLE_HOLDS = frozenset(HoldKind) - {HoldKind.SHIPPING_METHOD}


def create_input(
    wanted: WantedOrder, *, hold: HoldKind | None, tags: Iterable[str] = ()
) -> dict[str, Any]:
    """The `CreateOrderInput` for an order.

    Raises MappingError when a line's key is longer than ShipHero takes.
    """
    made: dict[str, Any] = {
        "order_number": wanted.order_number,
        "partner_order_id": wanted.key,
        "shop_name": wanted.shop_name,
        "shipping_address": address_input(wanted.ship_to),
        "shipping_lines": shipping_input(
            wanted.method_title, wanted.carrier, wanted.method, wanted.shipping_price
        ),
        "line_items": line_inputs(wanted.lines),
        "tags": list(dict.fromkeys([*wanted.tags, *tags])),
    }
    optional = {
        "currency": wanted.currency,
        "email": wanted.email,
        "order_date": wanted.order_date,
        **{theirs: getattr(wanted, ours) for ours, theirs in HEAD_FIELDS.items()},
    }
    made.update(
        {name: value for name, value in optional.items() if value not in UNSAID}
    )
    if wanted.bill_to is not None:
        made["billing_address"] = address_input(wanted.bill_to)
    if hold is not None:
        made["holds"] = hold_input(hold, is_set=True)
    return made


def address_input(address: Address) -> dict[str, str]:
    """State and country go into both of their fields, as live integrations do it."""
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "state": address.state,
        "state_code": address.state,
        "zip": address.zip,
        "country": address.country,
        "country_code": address.country,
        "email": address.email,
        "phone": address.phone,
    }


def shipping_input(title: str, carrier: str, method: str, price: str) -> dict[str, str]:
    made = {"title": title or method or "Shipping", "price": price}
    if carrier:
        made["carrier"] = carrier
    if method:
        made["method"] = method
    return made


def line_inputs(lines: Sequence[WantedLine]) -> list[dict[str, Any]]:
    """`CreateLineItemInput`s; a line's warehouse locks it to that warehouse."""
    problems = [
        Problem(
            code="shiphero.line_key_too_long",
            reason=f"The line key {line.key} is longer than ShipHero takes "
            f"({LONGEST_LINE_KEY} characters).",
            field=f"lines[{index}].key",
            value=line.key,
        )
        for index, line in enumerate(lines)
        if len(line.key) > LONGEST_LINE_KEY
    ]
    if problems:
        raise MappingError(problems, system=System.SHIPHERO, category=Category.REMOTE)
    return [_line_input(line) for line in lines]


def _line_input(line: WantedLine) -> dict[str, Any]:
    made: dict[str, Any] = {
        "partner_line_item_id": line.key,
        "sku": line.sku,
        "quantity": line.quantity,
        "price": line.price,
    }
    if line.product_name:
        made["product_name"] = line.product_name
    if line.warehouse:
        made["warehouse_id"] = line.warehouse
    return made


def line_change_input(change: LineChange) -> dict[str, Any]:
    made: dict[str, Any] = {"id": change.remote_id}
    for name in ("quantity", "price", "product_name"):
        value = getattr(change, name)
        if value is not MISSING:
            made[name] = value
    if change.warehouse is not MISSING:
        made["warehouse_id"] = change.warehouse
    return made


def changes_input(changes: OrderChanges) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if not isinstance(changes.ship_to, Missing):
        made["shipping_address"] = address_input(changes.ship_to)
    if not isinstance(changes.method_title, Missing):
        made["shipping_lines"] = shipping_input(
            changes.method_title,
            changes.carrier,
            changes.method,
            changes.shipping_price,
        )
    if not isinstance(changes.bill_to, Missing):
        made["billing_address"] = address_input(changes.bill_to)
    for name in ("allow_split", "allow_partial"):
        if getattr(changes, name) is not MISSING:
            made[name] = getattr(changes, name)
    for ours, theirs in HEAD_FIELDS.items():
        value = getattr(changes, ours)
        if value is not MISSING:
            made[theirs] = None if value == "" and theirs in NO_TEXT else value
    return made


def hold_input(kind: HoldKind, *, is_set: bool) -> dict[str, bool]:
    """Only the given hold changes. Raises ValueError for a hold nobody can set."""
    if kind not in SETTABLE_HOLDS:
        raise ValueError(f"ShipHero lets nobody set or release a {kind} hold.")
    return {f"{kind.value}_hold": is_set}


def time_text(moment: datetime) -> str:
    """ShipHero writes times without a zone and means UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
