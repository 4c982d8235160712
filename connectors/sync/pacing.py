"""Polls that wait longer than set: short of calls, or told of changes anyway."""

from __future__ import annotations

from connectors import pace
from connectors.accounts import scoped
from connectors.models import SyncJob
from connectors.sync import load
from connectors.sync.run import Run
from connectors.timing import scaled

# How many times longer a poll waits while Salesforce's calls are nearly spent.
SLOWER = 4
SHORT = "Salesforce's calls of the day are nearly spent; looks less often."
QUIET = "Quiet, and messages arrive; looks less often."


def wait_longer(run: Run, job: SyncJob, setting: str) -> None:
    """Put off the next look where circumstances say so; else it comes as set."""
    assert job.organization is not None  # noqa: S101 - polls of an organization
    base = scoped.lookup(setting).seconds
    now = load.circumstances(job.organization, now=run.now())
    wait = pace.interval(base, now)
    if wait == base:
        return
    is_short = now.used is not None and now.used > now.background
    SyncJob.objects.filter(pk=job.pk, fence=job.fence).update(attempts=0)
    run.later(job, run.now() + scaled(wait), SHORT if is_short else QUIET)
