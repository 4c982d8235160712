"""The package's source as its tests read it, and what the code reads and writes."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from defusedxml import ElementTree  # type: ignore[import-untyped]

from connectors.salesforce import packaging, products, requests
from connectors.salesforce.source_mapping import DEFAULT_MAPPING
from connectors.sandbox.salesforce import package as sandbox_package
from connectors.sandbox.salesforce import standard
from connectors.sandbox.salesforce.schema import Schema
from tests.unit.connectors.salesforce.package.contract import METADATA

PACKAGE = packaging.PACKAGE
SOURCE = PACKAGE / "force-app" / "main" / "default"
MEMBERS = packaging.members()
REQUEST = "ShipSync_Request__c"
EXCEPTION = "ShipSync_Sync_Exception__c"


def root_of(kind: str, member: str) -> Any:
    for path in packaging.source_files():
        if (packaging.type_of(path), packaging.member_of(path)) == (kind, member):
            return ElementTree.parse(path).getroot()
    raise LookupError(f"{kind} {member}")


def steps_of(path: str, sobject: str) -> list[tuple[str, str]]:
    """(object, field) of every step of a field path. KeyError for one that is not."""
    found = []
    *parents, last = path.split(".")
    for step in parents:
        column = schema().known(sobject).by_relationship(step)
        if column is None:
            raise KeyError(path)
        found.append((sobject, column.name))
        sobject = column.reference_to
    return [*found, (sobject, last)]


def fields_read() -> set[tuple[str, str]]:
    """(object, field) of what the code asks for in an organization as delivered."""
    found = {
        step
        for one in DEFAULT_MAPPING.fields
        for step in steps_of(one.path, "OrderItem" if one.is_line else "Order")
    }
    found |= {("Product2", name) for name in (*products.BASE, *products.OPTIONAL)}
    found |= {("Product2", one.path) for one in products.sku_maps(DEFAULT_MAPPING)}
    asked = re.fullmatch("SELECT (.*?) FROM .*", requests.open_query("005"))
    assert asked
    for path in asked[1].split(", "):
        found |= set(steps_of(path, REQUEST))
    return found


def texts(root: Any, path: str) -> list[str]:
    return [
        str(node.text)
        for node in root.findall("/".join(METADATA + step for step in path.split("/")))
    ]


@cache
def schema() -> Schema:
    """Standard objects and those of the package, as the sandbox knows them."""
    return Schema(sandbox_package.extend(standard.standard_objects()))


def has_field(sobject: str, name: str) -> bool:
    known = schema().object(sobject)
    return known is not None and known.field(name) is not None


def granted(name: str) -> dict[str, bool]:
    """Field to whether a permission set lets it be edited."""
    root = root_of("PermissionSet", name)
    return {
        str(node.findtext(f"{METADATA}field")): node.findtext(f"{METADATA}editable")
        == "true"
        for node in root.iter(f"{METADATA}fieldPermissions")
    }


def rights(name: str) -> dict[str, dict[str, bool]]:
    root = root_of("PermissionSet", name)
    return {
        str(node.findtext(f"{METADATA}object")): {
            child.tag.removeprefix(METADATA): child.text == "true" for child in node
        }
        for node in root.iter(f"{METADATA}objectPermissions")
    }
