"""Keeping the causes: first and last seen, back again, gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.casework import Cause
from connectors.causes import fingerprint_of, title_of
from connectors.models import SyncJob

SEEN_EVERY = timedelta(minutes=1)


def fingerprint(job: SyncJob, code: str, reason: str, field: str = "") -> str:
    """The cause of a failed try of this job; "" where nothing failed."""
    if not code:
        return ""
    scope = f"a{job.account_id}" if job.account_id else f"o{job.organization_id}"
    return fingerprint_of(code, reason, scope, kind=job.kind, field=field)


def note(  # noqa: PLR0913 - a cause is its fields
    job: SyncJob,
    *,
    code: str,
    reason: str,
    error_kind: str,
    category: str,
    owner: str,
    now: datetime,
    field: str = "",
) -> None:
    """Remember that this cause was seen now; its row is written once a minute at most."""
    key = fingerprint(job, code, reason, field)
    rows = Cause.objects.filter(fingerprint=key)
    known = rows.values_list("last_seen_at", "recovered_at").first()
    if known is None:
        cause = Cause(
            fingerprint=key,
            account_id=job.account_id,
            organization_id=job.organization_id,
            code=code,
            title=title_of(reason),
            error_kind=error_kind,
            category=category,
            owner=owner,
            first_seen_at=now,
            last_seen_at=now,
        )
        Cause.objects.bulk_create([cause], ignore_conflicts=True)
    elif known[1] is not None:  # it is back: that is news again
        rows.update(last_seen_at=now, recovered_at=None, mailed_at=None)
    elif known[0] < now - SEEN_EVERY:
        rows.update(last_seen_at=now)
