"""What a reading means beside what we hold: newer, the same, missed, or unbelievable."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields, replace
from datetime import datetime

from inventory.records import Counts

BUCKETS = tuple(field.name for field in fields(Counts))
# ShipHero's own numbers have 32 bits; a count beyond them is a broken row.
BELIEVABLE = 2**31


class Outcome(enum.StrEnum):
    """What a told count does to ours."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Known:
    """What we hold, and when it was read."""

    counts: Counts
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """`counts` is what to hold from now on: a bucket that was not told stays."""

    outcome: Outcome
    counts: Counts
    before: Counts | None = None


def compare(known: Known | None, told: Counts, read_at: datetime) -> Comparison:
    """Set a reading beside what we hold. The newest reading wins, a tie to the later
    one to arrive: it was asked no earlier.
    """
    if known is None:
        return Comparison(Outcome.NEW, told)
    if known.read_at > read_at:
        return Comparison(Outcome.OLDER, known.counts, known.counts)
    counts = completed(told, known.counts)
    outcome = Outcome.SAME if counts == known.counts else Outcome.CHANGED
    return Comparison(outcome, counts, known.counts)


def completed(told: Counts, before: Counts) -> Counts:
    """`told`, with what it leaves out taken from before: absent is not zero."""
    gaps = {
        name: getattr(before, name) for name in BUCKETS if getattr(told, name) is None
    }
    return replace(told, **gaps) if gaps else told


def difference(ours: Counts, theirs: Counts) -> tuple[str, int | None, int | None, int]:
    """The bucket that differs most: (bucket, ours, theirs, pieces)."""
    widest = max(BUCKETS, key=lambda name: _apart(ours, theirs, name))
    return (
        widest,
        getattr(ours, widest),
        getattr(theirs, widest),
        _apart(ours, theirs, widest),
    )


def _apart(ours: Counts, theirs: Counts, name: str) -> int:
    apart: int = (getattr(theirs, name) or 0) - (getattr(ours, name) or 0)
    return abs(apart)


def below_zero(counts: Counts) -> str:
    """The buckets that stand below zero, which no shelf can. `available` may."""
    names = [name for name in BUCKETS if name != "available"]
    below = [name for name in names if (getattr(counts, name) or 0) < 0]
    return ", ".join(name.replace("_", " ") for name in below)


def is_believable(counts: Counts) -> bool:
    return all(abs(getattr(counts, name) or 0) < BELIEVABLE for name in BUCKETS)
