"""The bell: the only file that knows django-q2.

A task means "drain this lane"; it carries nothing else. Losing the whole queue
costs seconds, for the parent rings again for whatever is due.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

DRAIN = "connectors.tasks.drain"


def bells(lanes: Iterable[str]) -> None:
    """Ring once for each lane, most urgent first, unless bells enough are waiting."""
    waiting = OrmQ.objects.count()
    room = 2 * settings.Q_CLUSTER["workers"] - waiting
    for lane in list(lanes)[: max(room, 0)]:
        async_task(DRAIN, str(lane), save=False)


def waiting_bells() -> int:
    return OrmQ.objects.count()


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
