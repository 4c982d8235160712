"""Reads the entries of a set of routing rules, and says what is wrong with them.

Each answers a value that can stand in for a bad one, and adds words to `wrong`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

MOST_VALUES = 500


def texts(value: object, what: str, wrong: list[str]) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        wrong.append(f"{what} must be a list of texts.")
        return []
    if len(value) > MOST_VALUES:
        wrong.append(f"{what} has more than {MOST_VALUES} entries.")
    return [one.strip() for one in value if one.strip()]


def choice(kind: type[enum.StrEnum], value: object, what: str, wrong: list[str]) -> Any:
    try:
        return kind(str(value))
    except ValueError:
        choices = ", ".join(one.value for one in kind)
        wrong.append(f"{what} must be one of: {choices}.")
        return list(kind)[0]  # noqa: RUF015


def truth(
    item: Mapping[str, Any], part: str, usual: bool, name: str, wrong: list[str]
) -> bool:
    value = item.get(part, usual)
    if not isinstance(value, bool):
        wrong.append(f"{name}: “{part}” must be true or false.")
        return usual
    return value


def number(value: object, what: str, wrong: list[str], *, least: int = 0) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        wrong.append(f"{what} must be a whole number of {least} or more.")
        return None
    return value


def insist_known(
    item: Mapping[str, Any], known: set[str], where: str, wrong: list[str]
) -> None:
    unknown = sorted(set(map(str, item)) - known)
    if unknown:
        wrong.append(f"{where}Unknown entries: {', '.join(unknown)}.")
