"""What stands on the home page: every app registers its own panels here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from connectors.console.chips import Tone
from connectors.console.scoping import Scope, scope_of

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class View:
    """For whom and when the home page is made."""

    user: User
    scope: Scope
    now: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel; `share` is its part of the largest in percent, for a bar."""

    label: str
    address: str = ""
    count: int | None = None
    note: str = ""
    tone: Tone = Tone.OFF
    share: int = 0
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """`query` answers its lines; `link` leads to all of them; `permission` is Django's.

    A panel of `shape` “tile” shows one number and is calm when that is 0; “bars” and
    “rows” list lines, `empty` says what their absence means, which may be good.
    """

    name: str
    title: str
    query: Callable[[View], Sequence[Line]]
    link: Callable[[], str]
    permission: str
    order: int
    shape: str = "rows"
    empty: str = "Nothing here."
    is_empty_good: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    panel: Panel
    link: str
    lines: Sequence[Line] = field(default_factory=list)

    @property
    def first(self) -> Line | None:
        return self.lines[0] if self.lines else None


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> Panel:
    """Make a panel known. Raises `ValueError` for a name that is taken."""
    if panel.name in _panels:
        raise ValueError(f"There is already a panel “{panel.name}”.")
    _panels[panel.name] = panel
    return panel


def shown_to(user: Any, now: datetime) -> list[Shown]:
    """The panels this user may see, in their order, each asked once."""
    view = View(user, scope_of(user), now)
    allowed = [panel for panel in _panels.values() if user.has_perm(panel.permission)]
    return [
        Shown(panel, panel.link(), panel.query(view))
        for panel in sorted(allowed, key=lambda panel: (panel.order, panel.name))
    ]
