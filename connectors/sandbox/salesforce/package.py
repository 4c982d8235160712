"""Custom objects and fields, read from the source of the deployable package.

So a name is fixed once: what the sandbox knows is what a customer deploys.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree  # type: ignore[import-untyped]

from connectors.sandbox.salesforce.schema import Field, Object
from connectors.sandbox.salesforce.standard import audit_fields, parse_table

PACKAGE_SOURCE = Path(__file__).parents[2] / "salesforce" / "package" / "force-app"

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Checkbox": "boolean",
    "DateTime": "datetime",
    "Date": "date",
    "Number": "double",
    "Currency": "currency",
    "Url": "url",
    "Email": "email",
    "Phone": "phone",
    "Picklist": "picklist",
    "Lookup": "reference",
    "MasterDetail": "reference",
}
LENGTHS = {"Url": 255, "Email": 80, "Phone": 40, "Picklist": 255, "TextArea": 255}
PERSONAL_TYPES = {"Email", "Phone"}


def extend(objects: list[Object], source: Path = PACKAGE_SOURCE) -> list[Object]:
    """The objects given, with the package's fields, and the package's own objects.

    Key prefixes of new objects are left empty: the organisation hands them out.
    """
    known = {item.name: item for item in objects}
    for folder in sorted((source / "main" / "default" / "objects").iterdir()):
        if folder.name not in known:
            known[folder.name] = _read_object(folder)
        fields = [_read_field(path) for path in sorted(folder.glob("fields/*.xml"))]
        known[folder.name] = known[folder.name].with_fields(fields)
    return list(known.values())


def _read_object(folder: Path) -> Object:
    root = ElementTree.parse(folder / f"{folder.name}.object-meta.xml").getroot()
    number = _text(root, "nameField/displayFormat")
    name = f"Name string(80) NI #{number}" if number else "Name string(80) CUNI"
    return Object(
        name=folder.name,
        prefix="",
        label=_text(root, "label"),
        plural=_text(root, "pluralLabel"),
        custom=True,
    ).with_fields(
        [*audit_fields(), *parse_table(f"OwnerId ref(User) CU =@user\n{name}")]
    )


def _read_field(path: Path) -> Field:
    root = ElementTree.parse(path).getroot()
    kind = _text(root, "type")
    details: dict[str, Any] = {
        "name": _text(root, "fullName"),
        "label": _text(root, "label"),
        "type": TYPES[kind],
        "length": int(_text(root, "length") or LENGTHS.get(kind, 0)),
        "precision": int(_text(root, "precision") or 0),
        "scale": int(_text(root, "scale") or 0),
        "createable": True,
        "updateable": True,
        "nillable": _text(root, "required") != "true" and kind != "Checkbox",
        "unique": _text(root, "unique") == "true",
        "external_id": _text(root, "externalId") == "true",
        "id_lookup": _text(root, "externalId") == "true",
        "case_sensitive": _text(root, "caseSensitive") == "true",
        "custom": True,
        "personal": kind in PERSONAL_TYPES,
    }
    if kind in {"Lookup", "MasterDetail"}:
        details |= _reference(root, details["name"])
    if kind == "Picklist":
        details |= _picklist(root)
    if kind == "Checkbox":
        details["default"] = _text(root, "defaultValue") == "true"
    return Field(**details)


def _reference(root: Element, name: str) -> dict[str, Any]:
    children = _text(root, "relationshipName")
    rule = _text(root, "deleteConstraint") or "Cascade"
    return {
        "length": 18,
        "reference_to": _text(root, "referenceTo"),
        "relationship": name.removesuffix("__c") + "__r",
        "children": f"{children}__r" if children else "",
        "on_parent_delete": rule,
    }


def _picklist(root: Element) -> dict[str, Any]:
    path = _path("valueSet/valueSetDefinition/value")
    values = tuple(_text(node, "fullName") for node in root.findall(path))
    first = [
        _text(node, "fullName")
        for node in root.findall(path)
        if _text(node, "default") == "true"
    ]
    return {
        "picklist": values,
        "restricted": _text(root, "valueSet/restricted") == "true",
        "default": first[0] if first else None,
    }


def _text(node: Element, path: str) -> str:
    return (node.findtext(_path(path)) or "").strip()


def _path(path: str) -> str:
    return "/".join(NAMESPACE + step for step in path.split("/"))
