"""An order that another account shall ship: confirmed cancel there, create here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.accounts.models import Account
from connectors.models import SyncJob
from connectors.sync import places
from connectors.sync.exports import Held
from connectors.sync.run import Run
from connectors.timing import scaled
from orders import parts
from orders.models import Order

PATIENCE = timedelta(minutes=5)
WHY = "Another account ships it."


def move(order: Order, account: Account) -> None:
    """Say whose the order and all its lines are; the jobs of the accounts do the rest."""
    order.account = account
    if order.brand is not None and order.brand.account_id != account.pk:
        order.brand = None
    order.save(update_fields=["account", "brand"])
    if order.is_split or order.lines.exclude(account=None).exists():
        places.gather(order, account)


is_leaving = parts.is_leaving


def left_behind(order: Order, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The accounts in which something of the order is still to be canceled.

    `rows` are its exports that have not ended.
    """
    if order.is_split:
        return sorted({one.account_id for one in parts.leaving(order)})
    return sorted({row["account_id"] for row in rows} - {order.account_id or 0})


def waits(run: Run, job: SyncJob, order: Order) -> bool:
    """Nothing is created here before the cancel there is confirmed; it rings then.

    The part of an order waits for nothing but its own lines.
    """
    left = [] if order.is_split else parts.leaving(order)
    if not left:
        return False
    note = f"Waits for the cancel in {left[0].account}, which is not confirmed yet."
    run.later(job, run.now() + scaled(PATIENCE), note)
    return True


def end_uncreated(run: Run, held: Held) -> None:
    """Nothing was ever created there: the export ends without a call."""
    held.store("moved_away", cancel_asked_at=run.now(), canceled_at=run.now())
