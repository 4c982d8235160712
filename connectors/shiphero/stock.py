"""Products, warehouses and counts of an account: pages, single SKUs, snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.errors import RejectedError, System
from connectors.shiphero.calls import Caller, no_object
from connectors.shiphero.download import save
from connectors.shiphero.inputs import time_text
from connectors.shiphero.purchases import purchase_from
from connectors.shiphero.reading import OrderReader
from connectors.shiphero.stock_mapping import (
    product_from,
    stock_from,
    ticket_from,
    warehouse_from,
)
from connectors.shiphero.values import rows_of
from inventory.records import (
    OddRow,
    ProductRecord,
    PurchaseRecord,
    SnapshotTicket,
    StockRecord,
    WarehouseRecord,
)

MOST_LINES = 100  # of one purchase order; more are left out


class StockDesk:
    """The inventory side of an account's client; raises as the client does.

    What is read is stamped by its caller with the time before it was asked for.
    """

    def __init__(
        self,
        caller: Caller,
        reader: OrderReader,
        *,
        customer: Mapping[str, str],
    ) -> None:
        self._caller = caller
        self._reader = reader
        self._customer = customer

    def warehouses(self) -> list[WarehouseRecord]:
        node = self._caller.run("account_warehouses", {}).get("data")
        if not isinstance(node, Mapping):
            raise no_object("account", is_write=False)
        found = [warehouse_from(row) for row in rows_of(node.get("warehouses"))]
        return [record for record in found if record.remote_id]

    # -- products ------------------------------------------------------------

    def products_updated(
        self, since: datetime, until: datetime
    ) -> Iterator[list[ProductRecord]]:
        """Pages of the products that moved in a window."""
        asked = {"updated_from": time_text(since), "updated_to": time_text(until)}
        for page in self._reader.pages("products", {**asked, **self._customer}):
            yield [product_from(node) for node in page.nodes]

    def product_page(self, after: str = "") -> tuple[list[ProductRecord], str]:
        """One page of all products, and where the next begins: empty after the last."""
        page = self._reader.page("products", dict(self._customer), after)
        return [product_from(node) for node in page.nodes], page.next

    def product(self, sku: str) -> ProductRecord | None:
        """A product by its exact SKU."""
        for page in self._reader.pages("products", {"sku": sku, **self._customer}):
            for node in page.nodes:
                record = product_from(node)
                if record.sku == sku:
                    return record
        return None

    # -- counts --------------------------------------------------------------

    def stock_updated(
        self, since: datetime, until: datetime
    ) -> Iterator[list[StockRecord | OddRow]]:
        """Pages of the counts that moved in a window."""
        asked = {"updated_from": time_text(since), "updated_to": time_text(until)}
        return self._stock(asked)

    def stock_of(self, sku: str) -> list[StockRecord | OddRow]:
        """A SKU's counts in every warehouse, by its exact name."""
        rows = [row for page in self._stock({"sku": sku}) for row in page]
        return [row for row in rows if row.sku == sku]

    def _stock(self, asked: Mapping[str, Any]) -> Iterator[list[StockRecord | OddRow]]:
        pages = self._reader.pages("warehouse_products", {**asked, **self._customer})
        for page in pages:
            yield [stock_from(node) for node in page.nodes]

    # -- what is on its way ----------------------------------------------------

    def purchases_window(
        self, since: datetime, until: datetime
    ) -> Iterator[list[PurchaseRecord]]:
        """Pages of the purchase orders made in a window, as they stand now."""
        asked: dict[str, Any] = {"created_from": time_text(since), "lines": MOST_LINES}
        asked |= {"created_to": time_text(until), **self._customer}
        for page in self._reader.pages("purchases_window", asked):
            yield [purchase_from(node) for node in page.nodes]

    # -- snapshots -----------------------------------------------------------

    def ask_for_snapshot(self, warehouse_remote_id: str = "") -> SnapshotTicket:
        """Have a snapshot made, of one warehouse or of all, in the new layout."""
        where = {"warehouse_id": warehouse_remote_id} if warehouse_remote_id else {}
        data = {"new_format": True, **where, **self._customer}
        payload = self._caller.run("inventory_generate_snapshot", {"data": data})
        return self._ticket(payload, "inventory_generate_snapshot", is_write=True)

    def snapshot(self, remote_id: str) -> SnapshotTicket:
        """Where it stands."""
        payload = self._caller.run("inventory_snapshot", {"snapshot_id": remote_id})
        return self._ticket(payload, "inventory_snapshot", is_write=False)

    def abort_snapshot(self, remote_id: str, reason: str) -> None:
        data = {"snapshot_id": remote_id, "reason": reason}
        self._caller.run("inventory_abort_snapshot", {"data": data})

    def download(self, ticket: SnapshotTicket, target: Path, *, most: int) -> int:
        """Save a finished snapshot's file; answers its bytes as they came.

        Raises RejectedError with code `stock.url_expired` for a URL that holds no more.
        """
        if not ticket.url:
            raise RejectedError(
                "ShipHero says that the snapshot is done and names no file.",
                system=System.SHIPHERO,
                code="stock.no_url",
            )
        return save(self._caller, ticket.url, target, most=most)

    @staticmethod
    def _ticket(payload: Any, name: str, *, is_write: bool) -> SnapshotTicket:
        ticket = ticket_from(payload)
        if ticket is None:
            raise no_object(name, is_write=is_write)
        return ticket
