"""The demonstration takes only a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.demo.folder import MARKER, FolderError, claim

Claim = Callable[..., None]


@pytest.fixture
def take() -> Iterator[Claim]:
    """A claim lasts as long as its process; here it lasts as long as its test."""
    handles: list[int] = []
    yield lambda folder, afresh: handles.append(claim(folder, afresh=afresh))
    for handle in handles:
        os.close(handle)


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_a_new_folder_is_made_for_its_owner_only(tmp_path: Path, take: Claim) -> None:
    take(tmp_path / "a" / "demo", afresh=False)

    assert names(tmp_path / "a" / "demo") == {MARKER}
    assert (tmp_path / "a" / "demo").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("afresh", "left"), [(False, {MARKER, "old", "sub"}), (True, {MARKER})]
)
def test_its_own_folder_is_kept_or_emptied(
    tmp_path: Path, take: Claim, afresh: bool, left: set[str]
) -> None:
    (tmp_path / MARKER).touch()
    (tmp_path / "old").touch()
    (tmp_path / "sub").mkdir()

    take(tmp_path, afresh=afresh)

    assert names(tmp_path) == left


@pytest.mark.parametrize("afresh", [False, True])
def test_what_holds_other_files_is_left_alone(tmp_path: Path, afresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(FolderError, match="Choose an empty folder"):
        claim(tmp_path, afresh=afresh)

    assert names(tmp_path) == {"thesis.txt"}


@pytest.mark.parametrize("afresh", [False, True])
def test_what_another_demonstration_uses_is_left_alone(
    tmp_path: Path, take: Claim, afresh: bool
) -> None:
    (tmp_path / MARKER).touch()
    (tmp_path / "demo.sqlite3").touch()
    take(tmp_path, afresh=False)

    with pytest.raises(FolderError, match="Another demonstration runs"):
        claim(tmp_path, afresh=afresh)

    assert names(tmp_path) == {MARKER, "demo.sqlite3"}


def test_what_cannot_be_a_folder_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderError, match="Choose another with --folder"):
        claim(tmp_path / "file" / "demo", afresh=False)
