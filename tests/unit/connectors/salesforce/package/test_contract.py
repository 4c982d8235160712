"""Each file of the package against the Metadata API's own description."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml import ElementTree  # type: ignore[import-untyped]

from connectors.salesforce import packaging
from tests.unit.connectors.salesforce.package.contract import (
    METADATA,
    local,
    problems,
)

FILES = packaging.source_files()


def named(path: Path) -> str:
    return f"{packaging.type_of(path)}-{packaging.member_of(path)}"


@pytest.mark.parametrize("path", FILES, ids=named)
class TestEachFile:
    def test_meets_the_contract(self, path):
        root = ElementTree.parse(path).getroot()

        assert local(root.tag) == packaging.type_of(path)
        assert problems(root, packaging.type_of(path)) == []

    def test_is_named_as_its_component(self, path):
        full_name = ElementTree.parse(path).getroot().findtext(f"{METADATA}fullName")

        assert full_name in {None, packaging.name_of(path)}


def tree(text: str) -> object:
    return ElementTree.fromstring(
        f'<CustomTab xmlns="http://soap.sforce.com/2006/04/metadata">{text}</CustomTab>'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<colour>red</colour>", "CustomTab.colour is unknown"),
        (
            "<motif>Custom1: Heart</motif><customObject>true</customObject>",
            "CustomTab.motif stands where customObject belongs",
        ),
        (
            "<label>a</label><label>b</label>",
            "CustomTab.label may stand once only",
        ),
        ("<customObject>yes</customObject>", "CustomTab.customObject may not be yes"),
        ("<frameHeight>tall</frameHeight>", "CustomTab.frameHeight may not be tall"),
        (
            "<urlEncodingKey>UTF-7</urlEncodingKey>",
            "CustomTab.urlEncodingKey may not be UTF-7",
        ),
    ],
)
def test_the_check_sees(text, said):
    assert said in problems(tree(text), "CustomTab")


def test_the_check_sees_what_is_missing():
    assert "WebLink.linkType is missing" in problems(tree(""), "WebLink")
