"""The table of units as it stands, and what lines went out with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from connectors.accounts.models import Account
from connectors.errors import Kind
from connectors.sync.rings import Ring, ring_many
from inventory.unit_tables import table_of
from orders.line_units import LineUnits
from orders.models import Export, ExportLine, Order
from orders.records import OrderRecord

CAUSE = "The table of units changed"
MOST_WOKEN = 1000

Frozen = dict[str, tuple[str, int]]


def units_of(
    account: Account,
    record: OrderRecord,
    *,
    skus: Collection[str],
    export: Export | None,
) -> LineUnits:
    """What is needed to count an order's lines; orders in pieces ask for nothing."""
    frozen = frozen_of([export.pk])[export.pk] if export is not None else {}
    if not frozen and not any(line.unit for line in record.lines or ()):
        return LineUnits()
    return LineUnits(table_of(account, skus), frozen)


def frozen_of(exports: Iterable[int]) -> dict[int, Frozen]:
    """By export and line key, the unit that a line went out with, if it had one."""
    found: dict[int, Frozen] = defaultdict(dict)
    rows = ExportLine.objects.filter(export__in=list(exports), is_removed=False)
    told = rows.exclude(unit="", unit_factor=1).order_by()
    for export, key, unit, factor in told.values_list(
        "export", "key", "unit", "unit_factor"
    ):
        found[export][key] = (unit, factor)
    return found


def wake(account: Account, *, now: datetime) -> int:
    """Let the orders that a unit may have kept back try again; answers how many."""
    stuck = Order.objects.filter(
        account=account,
        failures__closed_at=None,
        failures__error_kind__in=[Kind.MAPPING, Kind.INVALID],
    )
    keys = list(stuck.distinct().order_by("pk").values_list("pk", flat=True))
    ring_many(
        [
            Ring(
                kind="push_order",
                subject=str(pk),
                account_id=account.pk,
                order_id=pk,
                cause=CAUSE,
                reopens=True,
            )
            for pk in keys[:MOST_WOKEN]
        ],
        now=now,
    )
    return len(keys)
