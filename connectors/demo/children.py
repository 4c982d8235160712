"""The demonstration's processes: started, watched, started again, and all ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RESTART_AFTER = 0.5
STOP_GRACE = 20.0
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One process with a group of its own; its words go to `log`."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: int = -1
    ended_at: float = field(default=0.0)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command,
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self.restarts += 1

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> bool:
        """Start it again if it ended; True when it was started."""
        if self.is_alive:
            return False
        if not self.ended_at:
            self.ended_at = time.monotonic()
        if time.monotonic() - self.ended_at < RESTART_AFTER:
            return False
        self.ended_at = 0.0
        self.start()
        return True

    def stop(self) -> None:
        if self.is_alive and self.process is not None:
            self.process.terminate()

    def await_end(self, until: float) -> None:
        """Wait for an orderly end; then end what is left of the group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(until - time.monotonic(), 0.1))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _die_with_parent() -> None:
    """On Linux: a demonstration that is killed leaves nobody behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_all(children: list[Child]) -> None:
    """The last one first: who calls the others must not find them gone."""
    until = time.monotonic() + STOP_GRACE
    for child in reversed(children):
        child.stop()
        child.await_end(until)


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody has it, else any free port of the loopback interface."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No free port on 127.0.0.1.")
