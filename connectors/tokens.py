"""How a porch gets and renews its access token, whoever stores it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """`base_url` is where the remote said it serves us, when it says so."""

    value: str
    expires_at: datetime | None = None
    base_url: str = ""

    def __repr__(self) -> str:
        return "Token(…)"


class TokenStore(Protocol):
    """Holds one credential's token for all processes."""

    def current(self) -> Token | None:
        """The stored token, or None when there is none or it has run out."""

    def refresh(self, *, stale: Token | None, fetch: Callable[[], Token]) -> Token:
        """A token other than `stale`.

        Of several callers only one runs `fetch`; the others are given its result.
        Errors of `fetch` pass through.
        """


class MemoryTokenStore:
    """A token of one process alone, for set-up commands and tests."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token

    def current(self) -> Token | None:
        return self._token

    def refresh(self, *, stale: Token | None, fetch: Callable[[], Token]) -> Token:
        if self._token is None or self._token == stale:
            self._token = fetch()
        return self._token
