"""The strip on every page: is anything done at all, and who refuses us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from connectors.accounts.models import (
    BreakerState,
    Credential,
    CredentialState,
    Organization,
)
from connectors.console.base import list_address, page_address
from connectors.console.chips import Tone
from connectors.console.scoping import accounts_of, scope_of
from connectors.models import Heartbeat

STALE_AFTER = timedelta(seconds=15)
_CACHED_AS = "_console_beats"
_LOGINS_AS = "_console_logins"

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Sign:
    """One statement: `word` names the thing, `text` says what it means and what helps."""

    tone: Tone
    word: str
    text: str
    address: str = ""


def read_status(user: User, now: datetime) -> list[Sign]:
    """The signs for this user, in three queries: workers, logins, pauses."""
    return [
        *_workers(beats_for(user), now),
        *_logins(logins_of(user), now),
        *_pauses(user),
    ]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """`is_wrong` is red: what was entered and what Salesforce says contradict."""

    words: str
    is_wrong: bool


def ribbons(user: User) -> list[Ribbon]:
    """Which of the user's organizations are sandboxes, and which are not what they
    were taken for."""
    scope = scope_of(user)
    rows = {
        row.pk: row
        for login in logins_of(user)
        for row in login.organizations
        if scope.everything or row.pk in scope.organizations
    }
    in_order = sorted(rows.values(), key=lambda row: row.name)
    return [found for row in in_order if (found := _ribbon(row)) is not None]


def _ribbon(row: Organization) -> Ribbon | None:
    names = {True: "a sandbox", False: "production"}
    if row.told_sandbox is not None and row.told_sandbox is not row.is_sandbox:
        return Ribbon(
            f"{row.name} is {names[row.told_sandbox]}, "
            f"entered as {names[row.is_sandbox]}",
            is_wrong=True,
        )
    return Ribbon(f"{row.name}: sandbox", is_wrong=False) if row.is_sandbox else None


def is_sandbox() -> bool:
    return bool(settings.SHIPSYNC_SANDBOX)


def beat_of(row: Heartbeat, now: datetime) -> tuple[Tone, str]:
    """How a host's worker is, by its last sign of life."""
    if row.is_stopped:
        return Tone.BAD, "Stopped"
    if now - row.beat_at > STALE_AFTER:
        return Tone.BAD, f"Silent since {row.beat_at:%H:%M:%S} UTC"
    return Tone.GOOD, "Working"


def beats_for(user: User) -> list[Heartbeat]:
    """The newest signs of life, read once per request (they are kept on the user)."""
    known = getattr(user, _CACHED_AS, None)
    if isinstance(known, list):
        return known
    beats = list(Heartbeat.objects.order_by("-beat_at")[:20])
    setattr(user, _CACHED_AS, beats)
    return beats


def last_beat(user: User) -> datetime | None:
    """When a worker last looked for due work."""
    beats = beats_for(user)
    return beats[0].beat_at if beats else None


def _workers(beats: list[Heartbeat], now: datetime) -> Iterator[Sign]:
    address = list_address(Heartbeat)
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


@dataclass(frozen=True, slots=True)
class Login:
    """A login with the organizations that are reached by it."""

    credential: Credential
    organizations: list[Organization]


_OF_LOGIN = (
    *("pk", "system", "name", "state", "refused_reason"),
    *("breaker_state", "breaker_probe_at"),
)
_OF_ORGANIZATION = ("pk", "name", "is_sandbox", "told_sandbox")


def logins_of(user: User) -> list[Login]:
    """The user's logins, read once per request with their organizations."""
    known = getattr(user, _LOGINS_AS, None)
    if isinstance(known, list):
        return known
    rows = Credential.objects.order_by("system", "name", "pk")
    scope = scope_of(user)
    if not scope.everything:
        rows = rows.filter(pk__in=scope.credentials)
    beside = (f"organization__{name}" for name in _OF_ORGANIZATION)
    found: dict[int, Login] = {}
    for row in rows.values(*_OF_LOGIN, *beside):
        login = found.setdefault(
            row["pk"], Login(Credential(**{name: row[name] for name in _OF_LOGIN}), [])
        )
        if row["organization__pk"] is not None:
            names = _OF_ORGANIZATION
            of_it = {name: row[f"organization__{name}"] for name in names}
            login.organizations.append(Organization(**of_it))
    logins = list(found.values())
    setattr(user, _LOGINS_AS, logins)
    return logins


def _logins(logins: list[Login], now: datetime) -> Iterator[Sign]:
    known = [login.credential for login in logins]
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


def _pauses(user: User) -> Iterator[Sign]:
    paused = [row for row in accounts_of(user) if row.paused]
    for row in paused[:5]:
        yield Sign(
            Tone.WARN, f"{row.name}: paused", row.paused_reason, page_address(row)
        )
