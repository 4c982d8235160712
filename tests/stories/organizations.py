"""Organizations that are built otherwise than the sandbox's usual one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from connectors.sandbox.salesforce.package import PACKAGE_SOURCE
from connectors.sandbox.salesforce.world import SalesforceWorld

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


class Metadata:
    """A copy of the package's source that a story changes before its town is built."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "force-app"
        shutil.copytree(PACKAGE_SOURCE, self.source)
        self._objects = self.source / "main" / "default" / "objects"

    def without(self, sobject: str) -> None:
        shutil.rmtree(self._objects / sobject)

    def object(self, name: str, label: str, number: str) -> None:
        """An object whose records are numbered as `number` says."""
        folder = self._objects / name
        (folder / "fields").mkdir(parents=True)
        (folder / f"{name}.object-meta.xml").write_text(
            f"{HEAD}<CustomObject {NAMESPACE}><label>{label}</label>"
            f"<pluralLabel>{label}s</pluralLabel><nameField>"
            f"<displayFormat>{number}</displayFormat><label>Number</label>"
            "<type>AutoNumber</type></nameField></CustomObject>"
        )

    def field(self, sobject: str, name: str, kind: str, **more: str) -> None:
        elements = {"fullName": name, "label": name, "type": kind, **more}
        body = "".join(f"<{tag}>{escape(x)}</{tag}>" for tag, x in elements.items())
        path = self._objects / sobject / "fields" / f"{name}.field-meta.xml"
        path.write_text(f"{HEAD}<CustomField {NAMESPACE}>{body}</CustomField>")

    def texts(self, sobject: str, names: Sequence[str]) -> None:
        for name in names:
            self.field(sobject, name, "Text", length="255")

    def lookup(self, sobject: str, name: str, parent: str, children: str) -> None:
        self.field(
            sobject, name, "Lookup", referenceTo=parent, relationshipName=children
        )

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Towns that are built from now on have it."""
        built = partial(SalesforceWorld, schema_source=self.source)
        monkeypatch.setattr("tests.town.SalesforceWorld", built)
