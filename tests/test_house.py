"""The house rules that no tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from connectors.accounts.roles import OUR_APPS

ROOT = Path(__file__).resolve().parent.parent

TOP_LEVEL = {
    # the house
    "manage.py",
    "pyproject.toml",
    "README.md",
    "shipsync_site",
    "orders",
    "inventory",
    "connectors",
    "templates",
    "tests",
    "docs",
    # what tools need
    ".ci",
    ".dockerignore",
    ".env.example",
    ".gitignore",
    "Dockerfile",
    "LICENSE",
    "compose.yaml",
    "constraints.txt",
}
ATTICS = {"utils.py", "helpers.py", "common.py", "manager.py", "handler.py"}
LONGEST_FILE = 300
LONGEST_EXEMPT_FILE = 500
LONGEST_SQUASHED = 600  # a whole application's tables, as Django writes them
# Long by what they list, with one reason to change.
LISTS = {"models.py", "records.py", "catalogue.py", "setting_specs.py", "settings.py"}


def tracked_files() -> list[Path]:
    """Everything under version control or on its way there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [Path(name) for name in listed if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    return tracked_files()


class TestTopLevel:
    def test_holds_nothing_else(self, files):
        assert {path.parts[0] for path in files} <= TOP_LEVEL


class TestFiles:
    def test_stay_within_their_budget(self, files):
        too_long = {
            str(path): lines
            for path in files
            if path.suffix == ".py"
            and (lines := len((ROOT / path).read_text().splitlines())) > budget(path)
        }

        assert too_long == {}

    def test_have_names_that_say_something(self, files):
        assert [str(path) for path in files if path.name in ATTICS] == []


def budget(path: Path) -> int:
    is_exempt = (
        path.name in LISTS or path.parts[0] == "tests" or "migrations" in path.parts
    )
    if path.name.startswith("0001_squashed_"):
        return LONGEST_SQUASHED
    return LONGEST_EXEMPT_FILE if is_exempt else LONGEST_FILE


class TestSettings:
    def test_each_is_explained_in_the_example(self):
        example = (ROOT / ".env.example").read_text()
        explained = re.findall(r"(?m)^#?([A-Z][A-Z_]+)=", example)

        assert sorted(explained) == sorted(settings_read())

    def test_each_explanation_stands_above_its_setting(self):
        lines = (ROOT / ".env.example").read_text().splitlines()
        bare = [
            line
            for above, line in pairwise(lines)
            if re.match(r"#?[A-Z][A-Z_]+=", line) and not above.startswith("# ")
        ]

        assert bare == []


def settings_read() -> set[str]:
    """The names that settings.py takes from the environment."""
    tree = ast.parse((ROOT / "shipsync_site/settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


class TestCommands:
    def test_each_says_what_it_does(self):
        silent = [
            name
            for name, app in get_commands().items()
            if str(app).split(".")[-1] in OUR_APPS
            and not load_command_class(str(app), name).help
        ]

        assert silent == []


class TestEnvironment:
    def test_is_read_in_the_settings_only(self, files):
        """But for the one time scale, which rules need before there is Django.

        The sandbox's processes know no Django.
        """
        allowed = {"shipsync_site", "tests", "connectors/timing.py"}
        readers = [
            str(path)
            for path in files
            if path.suffix == ".py"
            and not {path.parts[0], str(path)} & allowed
            and "sandbox" not in path.parts
            and re.search(
                r"os\.(environ\.get|environ\[|getenv)", (ROOT / path).read_text()
            )
        ]

        assert readers == []


RULES = {
    "orders": ["records", "statuses", "routing", "validation", "addresses"],
    "inventory": ["records", "availability", "reconcile", "units"],
    "connectors": ["errors", "retry", "timing", "tokens", "diff", "redaction"],
    "connectors/salesforce": ["mapping", "soql", "errors", "transforms"],
    "connectors/shiphero": ["mapping", "errors", "events"],
}


class TestRules:
    def test_each_stands_in_the_contract_that_keeps_it_plain(self):
        """The contract can only name what exists, so a new rule could be forgotten."""
        settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
        contracts = settings["tool"]["importlinter"]["contracts"]
        plain = next(
            one for one in contracts if one["name"] == "Rules are plain Python"
        )
        present = [
            f"{folder}/{rule}".replace("/", ".")
            for folder, rules in RULES.items()
            for rule in rules
            if (ROOT / folder / f"{rule}.py").exists()
        ]

        assert sorted(set(present) - set(plain["source_modules"])) == []
