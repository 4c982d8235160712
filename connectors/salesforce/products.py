"""Products out of Salesforce, under the SKU that the order lines go by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import Category, MappingError, Problem, System
from connectors.salesforce import soql
from connectors.salesforce.mapping import text_of, time_of, value_at
from connectors.salesforce.source_mapping import FieldMap, SourceMapping
from connectors.salesforce.transforms import transformed
from inventory.records import SourceProductRecord
from orders.records import MISSING

PRODUCT = "Product2"
UNIT = "QuantityUnitOfMeasure"
BASE = ("Id", "Name", "SystemModstamp", "IsDeleted")
OPTIONAL = ("IsActive", UNIT)

Query = Callable[[str], Iterator[list[Any]]]


@dataclass(frozen=True, slots=True)
class Place:
    """The last product of an earlier reading, from which to go on."""

    modified_at: datetime
    salesforce_id: str = ""


def sku_maps(mapping: SourceMapping) -> tuple[FieldMap, ...]:
    """Where a product's SKU stands: as the order lines say it, seen from the product.

    Raises MappingError when the lines take their SKU from no field of the product.
    """
    prefix = f"{PRODUCT}."
    found = tuple(
        FieldMap("sku", one.path[len(prefix) :], one.transform)
        for one in mapping.line_maps()
        if one.field == "lines.sku"
        and one.path.casefold().startswith(prefix.casefold())
    )
    if not found:
        problem = Problem(
            code="sku.no_product_field",
            reason="The source mapping takes the SKU of order lines from no field of "
            "the product, so products cannot be told apart.",
            field="lines.sku",
        )
        raise MappingError([problem], system=System.SHIPSYNC, category=Category.SETUP)
    return found


def changed_products(
    mapping: SourceMapping, describe: soql.Describe, query: Query, since: Place | None
) -> Iterator[list[SourceProductRecord]]:
    """Pages of the products that moved since, oldest first, deleted ones included."""
    maps = sku_maps(mapping)
    wanted = [*OPTIONAL, *(one.path for one in maps)]
    readable = [one for one in wanted if soql.is_readable(one, PRODUCT, describe)]
    maps = tuple(one for one in maps if one.path in readable)
    if not maps:
        raise _hidden(sku_maps(mapping))
    columns = sorted({*BASE, *readable})
    text = f"SELECT {', '.join(columns)} FROM {PRODUCT}{_where(since)}"  # noqa: S608
    for rows in query(f"{text} ORDER BY SystemModstamp, Id"):
        yield [product_from(row, maps) for row in rows]


def _where(since: Place | None) -> str:
    if since is None:
        return ""
    moment = soql.time_literal(since.modified_at)
    if not since.salesforce_id:
        return f" WHERE SystemModstamp >= {moment}"
    after = f"Id > {soql.text_literal(since.salesforce_id)}"
    return (
        f" WHERE SystemModstamp >= {moment} AND (SystemModstamp > {moment} OR {after})"
    )


def product_from(
    row: Mapping[str, Any], maps: Sequence[FieldMap]
) -> SourceProductRecord:
    """What cannot be read of a product counts as active: nobody said otherwise."""
    return SourceProductRecord(
        salesforce_id=text_of(row.get("Id")),
        sku=_sku(row, maps),
        name=text_of(row.get("Name")),
        is_active=row.get("IsActive") is not False,
        is_deleted=row.get("IsDeleted") is True,
        unit=text_of(row.get(UNIT)),
        modified_at=time_of(row.get("SystemModstamp")),
    )


def _sku(row: Mapping[str, Any], maps: Sequence[FieldMap]) -> str:
    for one in maps:
        value = value_at(row, one.path)
        text = "" if value is MISSING else transformed(text_of(value), one.transform)
        if text:
            return text
    return ""


def _hidden(maps: Sequence[FieldMap]) -> MappingError:
    names = ", ".join(f"{PRODUCT}.{one.path}" for one in maps)
    problem = Problem(
        code="sku.product_field_hidden",
        reason=f"Salesforce does not let us read the SKU of products ({names}).",
        field="lines.sku",
    )
    return MappingError([problem], system=System.SALESFORCE, category=Category.SETUP)
