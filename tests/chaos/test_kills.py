"""Processes of a running demonstration are killed; it completes by itself all the same."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
ROLES = (
    "web",
    "web worker",
    "parent",
    "cluster",
    "sentinel",
    "pusher",
    "monitor",
    "idle worker",
    "busy worker",
)
PAUSE = (1.0, 3.0)


def surroundings() -> dict[str, str]:
    """The environment without what the tests' own settings put into it."""
    ours = ("SHIPSYNC_", "DJANGO_SETTINGS_MODULE", "DATABASE_URL")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(ours)
    }


class Run:
    """A demonstration as its own process, with its tree in view."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        arguments = ["demo", "--orders", "60", "--exit", "--json", "--limit", "280"]
        arguments += ["--folder", str(folder), "--port", "0", "--seed", str(seed)]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def tree(self) -> dict[str, list[psutil.Process]]:
        """The processes by what they are to ShipSync."""
        found: dict[str, list[psutil.Process]] = {role: [] for role in ROLES}
        demo = psutil.Process(self.process.pid)
        for child in demo.children():
            words = " ".join(child.cmdline())
            if "gunicorn" in words:
                found["web"].append(child)
                found["web worker"] += child.children()
            elif "manage.py work" in words:
                found["parent"].append(child)
                for cluster in child.children():
                    self._sort_cluster(cluster, found)
        return found

    def _sort_cluster(
        self, cluster: psutil.Process, found: dict[str, list[psutil.Process]]
    ) -> None:
        found["cluster"].append(cluster)
        for sentinel in cluster.children():
            found["sentinel"].append(sentinel)
            # The sentinel starts its workers first, then the monitor, then the pusher.
            young = sorted(sentinel.children(), key=lambda one: one.create_time())
            if len(young) < 3:
                continue
            *workers, monitor, pusher = young
            found["monitor"].append(monitor)
            found["pusher"].append(pusher)
            busy = self.busy()
            for worker in workers:
                name = "busy worker" if worker.pid in busy else "idle worker"
                found[name].append(worker)

    def busy(self) -> set[int]:
        """The workers that hold a job now, by our own table."""
        try:
            with contextlib.closing(
                sqlite3.connect(f"file:{self.folder}/demo.sqlite3?mode=ro", uri=True)
            ) as database:
                rows = database.execute(
                    "SELECT lease_owner FROM connectors_syncjob WHERE state = 'running'"
                ).fetchall()
        except sqlite3.OperationalError:
            return set()
        return {int(owner.split(":")[1]) for (owner,) in rows if ":" in owner}

    def verdict(self) -> dict[str, object]:
        out, err = self.process.communicate(timeout=330)
        assert out.strip(), err[-3000:]
        return dict(json.loads(out.strip().splitlines()[-1]))


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        if run.process.poll() is None:
            run.process.terminate()
        run.process.communicate(timeout=60)


def pick(run: Run, role: str, patience: float = 4.0) -> psutil.Process | None:
    """A living process of that role, if one shows up within `patience` seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until and run.process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            living = [one for one in run.tree()[role] if one.is_running()]
            if living:
                return living[-1]
    return None


def rest(run: Run, seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.process.wait(timeout=seconds)


@pytest.mark.chaos
@pytest.mark.timeout(420)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_kills_lose_and_double_nothing(
    tmp_path: Path, runs: list[Run], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable plan of kills
    start = seed * KILLS % len(ROLES)
    roles = cycle(ROLES[start:] + ROLES[:start])
    run = Run(tmp_path / "demo", seed)
    runs.append(run)
    assert pick(run, "idle worker", patience=150) is not None

    killed: list[str] = []
    while len(killed) < KILLS and run.process.poll() is None:
        role = next(roles)
        victim = pick(run, role)
        if victim is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
                killed.append(role)
        rest(run, chance.uniform(*PAUSE))
    verdict = run.verdict()

    assert len(killed) == KILLS, killed
    assert verdict["mismatches"] == []
    assert verdict["duplicates"] == 0
    assert verdict["shipped"] == verdict["expected_shipped"]
    assert run.process.returncode == 0


@pytest.mark.chaos
@pytest.mark.timeout(180)
def test_an_interrupted_demonstration_leaves_no_process_behind(
    tmp_path: Path, runs: list[Run]
) -> None:
    run = Run(tmp_path / "demo", 1)
    runs.append(run)
    assert pick(run, "idle worker", patience=150) is not None
    family = psutil.Process(run.process.pid).children(recursive=True)

    run.process.send_signal(2)
    run.process.wait(timeout=60)

    _, alive = psutil.wait_procs(family, timeout=5)
    assert [one.cmdline() for one in alive] == []
