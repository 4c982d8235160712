"""The parts of an order that several accounts ship, each with an export of its own.

A line stands in one warehouse order at a time. Where it is to go to another account,
that account's part goes without it until it is confirmed that it is gone from the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q

from connectors.accounts.models import Account
from orders.gathering import forget
from orders.models import Export, ExportLine, LineItem, Order
from orders.records import OrderRecord
from orders.services import newest_of

# What is told of an order as a whole is told to one warehouse only.
AMOUNTS = ("shipping_price", "total_tax", "total_discount", "insurance_amount")


def accounts_of(order: Order) -> tuple[int, ...]:
    """The accounts that ship something of the order, its own first."""
    if not order.is_split:
        return (order.account_id,) if order.account_id else ()
    found = {line.account_id or order.account_id for line in order.lines.all()}
    if not found:  # a reading without lines takes nothing away
        found = {order.account_id, *(one.account_id for one in _live(order))}
    ids = sorted(one for one in found if one)
    return tuple(sorted(ids, key=lambda pk: pk != order.account_id))


def served_by(account: Account) -> Q:
    """The orders that an account ships, and those of which it ships a part."""
    lines = LineItem.objects.filter(account=account, order__is_split=True)
    return Q(account=account) | Q(pk__in=lines.values("order"))


def keys_of(order: Order, account_id: int) -> frozenset[str]:
    """The lines that the account is to ship."""
    return frozenset(
        line.salesforce_id
        for line in order.lines.all()
        if (line.account_id or order.account_id) == account_id
    )


def elsewhere(order: Order, account_id: int) -> dict[str, int]:
    """The lines that stand in a warehouse order of another account, and of which."""
    found: dict[str, int] = {}
    for export in _live(order):
        if export.account_id != account_id:
            found.update(dict.fromkeys(standing_lines(export), export.account_id))
    shipped = ExportLine.objects.filter(export__order=order, shipped__gt=0)
    rows = shipped.exclude(export__account=account_id)
    found.update(rows.values_list("key", "export__account_id"))
    return found


def standing_lines(export: Export) -> set[str]:
    """The lines that may stand in it: wanted by now, or accepted and not yet gone."""
    accepted = (export.acknowledged or {}).get("lines")
    if accepted is None:
        accepted = (export.sent or {}).get("lines")
    wanted = (export.wanted or {}).get("lines")
    rows = [*(accepted or ()), *(wanted or ())]
    return {str(line["key"]) for line in rows if line.get("quantity")}


def keys_to_ship(order: Order, account_id: int) -> frozenset[str]:
    """The lines of the account's part that stand in no other account any more."""
    return keys_of(order, account_id) - elsewhere(order, account_id).keys()


def is_leaving(order: Order, export: Export) -> bool:
    """Whether this export stands in an account that ships nothing of the order now."""
    if export.canceled_at is not None:
        return False
    if not order.is_split:
        return export.account_id != order.account_id
    has_lines = bool(order.lines.all())
    return has_lines and not keys_to_ship(order, export.account_id)


def leaving(order: Order) -> list[Export]:
    """The newest export of each account that is to be canceled there."""
    return [one for one in _newest_of_each(order) if is_leaving(order, one)]


def waiting_accounts(order: Order, *, apart_from: int) -> list[int]:
    """The accounts whose part has a line that is free by now and not yet wanted there."""
    found = []
    for account_id in accounts_of(order):
        export = newest_of(order, account_id)
        is_live = export is not None and export.canceled_at is None
        there = standing_lines(export) if export is not None and is_live else set()
        if account_id != apart_from and keys_to_ship(order, account_id) - there:
            found.append(account_id)
    return found


def in_force(order: Order) -> list[Export]:
    """The newest export of each part, and what has not ended of parts that are left."""
    ids = accounts_of(order)
    return [
        one
        for one in _newest_of_each(order)
        if one.account_id in ids or one.canceled_at is None
    ]


def unexported(order: Order) -> list[LineItem]:
    """The lines that no export holds yet, of an order in several parts."""
    held = {key for export in in_force(order) for key in standing_lines(export)}
    return [line for line in order.lines.all() if line.salesforce_id not in held]


def record_of(order: Order, record: OrderRecord, account_id: int) -> OrderRecord:
    """What one account is to have of the order: its lines that are free to go there.

    Amounts of the order as a whole go with the first part, so that none is told twice.
    """
    if not order.is_split or not record.lines:
        return record
    keys = keys_to_ship(order, account_id)
    lines = tuple(line for line in record.lines if line.salesforce_id in keys)
    record = replace(record, lines=lines)
    if accounts_of(order)[:1] == (account_id,):
        return record
    told: dict[str, Any] = {name: None for name in AMOUNTS if getattr(record, name)}
    return replace(record, **told)


def split_again(order: Order) -> None:
    """Note whether its lines go to other accounts than the order's own."""
    rows = LineItem.objects.filter(order=order).exclude(account=None)
    order.is_split = rows.exclude(account=order.account_id).exists()
    Order.objects.filter(pk=order.pk).update(is_split=order.is_split)
    forget(order, "lines")


def _newest_of_each(order: Order) -> Iterator[Export]:
    exports = list(order.exports.all())
    for account_id in dict.fromkeys(_ids(exports)):
        found = newest_of(order, account_id)
        if found is not None:
            yield found


def _ids(exports: Iterable[Export]) -> list[int]:
    return [one.account_id for one in sorted(exports, key=lambda one: one.pk)]


def _live(order: Order) -> list[Export]:
    return [one for one in order.exports.all() if one.canceled_at is None]
