"""The strip on every page: is anything done at all, and who refuses us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q

from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
)
from connectors.console.base import list_address, page_address
from connectors.console.chips import Tone
from connectors.console.scoping import Scope, scope_of
from connectors.models import Heartbeat

STALE_AFTER = timedelta(seconds=15)

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Sign:
    """One statement: `word` names the thing, `text` says what it means and what helps."""

    tone: Tone
    word: str
    text: str
    address: str = ""

    @property
    def is_trouble(self) -> bool:
        return self.tone in {Tone.BAD, Tone.WARN}


def read_status(user: User, now: datetime) -> list[Sign]:
    """The signs for this user, in three queries: workers, logins, pauses."""
    scope = scope_of(user)
    return [*_workers(now), *_logins(scope, now), *_pauses(scope)]


def is_sandbox() -> bool:
    return bool(settings.SHIPSYNC_SANDBOX)


def beat_of(row: Heartbeat, now: datetime) -> tuple[Tone, str]:
    """How a host's worker is, by its last sign of life."""
    if row.is_stopped:
        return Tone.BAD, "Stopped"
    if now - row.beat_at > STALE_AFTER:
        return Tone.BAD, f"Silent since {row.beat_at:%H:%M:%S} UTC"
    return Tone.GOOD, "Working"


def _workers(now: datetime) -> Iterator[Sign]:
    address = list_address(Heartbeat)
    beats = list(Heartbeat.objects.order_by("-beat_at")[:20])
    if not beats:
        yield Sign(
            Tone.BAD,
            "Worker never started",
            "Nothing is synced. Start “manage.py work”.",
            address,
        )
        return
    if any(beat_of(row, now)[0] is Tone.GOOD for row in beats):
        yield Sign(Tone.GOOD, "Worker running", "", address)
        return
    newest = beats[0]
    word = "Worker stopped" if newest.is_stopped else "Worker silent"
    since = f"since {newest.beat_at:%Y-%m-%d %H:%M:%S} UTC"
    yield Sign(
        Tone.BAD,
        f"{word} {since}",
        "Nothing is synced. Start “manage.py work”.",
        address,
    )


def _logins(scope: Scope, now: datetime) -> Iterator[Sign]:
    rows = Credential.objects.order_by("system", "name")
    if not scope.everything:
        rows = rows.filter(pk__in=scope.credentials)
    known = list(
        rows.only(
            "pk",
            "system",
            "name",
            "state",
            "refused_reason",
            "breaker_state",
            "breaker_probe_at",
        )
    )
    troubles = [sign for row in known if (sign := _trouble(row, now)) is not None]
    if known and not troubles:
        count = "1 login" if len(known) == 1 else f"{len(known)} logins"
        yield Sign(Tone.GOOD, f"{count} accepted", "", list_address(Credential))
    yield from troubles


def _trouble(row: Credential, now: datetime) -> Sign | None:
    address = page_address(row)
    if row.state == CredentialState.REFUSED:
        said = row.refused_reason or "The remote system refused it."
        return Sign(Tone.BAD, f"{row}: login refused", said, address)
    if row.breaker_state == BreakerState.CLOSED:
        return None
    when = "now"
    if row.breaker_probe_at is not None and row.breaker_probe_at > now:
        when = f"at {row.breaker_probe_at:%H:%M:%S} UTC"
    return Sign(
        Tone.WARN,
        f"{row}: not answering",
        f"Work waits without loss; next try {when}.",
        address,
    )


def _pauses(scope: Scope) -> Iterator[Sign]:
    rows = Account.objects.filter(paused=True).order_by("name")
    if not scope.everything:
        rows = rows.filter(Q(pk__in=scope.accounts))
    for row in rows.only("pk", "name", "paused_reason")[:5]:
        yield Sign(
            Tone.WARN, f"{row.name}: paused", row.paused_reason, page_address(row)
        )
