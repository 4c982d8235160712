"""The ShipHero account as ShipSync sees it: records in, records out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.http import Exchange, RemoteSession
from connectors.shiphero.calls import SECRET_FIELD, Caller, no_object
from connectors.shiphero.documents import document
from connectors.shiphero.mapping import (
    changes_input,
    create_input,
    hold_input,
    int_of,
    is_unfinished,
    line_change_input,
    line_from,
    line_inputs,
    next_cursor,
    nodes_of,
    order_from,
    shipment_from,
    text_of,
    time_text,
)
from connectors.shiphero.throttle import Credits, page_size, quota_from
from connectors.tokens import TokenStore
from orders.records import (
    HoldKind,
    LineChange,
    OrderChanges,
    RemoteLine,
    RemoteOrder,
    ShipmentRecord,
    WantedLine,
    WantedOrder,
)

# Child rows asked for with many orders at once, and with one order alone.
FEW_CHILDREN = 20
MOST_CHILDREN = 250


@dataclass(frozen=True, slots=True)
class RegisteredWebhook:
    """`secret` signs the deliveries; ShipHero tells it this once."""

    remote_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """A registration as ShipHero lists it; `health` is its own word."""

    remote_id: str
    name: str
    url: str
    shop_name: str
    is_enabled: bool | None
    health: str


@dataclass(frozen=True, slots=True)
class Quota:
    """Credits left, the bucket's size, and its refill per second."""

    remaining: int
    capacity: int
    rate: int


@dataclass(frozen=True, slots=True)
class WarehouseFacts:
    remote_id: str
    legacy_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Whose token this is: `fingerprint` must not change under one credential."""

    remote_id: str
    legacy_id: int | None
    is_3pl: bool
    is_multi_warehouse: bool
    warehouses: tuple[WarehouseFacts, ...]

    @property
    def fingerprint(self) -> str:
        return self.remote_id


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
        pages = self._heads("order_find", {"partner_order_id": key})
        return [order for page in pages for order in page if order.key == key]

    def held_orders(self, tag: str) -> list[RemoteOrder]:
        """The orders with this tag that any hold keeps back."""
        found, after = self.held_page(tag)
        while after:
            more, after = self.held_page(tag, after)
            found += more
        return found

    def held_page(self, tag: str, after: str = "") -> tuple[list[RemoteOrder], str]:
        """One page of them, and where the next one begins: empty after the last."""
        asked: dict[str, Any] = {"tag": tag, **self._customer}
        size = self._rows_affordable("orders_held", asked)
        place = {"after": after} if after else {}
        payload = self._caller.run("orders_held", {**asked, "first": size, **place})
        read_at = self._clock()
        connection = payload.get("data")
        cursor = next_cursor(connection)
        if cursor is not None and cursor in {"", after}:
            raise no_object("orders_held", is_write=False)
        found = [order_from(node, read_at=read_at) for node in nodes_of(connection)]
        return found, cursor or ""

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
        return self._heads("orders_updated", asked)

    def read_orders(self, remote_ids: Sequence[str]) -> list[RemoteOrder]:
        """The orders in full, in no certain order; unknown ids are left out.

        Lines and shipped lines are paged to their end; what could not be is MISSING.
        """
        wanted = list(dict.fromkeys(remote_ids))
        found: list[RemoteOrder] = []
        while wanted:
            size = self._rows_affordable("orders_read", _children(FEW_CHILDREN))
            batch, wanted = wanted[:size], wanted[size:]
            for node in self._full_nodes(batch, FEW_CHILDREN):
                found.append(self._finished(node))
        return found

    def _full_nodes(self, ids: Sequence[str], children: int) -> list[Any]:
        payload = self._caller.run(
            "orders_read",
            {
                "ids": list(ids),
                "first": len(ids),
                **_children(children),
                **self._customer,
            },
        )
        return nodes_of(payload.get("data"))

    def _finished(self, node: Mapping[str, Any]) -> RemoteOrder:
        read_at = self._clock()
        if _has_unfinished_children(node):
            most = max(FEW_CHILDREN, min(MOST_CHILDREN, self._caller.capacity // 8 - 2))
            again = self._full_nodes([text_of(node.get("id"))], most)
            node = again[0] if again else node
        order = order_from(node, read_at=read_at)
        if is_unfinished(node.get("line_items")):
            order = replace(order, lines=self._all_lines(node))
        return order

    def _all_lines(self, node: Mapping[str, Any]) -> tuple[RemoteLine, ...]:
        connection = node.get("line_items")
        lines = [line_from(row) for row in nodes_of(connection)]
        cursor = next_cursor(connection)
        while cursor is not None:
            payload = self._caller.run(
                "order_lines",
                {
                    "id": text_of(node.get("id")),
                    "first": page_size(self._caller.capacity, 1),
                    "after": cursor,
                },
            )
            connection = (payload.get("data") or {}).get("line_items")
            if not isinstance(connection, Mapping):
                raise no_object("order_lines", is_write=False)
            lines.extend(line_from(row) for row in nodes_of(connection))
            cursor = next_cursor(connection)
        return tuple({line.remote_id: line for line in lines}.values())

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
        for nodes in self._pages("shipments_window", asked):
            yield [shipment_from(node) for node in nodes]

    def _heads(
        self, name: str, asked: Mapping[str, Any]
    ) -> Iterator[list[RemoteOrder]]:
        for nodes in self._pages(name, {**asked, **self._customer}):
            read_at = self._clock()
            yield [order_from(node, read_at=read_at) for node in nodes]

    def _pages(self, name: str, asked: Mapping[str, Any]) -> Iterator[list[Any]]:
        cursor: str | None = None
        while True:
            page = {"first": self._rows_affordable(name, asked)}
            after = {"after": cursor} if cursor is not None else {}
            payload = self._caller.run(name, {**asked, **page, **after})
            connection = payload.get("data")
            yield nodes_of(connection)
            previous, cursor = cursor, next_cursor(connection)
            if cursor is None:
                return
            if cursor in {"", previous}:
                raise no_object(name, is_write=False)

    def _rows_affordable(self, name: str, asked: Mapping[str, Any]) -> int:
        per_row = document(name).estimate({**asked, "first": 1}) - 1
        return page_size(self._caller.capacity, per_row)

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

    # -- webhooks, account, quota --------------------------------------------

    def register_webhook(
        self, name: str, url: str, shop_name: str
    ) -> RegisteredWebhook:
        """`shop_name` is a free label; (account, name, label) is the identity."""
        payload = self._caller.run(
            "webhook_create",
            {
                "data": {"name": name, "url": url, "shop_name": shop_name}
                | self._customer
            },
        )
        made = payload.get("webhook") or {}
        secret = made.get(SECRET_FIELD)
        if not isinstance(secret, str) or not secret:
            raise no_object("webhook_create", is_write=True)
        return RegisteredWebhook(text_of(made.get("id")), secret)

    def delete_webhook(self, name: str, shop_name: str) -> None:
        self._caller.run(
            "webhook_delete",
            {"data": {"name": name, "shop_name": shop_name} | self._customer},
        )

    def enable_webhook(self, remote_id: str) -> None:
        """Switches a registration on again that ShipHero switched off as unhealthy."""
        self._caller.run(
            "webhook_enable", {"data": {"webhook_id": remote_id} | self._customer}
        )

    def list_webhooks(self) -> list[WebhookFacts]:
        return [
            WebhookFacts(
                remote_id=text_of(node.get("id")),
                name=text_of(node.get("name")),
                url=text_of(node.get("url")),
                shop_name=text_of(node.get("shop_name")),
                is_enabled=node.get("enabled"),
                health=text_of(node.get("health")),
            )
            for nodes in self._pages("webhooks", self._customer)
            for node in nodes
        ]

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
        return AccountFacts(
            remote_id=text_of(node.get("id")),
            legacy_id=int_of(node.get("legacy_id")),
            is_3pl=bool(node.get("is_3pl")),
            is_multi_warehouse=bool(node.get("is_multi_warehouse")),
            warehouses=tuple(
                WarehouseFacts(
                    remote_id=text_of(row.get("id")),
                    legacy_id=int_of(row.get("legacy_id")),
                    name=text_of(row.get("identifier")),
                )
                for row in node.get("warehouses") or []
                if isinstance(row, Mapping)
            ),
        )


def _children(count: int) -> dict[str, int]:
    return {"lines": count, "shipped": count}


def _has_unfinished_children(node: Mapping[str, Any]) -> bool:
    shipments = node.get("shipments")
    rows = [row for row in shipments or [] if isinstance(row, Mapping)]
    return is_unfinished(node.get("line_items")) or any(
        is_unfinished(row.get("line_items")) for row in rows
    )
