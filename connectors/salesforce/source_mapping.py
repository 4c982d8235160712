"""Which Salesforce path fills which of our fields: data per organisation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from connectors.errors import Category, MappingError, Problem, System
from connectors.salesforce.transforms import TRANSFORMS
from orders.records import Address

ADDRESS_FIELDS = tuple(part.name for part in fields(Address))

ORDER_FIELDS = (
    "order_number",
    "status",
    "stage",
    "is_reduction",
    "modified_by",
    "record_type",
    "activated_at",
    "account_id",
    "account_name",
    "email",
    "phone",
    "shipping_method",
    "po_number",
    "currency",
    "required_date",
    "order_date",
    "packing_note",
    "brand",
    "warehouse",
    *(f"ship_to.{part}" for part in ADDRESS_FIELDS),
    *(f"bill_to.{part}" for part in ADDRESS_FIELDS),
)
LINE_FIELDS = (
    "lines.line_number",
    "lines.sku",
    "lines.quantity",
    "lines.unit_price",
    "lines.product_name",
    "lines.product_id",
)
# An order cannot be judged at all without these.
ESSENTIAL_FIELDS = ("order_number", "status", "stage")

PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*){0,4}", re.ASCII)
EXTRA = re.compile(r"extra\.[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """One of our fields from one path.

    `field` is our name (`ship_to.city`, `lines.sku`, `extra.gift`); `path` is SOQL's,
    from the order or, for lines, from its order product. Several maps of one field
    are tried in their order: the first that is not empty wins. `default` stands in
    for an empty value; `required` says that an order without it is not exported.
    """

    field: str
    path: str
    transform: str = ""
    default: str = ""
    required: bool = False

    @property
    def is_line(self) -> bool:
        return self.field.startswith("lines.")


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """An organisation's reading of its orders."""

    fields: tuple[FieldMap, ...]

    def order_maps(self) -> tuple[FieldMap, ...]:
        return tuple(one for one in self.fields if not one.is_line)

    def line_maps(self) -> tuple[FieldMap, ...]:
        return tuple(one for one in self.fields if one.is_line)

    def required_fields(self) -> frozenset[str]:
        return frozenset(one.field for one in self.fields if one.required)

    def to_document(self) -> dict[str, Any]:
        """The mapping as plain JSON data; what is at its default is left out."""
        return {"fields": [_document_of(one) for one in self.fields]}

    @classmethod
    def default(cls) -> SourceMapping:
        """The mapping of an organization with standard fields and our package."""
        return DEFAULT_MAPPING

    @classmethod
    def from_document(cls, document: object) -> SourceMapping:
        """The mapping of such data.

        Raises MappingError with every problem found, each with the row it is in.
        """
        listed = document.get("fields") if isinstance(document, Mapping) else None
        if not isinstance(listed, list):
            raise _refused([_problem("", "A mapping is an object with `fields`.")])
        rows = [_row_of(row, at) for at, row in enumerate(listed)]
        problems = [problem for _, found in rows for problem in found]
        maps = tuple(one for one, _ in rows if one is not None)
        problems.extend(_gaps(maps))
        if problems:
            raise _refused(problems)
        return cls(maps)


def _document_of(one: FieldMap) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if value}


def _row_of(row: object, at: int) -> tuple[FieldMap | None, list[Problem]]:
    if not isinstance(row, Mapping):
        return None, [_problem(f"fields[{at}]", "A row is an object.")]
    problems = [
        _problem(f"fields[{at}].{name}", f"{name} is not a property of a row.")
        for name in row
        if name not in FieldMap.__slots__
    ]
    for name in ("field", "path", "transform", "default"):
        if not isinstance(row.get(name, ""), str):
            problems.append(_problem(f"fields[{at}].{name}", f"{name} must be text."))
    if not isinstance(row.get("required", False), bool):
        problems.append(
            _problem(f"fields[{at}].required", "required must be true or false.")
        )
    if problems:
        return None, problems
    one = FieldMap(**{str(name): value for name, value in row.items()})
    return one, _problems_of(one, at)


def _problems_of(one: FieldMap, at: int) -> list[Problem]:
    problems = []
    known = (*ORDER_FIELDS, *LINE_FIELDS)
    if one.field not in known and not EXTRA.fullmatch(one.field):
        problems.append(
            _problem(
                f"fields[{at}].field",
                f"ShipSync has no field {one.field!r}; `extra.name` is free.",
                one.field,
            )
        )
    if not PATH.fullmatch(one.path):
        problems.append(
            _problem(
                f"fields[{at}].path",
                f"{one.path!r} is not a Salesforce field path such as Account.Name.",
                one.path,
            )
        )
    if one.transform not in TRANSFORMS:
        choices = ", ".join(sorted(filter(None, TRANSFORMS)))
        problems.append(
            _problem(
                f"fields[{at}].transform",
                f"There is no transform {one.transform!r}; there are {choices}.",
                one.transform,
            )
        )
    return problems


def _gaps(maps: Iterable[FieldMap]) -> list[Problem]:
    mapped = {one.field for one in maps}
    return [
        _problem("fields", f"{name} must be mapped.", name)
        for name in (*ESSENTIAL_FIELDS, "lines.sku", "lines.quantity")
        if name not in mapped
    ]


def _problem(field: str, reason: str, value: str = "") -> Problem:
    return Problem(
        code="mapping.source_mapping_invalid", reason=reason, field=field, value=value
    )


def _refused(problems: list[Problem]) -> MappingError:
    return MappingError(problems, system=System.SHIPSYNC, category=Category.SETUP)


DEFAULT_MAPPING = SourceMapping(
    (
        FieldMap("order_number", "OrderNumber", required=True),
        FieldMap("status", "Status"),
        FieldMap("stage", "StatusCode"),
        FieldMap("is_reduction", "IsReductionOrder"),
        FieldMap("modified_by", "LastModifiedById"),
        FieldMap("record_type", "RecordType.DeveloperName"),
        FieldMap("activated_at", "ActivatedDate"),
        FieldMap("account_id", "AccountId"),
        FieldMap("account_name", "Account.Name"),
        FieldMap("ship_to.first_name", "ShipToContact.FirstName"),
        FieldMap("ship_to.last_name", "ShipToContact.LastName"),
        FieldMap("ship_to.company", "Account.Name"),
        FieldMap("ship_to.address1", "ShippingStreet", "first_line", required=True),
        FieldMap("ship_to.address2", "ShippingStreet", "other_lines"),
        FieldMap("ship_to.city", "ShippingCity", required=True),
        FieldMap("ship_to.state", "ShippingStateCode", "upper"),
        FieldMap("ship_to.state", "ShippingState"),
        FieldMap("ship_to.zip", "ShippingPostalCode"),
        FieldMap("ship_to.country", "ShippingCountryCode", "upper"),
        FieldMap("ship_to.country", "ShippingCountry", "country_code", required=True),
        FieldMap("ship_to.phone", "ShipToContact.Phone"),
        FieldMap("ship_to.phone", "Account.Phone"),
        FieldMap("ship_to.email", "ShipToContact.Email"),
        FieldMap("email", "ShipToContact.Email"),
        FieldMap("phone", "ShipToContact.Phone"),
        FieldMap("phone", "Account.Phone"),
        FieldMap("shipping_method", "ShipSync_Shipping_Method__c", required=True),
        FieldMap("po_number", "PoNumber"),
        FieldMap("currency", "CurrencyIsoCode"),
        FieldMap("order_date", "EffectiveDate"),
        FieldMap("lines.line_number", "OrderItemNumber"),
        FieldMap("lines.sku", "Product2.ProductCode", "strip", required=True),
        FieldMap("lines.sku", "Product2.StockKeepingUnit", "strip"),
        FieldMap("lines.quantity", "Quantity", required=True),
        FieldMap("lines.unit_price", "UnitPrice"),
        FieldMap("lines.product_name", "Product2.Name"),
        FieldMap("lines.product_id", "Product2Id"),
    )
)
