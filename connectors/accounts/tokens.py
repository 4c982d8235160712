"""One access token per credential for all processes, renewed by one of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q

from connectors.accounts import credentials
from connectors.accounts.models import Credential, CredentialState
from connectors.errors import AuthError, TransientError
from connectors.tokens import Token

# Longer than the slowest fetch (connect 5 s, read 25 s); a holder that died keeps
# the others waiting for no more than this.
LEASE = timedelta(seconds=45)
POLL_SECONDS = 0.05

_TOKEN_FIELDS = (
    "state",
    "refused_reason",
    "token",
    "token_expires_at",
    "token_base_url",
    "refresh_fence",
    "refresh_lease_until",
)


class DatabaseTokenStore:
    """connectors.tokens.TokenStore on the Credential row. Call it outside transactions.

    The caller whose compare-and-set takes the lease fetches, with no transaction
    open; the others look at the row until the token is there. A holder that lost its
    lease to a takeover can no longer store: its fence is old.
    """

    def __init__(self, credential_id: int, clock: Callable[[], datetime]) -> None:
        self._credential_id = credential_id
        self._clock = clock

    def current(self) -> Token | None:
        token = _token_of(self._read())
        if token is None or _has_run_out(token, self._clock()):
            return None
        return token

    def refresh(self, *, stale: Token | None, fetch: Callable[[], Token]) -> Token:
        """A token other than `stale`; see TokenStore.

        Raises AuthError at once while the credential stands refused, and TransientError
        when another process was renewing and could not.
        """
        waited_for: int | None = None
        for _poll in range(int(2 * LEASE.total_seconds() / POLL_SECONDS)):
            row = self._read()
            _refuse_if_refused(row)
            token = _token_of(row)
            if token is not None and not self._is_stale(token, stale):
                return token
            if _is_leased(row, self._clock()):
                waited_for = row.refresh_fence
                time.sleep(POLL_SECONDS)  # noqa: TID251 - another process is fetching
                continue
            if waited_for is not None and row.refresh_lease_until is None:
                return _outcome_of_wait(row, waited_for, token)
            if self._take_lease(row.refresh_fence):
                return self._fetch(row.refresh_fence + 1, fetch)
        raise TransientError("The login is being renewed for too long.")

    def _read(self) -> Credential:
        return Credential.objects.only(*_TOKEN_FIELDS).get(pk=self._credential_id)

    def _is_stale(self, token: Token, stale: Token | None) -> bool:
        is_the_stale = stale is not None and token.value == stale.value
        return is_the_stale or _has_run_out(token, self._clock())

    def _take_lease(self, fence: int) -> bool:
        now = self._clock()
        free = Q(refresh_lease_until=None) | Q(refresh_lease_until__lte=now)
        rows = Credential.objects.filter(free, pk=self._credential_id)
        return bool(
            rows.filter(refresh_fence=fence).update(
                refresh_fence=F("refresh_fence") + 1, refresh_lease_until=now + LEASE
            )
        )

    def _fetch(self, fence: int, fetch: Callable[[], Token]) -> Token:
        mine = Credential.objects.filter(pk=self._credential_id, refresh_fence=fence)
        try:
            token = fetch()
        except BaseException as error:
            if isinstance(error, AuthError):
                credentials.refuse(
                    self._credential_id, reason=error.reason, now=self._clock()
                )
            # A moved fence tells those who wait that this renewal failed.
            mine.update(refresh_lease_until=None, refresh_fence=F("refresh_fence") + 1)
            raise
        mine.update(
            token={"value": token.value},
            token_expires_at=token.expires_at,
            token_base_url=token.base_url,
            refresh_lease_until=None,
        )
        return token


def _outcome_of_wait(row: Credential, fence: int, token: Token | None) -> Token:
    """What the renewal we waited for came to; a remote may give the same token again."""
    if row.refresh_fence == fence and token is not None:
        return token
    raise TransientError("Another worker could not renew the login.")


def _token_of(row: Credential) -> Token | None:
    try:
        value = (row.token or {}).get("value")
    except AuthError:  # sealed with a key we no longer have: as good as none
        return None
    if not value:
        return None
    return Token(value, row.token_expires_at, row.token_base_url)


def _has_run_out(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now


def _is_leased(row: Credential, now: datetime) -> bool:
    return row.refresh_lease_until is not None and row.refresh_lease_until > now


def _refuse_if_refused(row: Credential) -> None:
    if row.state == CredentialState.REFUSED:
        raise AuthError(
            f"The login is refused: {row.refused_reason}",
            code="shipsync.credential_refused",
        )
