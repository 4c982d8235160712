"""The same ShipHero account reached through two logins, with one key prefix for both.

A full sandbox keeps production's record ids. With the same prefix its orders would be
taken for production's wherever both are looked up by key. Within one login the database
refuses it; through two logins only the warehouses show that both are the same account.
"""

from __future__ import annotations

from datetime import datetime

from connectors.accounts.models import Account
from connectors.sync import pauses
from inventory.models import Warehouse


def twin_of(account: Account) -> Account | None:
    """Another entry of the same ShipHero account whose keys ours cannot be told from."""
    places = Warehouse.objects.filter(account=account).values("remote_id")
    return (
        Account.objects.filter(
            key_prefix=account.key_prefix,
            customer_account_id=account.customer_account_id,
            warehouses__remote_id__in=places,
        )
        .exclude(pk=account.pk)
        .exclude(credential=account.credential_id)
        .order_by("pk")
        .first()
    )


def why_not(account: Account) -> str:
    """Why the account may not be written to; empty where it stands alone."""
    twin = twin_of(account)
    if twin is None:
        return ""
    return (
        f"“{twin}” reaches the same ShipHero account through another login, with the "
        f"same key prefix {account.key_prefix}. Give the entry that is not live yet a "
        "prefix of its own, or remove it."
    )


def look(account: Account, *, now: datetime) -> bool:
    """Pause the younger of two; call inside a transaction. Answers if there are two."""
    twin = twin_of(account)
    if twin is None:
        return False
    younger = max(account, twin, key=lambda one: one.pk)
    pauses.set_pause(
        younger,
        direction=pauses.Direction.WAREHOUSE,
        paused=True,
        why=why_not(younger),
        by="",
        until=None,
        actor=None,
        now=now,
    )
    return True
