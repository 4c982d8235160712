"""What stands on the home page: every app registers its own panels here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from connectors.console.chips import Tone
from connectors.console.counting import Row, ask_at_once, words_of
from connectors.console.needs import Limits, limits_in, settings_now
from connectors.console.scoping import Scope, scope_of

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class View:
    """For whom and when the home page is made.

    `counts` and `rows` are filled before any panel's `query`; `settings` are the values
    that hold, by key and account (None is where nothing else is set).
    """

    user: User
    scope: Scope
    now: datetime
    limits: Limits
    settings: Mapping[str, Mapping[int | None, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)


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


def _no_lines(_view: View) -> Sequence[Line]:
    return ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of the home page, after its `shape`:

    - “count”: a tile whose number is how many `rows` there are, counted to a cap
      together with all others; `link` leads to exactly these rows
    - “tile”: a tile of one line of its own `query`
    - “bars” and “rows”: a card with the lines of `query`; `empty` says what their
      absence means, which may be good
    - “own”: a card whose `body` is markup made by the panel
    - “strip”: the same over the whole width

    `counted` are further queries whose counts `query` finds in the view, `listed` such
    whose rows it finds there: all panels together ask the database once.
    `permission` is Django's. `link` "" is no link.
    """

    name: str
    title: str
    query: Callable[[View], Sequence[Line]] = _no_lines
    link: Callable[[], str] = lambda: ""
    permission: str = ""
    order: int = 50
    shape: str = "rows"
    empty: str = "Nothing here."
    is_empty_good: bool = False
    rows: Callable[[View], QuerySet[Any]] | None = None
    counted: Callable[[View], Mapping[str, QuerySet[Any]]] | None = None
    listed: Callable[[View], Mapping[str, QuerySet[Any]]] | None = None
    tone: Tone = Tone.WARN
    body: Callable[[View], SafeString | str] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    panel: Panel
    link: str
    lines: Sequence[Line] = field(default_factory=list)
    body: SafeString | str = ""

    @property
    def first(self) -> Line | None:
        return self.lines[0] if self.lines else None

    @property
    def is_calm(self) -> bool:
        return not any(line.count for line in self.lines)

    @property
    def is_in_order(self) -> bool:
        """Nothing to show, and that is good: one line says it, no card."""
        return self.panel.is_empty_good and not self.lines and not self.body


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> Panel:
    """Make a panel known. Raises `ValueError` for a name that is taken."""
    if panel.name in _panels:
        raise ValueError(f"There is already a panel “{panel.name}”.")
    _panels[panel.name] = panel
    return panel


def shown_to(
    user: Any, now: datetime, counted: Mapping[str, QuerySet[Any]] | None = None
) -> tuple[View, list[Shown]]:
    """The panels this user may see, in their order; what they ask is one query."""
    settings = settings_now()
    view = View(user, scope_of(user), now, limits_in(settings), settings)
    allowed = [panel for panel in _panels.values() if user.has_perm(panel.permission)]
    wanted = {**(counted or {}), **_wanted(allowed, view)}
    answers = ask_at_once(wanted, _listed(allowed, view))
    view.counts.update(answers.counts)
    view.rows.update(answers.rows)
    return view, [
        _shown(panel, view)
        for panel in sorted(allowed, key=lambda panel: (panel.order, panel.name))
    ]


def _wanted(allowed: list[Panel], view: View) -> dict[str, QuerySet[Any]]:
    wanted: dict[str, QuerySet[Any]] = {}
    for panel in allowed:
        if panel.rows is not None:
            wanted[panel.name] = panel.rows(view)
        if panel.counted is not None:
            wanted.update(panel.counted(view))
    return wanted


def _listed(allowed: list[Panel], view: View) -> dict[str, QuerySet[Any]]:
    wanted: dict[str, QuerySet[Any]] = {}
    for panel in allowed:
        if panel.listed is not None:
            wanted.update(panel.listed(view))
    return wanted


def _shown(panel: Panel, view: View) -> Shown:
    link = panel.link()
    if panel.rows is not None:
        number = view.counts[panel.name]
        line = Line(panel.title, link, number, words_of(number), panel.tone)
        return Shown(panel, link, [line])
    if panel.body is not None:
        return Shown(panel, link, body=panel.body(view))
    return Shown(panel, link, panel.query(view))
