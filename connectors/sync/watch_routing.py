"""Wakes what waits for a warehouse, and looks twice where ShipHero did otherwise.

It compares what stands with what moved, so that nothing has to be told: a lost ring
costs one round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from connectors.accounts.models import Account
from connectors.models import FailedPayload, SyncJob, Trigger
from connectors.sync import config, route_checks
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.timing import scaled
from inventory.models import Availability
from orders.models import LineItem

CODE = "routing.no_warehouse"
AT_ONCE = 500
# For what is not watched: a calendar, a transit time, a warehouse taken into use.
AT_LATEST = timedelta(hours=1)


def watch_routing(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        woken = wake(job.account, now=run.now())
        route_checks.second_looks(job.account, now=run.now())
        if woken:
            run.did(job, f"{woken} orders looked for a warehouse again")


def wake(account: Account, *, now: datetime) -> int:
    """Ring for the orders without a warehouse whose stock moved since they parked."""
    waiting = dict(
        FailedPayload.objects.filter(account=account, closed_at=None, code=CODE)
        .exclude(order=None)
        .order_by("opened_at")
        .values_list("order_id", "opened_at")[:AT_ONCE]
    )
    if not waiting:
        return 0
    skus = _skus(account, waiting)
    moved = _moved(account, {sku for found in skus.values() for sku in found})
    ready = [
        order_id
        for order_id, since in waiting.items()
        if since < now - scaled(AT_LATEST)
        or any(moved.get(sku, since) > since for sku in skus[order_id])
    ]
    with commit("wake_routing"):
        ring_many([_ring(order_id, account) for order_id in ready], now=now)
    return len(ready)


def _skus(account: Account, order_ids: Iterable[int]) -> dict[int, set[str]]:
    """The SKUs each order asks for, also under the names the warehouse has for them."""
    aliases = config.sku_aliases(account)
    found: dict[int, set[str]] = defaultdict(set)
    rows = LineItem.objects.filter(order__in=list(order_ids))
    for order_id, sku in rows.values_list("order_id", "sku"):
        found[order_id].add(sku.strip())
        alias = aliases.row_for(sku)
        if alias is not None:
            found[order_id].add(alias.target)
    return found


def _moved(account: Account, skus: set[str]) -> dict[str, datetime]:
    """When what may be promised of each SKU last moved, in any warehouse."""
    found: dict[str, datetime] = {}
    wanted = sorted(skus)
    for start in range(0, len(wanted), AT_ONCE):
        rows = Availability.objects.filter(
            account=account, sku__in=wanted[start : start + AT_ONCE]
        )
        for sku, at in rows.values_list("sku", "computed_at"):
            found[sku] = max(at, found.get(sku, at))
    return found


def _ring(order_id: int, account: Account) -> Ring:
    return Ring(
        kind="push_order",
        subject=str(order_id),
        account_id=account.pk,
        order_id=order_id,
        trigger=Trigger.SCHEDULE,
        cause="Stock moved",
        reopens=True,
    )


register(
    JobKind(
        name="watch_routing",
        title="Wake orders without a warehouse",
        lane=Lane.BACKFILL,
        handler=watch_routing,
        uses=frozenset(),
        priority=75,
        every="watch_routing_seconds",
    )
)
