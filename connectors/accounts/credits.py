"""A remote system's credit bucket, estimated on the credential's row for all workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from connectors import timing
from connectors.accounts.models import Credential
from connectors.errors import ThrottledError

# Losing the compare-and-set this often means a crowd: wait and come again.
TRIES = 20
CROWDED = timedelta(seconds=1)

_COLUMNS = (
    "credits_fence",
    "credits_capacity",
    "credits_remaining",
    "credits_rate",
    "credits_at",
)


class CreditBucket:
    """Takes credits before a call and learns the truth from its answer.

    Nothing is known before the first answer, and nothing is refused then. Rates are
    credits per second of operational time.
    """

    def __init__(self, credential_id: int) -> None:
        self._credential_id = credential_id

    def take(self, cost: float, *, now: datetime) -> None:
        """Lower the estimate by `cost`; ThrottledError with the wait when it is short.

        A cost above the capacity goes out on a full bucket: the remote decides.
        """
        for _try in range(TRIES):
            row = self._read()
            if row.credits_remaining is None or row.credits_at is None:
                return
            remaining = _estimate(row, now)
            needed = min(cost, row.credits_capacity or cost)
            if remaining < needed:
                raise _too_few(needed - remaining, row.credits_rate or 0.0)
            if self._write(row.credits_fence, remaining - needed, now):
                return
        raise ThrottledError(
            "Too many workers ask for credits at once.", wait=timing.scaled(CROWDED)
        )

    def learn(
        self, *, remaining: float, capacity: float, rate: float, now: datetime
    ) -> None:
        """Take over what the remote said; the newest answer wins."""
        Credential.objects.filter(pk=self._credential_id).exclude(
            credits_at__gt=now
        ).update(
            credits_fence=F("credits_fence") + 1,
            credits_remaining=remaining,
            credits_capacity=capacity,
            credits_rate=rate,
            credits_at=now,
        )

    def filled(self, *, now: datetime) -> float | None:
        """How full the bucket is by our estimate, 0 to 1; None before any answer."""
        row = self._read()
        if row.credits_remaining is None or not row.credits_capacity:
            return None
        return _estimate(row, now) / row.credits_capacity

    def _read(self) -> Credential:
        return Credential.objects.only(*_COLUMNS).get(pk=self._credential_id)

    def _write(self, fence: int, remaining: float, now: datetime) -> bool:
        rows = Credential.objects.filter(pk=self._credential_id, credits_fence=fence)
        return bool(
            rows.update(
                credits_fence=F("credits_fence") + 1,
                credits_remaining=remaining,
                credits_at=now,
            )
        )


def _estimate(row: Credential, now: datetime) -> float:
    """What has flowed in since, up to the capacity. A clock that went back adds none."""
    remaining, since = row.credits_remaining or 0.0, row.credits_at or now
    elapsed = max((now - since).total_seconds(), 0.0) * timing.scale()
    refilled = remaining + elapsed * (row.credits_rate or 0.0)
    return min(refilled, row.credits_capacity or refilled)


def _too_few(missing: float, rate: float) -> ThrottledError:
    seconds = missing / rate if rate > 0 else 60.0
    return ThrottledError(
        "Waiting for credits at the remote system.",
        code="shipsync.credits",
        wait=timing.scaled(timedelta(seconds=seconds)),
    )
