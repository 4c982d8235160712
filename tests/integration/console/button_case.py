"""What the tests know of a button: whose it is, what it fits and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OPERATORS = {"operator", "lead", "integrator"}
LEADS = {"lead", "integrator"}


@dataclass(frozen=True)
class Case:
    """`make` a row the button fits, `unfit` one it does not (None: it always does)."""

    model: str
    name: str
    may: set[str]
    make: Callable[[], Any]
    did: Callable[[Any], bool]
    audit: str
    unfit: Callable[[], Any] | None = None
    data: dict[str, str] = field(default_factory=dict)
