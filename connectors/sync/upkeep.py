"""Housekeeping: bodies expire, digests and ids stay."""

from __future__ import annotations

from datetime import datetime

from connectors.models import Payload

BATCH = 500


def expire_payloads(*, now: datetime) -> int:
    """Blank what has expired, at most a batch at a time; answers how many."""
    due = list(
        Payload.objects.filter(expires_at__lt=now, erased_at=None).values_list(
            "pk", flat=True
        )[:BATCH]
    )
    return Payload.objects.filter(pk__in=due).update(body=b"", erased_at=now)
