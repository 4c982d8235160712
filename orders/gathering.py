"""Related rows read once for a piece of work, and read anew when they moved."""

from __future__ import annotations

from django.db.models import Model


def forget(row: Model, *names: str) -> None:
    """Read these related rows anew when they are asked for."""
    kept = getattr(row, "_prefetched_objects_cache", {})
    for name in names:
        kept.pop(name, None)
