"""Ids as ShipHero makes them: base64 of `Type:number`, beside the number itself."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox.world import World

# Where each kind of number starts. Histories have passed 2**31 in real accounts.
FIRST_NUMBERS = {
    "Account": 7556,
    "User": 9100,
    "Warehouse": 11790,
    "Product": 66_000_001,
    "WarehouseProduct": 77_000_001,
    "Order": 371_000_001,
    "LineItem": 881_000_001,
    "OrderHistory": 3_880_000_001,
    "Shipment": 221_000_001,
    "ShippedLineItem": 331_000_001,
    "ShippingLabel": 229_000_001,
    "Tote": 41_001,
    "TotePick": 551_000_001,
    "Webhook": 31_001,
    "Allocation": 90_001,
    "Return": 61_001,
    "ReturnLineItem": 71_001,
    "PurchaseOrder": 6001,
    "PurchaseOrderLineItem": 8001,
}


def encode(kind: str, number: int) -> str:
    """The opaque id, such as `T3JkZXI6MQ==` for order 1."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def decode(text: str) -> tuple[str, int] | None:
    """(kind, number) of an opaque id; None when it is not one."""
    try:
        kind, _, number = base64.b64decode(text, validate=True).decode().partition(":")
        return kind, int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def number_of(text: str | None) -> int:
    """The number inside an id that this world made itself."""
    decoded = decode(text or "")
    return decoded[1] if decoded else 0


def new(world: World, kind: str) -> tuple[str, int]:
    """(id, number) that no object of this kind has had."""
    number = world.next_number(kind, FIRST_NUMBERS[kind])
    return encode(kind, number), number


def hex_id(world: World, name: str) -> str:
    """24 hex digits, as request ids have."""
    seconds = int(world.clock.now().timestamp())
    return f"{seconds:08x}{world.next_number(name):016x}"
