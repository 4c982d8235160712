"""Reading a stretch of time in closed windows, each small enough to be finished."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from connectors.errors import ThrottledError
from connectors.models import SyncCursor, SyncJob
from connectors.sync.phases import commit
from connectors.sync.run import Run
from connectors.timing import scale, scaled

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

MOST_PAGES = 3
MOST_WINDOWS = 20
# How much moves is not known at first; a quiet stretch makes the windows longer.
FIRST = timedelta(hours=1)
LONGEST = timedelta(days=1)
SHORTEST = timedelta(seconds=1)
# In real seconds: the queue ends a task after sixty.
MOST_TIME = timedelta(seconds=10)
GOES_ON = "Goes on where it stopped."


def cursor_of(name: str, **owner: object) -> SyncCursor:
    """The cursor of that name; made for its account or organization if need be."""
    cursor, _ = SyncCursor.objects.get_or_create(name=name, defaults=owner)
    return cursor


def go_on(run: Run, job: SyncJob, *, after: timedelta = SHORTEST) -> None:
    """Come back soon for the rest. What got on is no failure in a row."""
    SyncJob.objects.filter(pk=job.pk, fence=job.fence).update(attempts=0)
    run.later(job, run.now() + scaled(after), GOES_ON)


@dataclass(slots=True)
class Sweep(Generic[Row]):
    """Reads from the cursor on, window by window, and keeps each finished one.

    `read` answers the pages of [since, until); `take` stores or rings for what they
    held, in the commit that moves the cursor; it is told when reading began. A
    window of more than `MOST_PAGES` pages, or for which the credits did not last,
    is halved, a finished one doubles the next up to `longest`; how long the windows
    are is kept in the cursor's `last_record_id`, for these polls know no record. `may_go_on` is asked before each window.
    """

    run: Run
    cursor: SyncCursor
    read: Callable[[datetime, datetime], Iterable[list[Row]]]
    take: Callable[[list[Row], datetime], None]
    may_go_on: Callable[[], bool] = lambda: True
    longest: timedelta = LONGEST

    def reaches(self, target: datetime, *, start: datetime) -> bool:
        """Read up to `target`, at first from `start`; False if time ran out before.

        Raises what `read` raises; the windows that were finished stand.
        """
        begun = self.run.now()
        at = self.cursor.watermark or start
        for _window in range(MOST_WINDOWS):
            if at >= target:
                break
            if self.run.now() - begun >= MOST_TIME or not self.may_go_on():
                return False
            at = self._window(at, target)
        return at >= target

    def _window(self, since: datetime, target: datetime) -> datetime:
        """Read one window; answers where the next one begins."""
        length = self._length()
        until = min(since + scaled(length), target)
        asked_at = self.run.now()
        rows: list[Row] = []
        pages = 0
        try:
            for page in self.read(since, until):
                rows += page
                pages += 1
                if pages > MOST_PAGES and self._can_be_halved(since, until):
                    return self._keep_part(rows, asked_at, since, until)
        except ThrottledError:
            if pages:
                self._keep_part(rows, asked_at, since, until)
            raise
        self._keep(rows, asked_at, until, min(length * 2, self.longest))
        return until

    def _can_be_halved(self, since: datetime, until: datetime) -> bool:
        return scaled((until - since) * scale() / 2) >= SHORTEST

    def _keep_part(
        self, rows: list[Row], asked_at: datetime, since: datetime, until: datetime
    ) -> datetime:
        """Take what was read; try a shorter window, if there is a shorter one.

        A single second is read to its end, as far as the credits last; of orders and
        shipments the rest is found by the readings of single orders.
        """
        if self._can_be_halved(since, until):
            self._keep(rows, asked_at, since, (until - since) * scale() / 2)
            return since
        logger.warning("%s: too much moved at %s to be listed.", self.cursor, since)
        self._keep(rows, asked_at, until, self._length())
        return until

    def _keep(
        self,
        rows: list[Row],
        asked_at: datetime,
        watermark: datetime,
        length: timedelta,
    ) -> None:
        with commit("poll"):
            self.take(rows, asked_at)
            self.cursor.watermark = watermark
            self.cursor.last_record_id = str(length.total_seconds())
            self.cursor.rows_read += len(rows)
            self.cursor.save()

    def _length(self) -> timedelta:
        kept = self.cursor.last_record_id
        return timedelta(seconds=float(kept)) if kept else min(FIRST, self.longest)
