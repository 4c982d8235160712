"""The ShipHero account as ShipSync sees it: records in, records out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.http import Exchange, RemoteSession
from connectors.shiphero.account import (
    AccountFacts,
    Quota,
    account_from,
)
from connectors.shiphero.calls import Caller, no_object
from connectors.shiphero.inputs import (
    changes_input,
    create_input,
    hold_input,
    line_change_input,
    line_inputs,
    time_text,
)
from connectors.shiphero.mapping import order_from
from connectors.shiphero.reading import FEW_CHILDREN, OrderReader
from connectors.shiphero.returns import return_from
from connectors.shiphero.shipment_mapping import shipment_from
from connectors.shiphero.stock import StockDesk
from connectors.shiphero.throttle import Credits, quota_from
from connectors.shiphero.values import text_of
from connectors.shiphero.webhooks import WebhookDesk
from connectors.tokens import TokenStore
from orders.records import (
    HoldKind,
    LineChange,
    OrderChanges,
    RemoteOrder,
    ReturnRecord,
    ShipmentRecord,
    WantedLine,
    WantedOrder,
)


class ShipHeroClient:
    """One ShipHero account over one credential. Not shared between threads.

    Every method raises ConnectorError: ThrottledError, TransientError (for a write
    with `outcome_unknown` where it may have been done), AuthError, RejectedError.
    `exchanges` grows with each call until `drain` empties it. `keep_refresh_token` is
    called when ShipHero hands out another refresh token.
    """

    def __init__(  # noqa: PLR0913 - all that an account needs
        self,
        *,
        session: RemoteSession,
        tokens: TokenStore,
        refresh_token: str,
        base_url: str,
        credits: Credits,
        clock: Callable[[], datetime],
        customer_account_id: str = "",
        keep_refresh_token: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._customer = (
            {"customer_account_id": customer_account_id} if customer_account_id else {}
        )
        self._caller = Caller(
            session=session,
            tokens=tokens,
            refresh_token=refresh_token,
            base_url=base_url,
            credits=credits,
            clock=clock,
            keep_refresh_token=keep_refresh_token,
        )
        self._reader = OrderReader(self._caller, customer=self._customer, clock=clock)
        self.stock = StockDesk(self._caller, self._reader, customer=self._customer)
        self.webhooks = WebhookDesk(self._caller, self._reader, customer=self._customer)

    # -- the log -------------------------------------------------------------

    @property
    def exchanges(self) -> list[Exchange]:
        return self._caller.exchanges

    @property
    def last_call(self) -> Exchange | None:
        """The latest call's request id, cost and duration."""
        return self.exchanges[-1] if self.exchanges else None

    def drain(self) -> list[Exchange]:
        """The exchanges since the last drain, oldest first."""
        taken, self._caller.exchanges = self._caller.exchanges, []
        return taken

    # -- reading orders ------------------------------------------------------

    def find_orders(self, key: str) -> list[RemoteOrder]:
        """Every order that carries our key, in whatever state."""
        pages = self._reader.heads("order_find", {"partner_order_id": key})
        return [order for page in pages for order in page if order.key == key]

    def find_by_number(self, order_number: str) -> list[RemoteOrder]:
        """Every order that people there see under this number; none is unique."""
        pages = self._reader.heads("order_find_number", {"order_number": order_number})
        return [
            one for page in pages for one in page if one.order_number == order_number
        ]

    def held_orders(self, tag: str) -> list[RemoteOrder]:
        """The orders with this tag that any hold keeps back."""
        pages = self._reader.heads("orders_held", {"tag": tag})
        return [order for page in pages for order in page]

    def held_page(self, tag: str, after: str = "") -> tuple[list[RemoteOrder], str]:
        """One page of them, and where the next one begins: empty after the last."""
        return self._reader.head_page("orders_held", {"tag": tag}, after)

    def orders_updated(
        self, since: datetime, until: datetime | None = None
    ) -> Iterator[list[RemoteOrder]]:
        """Pages of order heads that moved since then: who, status, holds, tags.

        ShipHero pages by offset and keeps no order over pages, so rows can be missed
        or repeated while it runs: overlap the windows.
        """
        asked: dict[str, Any] = {"updated_from": time_text(since)}
        if until is not None:
            asked["updated_to"] = time_text(until)
        return self._reader.heads("orders_updated", asked)

    def read_orders(self, remote_ids: Sequence[str]) -> list[RemoteOrder]:
        """The orders in full, in no certain order; unknown ids are left out.

        Lines and shipped lines are paged to their end; what could not be is MISSING.
        """
        return self._reader.orders(remote_ids)

    def shipments_window(
        self, since: datetime, until: datetime | None = None
    ) -> Iterator[list[ShipmentRecord]]:
        """Pages of the shipments made in a window, with their voids.

        There is no "updated" filter on shipments: a void shows only by reading its
        window again.
        """
        asked: dict[str, Any] = {"date_from": time_text(since), "shipped": FEW_CHILDREN}
        if until is not None:
            asked["date_to"] = time_text(until)
        for page in self._reader.pages("shipments_window", asked):
            yield [shipment_from(node) for node in page.nodes]

    def returns_window(
        self, since: datetime, until: datetime | None = None
    ) -> Iterator[list[ReturnRecord]]:
        """Pages of the returns opened in a window, as they stand now."""
        asked: dict[str, Any] = {"date_from": time_text(since), **self._customer}
        if until is not None:
            asked["date_to"] = time_text(until)
        for page in self._reader.pages("returns_window", asked):
            yield [return_from(node) for node in page.nodes]

    # -- writing orders ------------------------------------------------------

    def create_order(
        self, wanted: WantedOrder, *, hold: HoldKind | None, tags: Iterable[str] = ()
    ) -> RemoteOrder:
        """Creates an order, kept back by `hold`. Not idempotent at ShipHero's end."""
        data = {**create_input(wanted, hold=hold, tags=tags), **self._customer}
        return self._order_of(
            "order_create", {"data": data, "lines": max(len(wanted.lines), 1)}
        )

    def set_hold(self, remote_id: str, kind: HoldKind) -> RemoteOrder:
        return self._change(
            "order_update_holds", remote_id, hold_input(kind, is_set=True)
        )

    def release_hold(self, remote_id: str, kind: HoldKind) -> RemoteOrder:
        return self._change(
            "order_update_holds", remote_id, hold_input(kind, is_set=False)
        )

    def cancel_order(
        self, remote_id: str, reason: str, *, force: bool = False
    ) -> RemoteOrder:
        """`force` is needed once there are valid labels or completed shipments.

        Nothing is voided at a store: the order did not come from one.
        """
        return self._change(
            "order_cancel",
            remote_id,
            {"reason": reason, "force": force, "void_on_platform": False},
        )

    def set_status(self, remote_id: str, status: str, reason: str) -> RemoteOrder:
        """Close or open an order by its status alone. It moves neither stock nor labels.

        Source: `order_update_fulfillment_status` of the schema.
        """
        return self._change(
            "order_update_fulfillment_status",
            remote_id,
            {
                "fulfillment_status": status,
                "reason": reason,
                "void_on_platform": False,
                "remove_inventory": False,
            },
        )

    def update_order(self, remote_id: str, changes: OrderChanges) -> RemoteOrder:
        return self._change("order_update", remote_id, changes_input(changes))

    def add_lines(self, remote_id: str, lines: Sequence[WantedLine]) -> RemoteOrder:
        return self._change(
            "order_add_line_items", remote_id, {"line_items": line_inputs(lines)}
        )

    def update_lines(
        self, remote_id: str, changes: Sequence[LineChange]
    ) -> RemoteOrder:
        """Quantities, prices and names; a SKU cannot be changed this way."""
        items = [line_change_input(change) for change in changes]
        return self._change("order_update_line_items", remote_id, {"line_items": items})

    def remove_lines(self, remote_id: str, line_ids: Sequence[str]) -> RemoteOrder:
        return self._change(
            "order_remove_line_items", remote_id, {"line_item_ids": list(line_ids)}
        )

    def add_tags(self, remote_id: str, tags: Iterable[str]) -> RemoteOrder:
        return self._change("order_add_tags", remote_id, {"tags": list(tags)})

    def replace_tags(self, remote_id: str, tags: Iterable[str]) -> RemoteOrder:
        """Every tag that is not among these goes, those of other people too."""
        return self._change("order_update_tags", remote_id, {"tags": list(tags)})

    def change_warehouse(self, remote_id: str, warehouse: str) -> RemoteOrder:
        """The old allocation is dropped and one made there; rules may undo it."""
        return self._change(
            "order_change_warehouse", remote_id, {"warehouse_id": warehouse}
        )

    def add_history_entry(self, remote_id: str, message: str) -> RemoteOrder:
        """A note on the order that warehouse staff can read."""
        entry = {"source": "ShipSync", "message": message}
        return self._change(
            "order_add_history_entry", remote_id, {"history_entry": entry}
        )

    def _change(
        self, name: str, remote_id: str, asked: Mapping[str, Any]
    ) -> RemoteOrder:
        data = {"order_id": remote_id, **asked, **self._customer}
        return self._order_of(name, {"data": data})

    def _order_of(self, name: str, variables: Mapping[str, Any]) -> RemoteOrder:
        payload = self._caller.run(name, variables)
        node = payload.get("order") if isinstance(payload, Mapping) else None
        if not isinstance(node, Mapping) or not text_of(node.get("id")):
            raise no_object(name, is_write=True)
        return order_from(node, read_at=self._clock())

    # -- account, quota ------------------------------------------------------

    def quota(self) -> Quota:
        """Reads the credit bucket."""
        found = quota_from(self._caller.run("user_quota", {}))
        if found is None:
            raise no_object("user_quota", is_write=False)
        return Quota(*found)

    def account(self) -> AccountFacts:
        """Whose token this is, and the warehouses it sees."""
        node = self._caller.run("account", {}).get("data")
        if not isinstance(node, Mapping):
            raise no_object("account", is_write=False)
        return account_from(node)
