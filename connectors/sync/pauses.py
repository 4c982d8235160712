"""Pausing an account in one direction, with a reason and, if wished, an end."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from connectors.accounts import audit
from connectors.accounts.models import Account
from connectors.sync import gates


class Direction(enum.StrEnum):
    """What a pause stops: writes to the warehouse, or what is told to Salesforce."""

    WAREHOUSE = "warehouse"
    SALESFORCE = "salesforce"


_PREFIX = {Direction.WAREHOUSE: "", Direction.SALESFORCE: "back_"}


def is_paused(account: Account, direction: Direction) -> bool:
    return bool(getattr(account, f"{_PREFIX[direction]}paused"))


def set_pause(  # noqa: PLR0913 - a pause is its fields
    account: Account,
    *,
    direction: Direction,
    paused: bool,
    why: str,
    by: str,
    until: datetime | None,
    actor: Any,
    now: datetime,
) -> bool:
    """Pause or resume inside the caller's transaction; False when it stands so already."""
    name = _PREFIX[direction]
    values = {
        f"{name}paused": paused,
        f"{name}paused_reason": why[:255],
        f"{name}paused_by": by[:150],
        f"{name}paused_at": now if paused else None,
        f"{name}paused_until": until if paused else None,
    }
    rows = Account.objects.filter(pk=account.pk, **{f"{name}paused": not paused})
    if not rows.update(**values):
        return False
    if direction is Direction.WAREHOUSE:
        gates.note_pause(account.pk, paused=paused)
    audit.record(
        action="pause_account" if paused else "resume_account",
        actor=actor,
        subject=account,
        account=account,
        after={"direction": direction.value, "until": str(until) if until else None},
        note=why,
        now=now,
    )
    return True


def resume_due(account: Account, *, now: datetime) -> None:
    """End the pauses whose time is over; call inside a transaction."""
    account.refresh_from_db()
    for direction in Direction:
        until = getattr(account, f"{_PREFIX[direction]}paused_until")
        if is_paused(account, direction) and until is not None and until <= now:
            set_pause(
                account,
                direction=direction,
                paused=False,
                why="The time of the pause is over.",
                by="",
                until=None,
                actor=None,
                now=now,
            )
