"""The hold window: a new order is kept back for a while, and edits fold into one."""

from __future__ import annotations

from datetime import datetime

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.models import SyncJob
from connectors.sync.exports import Held
from connectors.sync.run import Run
from connectors.timing import scaled
from orders.models import Export


def end_of(account: Account, *, now: datetime) -> datetime | None:
    """When the window of an export opened now ends; None where there is none."""
    length = scoped.lookup("hold_window_seconds", account=account)
    return now + scaled(length.seconds) if length.value else None


def is_open(export: Export, *, now: datetime) -> bool:
    return export.window_until is not None and now < export.window_until


def waits(run: Run, job: SyncJob, held: Held) -> bool:
    """Whether the floor may not have it yet; the job is then due when it may.

    It concerns what the floor has not seen: an order still held by us, or, where no
    hold can be reserved, one that is not created yet.
    """
    export = held.export
    unseen = export.is_held_by_us or not export.remote_id
    until = export.window_until
    if until is None or not unseen or not is_open(export, now=run.now()):
        return False
    words = "Kept back for edits" if export.remote_id else "Not sent yet, for edits"
    run.later(job, until, f"{words} until {until:%H:%M:%S} UTC; “Release now” ends it.")
    return True
