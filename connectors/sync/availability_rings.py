"""Saying that availability moved: once per account, after it has gathered for a while."""

from __future__ import annotations

from datetime import datetime

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.models import Trigger
from connectors.sync.rings import Ring, ring
from connectors.timing import scaled

KIND = "push_availability"


def moved(
    account: Account,
    *,
    now: datetime,
    trigger: str = Trigger.FOLLOW_UP,
    cause: str = "Stock moved",
    actor_id: int | None = None,
) -> None:
    """Have what changed written to Salesforce; a person's wish does not linger."""
    by_person = trigger == Trigger.PERSON
    linger = scoped.lookup("linger_availability_seconds", account=account).seconds
    ring(
        Ring(
            kind=KIND,
            subject="all",
            account_id=account.pk,
            trigger=trigger,
            cause=cause,
            actor_id=actor_id,
            reopens=True,
            hurries=by_person,
            not_before=now + scaled(linger),
        ),
        now=now,
    )
