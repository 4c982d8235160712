"""The demonstration's folder: its own, kept from others while it runs."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

MARKER = ".shipsync-demo"


class FolderError(Exception):
    """The folder cannot be used; its words say why and what helps."""


def claim(folder: Path, *, afresh: bool) -> int:
    """Make the folder ours; answers the handle that holds it, over an `exec` too.

    The kernel lets go of it whatever ends this process. `afresh` empties the folder.
    Raises FolderError for one that holds other things, that another demonstration
    uses, or that cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder, os.O_RDONLY)
        try:
            _take(folder, handle, afresh=afresh)
        except BaseException:
            os.close(handle)
            raise
    except OSError as error:
        raise FolderError(
            f"{folder} cannot be used ({error.strerror}). Choose another with --folder."
        ) from error
    os.set_inheritable(handle, True)  # by exec; children are started without it
    return handle


def _take(folder: Path, handle: int, *, afresh: bool) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FolderError(
            f"Another demonstration runs in {folder}. End it first, or choose another "
            "folder with --folder."
        ) from error
    names = {one.name for one in folder.iterdir()}
    if names and MARKER not in names:
        raise FolderError(f"{folder} holds other files. Choose an empty folder.")
    (folder / MARKER).touch()
    if afresh:
        _empty(folder)


def _empty(folder: Path) -> None:
    """The marker stays: who is interrupted here finds the folder to be his own still."""
    for one in folder.iterdir():
        if one.name == MARKER:
            continue
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()
