"""What people may do to an order's warehouse: choose it, and leave it to the rules."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.models import Trigger
from connectors.sync import grounds
from connectors.sync.actions import ActionRefusedError, User
from connectors.sync.rings import ring_many
from connectors.sync.subjects import push_rings
from inventory.models import Warehouse
from orders import parts
from orders.models import Order, Override


def override_warehouse(
    *,
    order: Order,
    warehouse: str,
    why: str,
    until: datetime | None,
    user: User,
    now: datetime,
) -> Override:
    """Let this order ship from a warehouse, whatever the rules say, until then.

    `warehouse` is its name, or its ShipHero id. Of an order in parts it counts for the
    part of its account.
    """
    permissions.require(user, permissions.OVERRIDE, order.account)
    site = _warehouse(order, warehouse)
    if not why.strip():
        raise ActionRefusedError("Say why the order ships from there.")
    if until is not None and until <= now:
        raise ActionRefusedError("The time until which it holds is over already.")
    with transaction.atomic():
        before = grounds.live_override(order, now=now)
        _end_all(order, now)
        made = Override.objects.create(
            order=order,
            field=grounds.WAREHOUSE,
            value=site.remote_id,
            why=why.strip()[:255],
            until=until,
            created_by_name=str(user)[:150],
            created_at=now,
        )
        audit.record(
            action="override_warehouse",
            actor=user,
            subject=order,
            account=order.account,
            before={"warehouse": before.value if before else None},
            after={
                "warehouse": str(site),
                "until": until.isoformat() if until else None,
            },
            note=why,
            now=now,
        )
        _push(order, user, now)
    return made


def end_override(*, order: Order, user: User, now: datetime) -> None:
    """Leave the warehouse to the rules again."""
    permissions.require(user, permissions.OVERRIDE, order.account)
    live = grounds.live_override(order, now=now)
    if live is None:
        raise ActionRefusedError("Nobody chose a warehouse for this order.")
    with transaction.atomic():
        _end_all(order, now)
        audit.record(
            action="end_override",
            actor=user,
            subject=order,
            account=order.account,
            before={"warehouse": live.value},
            now=now,
        )
        _push(order, user, now)


def _warehouse(order: Order, named: str) -> Warehouse:
    accounts = parts.accounts_of(order)
    rows = Warehouse.objects.filter(account__in=accounts, is_listed=True)
    wanted = named.strip().casefold()
    found = [
        row
        for row in rows
        if wanted and wanted in {row.remote_id.casefold(), row.name.casefold()}
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(str(row) for row in rows)) or "none is known yet"
    raise ActionRefusedError(f"Name one of the account's warehouses: {names}.")


def _end_all(order: Order, now: datetime) -> None:
    order.overrides.filter(field=grounds.WAREHOUSE, ended_at=None).update(ended_at=now)


def _push(order: Order, user: User, now: datetime) -> None:
    cause = f"Warehouse chosen by {user}"
    rings = push_rings(order, trigger=Trigger.PERSON, cause=cause, user=user)
    ring_many(rings, now=now)
