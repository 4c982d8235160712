"""The worker's parent: starts the cluster, rings for what is due, watches, restarts.

django-q2 alone loses its queue, runs tasks twice, and hangs when an idle worker is
killed. None of it matters here: jobs stand in our own table, and this process looks
at that table every second.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min

from connectors import queue
from connectors.models import Heartbeat, JobState, SyncJob
from connectors.sync import alerts, cause_mail, claims, flow, recurring
from connectors.sync.registry import LANES

logger = logging.getLogger(__name__)

TICK = 1.0
STALLED_AFTER = timedelta(seconds=8)
# A cluster that starts on a busy host must come up before it is judged.
LONGEST_PATIENCE = timedelta(minutes=2)
STOP_GRACE = 15.0
ENSURE_EVERY = 30
SCHEDULES = {
    "Make recurring jobs exist": ("connectors.tasks.ensure_recurring", 5),
    "Blank expired bodies": ("connectors.tasks.expire_payloads", 60),
}


class Parent:
    """One per host. `clock` gives the time for leases and heartbeats."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._cluster: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None
        self._started_at = clock()
        self._cluster_since = clock()
        self._restarts = 0
        self._patience = STALLED_AFTER
        self._reason = ""
        self._ticks = 0
        self._stop = threading.Event()

    # -- life ------------------------------------------------------------------

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        self._spawn()
        self.tick()
        while not self._stop.wait(TICK):
            self.tick()
        self._end_cluster(gracefully=True)
        self._beat(is_stopped=True)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stop.set()

    def tick(self) -> None:
        """One look at everything; a database that is away is looked at again later."""
        try:
            self._look()
        except DatabaseError as error:
            logger.warning("The database is away: %s", type(error).__name__)
            connection.close()

    def _look(self) -> None:
        now = self._clock()
        self._beat()
        if self._cluster is not None and self._cluster.poll() is not None:
            self._restart("the cluster ended")
        claims.release_expired(now=now)
        self._release_dead(now)
        if self._ticks % ENSURE_EVERY == 0:
            recurring.ensure(now=now)
            queue.ensure_schedules(SCHEDULES)
            alerts.alert_stale_workers(now=now)
            flow.record(now=now)
            cause_mail.send_due(now=now)
            alerts.post_due(now=now)
        self._ticks += 1
        self._ring(now)
        if self._is_stalled(now):
            self._grow_patience()
            self._restart("due jobs made no progress")

    # -- bells and watching ----------------------------------------------------

    def _ring(self, now: datetime) -> None:
        lanes = claims.due_jobs(now).order_by().values_list("lane", flat=True)
        due = set(lanes.distinct())
        wanted = [lane for lane in LANES if lane in due]
        first = self._ticks % len(wanted) if wanted else 0
        queue.bells(wanted[first:] + wanted[:first])

    def _is_stalled(self, now: datetime) -> bool:
        """Work waits, nobody holds any, and that has been so for a while."""
        if now - self._cluster_since < self._patience:
            return False
        oldest = claims.due_jobs(now).aggregate(oldest=Min("not_before"))["oldest"]
        if oldest is None or now - oldest < STALLED_AFTER:
            return False
        recent = SyncJob.objects.filter(started_at__gt=now - STALLED_AFTER)
        running = SyncJob.objects.filter(state=JobState.RUNNING, lease_until__gt=now)
        return not recent.exists() and not running.exists()

    def _grow_patience(self) -> None:
        """Each cluster in a row that did nothing at all gives the next one longer."""
        did = SyncJob.objects.filter(started_at__gte=self._cluster_since).exists()
        longer = min(self._patience * 2, LONGEST_PATIENCE)
        self._patience = STALLED_AFTER if did else longer

    def _release_dead(self, now: datetime) -> None:
        """Leases of processes of this host that are gone need not run out."""
        here = f"{socket.gethostname()[:40]}:"
        dead = [
            owner
            for owner in claims.running_owners()
            if owner.startswith(here) and not _is_alive(int(owner.rsplit(":", 1)[1]))
        ]
        if dead and claims.release_dead(dead, now=now):
            logger.warning("Took over the work of %s dead worker(s).", len(dead))

    def _beat(self, *, is_stopped: bool = False) -> None:
        Heartbeat.objects.update_or_create(
            host=socket.gethostname()[:120],
            defaults={
                "pid": os.getpid(),
                "group": self._cluster.pid if self._cluster else None,
                "started_at": self._started_at,
                "beat_at": self._clock(),
                "restarts": self._restarts,
                "last_restart_reason": self._reason,
                "is_stopped": is_stopped,
            },
        )

    # -- the cluster -----------------------------------------------------------

    def _spawn(self) -> None:
        reading, writing = os.pipe()
        manage = Path(settings.BASE_DIR) / "manage.py"
        self._cluster = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, str(manage), "work", "--cluster", str(reading)],
            pass_fds=[reading],
            start_new_session=True,
        )
        os.close(reading)
        self._lifeline = writing
        self._cluster_since = self._clock()

    def _restart(self, reason: str) -> None:
        logger.error("Restarting the workers: %s.", reason)
        self._restarts += 1
        self._reason = reason
        self._end_cluster(gracefully=False)
        queue.clear_bells()
        self._spawn()

    def _end_cluster(self, *, gracefully: bool) -> None:
        """End the whole process group; nothing of it may live on beside a new one."""
        cluster, self._cluster = self._cluster, None
        if cluster is None:
            return
        if gracefully and cluster.poll() is None:
            cluster.terminate()
            try:
                cluster.wait(timeout=STOP_GRACE)
            except subprocess.TimeoutExpired:
                logger.warning("The workers did not stop in time and are ended.")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[-1].split()[0] == "Z"
