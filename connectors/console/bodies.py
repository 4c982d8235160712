"""Bodies written by strangers, made readable and harmless for a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connectors.models import Payload

LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """`text` is plain text for an escaping template; `note` says what was done to it."""

    text: str
    note: str = ""


def readable(payload: Payload | None) -> Body:
    """JSON pretty-printed, other text as it is, what is no text with its bytes escaped."""
    if payload is None:
        return Body("", "No body was kept.")
    if payload.erased_at is not None:
        return Body("", f"Erased on {payload.erased_at:%Y-%m-%d}.")
    return of_bytes(bytes(payload.body))


def of_bytes(raw: bytes) -> Body:
    if not raw:
        return Body("", "The body is empty.")
    if len(raw) > LONGEST:
        shown, _note = _decoded(raw[:LONGEST])
        return Body(shown, f"The first {LONGEST // 1024} KB of {len(raw):,} bytes.")
    text, note = _decoded(raw)
    pretty = _pretty(text)
    return Body(pretty or text, note or ("" if pretty else "This is not JSON."))


def of_json(value: Any) -> str:
    """Stored JSON as indented text; "" when there is none."""
    if value in (None, "", {}, []):
        return ""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _decoded(raw: bytes) -> tuple[str, str]:
    try:
        text, note = raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        text, note = raw.decode("utf-8", "backslashreplace"), "This is not UTF-8 text."
    if any(_is_control(character) for character in text):
        note = note or "It contains control characters, shown as \\x.."
    return "".join(_visible(character) for character in text), note


def _is_control(character: str) -> bool:
    return not character.isprintable() and character not in "\n\r\t\u00a0\u3000"


def _visible(character: str) -> str:
    if not _is_control(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def _pretty(text: str) -> str:
    try:
        return of_json(json.loads(text))
    except (ValueError, RecursionError):
        return ""
