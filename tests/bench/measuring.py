"""What benches share: a database to throw away, and a gauge of time, memory, statements."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@contextmanager
def throwaway_database() -> Iterator[str]:
    """Django set up on an empty database of our schema; answers its vendor."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django  # noqa: PLC0415 - settings first

    django.setup()
    from django.db import connection  # noqa: PLC0415

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield connection.vendor
    finally:
        connection.creation.destroy_test_db(
            connection.settings_dict["NAME"], verbosity=0
        )


@dataclass
class Gauge:
    """`peak_mb` is how far the process's peak memory grew meanwhile, to `highest_mb`."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    statements: int = 0
    peak_mb: float = 0.0
    highest_mb: float = 0.0

    def rate(self, rows: int) -> int:
        return round(rows / self.seconds) if self.seconds else 0


@contextmanager
def measured() -> Iterator[Gauge]:
    from django.db import connection  # noqa: PLC0415

    gauge = Gauge()

    def count(execute: Any, *args: Any) -> Any:
        gauge.statements += 1
        return execute(*args)

    before = _forget_peak()
    started, busy = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        yield gauge
    gauge.seconds = time.perf_counter() - started
    gauge.processor_seconds = time.process_time() - busy
    gauge.highest_mb = _memory_mb("VmHWM")
    gauge.peak_mb = max(0.0, gauge.highest_mb - before)


def _forget_peak() -> float:
    """Begin a new peak at what the process holds now (Linux); answers that.

    What was freed before is given back first: growth into it would not be seen.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _memory_mb("VmRSS")


def _memory_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(f"{name}:"))
    return int(found.split()[1]) / 1024
