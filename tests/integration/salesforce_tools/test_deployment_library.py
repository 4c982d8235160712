"""The package as Salesforce's own deployment library sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from defusedxml import ElementTree  # type: ignore[import-untyped]

from connectors.salesforce import packaging

LIBRARY = "@salesforce/source-deploy-retrieve"


def listed(manifest: str) -> set[tuple[str, str]]:
    found = set()
    for block in re.findall("<types>(.*?)</types>", manifest, re.DOTALL):
        name = re.search("<name>(.*?)</name>", block)
        assert name
        found |= {
            (name[1], one) for one in re.findall("<members>(.*?)</members>", block)
        }
    return found


def test_it_resolves_and_converts_the_whole_package(run_node, tmp_path):
    source = str(packaging.PACKAGE / "force-app")

    told = run_node("convert.cjs", source, str(tmp_path), library=LIBRARY)

    committed = (packaging.PACKAGE / "manifest" / "package.xml").read_text()
    assert listed(told["manifest"]) == listed(committed)
    assert told["converted"] > 30
    out = Path(told["packagePath"])
    made = {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    }
    assert {"package.xml", "objects/Order.object", "workflows/Order.workflow"} <= made
    order = ElementTree.parse(out / "objects" / "Order.object").getroot()
    fields = {
        node.findtext(f"{{{packaging.NAMESPACE}}}fullName")
        for node in order.iter(f"{{{packaging.NAMESPACE}}}fields")
    }
    assert fields == set(packaging.fields_of("Order"))


def test_it_refuses_what_is_no_metadata(run_node, tmp_path):
    """The check itself can fail: a file of an unknown kind is said."""
    values = packaging.Values("https://a.example/", "u@a.example", "https://a", "c@a")
    packaging.fill(tmp_path / "package", values)
    main = tmp_path / "package" / "force-app" / "main" / "default"
    flow = main / "flows" / "ShipSync_Order_Changed.flow-meta.xml"
    flow.rename(main / "Lost.unknown-meta.xml")

    with pytest.raises(AssertionError, match=r"Lost\.unknown"):
        run_node(
            "convert.cjs",
            str(tmp_path / "package" / "force-app"),
            str(tmp_path / "out"),
            library=LIBRARY,
        )
