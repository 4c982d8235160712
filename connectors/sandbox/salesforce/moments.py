"""Salesforce's ways of writing a moment. Stamps have a resolution of one second."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_INPUT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?\Z"
)


def stamp(moment: datetime) -> str:
    """`2026-11-22T06:21:21.000+0000`: as REST answers, and as rows are stored."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_stamp(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def parse_input(text: str) -> datetime:
    """A datetime that a client sent; without a zone it is UTC. ValueError if none."""
    if not _INPUT.match(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_date(text: str) -> date:
    """A date, also cut from a datetime, as the API accepts it. ValueError if none."""
    return (
        date.fromisoformat(text[:10]) if len(text) == 10 else parse_input(text).date()
    )
