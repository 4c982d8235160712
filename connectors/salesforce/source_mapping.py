"""Which Salesforce path fills which of our fields: data per organisation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.errors import Category, MappingError, Problem, System
from connectors.salesforce.order_fields import (
    ESSENTIAL_FIELDS,
    LINE_FIELDS,
    ORDER_FIELDS,
)
from connectors.salesforce.transforms import TRANSFORMS
from orders.records import OrderStage

PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*){0,4}", re.ASCII)
OBJECT = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)
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
class OrderSource:
    """Which objects an organisation keeps its orders and their lines in.

    `parent` is the field of a line that names its order. `stages` says for each value
    of the mapped stage, in lower case, whether it means draft, activated or
    superseded; Salesforce's own categories are known without.
    """

    object: str = "Order"
    lines: str = "OrderItem"
    parent: str = "OrderId"
    stages: Mapping[str, OrderStage] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "object": self.object,
            "lines": self.lines,
            "parent": self.parent,
        }
        if self.stages:
            made["stages"] = {name: stage.value for name, stage in self.stages.items()}
        return made


STANDARD = OrderSource()


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """An organisation's reading of its orders."""

    fields: tuple[FieldMap, ...]
    source: OrderSource = STANDARD

    def order_maps(self) -> tuple[FieldMap, ...]:
        return tuple(one for one in self.fields if not one.is_line)

    def line_maps(self) -> tuple[FieldMap, ...]:
        return tuple(one for one in self.fields if one.is_line)

    def required_fields(self) -> frozenset[str]:
        return frozenset(one.field for one in self.fields if one.required)

    def to_document(self) -> dict[str, Any]:
        """The mapping as plain JSON data; what is at its default is left out."""
        made: dict[str, Any] = {"fields": [_document_of(one) for one in self.fields]}
        if self.source != STANDARD:
            made["source"] = self.source.to_document()
        return made

    @classmethod
    def default(cls) -> SourceMapping:
        """The mapping of an organization with standard fields and our package."""
        return DEFAULT_MAPPING

    @classmethod
    def from_document(cls, document: object) -> SourceMapping:
        """The mapping of such data.

        Raises MappingError with every problem found, each with the row it is in.
        """
        given = document if isinstance(document, Mapping) else {}
        listed = given.get("fields")
        if not isinstance(listed, list):
            raise _refused([_problem("", "A mapping is an object with `fields`.")])
        rows = [_row_of(row, at) for at, row in enumerate(listed)]
        problems = [problem for _, found in rows for problem in found]
        maps = tuple(one for one, _ in rows if one is not None)
        problems.extend(_gaps(maps))
        source, found = _source_of(given.get("source", {}))
        problems.extend(found)
        problems.extend(
            _problem(str(name), f"{name} is not a property of a mapping.")
            for name in sorted(set(given) - {"fields", "source"})
        )
        if problems:
            raise _refused(problems)
        return cls(maps, source)


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
    problems += [
        _problem(f"fields[{at}].{name}", f"A row needs {name}.")
        for name in ("field", "path")
        if name not in row
    ]
    if not isinstance(row.get("required", False), bool):
        problems.append(
            _problem(f"fields[{at}].required", "required must be true or false.")
        )
    if problems:
        return None, problems
    one = FieldMap(**{str(name): value for name, value in row.items()})
    return one, _problems_of(one, at)


def _source_of(given: object) -> tuple[OrderSource, list[Problem]]:
    if not isinstance(given, Mapping):
        return STANDARD, [_problem("source", "The source is an object.")]
    problems = [
        _problem(f"source.{name}", f"{name} is not a property of a source.")
        for name in sorted(map(str, set(given) - {*_NAMES, "stages"}))
    ]
    for name in _NAMES:
        value = given.get(name, getattr(STANDARD, name))
        if not isinstance(value, str) or not OBJECT.fullmatch(value):
            problems.append(
                _problem(f"source.{name}", f"{value!r} is not a Salesforce API name.")
            )
    stages = given.get("stages", {})
    known = [stage.value for stage in OrderStage]
    if not isinstance(stages, Mapping) or any("\x00" in str(name) for name in stages):
        problems.append(_problem("source.stages", "stages is an object of texts."))
    elif any(one not in known for one in stages.values()):
        words = f"stages gives each value one of {', '.join(known)}."
        problems.append(_problem("source.stages", words))
    if problems:
        return STANDARD, problems
    named = {name: given[name] for name in _NAMES if name in given}
    meant = {str(name).casefold(): OrderStage(one) for name, one in stages.items()}
    return OrderSource(**named, stages=meant), []


_NAMES = ("object", "lines", "parent")


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
    if "\x00" in one.default:
        problems.append(_problem(f"fields[{at}].default", "default holds a NUL."))
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
        FieldMap("lines.unit", "Product2.QuantityUnitOfMeasure", "strip"),
        FieldMap("lines.unit_price", "UnitPrice"),
        FieldMap("lines.product_name", "Product2.Name"),
        FieldMap("lines.product_id", "Product2Id"),
    )
)
