"""What a mapped value may go through before it is ours: a table of small rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orders.addresses import country_code


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _first_line(text: str) -> str:
    return next(iter(_lines(text)), "")


def _other_lines(text: str) -> str:
    return ", ".join(_lines(text)[1:])


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text.split() else ""


def _other_words(text: str) -> str:
    return " ".join(text.split()[1:])


def _all_but_last(text: str) -> str:
    """The given names of `Ada Augusta Byron`; nothing of a single word."""
    return " ".join(text.split()[:-1])


def _last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1] if text.split() else ""


TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "": lambda text: text,
    "strip": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "first_line": _first_line,
    "other_lines": _other_lines,
    "first_word": _first_word,
    "other_words": _other_words,
    "all_but_last": _all_but_last,
    "last_word": _last_word,
    "one_line": lambda text: " ".join(text.split()),
    "digits": lambda text: "".join(char for char in text if char.isdecimal()),
    "country_code": country_code,
}


def transformed(text: str, name: str) -> str:
    """`text` without outer blanks, through the transform called `name`."""
    return TRANSFORMS[name](text.strip())
