"""The standard objects, in the notation of the object reference.

One line is one field: name, type, properties and marks. Types: `string(80)`,
`ref(Parent>ChildRelationship)`, `picklist(a,b)`. Properties: C create, U update,
N nillable, I id lookup, - none. Marks: `!personal` (kept out of the ledger),
`@feature` (exists only with that switch), `=value` (default), `#A-{0000}` (auto
number), `!cascade` (goes with its parent).
"""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.salesforce.schema import Field, Object

AUDIT = """
Id id -
IsDeleted boolean -
CreatedDate datetime -
CreatedById ref(User) -
LastModifiedDate datetime -
LastModifiedById ref(User) -
SystemModstamp datetime -
"""

ADDRESS = """
{p}Street textarea(255) CUN !personal
{p}City string(40) CUN !personal
{p}State string(80) CUN
{p}PostalCode string(20) CUN !personal
{p}Country string(80) CUN
{p}StateCode picklist CUN @state_country_picklists
{p}CountryCode picklist CUN @state_country_picklists
{p}Latitude double CUN !personal
{p}Longitude double CUN !personal
{p}GeocodeAccuracy picklist CUN
{p}Address address N !personal
"""

ORDER = """
AccountId ref(Account>Orders) CUN
Pricebook2Id ref(Pricebook2) CUN
OwnerId ref(User) CU =@user
OriginalOrderId ref(Order) CN
RecordTypeId ref(RecordType) CUN
Name string(80) CUN
OrderNumber string(30) I #{00000000}
OrderReferenceNumber string(80) CUN
PoNumber string(80) CUN
PoDate date CUN
EffectiveDate date CU
EndDate date CUN
IsReductionOrder boolean C
Status picklist CU !restricted
StatusCode picklist(Draft,Activated) - =Draft
Type picklist CUN
Description textarea(32000) CUN !personal
CustomerAuthorizedById ref(Contact) CUN
CompanyAuthorizedById ref(User) CUN
BillToContactId ref(Contact) CUN
ShipToContactId ref(Contact) CUN
ActivatedDate datetime N
ActivatedById ref(User) N
TotalAmount currency - =0.0
CurrencyIsoCode picklist(USD,EUR,GBP) CU =USD @multicurrency
"""

ORDER_ITEM = """
OrderId ref(Order>OrderItems) C !cascade
Product2Id ref(Product2) CN
PricebookEntryId ref(PricebookEntry) C
Quantity double CU
UnitPrice currency CUN
ListPrice currency CN
TotalPrice currency N
AvailableQuantity double N
ServiceDate date CUN
EndDate date CUN
Description string(255) CUN
OrderItemNumber string(30) I #{0000000000}
OriginalOrderItemId ref(OrderItem) CN
CurrencyIsoCode picklist(USD,EUR,GBP) N @multicurrency
"""

PRODUCT = """
Name string(255) CUI
ProductCode string(255) CUN
StockKeepingUnit string(180) CUN
Family picklist CUN
QuantityUnitOfMeasure picklist CUN
Description textarea(4000) CUN
IsActive boolean CU
IsSerialized boolean CU @serialized_products
ExternalId string(255) CUN
DisplayUrl url(1000) CUN
"""

PRICEBOOK = """
Name string(255) CUI
Description string(255) CUN
IsActive boolean CU
IsStandard boolean -
"""

PRICEBOOK_ENTRY = """
Name string(255) N
Pricebook2Id ref(Pricebook2>PricebookEntries) C
Product2Id ref(Product2>PricebookEntries) C
UnitPrice currency CU
IsActive boolean CU
UseStandardPrice boolean CU
ProductCode string(255) N
"""

ACCOUNT = """
Name string(255) CU !personal
AccountNumber string(40) CUN
Phone phone(40) CUN !personal
OwnerId ref(User) CU =@user
Type picklist CUN
"""

CONTACT = """
AccountId ref(Account>Contacts) CUN
FirstName string(40) CUN !personal
LastName string(80) CU !personal
Name string(121) N !personal
Email email(80) CUN !personal
Phone phone(40) CUN !personal
MobilePhone phone(40) CUN !personal
OwnerId ref(User) CU =@user
"""

USER = """
Username string(80) CU
Name string(121) N
LastName string(80) CU
Email email(128) CU !personal
Alias string(8) CU
IsActive boolean CU
UserType picklist -
"""

ORGANIZATION = """
Name string(80) U
InstanceName string(5) N
IsSandbox boolean -
OrganizationType picklist N
LanguageLocaleKey picklist U
TimeZoneSidKey picklist U
NamespacePrefix string(15) N
"""

ORDER_STATUS = """
ApiName string(255) -
MasterLabel string(255) -
StatusCode picklist(Draft,Activated) -
IsDefault boolean -
SortOrder int -
"""

RECORD_TYPE = """
Name string(80) CU
DeveloperName string(80) CU
SobjectType picklist C
IsActive boolean CU
Description string(255) CUN
"""

_LINE = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<argument>[^)]*)\))? (?P<rest>.+)"
)


def standard_objects() -> list[Object]:
    shipping = ADDRESS.format(p="Shipping")
    billing = ADDRESS.format(p="Billing")
    mailing = ADDRESS.format(p="Mailing")
    tables = (
        ("Order", "801", "Order", ORDER + shipping + billing),
        ("OrderItem", "802", "Order Product", ORDER_ITEM),
        ("Product2", "01t", "Product", PRODUCT),
        ("Pricebook2", "01s", "Price Book", PRICEBOOK),
        ("PricebookEntry", "01u", "Price Book Entry", PRICEBOOK_ENTRY),
        ("Account", "001", "Account", ACCOUNT + shipping + billing),
        ("Contact", "003", "Contact", CONTACT + mailing),
        ("User", "005", "User", USER),
        ("Organization", "00D", "Organization", ORGANIZATION),
        ("OrderStatus", "0L4", "Order Status Value", ORDER_STATUS),
        ("RecordType", "012", "Record Type", RECORD_TYPE),
    )
    read_only = {"Organization", "OrderStatus"}
    return [
        Object(name, prefix, label, f"{label}s", writable=name not in read_only)
        .with_fields(audit_fields())
        .with_fields(parse_table(table))
        for name, prefix, label, table in tables
    ]


def audit_fields() -> list[Field]:
    """What every record carries."""
    return parse_table(AUDIT)


def parse_table(table: str) -> list[Field]:
    return [_parse_line(line) for line in table.splitlines() if line]


def _parse_line(line: str) -> Field:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"Not a field: {line}")
    name, argument = match["name"], match["argument"] or ""
    properties, *marks = match["rest"].split()
    details: dict[str, Any] = {
        "name": name,
        "label": spaced(name),
        "createable": "C" in properties,
        "updateable": "U" in properties,
        "nillable": "N" in properties,
        "id_lookup": "I" in properties or match["type"] == "id",
    }
    details |= _type_details(match["type"], argument, name)
    for mark in marks:
        details |= _mark_details(mark, details["type"])
    return Field(**details)


def _type_details(kind: str, argument: str, name: str) -> dict[str, Any]:
    if kind == "ref":
        parent, _, children = argument.partition(">")
        return {
            "type": "reference",
            "length": 18,
            "reference_to": parent,
            "relationship": name.removesuffix("Id"),
            "children": children,
        }
    if kind == "picklist":
        values = tuple(filter(None, argument.split(",")))
        return {"type": kind, "length": 255, "picklist": values}
    numeric = {"precision": 18, "scale": 2} if kind in {"double", "currency"} else {}
    return {"type": kind, "length": int(argument or 0), **numeric}


def _mark_details(mark: str, kind: str) -> dict[str, Any]:
    sign, value = mark[0], mark[1:]
    if sign == "@":
        return {"feature": value}
    if sign == "#":
        return {"auto_number": value}
    if sign == "=":
        return {"default": float(value) if kind in {"double", "currency"} else value}
    flags: dict[str, dict[str, Any]] = {
        "personal": {"personal": True},
        "restricted": {"restricted": True},
        "cascade": {"on_parent_delete": "Cascade"},
    }
    return flags[value]


def spaced(name: str) -> str:
    """`ShipToContactId` as a label: `Ship To Contact ID`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r" Id$", " ID", words)
