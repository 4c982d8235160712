"""Whether ShipHero ships an order from where it was routed."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.accounts.models import Account
from connectors.models import Trigger
from connectors.sync.rings import Ring, ring_many
from connectors.timing import scaled
from inventory.models import Warehouse
from orders import decisions
from orders.decisions import Kept, RoutingDecision
from orders.editing import line_name
from orders.models import Export
from orders.records import MISSING, RemoteOrder

# ShipHero processes an order about 17 s after it was made; a minute is past that.
SECOND_LOOK = timedelta(seconds=60)
AT_ONCE = 200


def check(export: Export, remote: RemoteOrder) -> None:
    """Hold a reading's allocations against the decision; the second no is final.

    Accounts with rules of their own choose again at each processing. That is their
    right: it is said, and not fought.
    """
    row = decisions.newest(export)
    if row is None or row.kept in {Kept.AGREES, Kept.OVERRULED} or not row.warehouses:
        return
    actual = _allocated(remote)
    if not actual or (row.checked_at and remote.read_at <= row.checked_at):
        return
    wrong = {key for key, where in actual.items() if where - {row.warehouses.get(key)}}
    if not wrong:
        _note(row, Kept.AGREES, actual, remote)
    elif row.kept == Kept.UNSEEN:
        _note(row, Kept.DIFFERS, actual, remote)
    elif row.checked_at and remote.read_at - row.checked_at >= scaled(SECOND_LOOK) / 2:
        _note(row, Kept.OVERRULED, actual, remote)


def _allocated(remote: RemoteOrder) -> dict[str, set[str]]:
    """Line key to the warehouses that gave stock to it."""
    if remote.allocations is MISSING or remote.lines is MISSING:
        return {}
    keys = {line.remote_id: line_name(line) for line in remote.lines}
    found: dict[str, set[str]] = {}
    for allocation in remote.allocations:
        for line_id, units in allocation.quantities:
            if units and line_id in keys:
                found.setdefault(keys[line_id], set()).add(allocation.warehouse)
    return found


def _note(
    row: RoutingDecision, kept: Kept, actual: dict[str, set[str]], remote: RemoteOrder
) -> None:
    ids = sorted({one for where in actual.values() for one in where})
    names = {
        found.remote_id: str(found)
        for found in Warehouse.objects.filter(
            account_id=row.export.account_id, remote_id__in=ids
        )
    }
    RoutingDecision.objects.filter(pk=row.pk).update(
        kept=kept,
        actual=" and ".join(names.get(one, one) for one in ids)[:255],
        checked_at=remote.read_at,
    )


def second_looks(account: Account, *, now: datetime) -> int:
    """Ring for readings of what differed a while ago; answers how many."""
    rows = RoutingDecision.objects.filter(
        kept=Kept.DIFFERS,
        export__account=account,
        checked_at__lt=now - scaled(SECOND_LOOK),
    ).select_related("export")[:AT_ONCE]
    rings = [
        Ring(
            kind="read_warehouse",
            subject=str(row.export_id),
            account_id=account.pk,
            order_id=row.order_id,
            trigger=Trigger.FOLLOW_UP,
            cause="Is it allocated where it was routed?",
        )
        for row in rows
    ]
    ring_many(rings, now=now)
    return len(rings)
