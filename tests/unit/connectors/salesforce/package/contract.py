"""The Metadata API's contract, from the WSDL that simple-salesforce ships."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import simple_salesforce
from defusedxml import ElementTree  # type: ignore[import-untyped]

METADATA = "{http://soap.sforce.com/2006/04/metadata}"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
PRIMITIVES = {
    "boolean": {"true", "false"},
}


@cache
def wsdl() -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Complex types and enumerations by name."""
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
    """The elements of a type in their order: inherited ones first, as XSD says."""
    types, _ = wsdl()
    node = types[type_name]
    extension = node.find(f".//{SCHEMA}extension")
    base = extension.get("base").split(":")[1] if extension is not None else ""
    inherited = elements(base) if base in types else {}
    own = {item.get("name"): item for item in node.iter(f"{SCHEMA}element")}
    return {**inherited, **own}


def local(tag: str) -> str:
    return tag.removeprefix(METADATA)


def problems(node: Any, type_name: str) -> list[str]:
    """Unknown, misplaced, repeated, missing or ill-valued elements under `node`."""
    allowed = elements(type_name)
    names = [local(child.tag) for child in node]
    found = [f"{type_name}.{name} is unknown" for name in set(names) - set(allowed)]
    found += _misplaced(names, list(allowed), type_name)
    found += _repeated(names, allowed, type_name)
    for child in node:
        if local(child.tag) in allowed:
            found += _ill_valued(child, allowed[local(child.tag)], type_name)
    return found + [
        f"{type_name}.{name} is missing"
        for name, definition in allowed.items()
        if definition.get("minOccurs") != "0" and name not in [*names, "fullName"]
    ]


def _misplaced(names: list[str], order: list[str], type_name: str) -> list[str]:
    known = [name for name in names if name in order]
    wanted = sorted(known, key=order.index)
    return [
        f"{type_name}.{name} stands where {right} belongs"
        for name, right in zip(known, wanted, strict=True)
        if name != right
    ]


def _repeated(names: list[str], allowed: dict[str, Any], type_name: str) -> list[str]:
    return [
        f"{type_name}.{name} may stand once only"
        for name, definition in allowed.items()
        if names.count(name) > 1 and definition.get("maxOccurs") != "unbounded"
    ]


def _ill_valued(child: Any, definition: Any, type_name: str) -> list[str]:
    types, simple = wsdl()
    kind = (definition.get("type") or "").split(":")[-1]
    if kind in types:
        return problems(child, kind)
    values = simple.get(kind) or PRIMITIVES.get(kind)
    if (values and child.text not in values) or (kind == "int" and not _is_int(child)):
        return [f"{type_name}.{local(child.tag)} may not be {child.text}"]
    return []


def _is_int(child: Any) -> bool:
    return (child.text or "").lstrip("-").isdigit()
