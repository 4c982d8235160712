"""Holding an export: one worker at a time, and nothing stored behind its back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from connectors.accounts import scoped
from connectors.errors import ConnectorError
from connectors.models import SyncJob
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import claims
from connectors.sync.clients import call_time
from connectors.sync.phases import LeaseLostError, commit, fenced
from connectors.sync.run import Run
from connectors.timing import scaled
from orders import services
from orders.models import Export


class Held:
    """An export that this worker holds, with the fence it holds it by."""

    def __init__(self, export: Export, run: Run) -> None:
        self.export = export
        self.doubted_since: datetime | None = None
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

    def warehouse(self) -> ShipHeroClient:
        """The client for one write, if the lease outlasts it.

        Ask for it again before each write. Raises `LeaseLostError` when the lease
        might run out before the answer: somebody else may hold the export by then.
        """
        until = self.export.lease_until
        if until is None or until - self._run.now() < call_time():
            raise LeaseLostError
        return self._run.clients.shiphero(self.export.account)

    @contextmanager
    def in_doubt(self) -> Iterator[None]:
        """Around a write: what its outcome is, is on record before a byte leaves.

        A clear no ends the doubt; an unknown outcome or a crash leaves it standing,
        and the export rests until it can be read back. After success the caller's own
        commit ends it with `edit_intent_at=held.doubted_since`.
        """
        self.doubted_since = self.export.edit_intent_at
        self.store("edit_intent", edit_intent_at=self._run.now())
        try:
            yield
        except ConnectorError as error:
            if not error.outcome_unknown:
                self.store("edit_intent_over", edit_intent_at=self.doubted_since)
            raise


@contextmanager
def hold(export: Export, job: SyncJob, run: Run) -> Iterator[Held]:
    """Claim the export for the length of the block.

    Raises `LeaseLostError` if somebody holds it, or if the job itself was taken over:
    a worker that was stopped for long must not undo what was done since. What the
    block decides by must be read inside it. A crash leaves the lease standing; it
    runs out by itself.
    """
    owner = f"{job.lease_owner}:{job.fence}"
    with commit("claim_export"):
        claimed = claims.is_ours(job) and services.claim_export(
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
    return _rested(export, export.intent_at)


def doubt_ends(export: Export) -> datetime | None:
    """Until when an export with another write of unknown outcome must rest."""
    return _rested(export, export.edit_intent_at)


def _rested(export: Export, since: datetime | None) -> datetime | None:
    if since is None:
        return None
    rest = scoped.lookup("quarantine_seconds", account=export.account).seconds
    return since + scaled(rest)


def held_since(export: Export) -> datetime | None:
    """Since when it should have been released: a hold window is no delay of ours."""
    if export.held_at is None or export.window_until is None:
        return export.held_at
    return max(export.held_at, export.window_until)


def alarm_age(export: Export) -> timedelta:
    return scaled(scoped.lookup("held_alarm_seconds", account=export.account).seconds)
