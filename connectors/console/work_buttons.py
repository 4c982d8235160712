"""The buttons of failures and jobs."""

from __future__ import annotations

from connectors.accounts import permissions
from connectors.console import deeds
from connectors.console.offers import Input, Offer
from connectors.models import FailedPayload, JobState, SyncJob


def _closed(failure: FailedPayload) -> str:
    return "This failure is closed already." if failure.closed_at else ""


def _busy(job: SyncJob) -> str:
    return "This job is running now." if job.state == JobState.RUNNING else ""


OFFERS = (
    Offer(
        "retry",
        FailedPayload,
        "Retry",
        permissions.RETRY,
        deeds.retry_failure,
        _closed,
        help="Try it again, now.",
        is_main=True,
    ),
    Offer(
        "dismiss",
        FailedPayload,
        "Dismiss",
        permissions.DISMISS,
        deeds.dismiss_failure,
        _closed,
        (Input("why", "Why can it be dismissed?"),),
        help="Close it without a fix.",
    ),
    Offer(
        "retry",
        SyncJob,
        "Make due now",
        permissions.RETRY,
        deeds.retry_job,
        _busy,
        help="Do not wait any longer.",
        is_main=True,
    ),
)
