"""ShipHero's warehouses, products and counts into our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.shiphero.snapshot_file import storable, warehouse_id
from connectors.shiphero.values import (
    Node,
    count_of,
    int_of,
    mapping_of,
    rows_of,
    text_of,
    time_of,
)
from inventory.records import (
    CaseRecord,
    Counts,
    KitPart,
    OddRow,
    ProductRecord,
    SnapshotTicket,
    StockRecord,
    WarehouseRecord,
)
from orders.records import MISSING, Missing

# Our names, and theirs on a `WarehouseProduct`.
BUCKETS: Final = {
    "on_hand": "on_hand",
    "allocated": "allocated",
    "available": "available",
    "backordered": "backorder",
    "reserve": "reserve_inventory",
    "sell_ahead": "sell_ahead",
    "non_sellable": "non_sellable_quantity",
    "in_tote": "in_tote",
}


def warehouse_from(node: Node) -> WarehouseRecord:
    """A warehouse of `account.warehouses`; `identifier` is what staff call it."""
    address = mapping_of(node.get("address"))
    return WarehouseRecord(
        remote_id=text_of(node.get("id")),
        remote_legacy_id=int_of(node.get("legacy_id")),
        name=text_of(node.get("identifier")),
        company_name=text_of(node.get("company_name")) or text_of(address.get("name")),
        address1=text_of(address.get("address1")),
        address2=text_of(address.get("address2")),
        city=text_of(address.get("city")),
        state=text_of(address.get("state")),
        zip=text_of(address.get("zip")),
        country=text_of(address.get("country")),
        phone=text_of(node.get("phone_number")) or text_of(address.get("phone")),
    )


def product_from(node: Node) -> ProductRecord:
    """A `Product`. A recipe or case list that is not told is MISSING, not empty."""
    return ProductRecord(
        sku=_sku(node),
        remote_id=text_of(node.get("id")),
        remote_legacy_id=int_of(node.get("legacy_id")),
        name=text_of(node.get("name")),
        barcode=text_of(node.get("barcode")),
        is_kit=bool(node.get("kit")),
        is_built=bool(node.get("kit_build")),
        is_virtual=bool(node.get("virtual")),
        needs_serial=bool(node.get("needs_serial_number")),
        needs_lot=bool(node.get("needs_lot_tracking")),
        components=_components(node.get("kit_components")),
        cases=_cases(node.get("cases")),
        updated_at=time_of(node.get("updated_at")),
    )


def _components(value: Any) -> tuple[KitPart, ...] | Missing:
    if not isinstance(value, list):
        return MISSING
    parts = [(_sku(row), count_of(row.get("quantity"))) for row in rows_of(value)]
    if not all(sku and quantity for sku, quantity in parts):
        return MISSING
    return tuple(KitPart(sku, quantity or 0) for sku, quantity in parts)


def _cases(value: Any) -> tuple[CaseRecord, ...] | Missing:
    if not isinstance(value, list):
        return MISSING
    found = [
        (count_of(row.get("case_quantity")), text_of(row.get("case_barcode")))
        for row in rows_of(value)
    ]
    return tuple(CaseRecord(units, barcode) for units, barcode in found if units)


def stock_from(node: Node) -> StockRecord | OddRow:
    """A `WarehouseProduct`; an odd row when its counts are no whole numbers."""
    sku, where = _sku(node), warehouse_id(node.get("warehouse_id"))
    numbers = {ours: int_of(node.get(theirs)) for ours, theirs in BUCKETS.items()}
    on_hand = numbers.pop("on_hand")
    if on_hand is None or not sku.strip() or not where or sku != storable(sku):
        return OddRow(storable(sku), where, "It has no SKU, warehouse or count.")
    return StockRecord(
        sku,
        where,
        Counts(on_hand, **numbers),
        is_active=node.get("active") is not False,
        updated_at=time_of(node.get("updated_at")),
    )


def ticket_from(payload: Any) -> SnapshotTicket | None:
    """Where a snapshot stands; None where the answer names none."""
    node = payload.get("snapshot") if isinstance(payload, Mapping) else None
    if not isinstance(node, Mapping) or not text_of(node.get("snapshot_id")):
        return None
    return SnapshotTicket(
        remote_id=text_of(node.get("snapshot_id")),
        status=text_of(node.get("status")),
        url=text_of(node.get("snapshot_url")),
        expires_at=time_of(node.get("snapshot_expiration")),
        error=text_of(node.get("error")),
    )


def _sku(node: Node) -> str:
    """As it stands: blanks at its ends are part of an SKU."""
    value = node.get("sku")
    return value if isinstance(value, str) else text_of(value)
