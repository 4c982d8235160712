"""Salesforce record ids: 15 characters, or 18 with a checksum of their case."""

from __future__ import annotations

import re
import string

ALPHABET = string.ascii_uppercase + "012345"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
POD = "Hs"  # two characters that name the instance in real ids

_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?\Z")


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record of an object."""
    tail = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        tail = DIGITS[digit] + tail
    return with_checksum(prefix + POD + tail.rjust(10, "0"))


def with_checksum(short: str) -> str:
    """Turn 15 characters into 18: one letter tells which of five are capitals."""
    suffix = ""
    for start in (0, 5, 10):
        five = short[start : start + 5]
        bits = sum(1 << place for place, char in enumerate(five) if char.isupper())
        suffix += ALPHABET[bits]
    return short + suffix


def normalize(text: str) -> str | None:
    """The 18-character form of an id, or None when `text` cannot be one."""
    if not _SHAPE.match(text):
        return None
    full = with_checksum(text[:15])
    return full if text in {full, full[:15]} else None
