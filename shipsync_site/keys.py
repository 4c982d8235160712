"""Keys for a machine that was given none: made once, kept in the data folder.

Production is told its keys and never comes here.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def local_key(path: Path, *, make: Callable[[], str]) -> str:
    """The key kept at `path`, made on first use, readable by its owner only.

    Of several processes that start together one makes the key and all read it. Raises
    ImproperlyConfigured where the folder cannot be used.
    """
    try:
        if not path.exists():
            _make(path, make())
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"the data folder {path.parent} cannot be used ({error.strerror}). Let "
            "SHIPSYNC_DATA_DIR name a folder that may be written."
        ) from error


def _make(path: Path, key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
