"""What every test may ask for; nothing about one app."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings

from connectors import failpoints, timing
from tests.browser.clicks import table

# The first example of a process loads tables (names of countries), which takes longer
# than the others do.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "live_server",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-with-database",
        action="store_true",
        help="Run only tests that touch the database: the others cannot tell one from "
        "the other.",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if not config.getoption("--only-with-database"):
        return
    kept = [item for item in items if _touches_database(item)]
    config.hook.pytest_deselected(
        items=[item for item in items if not _touches_database(item)]
    )
    items[:] = kept


def pytest_collection_finish() -> None:
    """Look through what the tests share (models, templates, tests) for garbage no more.

    Measured: a tenth of a story's processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    # Clicks are told when a job is put away, by reports that are of no outcome.
    every = terminalreporter.stats.values()
    lines = table(report for reports in every for report in reports)
    if lines:
        terminalreporter.section("clicks from the home page to the seen result")
        terminalreporter.write("\n".join(lines) + "\n")


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES)


class Clock:
    """Time that stands still until a test moves it. Calling it gives `now`."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """Move on by `timedelta(**duration)`."""
        self.now += timedelta(**duration)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _process_wide_switches() -> Iterator[None]:
    """Put back what a test set for the whole process."""
    scale = timing.scale()
    yield
    timing.set_scale(scale)
    failpoints.arm(None)


@pytest.fixture(autouse=True)
def _no_parsed_versions() -> None:
    """Each test's database numbers its configuration afresh."""
    from connectors.sync import config  # noqa: PLC0415 - needs the apps

    config.forget()
