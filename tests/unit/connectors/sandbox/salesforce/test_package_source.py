"""The deployable Salesforce source, checked without an organisation."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import simple_salesforce
from defusedxml import ElementTree  # type: ignore[import-untyped]

PACKAGE = Path(__file__).parents[5] / "connectors" / "salesforce" / "package"
SOURCE = PACKAGE / "force-app" / "main" / "default"
METADATA = "{http://soap.sforce.com/2006/04/metadata}"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
SUFFIXES = {
    "field": "CustomField",
    "object": "CustomObject",
    "listView": "ListView",
    "permissionset": "PermissionSet",
}
STANDARD_FIELDS = {
    "Order.BillToContactId",
    "Order.Name",
    "Order.OrderReferenceNumber",
    "Order.PoNumber",
    "Order.ShipToContactId",
    "Product2.StockKeepingUnit",
}

SOURCE_FILES = sorted(SOURCE.rglob("*-meta.xml"))


def name_of(path: Path) -> str:
    return path.name.split(".")[0]


def kind_of(path: Path) -> str:
    return SUFFIXES[path.name.split(".")[1].removesuffix("-meta")]


def member_of(path: Path) -> str:
    """The component's name as a manifest says it."""
    own = name_of(path)
    if kind_of(path) in {"CustomField", "ListView"}:
        return f"{path.parent.parent.name}.{own}"
    return own


def local(tag: str) -> str:
    return tag.removeprefix(METADATA)


@cache
def wsdl() -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The Metadata API's complex types and enumerations, as simple-salesforce ships
    them."""
    path = Path(simple_salesforce.__file__).parent / "metadata.wsdl"
    root = ElementTree.parse(path).getroot()
    types = {node.get("name"): node for node in root.iter(f"{SCHEMA}complexType")}
    simple = {
        node.get("name"): [
            value.get("value") for value in node.iter(f"{SCHEMA}enumeration")
        ]
        for node in root.iter(f"{SCHEMA}simpleType")
    }
    return types, simple


def elements(type_name: str) -> dict[str, Any]:
    types, _ = wsdl()
    node = types[type_name]
    extension = node.find(f".//{SCHEMA}extension")
    base = extension.get("base").split(":")[1] if extension is not None else ""
    inherited = elements(base) if base in types else {}
    own = {item.get("name"): item for item in node.iter(f"{SCHEMA}element")}
    return {**inherited, **own}


def contract_problems(node: Any, type_name: str) -> list[str]:
    """Unknown, repeated apart, missing or ill-valued elements under `node`."""
    types, simple = wsdl()
    allowed = elements(type_name)
    names = [local(child.tag) for child in node]
    problems = [f"{type_name}.{name} is unknown" for name in set(names) - set(allowed)]
    for name in set(names):
        first = names.index(name)
        if names[first : first + names.count(name)] != [name] * names.count(name):
            problems.append(f"{type_name}.{name} is repeated apart")
    for child in node:
        definition = allowed.get(local(child.tag))
        kind = definition.get("type").split(":")[1] if definition is not None else ""
        if kind in types:
            problems += contract_problems(child, kind)
        elif simple.get(kind) and child.text not in simple[kind]:
            problems.append(f"{type_name}.{local(child.tag)} may not be {child.text}")
    problems += [
        f"{type_name}.{name} is missing"
        for name, definition in allowed.items()
        if definition.get("minOccurs") != "0" and name not in [*names, "fullName"]
    ]
    return problems


@pytest.mark.parametrize("path", SOURCE_FILES, ids=lambda path: path.name)
class TestEachFile:
    def test_meets_the_metadata_contract(self, path):
        root = ElementTree.parse(path).getroot()

        assert local(root.tag) == kind_of(path)
        assert contract_problems(root, kind_of(path)) == []

    def test_is_named_as_its_file(self, path):
        full_name = ElementTree.parse(path).getroot().findtext(f"{METADATA}fullName")

        assert full_name in {None, name_of(path)}


class TestThePackage:
    def test_manifest_lists_just_what_is_there(self):
        manifest = ElementTree.parse(PACKAGE / "manifest" / "package.xml").getroot()
        listed = {
            (types.findtext(f"{METADATA}name"), member.text)
            for types in manifest.iter(f"{METADATA}types")
            for member in types.iter(f"{METADATA}members")
        }

        assert listed == {(kind_of(path), member_of(path)) for path in SOURCE_FILES}

    def test_api_version_is_the_same_everywhere(self):
        manifest = ElementTree.parse(PACKAGE / "manifest" / "package.xml").getroot()
        project = json.loads((PACKAGE / "sfdx-project.json").read_text())

        assert manifest.findtext(f"{METADATA}version") == project["sourceApiVersion"]

    def test_standard_objects_ship_children_only(self):
        assert not (SOURCE / "objects" / "Order" / "Order.object-meta.xml").exists()

    def test_permission_set_names_fields_that_exist(self):
        own = {
            member_of(path) for path in SOURCE_FILES if kind_of(path) == "CustomField"
        }
        granted = permission_set_fields()

        assert own <= set(granted)
        assert set(granted) - own == STANDARD_FIELDS

    def test_permission_set_lets_no_standard_field_be_written(self):
        granted = permission_set_fields()

        assert not [name for name in STANDARD_FIELDS if granted[name]]

    def test_permission_set_deletes_nothing(self):
        root = ElementTree.parse(
            SOURCE / "permissionsets" / "ShipSync_Integration.permissionset-meta.xml"
        ).getroot()

        for rights in root.iter(f"{METADATA}objectPermissions"):
            assert rights.findtext(f"{METADATA}allowDelete") == "false"
            assert rights.findtext(f"{METADATA}modifyAllRecords") == "false"

    @pytest.mark.parametrize(
        "path",
        [path for path in SOURCE_FILES if kind_of(path) == "ListView"],
        ids=lambda path: path.name,
    )
    def test_list_views_show_custom_fields_only(self, path):
        root = ElementTree.parse(path).getroot()
        shown = {node.text for node in root.iter(f"{METADATA}columns")}
        shown |= {node.text for node in root.iter(f"{METADATA}field")}
        folder = path.parent.parent / "fields"

        own = {name_of(field) for field in folder.iterdir()}

        assert shown - {"NAME"} <= own

    def test_field_names_are_legal(self):
        for path in SOURCE_FILES:
            if kind_of(path) == "CustomField":
                assert re.fullmatch(
                    r"[A-Za-z](?!\w*__\w+__c)\w{0,39}__c", name_of(path)
                )


def permission_set_fields() -> dict[str, bool]:
    """Field name to whether it may be edited."""
    root = ElementTree.parse(
        SOURCE / "permissionsets" / "ShipSync_Integration.permissionset-meta.xml"
    ).getroot()
    return {
        str(node.findtext(f"{METADATA}field")): node.findtext(f"{METADATA}editable")
        == "true"
        for node in root.iter(f"{METADATA}fieldPermissions")
    }
