"""The circuit breaker of a credential, shared by all workers through its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime

from django.db.models import F

from connectors import timing
from connectors.accounts.breaker_rules import (
    Breaker,
    BreakerState,
    Limits,
    Permit,
    after_failure,
    after_no_call,
    after_success,
    ask,
)
from connectors.accounts.models import Credential

# Workers that lose the compare-and-set this often leave the count to the others.
TRIES = 20

_COLUMNS = {field.name: f"breaker_{field.name}" for field in fields(Breaker)}

Change = Callable[[Breaker], tuple[Permit, Breaker]]


def allow(credential_id: int, *, now: datetime) -> Permit:
    """Whether a call may go out. In an opening, one caller at a time is let through.

    That caller must report succeeded or failed.
    """
    return _change(credential_id, lambda seen: ask(seen, now=now, limits=_limits()))


def succeeded(credential_id: int, *, now: datetime) -> None:
    """Report an answer, also one that says no: the way there and back works."""
    _change(
        credential_id,
        lambda seen: (Permit(True), after_success(seen, now=now, limits=_limits())),
    )


def failed(credential_id: int, *, now: datetime) -> None:
    """Report a call without an answer (a TransientError), not a refusal or a throttle."""
    _change(
        credential_id,
        lambda seen: (Permit(True), after_failure(seen, now=now, limits=_limits())),
    )


def unused(credential_id: int, *, now: datetime) -> None:
    """Report that a permitted caller had nothing to ask: the next one may probe."""
    _change(credential_id, lambda seen: (Permit(True), after_no_call(seen, now=now)))


def reset(credential_id: int) -> None:
    """Close it because a person says so; the next calls show whether that was right."""
    _change(credential_id, lambda _seen: (Permit(True), Breaker()))


def _limits() -> Limits:
    plain = Limits()
    return Limits(
        window=timing.scaled(plain.window),
        first_wait=timing.scaled(plain.first_wait),
        longest_wait=timing.scaled(plain.longest_wait),
        ramp=timing.scaled(plain.ramp),
        ramp_pause=timing.scaled(plain.ramp_pause),
    )


def _change(credential_id: int, change: Change) -> Permit:
    for _try in range(TRIES):
        fence, seen = _read(credential_id)
        permit, after = change(seen)
        if after == seen or _write(credential_id, fence, after):
            return permit
    return Permit(False, timing.scaled(Limits().first_wait))


def _read(credential_id: int) -> tuple[int, Breaker]:
    row = Credential.objects.values("breaker_fence", *_COLUMNS.values()).get(
        pk=credential_id
    )
    values = {name: row[column] for name, column in _COLUMNS.items()}
    values["state"] = BreakerState(values["state"])
    return row["breaker_fence"], Breaker(**values)


def _write(credential_id: int, fence: int, after: Breaker) -> bool:
    columns = {column: getattr(after, name) for name, column in _COLUMNS.items()}
    return bool(
        Credential.objects.filter(pk=credential_id, breaker_fence=fence).update(
            breaker_fence=F("breaker_fence") + 1, **columns
        )
    )
