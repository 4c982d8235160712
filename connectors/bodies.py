"""Reading JSON that others wrote, so that both databases can keep it.

Python's reader takes more than they can (NUL, lone surrogates, NaN, numbers without
end), and falls over deep nesting. In a stranger's body all of it is one error; in a
remote's answer to us, which cannot be sent back, it is replaced.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from connectors.errors import Category, ConnectorError, Kind, Owner

DEEPEST: Final = 64
# What both databases keep exactly, and every id ShipHero gives.
LARGEST: Final = 2**63

_BRACKETS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PERHAPS_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_REPLACEMENT = "\ufffd"


class MalformedBodyError(ConnectorError):
    """The body cannot be used. Trying again does not help; the raw bytes are kept."""

    kind = Kind.INVALID
    category = Category.TRANSPORT
    owner = Owner.ENGINEER

    def __init__(self, reason: str, *, detail: str = "") -> None:
        super().__init__(reason, code="delivery.malformed", detail=detail)


def parse_body(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`. Raises MalformedBodyError for everything else.

    Numbers are ints of at most 64 bits and finite floats, text can be stored in
    either database, nesting is at most `DEEPEST`. Of a doubled key the last counts.
    """
    text = _text(raw)
    _check_depth(text)
    body = _parsed(text)
    if not isinstance(body, dict):
        raise MalformedBodyError("The body is not a JSON object.")
    if "\\u" in text:  # unescaped, both were refused by the decoders
        _check_text(body)
    return body


def parse_answer(text: str) -> Any:
    """The JSON value of a remote's answer; what no database keeps is replaced.

    Raises ValueError or RecursionError for what is no JSON.
    """
    value = json.loads(text, parse_constant=lambda _name: None)
    return _kept(value) if _PERHAPS_UNSTORABLE.search(text) else value


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which no database keeps."""
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _kept(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_kept(item) for item in value]
    return value


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBodyError(
            "The body is not UTF-8 text.", detail=f"at byte {error.start}"
        ) from error


def _check_depth(text: str) -> None:
    depth = 0
    for token in _BRACKETS.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
        elif first in "]}":
            depth -= 1
        if depth > DEEPEST:
            raise MalformedBodyError(
                f"The body is nested deeper than {DEEPEST} levels."
            )


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        raise MalformedBodyError(
            "The body is not JSON.", detail=f"{error.msg} at character {error.pos}"
        ) from error


def _no_constant(name: str) -> NoReturn:
    raise MalformedBodyError(f"The body holds {name}, which is not a JSON number.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedBodyError("The body holds a number that is too large.")
    return number


def _whole(text: str) -> int:
    if len(text) > 20 or not -LARGEST <= int(text) < LARGEST:
        raise MalformedBodyError("The body holds a number with too many digits.")
    return int(text)


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise MalformedBodyError("The body holds text that cannot be stored.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
