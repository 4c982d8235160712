"""How people sign in: the second factor, open sessions, tokens, and locked names.

Each deed is audited. What is somebody else's takes the right to manage people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from axes.models import AccessAttempt
from axes.utils import reset as release_names
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now as read_clock
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from connectors.accounts import api_tokens, audit
from connectors.accounts.api_tokens import ApiToken

MANAGE: Final = "auth.change_user"
CODES: Final = 10
MOST_TOKENS: Final = 20
# Kept in the session, so that no page has to ask the database.
NEEDS_FACTOR: Final = "needs_second_factor"
BEGAN, SEEN, AGENT, ADDRESS = "signed_in_at", "seen_at", "agent", "address"


class SignInError(ValueError):
    """What was asked for cannot be done, in words for people."""


# --- The second factor ------------------------------------------------------------


def is_required(user: Any) -> bool:
    """Whether the settings ask this person for a second factor."""
    if settings.SHIPSYNC_REQUIRE_OTP:
        return True
    roles = settings.SHIPSYNC_OTP_ROLES
    if not roles:
        return False
    return bool(user.is_superuser or user.groups.filter(name__in=roles).exists())


def is_enrolled(user: Any) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def begin_enrolment(user: Any) -> TOTPDevice:
    """The device that waits for its first code; made when there is none."""
    if is_enrolled(user):
        raise SignInError("A second factor is set up. Take it off first.")
    device, _made = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "Authenticator app"}
    )
    return device


def finish_enrolment(user: Any, code: str, *, now: datetime) -> list[str]:
    """Confirm the waiting device by its code; answers the recovery codes.

    Raises SignInError for a wrong code.
    """
    device = begin_enrolment(user)
    with transaction.atomic():
        if not device.verify_token(code.replace(" ", "")):
            raise SignInError(
                "This code is not right. Codes change twice a minute; check that the "
                "clock of your phone sets itself."
            )
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        audit.record(action="enrol_second_factor", actor=user, subject=user, now=now)
        return _make_codes(user)


def new_codes(user: Any, *, now: datetime) -> list[str]:
    """Ten new recovery codes; those from before no longer work."""
    with transaction.atomic():
        audit.record(action="renew_recovery_codes", actor=user, subject=user, now=now)
        return _make_codes(user)


def _make_codes(user: Any) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes")
    codes = [StaticToken.random_token() for _ in range(CODES)]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=code) for code in codes
    )
    return codes


def codes_left(user: Any) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def take_off(user: Any, *, now: datetime) -> None:
    """Take one's own second factor off. Raises SignInError where it is asked for."""
    if is_required(user):
        raise SignInError(
            "Your role asks for a second factor. To move it to another device, ask an "
            "administrator to reset it, and set it up anew."
        )
    with transaction.atomic():
        _forget_devices(user)
        audit.record(action="remove_second_factor", actor=user, subject=user, now=now)


def reset_factor(person: Any, *, actor: Any, now: datetime) -> None:
    """For a lost device: the person sets up another at the next sign-in."""
    _require(actor)
    with transaction.atomic():
        _forget_devices(person)
        _end(sessions_of(person))
        audit.record(action="reset_second_factor", actor=actor, subject=person, now=now)


def _forget_devices(person: Any) -> None:
    TOTPDevice.objects.filter(user=person).delete()
    StaticDevice.objects.filter(user=person).delete()


# --- Names that are locked ----------------------------------------------------------


def wrong_tries(person: Any) -> QuerySet[Any]:
    """Wrong passwords for the person's name that still count, by address."""
    since = read_clock() - settings.AXES_COOLOFF_TIME
    rows = AccessAttempt.objects.filter(
        username=person.get_username(), attempt_time__gte=since
    )
    found: QuerySet[Any] = rows.order_by("-attempt_time")
    return found


def is_locked(person: Any) -> bool:
    limit = settings.AXES_FAILURE_LIMIT
    return wrong_tries(person).filter(failures_since_start__gte=limit).exists()


def release(person: Any, *, actor: Any, now: datetime) -> None:
    """Let the person try again at once."""
    _require(actor)
    with transaction.atomic():
        release_names(username=person.get_username())
        audit.record(action="unlock_sign_in", actor=actor, subject=person, now=now)


# --- Open sessions -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSession:
    key: str
    began: datetime | None
    seen: datetime | None
    agent: str
    address: str


def note_sign_in(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """Receiver of a sign-in: what the limits and the list of sessions need."""
    session = request.session
    moment = read_clock().timestamp()
    session[BEGAN] = session[SEEN] = moment
    session[AGENT] = request.headers.get("User-Agent", "")[:200]
    session[ADDRESS] = str(request.META.get("REMOTE_ADDR", ""))[:64]
    session[NEEDS_FACTOR] = is_enrolled(user) or is_required(user)


user_logged_in.connect(note_sign_in, dispatch_uid="accounts.note_sign_in")


def has_run_out(session: Any, now: datetime) -> bool:
    """Whether the session is older, or was left alone longer, than it may be."""
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        return False  # of before these were noted: its cookie ends it
    longest = timedelta(hours=settings.SHIPSYNC_SESSION_HOURS).total_seconds()
    idle = timedelta(minutes=settings.SHIPSYNC_IDLE_MINUTES).total_seconds()
    moment = now.timestamp()
    return moment - began > longest or (idle > 0 and moment - seen > idle)


def sessions_of(person: Any) -> list[OpenSession]:
    """The person's open sessions. Reads them all: a console has few hundred."""
    key = str(person.pk)
    return [
        found
        for row in Session.objects.filter(expire_date__gt=read_clock())
        for found in _told(row, key)
    ]


def _told(row: Session, key: str) -> Iterator[OpenSession]:
    data = row.get_decoded()
    if data.get("_auth_user_id") == key:
        yield OpenSession(
            row.session_key,
            _moment(data.get(BEGAN)),
            _moment(data.get(SEEN)),
            str(data.get(AGENT, "")),
            str(data.get(ADDRESS, "")),
        )


def _moment(stamp: Any) -> datetime | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)


def end_sessions(
    person: Any, *, actor: Any, now: datetime, except_key: str | None = None
) -> int:
    """End the person's sessions but the one named; answers how many."""
    if actor.pk != person.pk:
        _require(actor)
    ended = [one for one in sessions_of(person) if one.key != except_key]
    with transaction.atomic():
        _end(ended)
        audit.record(
            action="end_sessions",
            actor=actor,
            subject=person,
            after={"ended": len(ended)},
            now=now,
        )
    return len(ended)


def _end(sessions: list[OpenSession]) -> None:
    Session.objects.filter(session_key__in=[one.key for one in sessions]).delete()


# --- Tokens of machines ---------------------------------------------------------------


def make_token(
    user: Any, *, name: str, may_write: bool, days: int | None, now: datetime
) -> str:
    """A new token for the REST API; answers its secret, which is not kept.

    `days` until it ends, None for never. Raises SignInError without a name and for
    more than twenty.
    """
    if not name.strip():
        raise SignInError("Say what the token is for.")
    if user.api_tokens.filter(revoked_at=None).count() >= MOST_TOKENS:
        raise SignInError(f"There are {MOST_TOKENS} already. Revoke one first.")
    ends = now + timedelta(days=days) if days else None
    with transaction.atomic():
        token, secret = api_tokens.make(
            user=user,
            name=name.strip()[:80],
            may_write=may_write,
            expires_at=ends,
            now=now,
        )
        audit.record(
            action="make_api_token",
            actor=user,
            subject=token,
            after={"may_write": may_write, "expires_at": ends and ends.isoformat()},
            now=now,
        )
    return secret


def revoke_token(token: ApiToken, *, actor: Any, now: datetime) -> None:
    if actor.pk != token.user_id:
        _require(actor)
    with transaction.atomic():
        rows = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
        if rows.update(revoked_at=now, revoked_by=str(actor)):
            audit.record(action="revoke_api_token", actor=actor, subject=token, now=now)


def _require(actor: Any) -> None:
    if not actor.has_perm(MANAGE):
        raise PermissionDenied("Only an administrator may do this for somebody else.")
