"""The web process watches the workers: who else would tell that all of them are gone?"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import Error as StorageError
from django.db import close_old_connections
from django.utils import timezone

from connectors.sync import alerts

logger = logging.getLogger(__name__)
EVERY = 30.0


def start(stop: threading.Event | None = None) -> threading.Thread:
    """Look every half minute, beside the requests, until the process ends.

    Several web processes may do it: each silence is mailed once.
    """
    ended = stop or threading.Event()
    thread = threading.Thread(
        target=_watch, args=(ended, look), name="watch-workers", daemon=True
    )
    thread.start()
    return thread


def _watch(ended: threading.Event, look_once: Callable[[], None]) -> None:
    while not ended.wait(EVERY):
        look_once()


def look() -> None:
    """One look. A database that is away is somebody else's alarm."""
    close_old_connections()
    try:
        now = timezone.now()
        alerts.alert_stale_workers(now=now)
        alerts.post_due(now=now)
    except StorageError as error:
        logger.warning("The workers could not be looked at: %s", type(error).__name__)
    finally:
        close_old_connections()
