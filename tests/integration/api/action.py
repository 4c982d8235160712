"""What the tests know of an action: its service, its address, who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.integration.api.conftest import Records

OPERATORS = {"operator", "lead", "integrator"}
LEADS = {"lead", "integrator"}


@dataclass(frozen=True)
class Action:
    """An endpoint: what it calls, who may, and how a record must stand for it.

    `path` is filled in with the key of the record's `subject`.
    """

    service: Callable[..., Any]
    path: str
    subject: str
    allowed: set[str]
    audited: str
    body: Callable[[Records], dict[str, Any]] = lambda _records: {}
    prepare: Callable[[Records], object] = lambda _records: None
    again: int = 409
    name: str = field(default="")

    def address(self, records: Records) -> str:
        return self.path.format(getattr(records, self.subject).pk)
