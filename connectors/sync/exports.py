"""Holding an export: one worker at a time, and nothing stored behind its back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from connectors.accounts import scoped
from connectors.models import SyncJob
from connectors.sync import claims
from connectors.sync.phases import LeaseLostError, commit, fenced
from connectors.sync.run import Run
from connectors.timing import scaled
from orders import services
from orders.models import Export


class Held:
    """An export that this worker holds, with the fence it holds it by."""

    def __init__(self, export: Export, run: Run) -> None:
        self.export = export
        self._fence = export.fence
        self._run = run

    def store(self, name: str, where: Q | None = None, **values: Any) -> None:
        """Commit values while the fence is ours. Raises `LeaseLostError` otherwise."""
        with commit(name):
            self.put(where=where, **values)

    def put(self, where: Q | None = None, **values: Any) -> None:
        """As `store`, inside the caller's own commit."""
        fenced(
            services.change_export(
                export=self.export, fence=self._fence, where=where, **values
            )
        )

    def insist_on_time(self) -> None:
        """Send no create unless the lease outlasts the client's time-out, and more."""
        timeout = scoped.lookup("client_timeout_seconds").seconds
        until = self.export.lease_until
        if until is None or until - self._run.now() < 2 * scaled(timeout):
            raise LeaseLostError


@contextmanager
def hold(export: Export, job: SyncJob, run: Run) -> Iterator[Held]:
    """Claim the export for the length of the block. Raises `LeaseLostError` if held.

    A crash leaves the lease standing; it runs out by itself.
    """
    owner = f"{job.lease_owner}:{job.fence}"
    with commit("claim_export"):
        claimed = services.claim_export(
            export=export, owner=owner, lease=claims.lease_length(), now=run.now()
        )
    if not claimed:
        raise LeaseLostError
    fence = export.fence
    try:
        yield Held(export, run)
    except Exception:
        services.release_export(export=export, fence=fence)
        raise
    services.release_export(export=export, fence=fence)


def quarantine_ends(export: Export) -> datetime | None:
    """Until when an export whose create may have been applied must rest."""
    if export.intent_at is None:
        return None
    rest = scoped.lookup("quarantine_seconds", account=export.account).seconds
    return export.intent_at + scaled(rest)


def alarm_age(export: Export) -> timedelta:
    return scaled(scoped.lookup("held_alarm_seconds", account=export.account).seconds)
