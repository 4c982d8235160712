"""What the integration user may see and write: the package's permission set, no more.

Its usual profile, Minimum Access, grants nothing by itself. So what the permission set
forgets is missing here as it would be in an organization.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import ElementTree  # type: ignore[import-untyped]

from connectors.sandbox.salesforce.package import NAMESPACE, PACKAGE_SOURCE
from connectors.sandbox.salesforce.schema import Field, Object, Schema

PERMISSION_SET = "ShipSync_Integration"
COMPOUNDS = ("Billing", "Mailing", "Shipping")

# The standard fields that field-level security decides on, as profiles retrieved from
# organizations list them. Required and system fields, references to a master, and what
# is not listed here are seen by whoever may read the object.
SECURED = {
    "Order": "ActivatedById ActivatedDate BillToContactId BillingAddress Description "
    "CompanyAuthorizedById CustomerAuthorizedById Name OrderReferenceNumber PoDate "
    "PoNumber ShipToContactId ShippingAddress TotalAmount Type",
    "OrderItem": "Description EndDate ListPrice ServiceDate",
    "Product2": "Description DisplayUrl ExternalId Family ProductCode "
    "QuantityUnitOfMeasure StockKeepingUnit",
    "Account": "AccountNumber BillingAddress Phone ShippingAddress Type",
    "Contact": "AccountId Email MailingAddress MobilePhone Phone",
}
# Seen with their master, or by everybody who may log in.
GIVEN = frozenset(
    {"OrderItem", "PricebookEntry", "User", "Organization", "OrderStatus", "RecordType"}
)


@dataclass(frozen=True, slots=True)
class Rights:
    """Names are `Object`, `Object.Field` and of user permissions, as Salesforce's."""

    read: frozenset[str]
    create: frozenset[str]
    edit: frozenset[str]
    delete: frozenset[str]
    readable: frozenset[str]
    editable: frozenset[str]
    permissions: frozenset[str]

    def bind(self, schema: Schema, granted: frozenset[str]) -> Schema:
        """What is left of it for the user.

        `granted` are fields that the administrator lets the user read besides. Objects
        and fields that an organization made itself are its own affair.
        """
        seen = (self._object(one, granted) for one in schema.objects.values())
        return Schema(one for one in seen if one is not None)

    def _object(self, item: Object, granted: frozenset[str]) -> Object | None:
        ours = _own_fields()
        if item.custom and item.name not in {name.split(".")[0] for name in ours}:
            return item
        if item.name not in self.read | GIVEN:
            return None
        fields = {
            key: seen
            for key, column in item.fields.items()
            if (seen := self._field(item, column, granted)) is not None
        }
        return replace(
            item,
            fields=fields,
            createable=item.name in self.create,
            updateable=item.name in self.edit,
            deletable=item.name in self.delete,
        )

    def _field(
        self, item: Object, column: Field, granted: frozenset[str]
    ) -> Field | None:
        name = f"{item.name}.{secured_name(item, column)}"
        if column.required or name not in secured_fields():
            return column
        if name not in self.readable | granted:
            return None
        if name not in self.editable:
            return replace(column, createable=False, updateable=False)
        return column


def secured_name(item: Object, column: Field) -> str:
    """Parts of an address are secured together, under the name of the whole."""
    for kind in COMPOUNDS:
        whole = f"{kind}Address"
        if column.name.startswith(kind) and item.field(whole) is not None:
            return whole
    return column.name


@cache
def secured_fields() -> frozenset[str]:
    standard = {f"{item}.{name}" for item in SECURED for name in SECURED[item].split()}
    return frozenset(standard | _own_fields())


@cache
def _own_fields() -> frozenset[str]:
    """`Object.Field` of every field that the package ships."""
    files = PACKAGE_SOURCE.glob("main/default/objects/*/fields/*.field-meta.xml")
    return frozenset(
        f"{path.parents[1].name}.{path.name.removesuffix('.field-meta.xml')}"
        for path in files
    )


@cache
def of_the_package(source: Path) -> Rights:
    path = source / "main" / "default" / "permissionsets"
    root = ElementTree.parse(
        path / f"{PERMISSION_SET}.permissionset-meta.xml"
    ).getroot()

    def objects(right: str) -> frozenset[str]:
        return frozenset(_named(root, "objectPermissions", "object", right))

    def fields(right: str) -> frozenset[str]:
        return frozenset(_named(root, "fieldPermissions", "field", right))

    return Rights(
        read=objects("allowRead"),
        create=objects("allowCreate"),
        edit=objects("allowEdit"),
        delete=objects("allowDelete"),
        readable=fields("readable"),
        editable=fields("editable"),
        permissions=frozenset(_named(root, "userPermissions", "name", "enabled")),
    )


def _named(root: Element, group: str, name: str, right: str) -> Iterator[str]:
    for node in root.iter(f"{NAMESPACE}{group}"):
        if node.findtext(f"{NAMESPACE}{right}") == "true":
            yield str(node.findtext(f"{NAMESPACE}{name}"))
