"""Keeping the exceptions of an order: opened, cleared with evidence, opened again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, prefetch_related_objects

from inventory import arrivals
from inventory.models import Product, StockLevel
from orders import statuses
from orders.deadlines import due_of
from orders.exceptions import find_all
from orders.floor import HoldSpell, OrderException
from orders.models import Export, ExportLine, Order, ShipmentLine
from orders.quantities import Balance, loose_components, serial_problems
from orders.records import Arrival
from orders.shipment_facts import SHIPMENTS
from orders.standing import (
    balances_of,
    export_facts,
    exports_in_force,
    is_over_there,
)
from orders.watched import Found, Limits, Watched, WatchedHold, WatchedLine

GONE = "It is no longer so."


def watch(order: Order, *, limits: Limits, now: datetime) -> bool:
    """Bring the exceptions of an order in step with its facts; answers if any moved."""
    exports = [one for one in exports_in_force(order) if one.remote_id]
    if not exports:
        return False
    seen = [(export, watched(order, export, now=now)) for export in exports]
    found: dict[str, tuple[Export, Found]] = {}
    for export, one in seen:
        for news in find_all(one, limits, now):
            first = found.get(news.kind)
            found[news.kind] = (
                (first[0], _both(first[1], news)) if first else (export, news)
            )
    known = {row.kind: row for row in order.exceptions.all()}
    moved = [
        _open(order, export, known.get(kind), one, now)
        for kind, (export, one) in found.items()
    ]
    over = [row for row in known.values() if row.closed_at is None]
    told = [one for _, one in seen]
    moved += [_close(row, told, now) for row in over if row.kind not in found]
    return any(moved)


def _both(one: Found, other: Found) -> Found:
    """The same of two parts of an order: one row, which tells of both."""
    return Found(
        one.kind,
        " ".join(dict.fromkeys((one.reason, other.reason))),
        " ".join(dict.fromkeys((one.next_step, other.next_step))).strip(),
        {
            name: _joined(one, other, name)
            for name in {**other.evidence, **one.evidence}
        },
    )


def _joined(one: Found, other: Found, name: str) -> Any:
    """What stands by SKU is of both; of anything else the first counts."""
    first, second = one.evidence.get(name), other.evidence.get(name)
    if isinstance(first, dict) and isinstance(second, dict):
        return {**second, **first}
    return second if first is None else first


def _open(
    order: Order,
    export: Export,
    row: OrderException | None,
    found: Found,
    now: datetime,
) -> bool:
    """Open it, open it again, or note what it looks like now."""
    told = {
        "reason": found.reason,
        "next_step": found.next_step,
        "evidence": found.evidence,
        "export": export,
    }
    if row is None:
        _, made = OrderException.objects.get_or_create(
            order=order,
            kind=found.kind,
            defaults={
                **told,
                "account": export.account,
                "opened_at": now,
                "first_opened_at": now,
            },
        )
        return made
    if row.closed_at is not None:
        again = OrderException.objects.filter(pk=row.pk).exclude(closed_at=None)
        return bool(
            again.update(
                **told,
                opened_at=now,
                closed_at=None,
                closed_with="",
                quiet_until=None,
                times=F("times") + 1,
            )
        )
    if any(getattr(row, name) != value for name, value in told.items()):
        OrderException.objects.filter(pk=row.pk, closed_at=None).update(**told)
    return False


def _close(row: OrderException, seen: Sequence[Watched], now: datetime) -> bool:
    """It clears itself, and keeps what was seen when it no longer held."""
    open_one = OrderException.objects.filter(pk=row.pk, closed_at=None)
    return bool(
        open_one.update(closed_at=now, closed_with=f"{GONE} {_as_seen(seen)}".strip())
    )


def _as_seen(seen: Sequence[Watched]) -> str:
    words = ", ".join(
        f"{line.balance.shipped} of {line.balance.ordered} {line.sku} shipped"
        for one in seen
        for line in one.lines
    )
    state = statuses.WORDS.get(seen[0].state, seen[0].state)
    return f"{state}: {words}." if words else f"{state}."


def watched(order: Order, export: Export, *, now: datetime) -> Watched:
    """The order as the rules see it."""
    remote = export.facts or {}
    return Watched(
        state=_state(order, export),
        since=order.state_since,
        lines=tuple(_lines(export)),
        holds=tuple(_hold(row) for row in export.hold_spells.all() if _is_theirs(row)),
        status=str(remote.get("status", "")),
        is_over=is_over_there(export),
        is_canceled=export.canceled_at is not None,
        is_merged=bool(remote.get("merged_into")),
        is_accepted=export.close_accepted_at is not None,
        has_shipped=any(not row.is_void for row in export.shipments.all()),
        due=due_of(order, export),
        clones=tuple(export.clones),
    )


def _state(order: Order, export: Export) -> str:
    """Of a part its own: the order may have shipped half, and this part nothing yet."""
    if not order.is_split:
        return order.state
    return statuses.derive(export_facts(export, statuses.OrderFacts())).state


def _is_theirs(row: HoldSpell) -> bool:
    return row.ended_at is None and not row.is_ours


def _hold(row: HoldSpell) -> WatchedHold:
    return WatchedHold(row.kind, row.since, row.after_picking)


def _lines(export: Export) -> Iterable[WatchedLine]:
    told = balances_of(export)
    short = {line.sku for line, one in told if one.backordered}
    free = _free_elsewhere(export, short) if short else {}
    coming = arrivals.of_skus(export.account_id, short) if short else {}
    shipped = _shipped_rows(export)
    left = {row.sku for rows in shipped.values() for row in rows}
    tracked = _tracked(export.account_id, left) if left else UNTRACKED
    for line, one in told:
        ways = Ways(tuple(free.get(line.sku, ())), coming.get(line.sku, ()))
        yield _line(line, one, shipped.get(line.pk, []), ways, tracked)


@dataclass(frozen=True, slots=True)
class Ways:
    """What may help a line that lacks stock: what lies elsewhere, what is coming."""

    elsewhere: tuple[tuple[str, int], ...]
    expected: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """The SKUs of which every piece has a serial number, or comes of a lot."""

    by_serial: frozenset[str] = frozenset()
    by_lot: frozenset[str] = frozenset()


UNTRACKED = Tracked()


def _line(
    line: ExportLine,
    told: Balance,
    shipped: Sequence[ShipmentLine],
    ways: Ways,
    tracked: Tracked,
) -> WatchedLine:
    units: Counter[str] = Counter()
    for row in shipped:
        units[row.sku] += row.quantity
    bare = [r for r in shipped if r.sku in tracked.by_lot and not r.lot_name]
    return WatchedLine(
        key=line.key,
        sku=line.sku,
        balance=told,
        elsewhere=ways.elsewhere,
        expected=ways.expected,
        loose=tuple(loose_components(units, line.components, line.sku).items()),
        serial_problems=tuple(_serial_problems(line, shipped, units, tracked)),
        without_lot=sum(row.quantity for row in bare),
    )


def _serial_problems(
    line: ExportLine,
    shipped: Sequence[ShipmentLine],
    units: Counter[str],
    tracked: Tracked,
) -> list[str]:
    """Of a kit only the parts that have numbers count; a reading tells them by line."""
    told = [serial for row in shipped for serial in row.serial_numbers]
    numbered = {row.sku for row in shipped if row.serial_numbers} | (
        tracked.by_serial & set(units)
    )
    if not told and shipped:
        told = list(line.serials_read)
        numbered = numbered or set(units if told else ())
    count = sum(units[sku] for sku in numbered)
    return serial_problems(count, told, is_tracked=bool(numbered))


def _tracked(account_id: int, skus: set[str]) -> Tracked:
    rows = Product.objects.filter(
        Q(needs_serial=True) | Q(needs_lot=True), account=account_id, sku__in=skus
    ).values_list("sku", "needs_serial", "needs_lot")
    return Tracked(
        frozenset(sku for sku, by_serial, _ in rows if by_serial),
        frozenset(sku for sku, _, by_lot in rows if by_lot),
    )


def _shipped_rows(export: Export) -> dict[int, list[ShipmentLine]]:
    prefetch_related_objects([export], *SHIPMENTS)
    found: dict[int, list[ShipmentLine]] = {}
    for shipment in export.shipments.all():
        for row in () if shipment.is_void else shipment.lines.all():
            if row.export_line_id is not None:
                found.setdefault(row.export_line_id, []).append(row)
    return found


def _free_elsewhere(export: Export, skus: set[str]) -> dict[str, list[tuple[str, int]]]:
    """Free units of these SKUs in the account's other warehouses, most first."""
    here = {row.warehouse for row in export.allocations.all()}
    here |= {line.warehouse for line in export.lines.all()} - {""}
    rows = (
        StockLevel.objects.filter(
            account=export.account_id, sku__in=skus, warehouse__is_active=True
        )
        .exclude(warehouse__remote_id__in=here)
        .select_related("warehouse")
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        free = _free(row)
        if free > 0:
            found.setdefault(row.sku, []).append((row.warehouse.name, free))
    return {sku: sorted(places, key=lambda x: -x[1]) for sku, places in found.items()}


def _free(row: StockLevel) -> int:
    if row.available is not None:
        return int(row.available)
    return int(row.on_hand - (row.allocated or 0))
