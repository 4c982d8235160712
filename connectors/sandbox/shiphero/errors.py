"""How this world says no inside an HTTP 200 answer."""

from __future__ import annotations

from typing import Any

NOT_FOUND = 5
MISSING_SCOPE = 7
NO_CREDITS = 30


class Refusal(Exception):
    """An operation was understood and not done.

    `code` stands at the top level of the answer's error; None takes the code of
    the switch `refusal_code`, for ShipHero's other codes are not known.
    """

    def __init__(self, message: str, code: int | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.extra = extra
