"""Tools of the Salesforce world that run on Node; without them the tests say so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NODE = Path(__file__).parents[2] / "node"
# Where CI has run `npm install` in a copy of tests/node, so that a checkout stays clean.
MODULES = "SALESFORCE_NODE_MODULES"
OLDEST = 20
TIMEOUT = 120

RunNode = Callable[..., dict[str, Any]]


def modules() -> Path:
    named = os.environ.get(MODULES)
    return Path(named) if named else NODE / "node_modules"


def insist_on(library: str) -> None:
    """Skip with the reason where Node or the library is not."""
    if shutil.which("node") is None:
        pytest.skip("SKIPPED: Node is not on this machine.")
    version = subprocess.run(
        ["node", "--version"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST:
        pytest.skip(f"SKIPPED: Node {version.strip()} is older than {OLDEST}.")
    if not (modules() / library / "package.json").exists():
        pytest.skip(
            f"SKIPPED: {library} is not installed. Run `npm install --no-package-lock "
            f"--ignore-scripts` in tests/node, or name its folder in {MODULES}."
        )


@pytest.fixture
def run_node() -> RunNode:
    def run(script: str, *arguments: str, library: str) -> dict[str, Any]:
        insist_on(library)
        done = subprocess.run(  # noqa: S603
            ["node", str(NODE / script), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
            env={"PATH": os.environ["PATH"], "NODE_PATH": str(modules())},
        )
        assert done.returncode == 0, done.stderr[-3000:]
        # A library may greet first: the answer is the last line.
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return told

    return run
