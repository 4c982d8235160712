"""Salesforce's record ids: 15 characters that know case, or 18 that need not.

The last three spell which of the first fifteen are capitals, five to a letter
(measured on real ids).
"""

from __future__ import annotations

import re

_SHORT = re.compile("[0-9A-Za-z]{15}")
_LONG = re.compile("[0-9A-Za-z]{18}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

ORGANIZATION = "00D"


def long_id(text: str) -> str:
    """The id in 18 characters: the first 15 decide. Raises ValueError for no id."""
    given = text.strip()
    if _SHORT.fullmatch(given):
        return given + _suffix(given)
    if not _LONG.fullmatch(given):
        raise ValueError(f"{given[:40]!r} is not a Salesforce id.")
    return given[:15] + _suffix(given[:15])


def is_same(one: str, other: str) -> bool:
    """Whether two ids, each of either length, name one record."""
    try:
        return long_id(one) == long_id(other)
    except ValueError:
        return False


def _suffix(core: str) -> str:
    groups = (core[:5], core[5:10], core[10:15])
    return "".join(
        _LETTERS[sum(1 << at for at, sign in enumerate(group) if "A" <= sign <= "Z")]
        for group in groups
    )
