"""Somebody at the console, whose clicks are counted.

A click is a press of the mouse, or of Enter where it sends a form. Typing is none, and
neither is going to the next field with Tab; but a field that is far from where the
cursor stands takes a click to get into.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PROPERTY = "clicks"
NEAR = 3  # fields that people go on to with Tab


@dataclass
class Person:
    """One job of one person on `page`; `most` is how many clicks it may take."""

    page: Any
    job: str
    most: int | None = None
    clicks: int = 0

    def click(self, where: Any) -> None:
        self.clicks += 1
        where.click()

    def write(self, where: Any, text: str) -> None:
        """Type into a field, or choose in a list by typing."""
        self._go_to(where)
        if where.evaluate("field => field.tagName") == "SELECT":
            where.select_option(label=text)
        else:
            where.fill(text)

    def enter(self) -> None:
        self.clicks += 1
        self.page.keyboard.press("Enter")

    def find(self, term: str) -> None:
        """The one search, which is on every page."""
        self.write(self.page.get_by_label("Find anything"), term)
        self.enter()

    def _go_to(self, where: Any) -> None:
        for _ in range(NEAR + 1):
            if where.evaluate("field => field === document.activeElement"):
                return
            if not self.page.evaluate(IN_FORM):
                break
            self.page.keyboard.press("Tab")
        self.click(where)

    def done(self) -> None:
        """Fails when the job took more clicks than it may."""
        assert self.most is None or self.clicks <= self.most, (
            f"{self.job}: {self.clicks} clicks, at most {self.most} are allowed"
        )


IN_FORM = "document.activeElement?.matches('input, select, textarea') ?? false"


def table(reports: Iterable[Any]) -> list[str]:
    """One line for each job that was walked, for the end of a run."""
    rows = [
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY
    ]
    if not rows:
        return []
    wide = max(len(job) for job, _clicks, _most in rows)
    return [
        f"{job:<{wide}}  {clicks:>2}{f'  of at most {most}' if most else ''}"
        for job, clicks, most in rows
    ]
