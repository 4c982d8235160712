"""What somebody may type who tries the demonstration for the first time."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from connectors.management.commands import demo


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--orders", "-1"], "--orders must be between 0"),
        (["--orders", "1000000"], "--orders must be between 0"),
        (["--scale", "0.5"], "--scale must be between 1"),
        (["--scale", "nan"], "--scale must be between 1"),
        (["--scale", "inf"], "--scale must be between 1"),
        (["--limit", "0"], "--limit must be more than 0"),
        (["--port", "-1"], "--port must be between 0"),
        (["--port", "70000"], "--port must be between 0"),
        (["--faults", "some"], "invalid choice"),
        (["--seed", "one"], "invalid int value"),
    ],
)
def test_what_makes_no_sense_is_said_in_words(words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("demo", *words)


def test_a_folder_that_cannot_be_used_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CommandError, match="Choose another with --folder"):
        call_command("demo", folder=str(tmp_path / "file" / "demo"))


def test_a_port_that_is_taken_is_said_and_another_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[dict[str, str]] = []
    monkeypatch.setattr(demo, "claim", lambda folder, afresh: None)
    monkeypatch.setattr(os, "execve", lambda path, words, env: begun.append(env))
    monkeypatch.setattr(demo.Demonstration, "run", lambda self: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        call_command("demo", folder=str(tmp_path), port=port)

    assert f"Port {port} is not to be had" in capsys.readouterr().err
    assert begun[0]["SHIPSYNC_BASE_URL"] != f"http://127.0.0.1:{port}"
