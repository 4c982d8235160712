"""Salesforce rows into our records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from connectors.salesforce.order_fields import ADDRESS_FIELDS
from connectors.salesforce.soql import OrderQuery
from connectors.salesforce.source_mapping import FieldMap, SourceMapping
from connectors.salesforce.transforms import transformed
from orders.records import (
    MISSING,
    Address,
    LineRecord,
    Missing,
    OrderRecord,
    OrderStage,
)

Row = Mapping[str, Any]

STAGES = {
    "draft": OrderStage.DRAFT,
    "d": OrderStage.DRAFT,
    "activated": OrderStage.ACTIVATED,
    "a": OrderStage.ACTIVATED,
}

TEXT_FIELDS = (
    "modified_by",
    "record_type",
    "account_id",
    "account_name",
    "email",
    "phone",
    "shipping_method",
    "po_number",
    "currency",
    "packing_note",
    "gift_note",
    "brand",
    "warehouse",
)


FLAG_FIELDS = ("is_gift", "require_signature", "adult_signature", "insurance")
MONEY_FIELDS = ("insurance_amount", "shipping_price", "total_tax", "total_discount")
# Checkboxes come as true and false; picklists and texts in people's words.
TRUTHS = frozenset({"true", "yes", "y", "1", "on", "x"})


class _Reader:
    """Reads our fields out of one row by the maps whose paths were selected."""

    def __init__(
        self, row: Row, maps: Iterable[FieldMap], paths: frozenset[str]
    ) -> None:
        self._row = row
        self._maps: dict[str, list[FieldMap]] = {}
        for one in maps:
            if one.path in paths:
                self._maps.setdefault(one.field, []).append(one)

    def raw(self, field: str) -> Any:
        """The first value that is not empty, None, or MISSING when none was read."""
        found: Any = MISSING
        for one in self._maps.get(field, ()):
            value = value_at(self._row, one.path)
            if value is MISSING:
                continue
            if value not in (None, ""):
                return value
            found = one.default or None
        return found

    def text(self, field: str) -> str | Missing:
        found: str | Missing = MISSING
        for one in self._maps.get(field, ()):
            value = value_at(self._row, one.path)
            if value is MISSING:
                continue
            text = transformed(text_of(value), one.transform) or one.default
            if text:
                return text
            found = ""
        return found

    def known(self, field: str) -> str:
        return self.text(field) or ""

    def fields(self) -> Iterable[str]:
        return self._maps


def value_at(row: Row, path: str) -> Any:
    """The value at a dotted path: None under an empty parent, MISSING if not there."""
    value: Any = row
    for step in path.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            return MISSING
        value = _named(value, step)
        if value is MISSING:
            return MISSING
    return value


def _named(row: Row, name: str) -> Any:
    if name in row:
        return row[name]
    folded = name.casefold()
    return next((row[key] for key in row if key.casefold() == folded), MISSING)


def order_from(
    row: Row,
    mapping: SourceMapping,
    query: OrderQuery,
    *,
    children: Sequence[Row] | Missing,
) -> OrderRecord:
    """One order. `children` are all its order products, MISSING when not all came."""
    read = _Reader(row, mapping.order_maps(), query.paths)
    plain: dict[str, Any] = {
        **{name: read.text(name) for name in TEXT_FIELDS},
        **{name: _truth(read.text(name)) for name in FLAG_FIELDS},
        **{name: _amount(read, name) for name in MONEY_FIELDS},
    }
    return OrderRecord(
        salesforce_id=text_of(row.get("Id")),
        order_number=read.known("order_number"),
        stage=stage_of(read.known("stage"), mapping.source.stages),
        status=read.known("status"),
        modified_at=time_of(row.get("SystemModstamp")),
        is_deleted=row.get("IsDeleted") is True,
        is_reduction=_flag(read.raw("is_reduction")),
        activated_at=_moment(read.raw("activated_at")),
        ship_to=_address(read, mapping, "ship_to"),
        bill_to=_address(read, mapping, "bill_to"),
        required_date=_date(read, "required_date"),
        order_date=_date(read, "order_date"),
        lines=_lines(children, mapping, query),
        line_stamps=_line_stamps(children),
        extra=_extra(read),
        **plain,
    )


def _lines(
    children: Sequence[Row] | Missing, mapping: SourceMapping, query: OrderQuery
) -> tuple[LineRecord, ...] | Missing:
    if isinstance(children, Missing):
        return MISSING
    maps = mapping.line_maps()
    return tuple(
        line_from(row, _Reader(row, maps, query.line_paths))
        for row in children
        if row.get("IsDeleted") is not True
    )


def _line_stamps(
    children: Sequence[Row] | Missing,
) -> tuple[tuple[str, datetime], ...] | Missing:
    if isinstance(children, Missing):
        return MISSING
    return tuple(
        (text_of(row.get("Id")), time_of(row.get("SystemModstamp")))
        for row in children
        if row.get("IsDeleted") is not True and row.get("SystemModstamp")
    )


def line_from(row: Row, read: _Reader) -> LineRecord:
    quantity = _decimal(read.raw("lines.quantity"))
    return LineRecord(
        salesforce_id=text_of(row.get("Id")),
        line_number=read.known("lines.line_number"),
        sku=read.text("lines.sku"),
        quantity=MISSING if quantity is None else quantity,
        unit_price=_decimal(read.raw("lines.unit_price")),
        product_name=read.text("lines.product_name"),
        product_id=read.text("lines.product_id"),
        brand=read.text("lines.brand"),
        unit=read.text("lines.unit"),
    )


def stage_of(
    code: str, stages: Mapping[str, OrderStage] = MappingProxyType({})
) -> OrderStage:
    """By the organisation's own words, else by Salesforce's categories.

    What neither knows counts as superseded: never sent, never touched.
    """
    known = code.casefold()
    return stages.get(known) or STAGES.get(known, OrderStage.SUPERSEDED)


def _address(read: _Reader, mapping: SourceMapping, group: str) -> Address | Missing:
    """MISSING when a mapped part could not be read, lest a lost right clears it."""
    mapped = {one.field for one in mapping.fields}
    parts = {
        name: read.text(f"{group}.{name}")
        for name in ADDRESS_FIELDS
        if f"{group}.{name}" in mapped
    }
    if not parts or MISSING in parts.values():
        return MISSING
    return Address(**{name: value or "" for name, value in parts.items()})


def _extra(read: _Reader) -> tuple[tuple[str, str], ...]:
    """Fields of the mapping that have no attribute of their own, by name."""
    names = [name for name in read.fields() if name.startswith("extra.")]
    found = [(name.removeprefix("extra."), read.text(name)) for name in names]
    return tuple(
        sorted((name, text) for name, text in found if not isinstance(text, Missing))
    )


# -- values ------------------------------------------------------------------


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def time_of(value: Any) -> datetime:
    """Salesforce's `2026-11-22T06:21:21.000+0000`. Raises ValueError for others."""
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("A Salesforce time without a zone.")
    return moment.astimezone(UTC)


def _moment(value: Any) -> datetime | Missing | None:
    if isinstance(value, Missing):
        return MISSING
    return time_of(value) if value else None


def _flag(value: Any) -> bool | Missing:
    return MISSING if value is MISSING else value is True


def _truth(text: str | Missing) -> bool | Missing:
    return MISSING if isinstance(text, Missing) else text.casefold() in TRUTHS


def _date(read: _Reader, field: str) -> date | Missing | None:
    value = read.raw(field)
    if isinstance(value, Missing) or value is None:
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ValueError(f"{field} is “{value}”, which is no date.") from None


def _amount(read: _Reader, field: str) -> Decimal | Missing | None:
    """Raises ValueError: an amount that is none must not count as no amount."""
    value = read.raw(field)
    if isinstance(value, Missing) or value is None:
        return value
    amount = _decimal(value)
    if amount is None:
        raise ValueError(f"{field} is “{value}”, which is no amount.")
    return amount


def _decimal(value: Any) -> Decimal | Missing | None:
    if isinstance(value, Missing):
        return MISSING
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
