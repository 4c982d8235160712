"""Housekeeping: bodies expire, digests and ids stay; done deliveries leave no job."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.models import JobState, Payload, SyncJob

BATCH = 500
# A task has a minute; what is left after this many batches is for the next one.
MOST_BATCHES = 200
KEEP_APPLIED = timedelta(days=7)


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
