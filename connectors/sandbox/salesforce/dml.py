"""Creates, updates, upserts and deletes rows, under the organisation's rules.

Each operation decides before it changes: a refused one has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce import checks, order_rules
from connectors.sandbox.salesforce.ids import normalize
from connectors.sandbox.salesforce.refusals import (
    ManyMatchesError,
    RefusedError,
    deleted,
    duplicate,
    malformed_id,
    no_right,
    no_such_column,
    not_writable,
)
from connectors.sandbox.salesforce.schema import Field, Object, Schema
from connectors.sandbox.salesforce.transaction import Transaction
from connectors.sandbox.salesforce.values import bad_picklist_value, to_stored
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.world import Document


class Dml:
    """Writes of one transaction, as one user, over what that user sees."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.world: SalesforceWorld = transaction.world
        self.user_id = transaction.user_id
        self.schema: Schema = self.world.schema_for(self.user_id)

    # -- operations ----------------------------------------------------------

    def create(self, sobject: str, values: Mapping[str, Any]) -> str:
        """Create one row and answer its id. Raises RefusedError."""
        item = self._writable(sobject, "createable")
        self.transaction.check_lock("")
        row = self._clean(item, values, creating=True)
        checks.fill_defaults(self, item, row)
        checks.check_required(self, item, row)
        order_rules.before_create(self, item, row)
        checks.check_validation_rules(self, item, row)
        checks.check_references(self, item, row)
        self._check_unique(item, row, "")
        self._number(item, row)
        row_id = self._insert(item, row)
        order_rules.after_write(self, item, None, row)
        return row_id

    def update(self, sobject: str, row_id: str, values: Mapping[str, Any]) -> None:
        """Change fields of one row. Raises RefusedError."""
        item = self._writable(sobject, "updateable")
        old = self.current(item, row_id)
        self.transaction.check_lock(str(old["Id"]))
        sent = self._clean(item, values, creating=False)
        changes = {
            name: value for name, value in sent.items() if old.get(name) != value
        }
        checks.check_not_emptied(self, item, changes)
        order_rules.before_update(self, item, old, changes)
        checks.check_validation_rules(self, item, changes)
        checks.check_references(self, item, changes)
        self._check_unique(item, changes, str(old["Id"]))
        if changes or self.world.switches["bump_without_change"]:
            self.write(item, old, changes)
        order_rules.after_write(self, item, old, {**old, **changes})

    def upsert(
        self, sobject: str, field: str, key: str, values: Mapping[str, Any]
    ) -> tuple[str, bool]:
        """Update the row whose external id is `key`, or create it.

        Answers the row's id and whether it was created. More than one match
        raises DUPLICATE_EXTERNAL_ID, with status 300.
        """
        item = self._writable(sobject)
        column = self.external_id(item, field)
        matches = self.matching(item, column, key)
        if len(matches) > 1:
            raise ManyMatchesError(item.name, [str(row["Id"]) for row in matches])
        if matches:
            row_id = str(matches[0]["Id"])
            self.update(sobject, row_id, values)
            return row_id, False
        if column.type == "id":
            raise deleted() if normalize(key) else malformed_id(item.label, key)
        return self.create(sobject, {**values, column.name: key}), True

    def delete(self, sobject: str, row_id: str) -> None:
        """Put a row, and what goes with it, in the recycle bin. Raises RefusedError."""
        item = self._writable(sobject, "deletable")
        old = self.current(item, row_id)
        self.transaction.check_lock(str(old["Id"]))
        order_rules.before_delete(self, item, old)
        self._release_children(item, old)
        order_rules.after_write(self, item, old, None)
        if item.name == "OrderItem":  # deleted alone, it skips the recycle bin
            self.transaction.remove(item.name, str(old["Id"]))
        else:
            self._bin(item, old)
        self.transaction.applied(item, str(old["Id"]), "delete", {})

    # -- for rules and routes --------------------------------------------------

    def current(self, item: Object, row_id: str) -> Document:
        """The live row, as writers see it, or the refusal a writer gets."""
        known = normalize(row_id)
        if known is None or not known.startswith(item.prefix):
            raise malformed_id(item.label, row_id)
        row = self.world.get(item.name, known)
        if row is None:
            raise RefusedError(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                status=404,
                fields=[],
            )
        if row["IsDeleted"]:
            raise deleted()
        return row

    def external_id(self, item: Object, name: str) -> Field:
        column = item.field(name)
        if column is None or not (column.external_id or column.type == "id"):
            raise RefusedError(
                "NOT_FOUND",
                "Provided external ID field does not exist or is not accessible: "
                f"{name}",
                status=404,
            )
        return column

    def matching(self, item: Object, column: Field, key: str) -> list[Document]:
        """Live rows by external id, as writers see them."""
        if column.type == "id":
            row = self.world.get(item.name, normalize(key) or "")
            return [row] if row and not row["IsDeleted"] else []
        found = self.world.related(item.name, column.name, key)
        return [row for row in found if not row["IsDeleted"]]

    def write(self, item: Object, old: Document, changes: Document) -> None:
        """Store changed fields with the stamps of now."""
        stamps = {
            "LastModifiedDate": self.world.stamp(),
            "LastModifiedById": self.user_id,
            "SystemModstamp": self.world.stamp(),
        }
        self.transaction.put(item.name, {**old, **changes, **stamps})
        self.transaction.applied(item, str(old["Id"]), "update", changes)

    # -- checks ------------------------------------------------------------------

    def _writable(self, sobject: str, right: str = "writable") -> Object:
        item = self.schema.object(sobject)
        if item is None:
            raise RefusedError(
                "NOT_FOUND", "The requested resource does not exist", status=404
            )
        if not item.writable:
            raise RefusedError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                f"entity type cannot be inserted or updated: {item.label}",
                fields=[],
            )
        if not getattr(item, right):
            raise no_right(item.label)
        return item

    def _clean(
        self, item: Object, values: Mapping[str, Any], *, creating: bool
    ) -> Document:
        """Known, writable fields in stored form, with references resolved."""
        cleaned: Document = {}
        forbidden: list[str] = []
        for name, value in values.items():
            if name.lower() == "attributes":
                continue
            if isinstance(value, Mapping):
                column, value = self._by_external_id(item, name, value)  # noqa: PLW2901
            else:
                column = self._column(item, name)
            if not (column.createable if creating else column.updateable):
                forbidden.append(column.name)
                continue
            cleaned[column.name] = to_stored(column, value)
            self._check_status_value(column, cleaned[column.name], item)
        if forbidden:
            raise not_writable(forbidden)
        return cleaned

    def _column(self, item: Object, name: str) -> Field:
        column = item.field(name)
        if column is None:
            raise no_such_column(name, item.name)
        return column

    def _by_external_id(
        self, item: Object, name: str, value: Mapping[str, Any]
    ) -> tuple[Field, str]:
        """`"Account": {"Ext__c": "A-1"}` names a parent by its external id."""
        column = item.by_relationship(name)
        keys = [key for key in value if key.lower() != "attributes"]
        if column is None or len(keys) != 1:
            raise no_such_column(name, item.name)
        parent = self.schema.known(column.reference_to)
        if parent.field(keys[0]) is None:
            raise no_such_column(keys[0], parent.name)
        key = self.external_id(parent, keys[0])
        matches = self.matching(parent, key, str(value[keys[0]]))
        if len(matches) != 1:
            raise RefusedError(
                "INVALID_FIELD",
                f"Foreign key external ID: {value[keys[0]]} not found for field "
                f"{key.name} in entity {parent.name}",
                fields=[],
            )
        return column, str(matches[0]["Id"])

    def _check_status_value(self, column: Field, value: Any, item: Object) -> None:
        if item.name != "Order" or column.name != "Status":
            return
        if value not in self.world.order_statuses():
            raise bad_picklist_value(column, str(value))

    def _check_unique(self, item: Object, changes: Document, own_id: str) -> None:
        for name, value in changes.items():
            column = item.field(name)
            if column is None or not column.unique or value is None:
                continue
            for row in self.matching(item, column, value):
                if row["Id"] != own_id:
                    raise duplicate(name, str(row["Id"]))

    # -- effects -----------------------------------------------------------------

    def _number(self, item: Object, row: Document) -> None:
        for column in item.fields.values():
            if not column.auto_number:
                continue
            before, _, rest = column.auto_number.partition("{")
            digits, _, after = rest.partition("}")
            number = self.world.next_number(f"auto:{item.name}.{column.name}", 100)
            row[column.name] = f"{before}{number:0{len(digits)}d}{after}"

    def _insert(self, item: Object, row: Document) -> str:
        row_id = self.world.new_id(item.name)
        now = self.world.stamp()
        audit = {
            "Id": row_id,
            "IsDeleted": False,
            "CreatedDate": now,
            "CreatedById": self.user_id,
            "LastModifiedDate": now,
            "LastModifiedById": self.user_id,
            "SystemModstamp": now,
        }
        self.transaction.put(item.name, {**row, **audit})
        given = {
            name: value
            for name, value in row.items()
            if value is not None and name not in audit
        }
        self.transaction.applied(item, row_id, "create", given)
        return row_id

    def _bin(self, item: Object, row: Document) -> None:
        self.transaction.put(
            item.name,
            {**row, "IsDeleted": True, "SystemModstamp": self.world.stamp()},
        )

    def _release_children(self, item: Object, row: Document) -> None:
        for child in self.world.schema.children(item.name).values():
            child_object = self.world.schema.known(child.sobject)
            name = child.field.name
            for orphan in self.world.related(child.sobject, name, str(row["Id"])):
                if orphan["IsDeleted"]:
                    continue
                if child.field.on_parent_delete == "Cascade":
                    self._bin(child_object, orphan)
                elif child_object.custom:
                    self.write(child_object, orphan, {name: None})
