"""The bell: the only file that knows django-q2.

A task means "drain this lane"; it carries nothing else. Losing the whole queue
costs seconds, for the parent rings again for whatever is due.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django_q.cluster import Cluster
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

DRAIN = "connectors.tasks.drain"


def bells(lanes: Iterable[str]) -> None:
    """Ring once for each of these lanes, in their order, while there is room.

    Whoever rings for more lanes than there is room for must begin with another one
    each time, or the last are never heard.
    """
    waiting = OrmQ.objects.count()
    room = 2 * settings.Q_CLUSTER["workers"] - waiting
    for lane in list(lanes)[: max(room, 0)]:
        async_task(DRAIN, str(lane), save=False)


def waiting_bells() -> int:
    return int(OrmQ.objects.count())


def clear_bells() -> None:
    """Forget all bells; nothing is lost by it."""
    OrmQ.objects.all().delete()


def ensure_schedules(wanted: dict[str, tuple[str, int]]) -> None:
    """Make the schedules exist: name → (task's dotted path, minutes).

    A schedule that exists is left as people set it.
    """
    with transaction.atomic():
        known = set(Schedule.objects.values_list("name", flat=True))
        for name, (path, minutes) in wanted.items():
            if name not in known:
                Schedule.objects.create(
                    name=name,
                    func=path,
                    schedule_type=Schedule.MINUTES,
                    minutes=minutes,
                    repeats=-1,
                )


def schedules() -> dict[str, datetime | None]:
    """Every schedule by name, with when it is to run next."""
    return dict(Schedule.objects.values_list("name", "next_run"))


def schedule_rows() -> list[Schedule]:
    """Every schedule as it stands, by name."""
    return list(Schedule.objects.order_by("name")[:200])


def set_minutes(name: str, minutes: int) -> int | None:
    """Let a schedule run every so many minutes; answers what it was, None for no such."""
    with transaction.atomic():
        row = Schedule.objects.select_for_update().filter(name=name).first()
        if row is None:
            return None
        before = int(row.minutes or 0)
        row.schedule_type = Schedule.MINUTES
        row.minutes = minutes
        row.save(update_fields=["schedule_type", "minutes"])
    return before


def run_cluster(lifeline: int) -> None:
    """Be the cluster: run until told to stop, or until the parent is gone.

    `lifeline` is the reading end of a pipe whose other end only the parent holds.
    When it closes, or the sentinel dies, the whole process group ends at once, for
    children of a dead cluster would work on beside the next one.
    """
    cluster = Cluster()
    cluster.start()
    while cluster.sentinel.is_alive():
        try:
            readable, _, _ = select.select([lifeline], [], [], 0.5)
        except InterruptedError:
            continue
        if readable and not os.read(lifeline, 1):
            os.killpg(0, signal.SIGKILL)
    if cluster.sentinel.exitcode != 0:
        os.killpg(0, signal.SIGKILL)


_home: list[int] = []


def leave_if_orphaned() -> None:
    """End a worker whose sentinel died: nobody would notice what it does."""
    if not _home:
        _home.append(os.getppid())
    if os.getppid() != _home[0]:
        os._exit(1)
