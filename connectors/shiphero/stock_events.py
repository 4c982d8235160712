"""Messages about stock: which SKU to read again, and what is said to have happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from connectors.shiphero.snapshot_file import storable, warehouse_id
from connectors.shiphero.values import (
    Node,
    int_of,
    mapping_of,
    rows_of,
    text_of,
    time_of,
)
from inventory.records import StockEvent

UPDATE: Final = "Inventory Update"
CHANGE: Final = "Inventory Change"
PRODUCT: Final = "Product Update"
TYPES: Final = frozenset({UPDATE, CHANGE, PRODUCT})


def read_stock_event(body: Any, *, type_name: str) -> StockEvent | None:
    """What a message about stock names; None when it is about something else.

    Its counts are not taken: two true messages may be alike, and an old one may come
    last. Only a change's text and delta are kept, for the ledger.
    """
    if type_name not in TYPES:
        return None
    node = mapping_of(body)
    if type_name != CHANGE:
        return StockEvent(places=tuple(_places(node)))
    return StockEvent(
        places=tuple(_named(node.get("sku"), _warehouse(node))),
        delta=int_of(node.get("quantity")),
        before=int_of(node.get("previous_on_hand")),
        reason=text_of(node.get("reason")),
        source=text_of(node.get("source")),
        occurred_at=time_of(node.get("timestamp")),
    )


def _places(node: Node) -> Iterator[tuple[str, str]]:
    rows = list(rows_of(node.get("inventory"))) or [node]
    for row in rows:
        yield from _named(
            row.get("sku"), _warehouse(mapping_of(row.get("updated_warehouse")))
        )


def _named(sku: Any, warehouse: str) -> Iterator[tuple[str, str]]:
    name = storable(sku) if isinstance(sku, str) else text_of(sku)
    if name:
        yield name, warehouse


def _warehouse(node: Node) -> str:
    """The opaque id stands beside the number here."""
    return text_of(node.get("warehouse_uuid")) or warehouse_id(node.get("warehouse_id"))
