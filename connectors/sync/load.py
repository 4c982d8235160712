"""How much of what a remote allows is left, so that background work can stand back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Sum

from connectors import pace
from connectors.accounts import scoped
from connectors.accounts.credits import CreditBucket
from connectors.accounts.models import Account, Organization
from connectors.hearing import ApiUse, SalesforceListener
from connectors.models import SyncAttempt
from connectors.timing import scaled

KEPT_FOR_OTHERS = 0.25
HEARD_WITHIN = timedelta(hours=1)
BUSY_WITHIN = timedelta(minutes=10)


def spare_credits(account: Account, *, now: datetime) -> float:
    """The share of the bucket, 0 to 1, that is free beyond the part kept for others.

    A bucket that nobody has seen yet counts as full.
    """
    filled = CreditBucket(account.credential_id).filled(now=now)
    if filled is None:
        return 1.0
    return max(0.0, (filled - KEPT_FOR_OTHERS) / (1 - KEPT_FOR_OTHERS))


def circumstances(organization: Organization, *, now: datetime) -> pace.Circumstances:
    """What the polls of an organization go by."""
    login = organization.credential
    known = login.api_limit and login.api_used is not None
    heard = SalesforceListener.objects.filter(
        organization=organization, last_received_at__gte=now - scaled(HEARD_WITHIN)
    )
    changed = SyncAttempt.objects.filter(
        organization=organization,
        kind="pull_orders",
        started_at__gte=now - scaled(BUSY_WITHIN),
    )
    return pace.Circumstances(
        used=login.api_used / login.api_limit if known else None,  # type: ignore[operator]
        background=scoped.lookup("api_share_background").value,
        is_told=heard.exists(),
        is_busy=changed.exists(),
    )


def note_use(organization_id: int, kind: str, calls: int, *, now: datetime) -> None:
    """Count what a kind of job spent of the organization's calls in this hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = {"organization_id": organization_id, "hour": hour, "kind": kind}
    if not ApiUse.objects.filter(**row).update(calls=F("calls") + calls):
        ApiUse.objects.bulk_create([ApiUse(**row)], ignore_conflicts=True)
        ApiUse.objects.filter(**row).update(calls=F("calls") + calls)


def use_of(organization: Organization, *, now: datetime) -> dict[str, int]:
    """Our own calls of the last 24 hours by kind of job, the costliest first."""
    rows = (
        ApiUse.objects.filter(
            organization=organization, hour__gt=now - timedelta(days=1)
        )
        .values("kind")
        .annotate(spent=Sum("calls"))
        .order_by("-spent", "kind")
    )
    return {row["kind"]: row["spent"] for row in rows}


def is_api_short(organization: Organization) -> bool:
    """Whether the daily calls of this organization are nearly spent, by whomever."""
    login = organization.credential
    if not login.api_limit or login.api_used is None:
        return False
    share = scoped.lookup("api_share_background").value
    return bool(login.api_used > share * login.api_limit)
