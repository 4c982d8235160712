"""How much of what a remote allows is left, so that background work can stand back."""

from __future__ import annotations

from datetime import datetime

from connectors.accounts import scoped
from connectors.accounts.credits import CreditBucket
from connectors.accounts.models import Account, Organization

KEPT_FOR_OTHERS = 0.25


def spare_credits(account: Account, *, now: datetime) -> float:
    """The share of the bucket, 0 to 1, that is free beyond the part kept for others.

    A bucket that nobody has seen yet counts as full.
    """
    filled = CreditBucket(account.credential_id).filled(now=now)
    if filled is None:
        return 1.0
    return max(0.0, (filled - KEPT_FOR_OTHERS) / (1 - KEPT_FOR_OTHERS))


def is_api_short(organization: Organization) -> bool:
    """Whether the daily calls of this organization are nearly spent, by whomever."""
    login = organization.credential
    if not login.api_limit or login.api_used is None:
        return False
    share = scoped.lookup("api_share_background").value
    return bool(login.api_used > share * login.api_limit)
