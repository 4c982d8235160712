"""Doors for the worker: one line each."""

from __future__ import annotations

from django.utils import timezone

from connectors import queue
from connectors.sync import engine, recurring, upkeep
from connectors.sync.registry import Lane


def drain(lane: str) -> int:
    """Work on a lane until nothing is due, or for twenty seconds."""
    queue.leave_if_orphaned()
    return engine.drain(Lane(lane), clock=timezone.now)


def ensure_recurring() -> int:
    """Make the recurring jobs exist."""
    return recurring.ensure(now=timezone.now())


def expire_payloads() -> int:
    """Blank or drop what is kept for a while only; answers how many rows."""
    return upkeep.sweep(now=timezone.now())
