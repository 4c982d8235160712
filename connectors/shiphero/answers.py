"""What an answer of ShipHero's says besides its data, wherever it says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

DEFAULT_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=10)


def errors_in(body: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    listed = body.get("errors") if body else None
    if isinstance(listed, Mapping):
        listed = [listed]
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return []
    return [
        item if isinstance(item, Mapping) else {"message": str(item)} for item in listed
    ]


def code_of(error: Mapping[str, Any]) -> int | None:
    """ShipHero's number, at the top level or, as one client reads it, deeper."""
    for place in (error, error.get("extensions")):
        value = place.get("code") if isinstance(place, Mapping) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
    return None


def request_id_in(body: Mapping[str, Any] | None) -> str:
    """The id to give ShipHero's support, from an error or from the payload."""
    places: list[Any] = list(errors_in(body))
    data = body.get("data") if body else None
    if isinstance(data, Mapping):
        places.extend(data.values())
    for place in places:
        found = place.get("request_id") if isinstance(place, Mapping) else None
        if isinstance(found, str) and found:
            return found
    return ""


def words_of(error: Mapping[str, Any]) -> str:
    """What an error says, or that it says nothing."""
    message = error.get("message")
    return str(message)[:500] if message else "ShipHero refused without giving words."


def credit_wait(error: Mapping[str, Any], rate: int) -> timedelta:
    """How long until the bucket holds enough, as ShipHero counts time.

    It says "10 seconds" in `time_remaining`; the numbers required and remaining and
    the words of the message are the second and third best witnesses.
    """
    seconds = _number(_beside(error, "time_remaining"))
    if seconds is None:
        required = _number(_beside(error, "required_credits"))
        remaining = _number(_beside(error, "remaining_credits"))
        if required is not None and remaining is not None:
            seconds = max(required - remaining, 0) / max(rate, 1)
    if seconds is None:
        found = re.search(r"in (\d+(?:\.\d+)?) seconds?", words_of(error), re.I)
        seconds = float(found[1]) if found else DEFAULT_WAIT.total_seconds()
    return min(timedelta(seconds=max(seconds, 1)), LONGEST_WAIT)


def remaining_credits(body: Mapping[str, Any] | None) -> int | None:
    """What a refusal for want of credits says is left."""
    for error in errors_in(body):
        found = _number(_beside(error, "remaining_credits"))
        if found is not None:
            return int(found)
    return None


def _beside(error: Mapping[str, Any], name: str) -> Any:
    deeper = error.get("extensions")
    value = error.get(name)
    if value is None and isinstance(deeper, Mapping):
        value = deeper.get(name)
    return value


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    found = re.search(r"\d+(?:\.\d+)?", value) if isinstance(value, str) else None
    return float(found[0]) if found else None
