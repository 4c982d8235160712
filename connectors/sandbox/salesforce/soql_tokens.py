"""Cuts SOQL into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors.sandbox.salesforce.refusals import SoqlError
from connectors.sandbox.salesforce.soql_tree import Value

MAX_STRING = 4_000

ESCAPES = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    # These two keep their backslash: LIKE reads them as literal characters.
    "_": "\\_",
    "%": "\\%",
}

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<sign><=|>=|!=|<>|[=<>(),])
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is set for literals; `kind` is name, sign, literal or end."""

    kind: str
    text: str
    at: int
    value: Value = None

    def is_word(self, *words: str) -> bool:
        return self.kind == "name" and self.text.upper() in words


def tokenize(query: str) -> list[Token]:
    """All tokens and a last one of kind `end`; SoqlError where there is none."""
    tokens: list[Token] = []
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise malformed(query, at, _unreadable(query, at))
        if match.lastgroup != "space":
            tokens.append(_token(query, match))
        at = match.end()
    tokens.append(Token("end", "<EOF>", len(query)))
    return tokens


def malformed(query: str, at: int, message: str) -> SoqlError:
    return SoqlError("MALFORMED_QUERY", message, query=query, at=at)


def _unreadable(query: str, at: int) -> str:
    if query[at] == "'":
        return "unterminated string literal"
    return f"line 1:{at} no viable alternative at character '{query[at]}'"


def _token(query: str, match: re.Match[str]) -> Token:
    kind, text, at = str(match.lastgroup), match.group(), match.start()
    if kind in {"name", "sign"}:
        return Token(kind, text, at)
    try:
        return Token("literal", text, at, _value(kind, text))
    except (ValueError, OverflowError) as error:
        raise malformed(query, at, f"{error}") from error


def _value(kind: str, text: str) -> Value:
    if kind == "datetime":
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.astimezone(UTC).replace(microsecond=0)
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "number":
        return float(text) if "." in text else int(text)
    return _unescape(text[1:-1])


def _unescape(inner: str) -> str:
    if len(inner) > MAX_STRING:
        raise ValueError("string literal exceeds 4000 characters")

    def replacement(match: re.Match[str]) -> str:
        if match[1] not in ESCAPES:
            raise ValueError(
                f"Illegal string literal: Invalid string literal '{inner}'"
            )
        return ESCAPES[match[1]]

    return re.sub(r"\\(.)", replacement, inner, flags=re.DOTALL)
