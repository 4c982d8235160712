"""The steps of a push that keep the parts of one order out of each other's way."""

from __future__ import annotations

from dataclasses import replace

from connectors.models import SyncJob, Trigger
from connectors.sync import places
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.rings import ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import push_rings
from orders import parts
from orders.models import Export, Order
from orders.pictures import Picture


def settle(run: Run, order: Order) -> None:
    """Part an order that was kept together until the account's checks let it be parted."""
    if not places.is_unsettled(order):
        return
    with commit("part"):
        if places.settle(order):
            rings = push_rings(
                order, trigger=Trigger.FOLLOW_UP, cause="Parted by brand"
            )
            ring_many(rings, now=run.now())


def ring_the_waiting(run: Run, job: SyncJob, order: Order) -> None:
    """Where lines are gone from here, the accounts that ship them now may have them."""
    if not order.is_split:
        return
    order = Order.objects.select_related("organization", "account").get(pk=order.pk)
    waiting = parts.waiting_accounts(order, apart_from=job.account_id or 0)
    rings = push_rings(order, trigger=Trigger.FOLLOW_UP, cause="Gone from another part")
    ring_many(
        [
            replace(one, reopens=False)
            for one in rings
            if one.kind == job.kind and one.account_id in waiting
        ],
        now=run.now(),
    )


def insist_free(order: Order, export: Export, picture: Picture) -> None:
    """No line is wanted here that another account wants or has meanwhile.

    The order's row is locked, so that of two accounts that plan at once one sees the
    other. Raises `LeaseLostError`, and the job plans anew.
    """
    if not order.is_split:
        return
    now_there = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    taken = parts.elsewhere(now_there, export.account_id).keys()
    if taken & {line["key"] for line in picture["lines"]}:
        raise LeaseLostError
