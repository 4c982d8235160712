"""Reading orders within the credits: pages, batches, and child rows to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.shiphero.calls import Caller, no_object
from connectors.shiphero.connections import is_unfinished, next_cursor, nodes_of
from connectors.shiphero.documents import document
from connectors.shiphero.mapping import line_from, order_from
from connectors.shiphero.throttle import page_size
from connectors.shiphero.values import Node, text_of
from orders.records import RemoteLine, RemoteOrder

# Child rows asked for with many orders at once, and with one order alone.
FEW_CHILDREN = 20
MOST_CHILDREN = 250


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as they stood at `asked_at` or later: what was written since may lack."""

    nodes: list[Node]
    asked_at: datetime
    next: str = ""


class OrderReader:
    """Readings are stamped with the time of asking, so that a slow one never seems
    newer than a write that was answered meanwhile.
    """

    def __init__(
        self,
        caller: Caller,
        *,
        customer: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._caller = caller
        self._customer = customer
        self._clock = clock

    def heads(self, name: str, asked: Mapping[str, Any]) -> Iterator[list[RemoteOrder]]:
        """Pages of order heads by one of the list queries."""
        found, after = self.head_page(name, asked)
        yield found
        while after:
            found, after = self.head_page(name, asked, after)
            yield found

    def head_page(
        self, name: str, asked: Mapping[str, Any], after: str = ""
    ) -> tuple[list[RemoteOrder], str]:
        """One page of heads, and where the next one begins: empty after the last."""
        page = self.page(name, {**asked, **self._customer}, after)
        found = [order_from(node, read_at=page.asked_at) for node in page.nodes]
        return found, page.next

    def pages(self, name: str, asked: Mapping[str, Any]) -> Iterator[Page]:
        """Every page of a connection, each as large as the credits allow."""
        page = self.page(name, asked)
        yield page
        while page.next:
            page = self.page(name, asked, page.next)
            yield page

    def page(self, name: str, asked: Mapping[str, Any], after: str = "") -> Page:
        """One page of a connection, as large as the credits allow."""
        size = {"first": self._rows_affordable(name, asked)}
        place = {"after": after} if after else {}
        asked_at = self._clock()
        payload = self._caller.run(name, {**asked, **size, **place})
        connection = payload.get("data")
        cursor = next_cursor(connection)
        if cursor is not None and cursor in {"", after}:
            raise no_object(name, is_write=False)
        return Page(nodes_of(connection), asked_at, cursor or "")

    def orders(self, remote_ids: Sequence[str]) -> list[RemoteOrder]:
        """The orders in full; unknown ids are left out."""
        wanted = list(dict.fromkeys(remote_ids))
        found: list[RemoteOrder] = []
        while wanted:
            size = self._rows_affordable("orders_read", _children(FEW_CHILDREN))
            batch, wanted = wanted[:size], wanted[size:]
            page = self._full(batch, FEW_CHILDREN)
            found += [self._finished(node, page.asked_at) for node in page.nodes]
        return found

    def _rows_affordable(self, name: str, asked: Mapping[str, Any]) -> int:
        per_row = document(name).estimate({**asked, "first": 1}) - 1
        return page_size(self._caller.capacity, per_row)

    def _full(self, ids: Sequence[str], children: int) -> Page:
        asked_at = self._clock()
        payload = self._caller.run(
            "orders_read",
            {
                "ids": list(ids),
                "first": len(ids),
                **_children(children),
                **self._customer,
            },
        )
        return Page(nodes_of(payload.get("data")), asked_at)

    def _finished(self, node: Node, asked_at: datetime) -> RemoteOrder:
        if _has_unfinished_children(node):
            most = max(FEW_CHILDREN, min(MOST_CHILDREN, self._caller.capacity // 8 - 2))
            again = self._full([text_of(node.get("id"))], most)
            if again.nodes:
                node, asked_at = again.nodes[0], again.asked_at
        order = order_from(node, read_at=asked_at)
        if is_unfinished(node.get("line_items")):
            order = replace(order, lines=self._all_lines(node))
        return order

    def _all_lines(self, node: Node) -> tuple[RemoteLine, ...]:
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


def _children(count: int) -> dict[str, int]:
    return {"lines": count, "shipped": count}


def _has_unfinished_children(node: Node) -> bool:
    shipments = node.get("shipments")
    rows = [row for row in shipments or [] if isinstance(row, Mapping)]
    return is_unfinished(node.get("line_items")) or any(
        is_unfinished(row.get("line_items")) for row in rows
    )
