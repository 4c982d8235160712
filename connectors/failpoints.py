"""Places where a test can stop the engine dead.

The phase runner passes through here before and after each remote call and each
of its commits, nowhere else. In production nothing is armed and a pass costs one
comparison.
"""

from __future__ import annotations

from collections.abc import Callable

Hook = Callable[[str], None]

_hook: Hook | None = None


class SimulatedCrashError(BaseException):
    """Ends a run as `kill -9` would: nothing but the database's rollback cleans up."""


def arm(hook: Hook | None) -> None:
    """Install what is called with each failpoint's name; None disarms."""
    global _hook  # noqa: PLW0603 - one hook for the process, by design
    _hook = hook


def failpoint(name: str) -> None:
    if _hook is not None:
        _hook(name)
