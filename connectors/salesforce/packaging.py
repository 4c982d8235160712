"""The deployable package: what it holds, its manifests, its values per organization.

The source carries `@SHIPSYNC_…@` where an organization's own values belong, because
an outbound message names a user who must exist in the organization it is deployed to.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml import ElementTree  # type: ignore[import-untyped]

PACKAGE = Path(__file__).parent / "package"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
PLACEHOLDER = re.compile("@SHIPSYNC_[A-Z_]+@")
API_VERSION = "66.0"

# File name's second part to metadata type; of those marked, the name begins with
# the object's, which is the folder two up.
TYPES: Mapping[str, str] = {
    "field": "CustomField",
    "object": "CustomObject",
    "customPermission": "CustomPermission",
    "tab": "CustomTab",
    "eca": "ExternalClientApplication",
    "ecaGlblOauth": "ExtlClntAppGlobalOauthSettings",
    "ecaOauthPlcy": "ExtlClntAppOauthConfigurablePolicies",
    "ecaOauth": "ExtlClntAppOauthSettings",
    "flow": "Flow",
    "layout": "Layout",
    "listView": "ListView",
    "permissionset": "PermissionSet",
    "quickAction": "QuickAction",
    "webLink": "WebLink",
    "workflow": "Workflow",
}
OF_AN_OBJECT = frozenset({"CustomField", "ListView", "WebLink"})

# What must be there before the next can be deployed: an outbound message's user needs
# the permission set, a flow its message. The login can be refused by an organization
# in which external client apps are made by hand.
STEPS: Mapping[str, frozenset[str]] = {
    "2-messages": frozenset({"Workflow", "WorkflowOutboundMessage"}),
    "3-flows": frozenset({"Flow"}),
    "login": frozenset(
        {
            "ExternalClientApplication",
            "ExtlClntAppGlobalOauthSettings",
            "ExtlClntAppOauthConfigurablePolicies",
            "ExtlClntAppOauthSettings",
        }
    ),
}
FIRST_STEP = "1-core"

# What an uninstall names. The rest goes with its object or its app; a flow's versions are
# deleted one by one, which no manifest can know.
REMOVED = frozenset(
    {
        "CustomField",
        "CustomObject",
        "CustomPermission",
        "CustomTab",
        "ExternalClientApplication",
        "ListView",
        "PermissionSet",
        "QuickAction",
        "WebLink",
        "WorkflowOutboundMessage",
    }
)

Members = dict[str, list[str]]


class PackageError(ValueError):
    """The package cannot be filled; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Values:
    """What one organization's package is filled with."""

    endpoint: str
    integration_username: str
    console_url: str
    contact_email: str

    def by_placeholder(self) -> dict[str, str]:
        return {
            "@SHIPSYNC_ENDPOINT@": self.endpoint,
            "@SHIPSYNC_INTEGRATION_USERNAME@": self.integration_username,
            "@SHIPSYNC_CONSOLE_URL@": self.console_url,
            "@SHIPSYNC_CONTACT_EMAIL@": self.contact_email,
        }


def source_files(package: Path = PACKAGE) -> list[Path]:
    return sorted((package / "force-app").rglob("*-meta.xml"))


def type_of(path: Path) -> str:
    """The metadata type a file of the source holds. KeyError for an unknown one."""
    return TYPES[path.name.removesuffix("-meta.xml").rpartition(".")[2]]


def name_of(path: Path) -> str:
    """The component's name without its object's."""
    return path.name.removesuffix("-meta.xml").rpartition(".")[0]


def member_of(path: Path) -> str:
    """The component's full name, as a manifest says it."""
    if type_of(path) in OF_AN_OBJECT:
        return f"{path.parent.parent.name}.{name_of(path)}"
    return name_of(path)


def members(package: Path = PACKAGE) -> Members:
    """Full names by type; both sorted."""
    found: dict[str, set[str]] = {}
    for path in source_files(package):
        found.setdefault(type_of(path), set()).add(member_of(path))
        if type_of(path) == "Workflow":
            found.setdefault("WorkflowOutboundMessage", set()).update(_messages(path))
    return {name: sorted(found[name]) for name in sorted(found)}


def _messages(path: Path) -> list[str]:
    root = ElementTree.parse(path).getroot()
    return [
        f"{name_of(path)}.{text_of(node, 'fullName')}"
        for node in root.findall(f"{{{NAMESPACE}}}outboundMessages")
    ]


def text_of(node: Element, name: str) -> str:
    return (node.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def manifests(found: Members) -> dict[str, str]:
    """The text of every manifest by its file name: the whole, and each step's part."""
    later = frozenset().union(*STEPS.values())
    parts: dict[str, Members] = {
        "package": found,
        FIRST_STEP: {name: found[name] for name in found if name not in later},
    }
    for step, types in STEPS.items():
        parts[step] = {name: found[name] for name in found if name in types}
    return {f"{name}.xml": _manifest(part) for name, part in parts.items()}


def uninstall(found: Members) -> dict[str, str]:
    """The two files of a deployment that takes the package away again."""
    objects = tuple(f"{name}." for name in found["CustomObject"])
    removed = {name: found[name] for name in found if name in REMOVED}
    for name in OF_AN_OBJECT:
        removed[name] = [one for one in found[name] if not one.startswith(objects)]
    return {"package.xml": _manifest({}), "destructiveChanges.xml": _manifest(removed)}


def _manifest(part: Members) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<Package xmlns="{NAMESPACE}">']
    for name, listed in part.items():
        lines.append("    <types>")
        lines += [f"        <members>{escape(one)}</members>" for one in listed]
        lines += [f"        <name>{name}</name>", "    </types>"]
    lines += [f"    <version>{API_VERSION}</version>", "</Package>", ""]
    return "\n".join(lines)


def fill(out: Path, values: Values, *, package: Path = PACKAGE) -> list[Path]:
    """Copy the package to the new or empty folder `out` with an organization's values.

    Answers the files that were filled. Raises PackageError when `out` holds something
    or cannot be written, or when a value is missing; then nothing is left behind.
    """
    given = values.by_placeholder()
    _insist_on(given)
    try:
        _insist_on_room(out)
        return _made(out, given, package)
    except OSError as error:
        raise PackageError(f"{out} cannot be written: {error.strerror}.") from error


def _insist_on_room(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()):
        raise PackageError(f"{out} is not empty; name a new folder.")
    if out.exists() and not out.is_dir():
        raise PackageError(f"{out} is a file; name a new folder.")


def _made(out: Path, given: Mapping[str, str], package: Path) -> list[Path]:
    """Made aside and moved into its place whole. It holds a secret: ours alone."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=".shipsync-") as aside:
        made = Path(aside, "package")
        shutil.copytree(package, made)
        made.chmod(0o700)
        filled = [path for path in sorted(made.rglob("*.xml")) if _filled(path, given)]
        made.replace(out)
    return [out / path.relative_to(made) for path in filled]


def _insist_on(given: Mapping[str, str]) -> None:
    words = {
        "@SHIPSYNC_ENDPOINT@": "the address of the listener",
        "@SHIPSYNC_INTEGRATION_USERNAME@": "the integration user's username",
        "@SHIPSYNC_CONSOLE_URL@": "the console's address",
        "@SHIPSYNC_CONTACT_EMAIL@": "a contact's e-mail address",
    }
    missing = [words[name] for name, value in given.items() if not value.strip()]
    if missing:
        raise PackageError(f"Not known: {', '.join(missing)}.")


def _filled(path: Path, given: Mapping[str, str]) -> bool:
    text = path.read_text(encoding="utf-8")
    if not PLACEHOLDER.search(text):
        return False
    for name, value in given.items():
        text = text.replace(name, escape(value))
    unknown = PLACEHOLDER.findall(text)
    if unknown:
        raise PackageError(f"{path.name} asks for {unknown[0]}, which nobody knows.")
    path.write_text(text, encoding="utf-8")
    return True


def write_manifests(package: Path = PACKAGE) -> Iterable[Path]:
    """Write the committed manifests anew after the source changed."""
    found = members(package)
    for folder, made in (
        ("manifest", manifests(found)),
        ("uninstall", uninstall(found)),
    ):
        for name, text in made.items():
            path = package / folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            yield path


def fields_of(sobject: str, package: Path = PACKAGE) -> dict[str, dict[str, Any]]:
    """The package's own fields of an object: name to type and whether it is required."""
    folder = package / "force-app" / "main" / "default" / "objects" / sobject
    roots = {
        name_of(path): ElementTree.parse(path).getroot()
        for path in sorted(folder.glob("fields/*-meta.xml"))
    }
    return {
        name: {
            "type": text_of(root, "type"),
            "required": text_of(root, "required") == "true",
        }
        for name, root in roots.items()
    }
