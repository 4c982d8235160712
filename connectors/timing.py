"""One time scale for the whole process.

A scale of 60 makes a minute pass in a second. It is 1 in production and is set
at start for demonstrations, drills and tests, together with the sandbox's, so
that lags, quarantine, backoff and the floor shrink together.
"""

from __future__ import annotations

import os
from datetime import timedelta

_scale = float(os.environ.get("SHIPSYNC_TIME_SCALE", "1") or "1")


def set_scale(scale: float) -> None:
    """Set at start only; `scale` must be at least 1."""
    global _scale  # noqa: PLW0603 - one scale for the process, by design
    if not scale >= 1:
        raise ValueError("The time scale must be 1 or more.")
    _scale = scale


def scale() -> float:
    return _scale


def scaled(duration: timedelta) -> timedelta:
    """The real time that stands for `duration` of operational time."""
    return duration / _scale
