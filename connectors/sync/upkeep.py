"""Housekeeping: bodies expire, digests and ids stay; done deliveries leave no job.

What Salesforce told, and what was spent on asking it, goes by its age.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.hearing import ApiUse, MessageState, SalesforceMessage
from connectors.models import JobState, Payload, SyncJob

BATCH = 500
# A task has a minute; what is left after this many batches is for the next one.
MOST_BATCHES = 200
KEEP_APPLIED = timedelta(days=7)


def sweep(*, now: datetime) -> int:
    """Everything below, one after the other; answers how many rows."""
    return (
        expire_payloads(now=now)
        + drop_applied_jobs(now=now)
        + drop_old_messages(now=now)
        + drop_old_use(now=now)
    )


def expire_payloads(*, now: datetime) -> int:
    """Blank what has expired, in batches; answers how many."""
    blanked = 0
    for _batch in range(MOST_BATCHES):
        rows = Payload.objects.filter(expires_at__lt=now, erased_at=None)
        due = list(rows.values_list("pk", flat=True)[:BATCH])
        if not due:
            break
        blanked += Payload.objects.filter(pk__in=due).update(body=b"", erased_at=now)
    return blanked


def drop_applied_jobs(*, now: datetime) -> int:
    """Delete the jobs of webhooks applied long ago, in batches; answers how many.

    The deliveries themselves stay, and so do jobs that have ever failed: their
    episodes hang on them.
    """
    dropped = 0
    for _batch in range(MOST_BATCHES):
        rows = SyncJob.objects.filter(
            kind="apply_delivery",
            state=JobState.DONE,
            finished_at__lt=now - KEEP_APPLIED,
            failures=None,
        )
        due = list(rows.values_list("pk", flat=True)[:BATCH])
        if not due:
            break
        SyncJob.objects.filter(pk__in=due).delete()
        dropped += len(due)
    return dropped


def drop_old_messages(*, now: datetime) -> int:
    """Delete old messages from Salesforce with what they named; answers how many.

    Salesforce repeats a message for a day at most, so an old key is not met again; if
    it were, it would cost one reading. Those that were never read stay.
    """
    before = now - timedelta(days=scoped.lookup("messages_days").value)
    dropped = 0
    for _batch in range(MOST_BATCHES):
        rows = SalesforceMessage.objects.filter(received_at__lt=before)
        old = rows.exclude(state=MessageState.NEW).order_by("received_at")
        due = list(old.values_list("pk", flat=True)[:BATCH])
        if not due:
            break
        SalesforceMessage.objects.filter(pk__in=due).delete()
        dropped += len(due)
    return dropped


def drop_old_use(*, now: datetime) -> int:
    """Delete what calls cost long ago; one hour's row per kind of job, so few."""
    before = now - timedelta(days=scoped.lookup("api_use_days").value)
    dropped, _ = ApiUse.objects.filter(hour__lt=before).delete()
    return dropped
