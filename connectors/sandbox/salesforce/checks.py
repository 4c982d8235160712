"""What any row must meet before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.salesforce.refusals import RefusedError, required
from connectors.sandbox.salesforce.schema import Object
from connectors.sandbox.world import Document

if TYPE_CHECKING:
    from connectors.sandbox.salesforce.dml import Dml

STAMPS = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")


def fill_defaults(dml: Dml, item: Object, row: Document) -> None:
    for column in item.fields.values():
        if row.get(column.name) is not None or column.name in STAMPS:
            continue
        default = False if column.type == "boolean" else column.default
        row[column.name] = dml.user_id if default == "@user" else default


def check_required(dml: Dml, item: Object, row: Document) -> None:
    missing = [
        column.name
        for column in item.fields.values()
        if column.required and row.get(column.name) is None
    ]
    if missing:
        raise required(missing)


def check_not_emptied(dml: Dml, item: Object, changes: Document) -> None:
    emptied = [
        name
        for name, value in changes.items()
        if value is None and not item.fields[name.lower()].nillable
    ]
    if emptied:
        raise required(emptied)


def check_validation_rules(dml: Dml, item: Object, changes: Document) -> None:
    for rule in dml.world.switches["validation_rules"]:
        name = rule["field"]
        if rule["sobject"] != item.name or changes.get(name) is None:
            continue
        if "value" not in rule or rule["value"] == changes[name]:
            raise RefusedError(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                rule.get("message", f"{name} may not be set to this value."),
                fields=[name],
            )


def check_references(dml: Dml, item: Object, changes: Document) -> None:
    for name, value in changes.items():
        column = item.field(name)
        if column is None or column.type != "reference" or value is None:
            continue
        parent = dml.schema.known(column.reference_to)
        row = dml.world.get(parent.name, value)
        if not value.startswith(parent.prefix):
            raise RefusedError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"{column.label}: id value of incorrect type: {value}",
                fields=[name],
            )
        if row is None or row["IsDeleted"]:
            raise RefusedError(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                fields=[],
            )
