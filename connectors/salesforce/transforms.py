"""What a mapped value may go through before it is ours: a table of small rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# The names that sales staff type most; a code or an unknown name passes as it is,
# and the address rules have the last word.
COUNTRY_CODES = {
    "united states": "US",
    "united states of america": "US",
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "canada": "CA",
    "mexico": "MX",
    "united kingdom": "GB",
    "great britain": "GB",
    "england": "GB",
    "uk": "GB",
    "ireland": "IE",
    "germany": "DE",
    "deutschland": "DE",
    "france": "FR",
    "spain": "ES",
    "italy": "IT",
    "netherlands": "NL",
    "belgium": "BE",
    "austria": "AT",
    "switzerland": "CH",
    "australia": "AU",
    "new zealand": "NZ",
    "japan": "JP",
}


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


def _country_code(text: str) -> str:
    return COUNTRY_CODES.get(text.casefold(), text.upper() if len(text) == 2 else text)


TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "": lambda text: text,
    "strip": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "first_line": _first_line,
    "other_lines": _other_lines,
    "first_word": _first_word,
    "other_words": _other_words,
    "one_line": lambda text: " ".join(text.split()),
    "digits": lambda text: "".join(char for char in text if char.isdecimal()),
    "country_code": _country_code,
}


def transformed(text: str, name: str) -> str:
    """`text` without outer blanks, through the transform called `name`."""
    return TRANSFORMS[name](text.strip())
