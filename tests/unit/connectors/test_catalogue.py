"""Every error code that ShipSync gives is explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import catalogue
from connectors.catalogue_checks import Entry
from connectors.errors import Category, Kind, Owner

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [
    ROOT / "inventory/units.py",
    *sorted((ROOT / "orders").glob("*.py")),
    *sorted((ROOT / "connectors/sync").glob("*.py")),
]
CODE = re.compile(r"[a-z_]+\.[a-z_0-9]+")
REMOTE = {"shiphero", "salesforce"}
QUERIES = {"filter", "exclude"}  # whose `code` is a column


def codes_in(source: str) -> Iterator[str]:
    """The error codes that a module gives: `code="…"`, and the first of a Problem."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if _name(node.func) in QUERIES:
            continue
        named = [word.value for word in node.keywords if word.arg == "code"]
        for value in [*named, *node.args[:1]]:
            yield from _code(value, named=value in named, function=_name(node.func))


def _code(value: ast.expr, *, named: bool, function: str) -> Iterator[str]:
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return
    if function == "_gap":
        yield f"address.{value.value}"
    elif named or function == "Problem":
        yield value.value


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


FOUND = sorted({code for path in SOURCES for code in codes_in(path.read_text())})


def test_the_search_finds_what_it_should() -> None:
    assert {"address.zip_missing", "lines.none", "method.unmapped"} <= set(FOUND)
    assert {"export.edit_too_late", "setup.no_account", "quantity.fraction"} <= set(
        FOUND
    )
    assert all(CODE.fullmatch(code) for code in FOUND)


@pytest.mark.parametrize("code", FOUND)
def test_each_code_has_an_entry(code: str) -> None:
    system = code.split(".", maxsplit=1)[0]
    kinds = [*Kind] if system in REMOTE else [""]

    assert any(catalogue.find(code, kind=kind) for kind in kinds)


def test_no_code_is_explained_twice() -> None:
    codes = [entry.code for entry in catalogue.ENTRIES]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("entry", catalogue.ENTRIES, ids=lambda entry: entry.code)
def test_an_entry_says_all_that_a_person_needs(entry: Entry) -> None:
    assert CODE.fullmatch(entry.code)
    assert entry.title
    assert not entry.title.endswith(".")
    assert entry.cause.endswith(".")
    assert entry.fix.endswith(".")
    assert entry.category in Category
    assert entry.owner in Owner


@pytest.mark.parametrize("system", sorted(REMOTE))
@pytest.mark.parametrize("kind", ["rejected", "transient", "auth"])
def test_a_remote_code_without_entry_has_that_of_its_kind(
    system: str, kind: str
) -> None:
    found = catalogue.find(f"{system}.never_heard_of", kind=kind)

    assert found is catalogue.entry(f"{system}.{kind}")


def test_a_code_of_nobody_has_none() -> None:
    assert catalogue.find("elsewhere.odd", kind="rejected") is None
    with pytest.raises(KeyError):
        catalogue.entry("elsewhere.odd")
