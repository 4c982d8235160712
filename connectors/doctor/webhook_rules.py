"""Judging whether ShipHero tells us what happens. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.doctor.findings import Finding, failed, ok, warning


@dataclass(frozen=True, slots=True)
class Registration:
    """One wanted webhook: what we stored, and what ShipHero lists (None: nothing)."""

    type_name: str
    is_active: bool
    has_secret: bool
    url_is_ours: bool | None
    is_enabled: bool | None
    health: str
    last_received_at: datetime | None = None
    last_refused_at: datetime | None = None

    @property
    def is_listed(self) -> bool:
        return self.url_is_ours is not None


AGAIN = (
    "The job “Keep webhooks registered” makes it right; make it due now under Jobs, and "
    "check that a worker runs."
)


def judge_webhooks(rows: Sequence[Registration], subject: str) -> list[Finding]:
    findings = [found for row in rows if (found := _judge_webhook(row, subject))]
    if findings:
        return findings
    received = [row.last_received_at for row in rows if row.last_received_at]
    last = (
        f"last received at {max(received):%Y-%m-%d %H:%M} UTC"
        if received
        else ("none was received yet")
    )
    return [
        ok(
            "shiphero.webhooks",
            f"{len(rows)} types registered, enabled and healthy; {last}.",
            subject,
        )
    ]


def _judge_webhook(row: Registration, subject: str) -> Finding | None:
    """The first thing that is wrong with it."""
    name = f"“{row.type_name}”"
    wrong = [
        (
            not (row.is_active and row.is_listed),
            f"{name} is not registered at ShipHero.",
            AGAIN,
        ),
        (not row.has_secret, f"The signature secret of {name} is not stored.", AGAIN),
        (
            not row.url_is_ours,
            f"{name} goes to another address than SHIPSYNC_BASE_URL.",
            f"Check SHIPSYNC_BASE_URL. {AGAIN}",
        ),
        (row.is_enabled is False, f"{name} is disabled at ShipHero.", AGAIN),
        (
            row.health.upper() not in {"", "HEALTHY"},
            f"ShipHero calls {name} {row.health.lower()}: our address does not answer.",
            "Check that SHIPSYNC_BASE_URL is reached from the internet with a valid "
            "certificate, and look at the web server's log.",
        ),
    ]
    for is_so, says, fix in wrong:
        if is_so:
            return failed("shiphero.webhooks", says, fix, subject)
    if _was_refused_last(row):
        return warning(
            "shiphero.webhooks",
            f"The newest {name} had a wrong signature and was refused.",
            "Its secret may have changed at ShipHero: delete the webhook there; it is "
            "registered again with a new secret.",
            subject,
        )
    return None


def _was_refused_last(row: Registration) -> bool:
    if row.last_refused_at is None:
        return False
    return row.last_received_at is None or row.last_refused_at > row.last_received_at


def no_webhook_address(subject: str) -> Finding:
    return warning(
        "shiphero.webhooks",
        "SHIPSYNC_BASE_URL is not set: changes are seen by polling only.",
        "Set SHIPSYNC_BASE_URL to the https address of this site.",
        subject,
    )
