"""One order's pictures side by side: source, wanted, sent, acknowledged, facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orders.models import Export, ExportLine, LineItem, Order

ABSENT = None


@dataclass(frozen=True, slots=True)
class Row:
    """One field in five columns; None where a picture does not contain it."""

    label: str
    cells: tuple[str | None, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    sku: str
    product: str
    source: str | None
    wanted: str | None
    acknowledged: str | None
    in_warehouse: str | None
    allocated: int
    backordered: int
    picked: int
    shipped: int
    differs: bool


COLUMNS = ("Salesforce", "Wanted", "Sent", "Acknowledged", "ShipHero now")

# Our words for a field, and where it stands in the source and in an export.
_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("Order number", "order_number", "order_number"),
    ("First name", "ship_to.first_name", "ship_to.first_name"),
    ("Last name", "ship_to.last_name", "ship_to.last_name"),
    ("Company", "ship_to.company", "ship_to.company"),
    ("Street", "ship_to.address1", "ship_to.address1"),
    ("Street 2", "ship_to.address2", "ship_to.address2"),
    ("City", "ship_to.city", "ship_to.city"),
    ("State", "ship_to.state", "ship_to.state"),
    ("Postal code", "ship_to.zip", "ship_to.zip"),
    ("Country", "ship_to.country", "ship_to.country"),
    ("Phone", "ship_to.phone", "ship_to.phone"),
    ("E-mail", "email", "email"),
    ("Shipping method", "shipping_method", "method_title"),
    ("Carrier", "", "carrier"),
    ("Carrier method", "", "method"),
    ("Packing note", "packing_note", "packing_note"),
    ("Required date", "required_date", "required_date"),
    ("Currency", "currency", "currency"),
    ("Tags", "", "tags"),
    ("Holds", "", "holds"),
    ("Status", "status", "status"),
)


def compare(order: Order, export: Export | None) -> list[Row]:
    """The fields that at least one picture contains."""
    pictures = (
        export.wanted if export else None,
        export.sent if export else None,
        export.acknowledged if export else None,
        export.facts if export else None,
    )
    rows = []
    for label, source, name in _FIELDS:
        cells = (
            _at(order.picture, source),
            *(_at(picture, name) for picture in pictures),
        )
        if any(cells):
            rows.append(Row(label, cells, _is_apart(cells[1], cells[3])))
    return rows


def compare_lines(lines: list[LineItem], export: Export | None) -> list[LineRow]:
    """Each line by its key, in the source's order; those only ShipHero has come last."""
    frozen = {line.key: line for line in export.lines.all()} if export else {}
    wanted = _lines_of(export.wanted if export else None)
    known = _lines_of(export.acknowledged if export else None)
    facts = _lines_of(export.facts if export else None)
    sources = {line.salesforce_id: line for line in lines}
    keys = dict.fromkeys([*sources, *frozen, *wanted, *facts])
    return [
        _line_row(
            sources.get(key),
            frozen.get(key),
            wanted.get(key, {}),
            known.get(key, {}),
            facts.get(key, {}),
        )
        for key in keys
    ]


def _line_row(
    source: LineItem | None,
    frozen: ExportLine | None,
    wanted: Mapping[str, Any],
    known: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> LineRow:
    sku = source.sku if source else frozen.sku if frozen else ""
    product = source.product_name if source else ""
    amounts = _text(wanted.get("quantity")), _text(known.get("quantity"))
    return LineRow(
        sku=sku or str(wanted.get("sku") or facts.get("sku") or ""),
        product=product,
        source=_number(source.quantity) if source else ABSENT,
        wanted=amounts[0],
        acknowledged=amounts[1],
        in_warehouse=_text(facts.get("quantity")),
        allocated=frozen.allocated if frozen else 0,
        backordered=frozen.backordered if frozen else 0,
        picked=frozen.picked if frozen else 0,
        shipped=frozen.shipped if frozen else 0,
        differs=_is_apart(*amounts),
    )


def _lines_of(picture: Any) -> dict[str, Mapping[str, Any]]:
    lines = picture.get("lines") if isinstance(picture, Mapping) else None
    if not isinstance(lines, list):
        return {}
    rows = [line for line in lines if isinstance(line, Mapping)]
    return {
        str(line.get("key") or line.get("sku") or at): line
        for at, line in enumerate(rows)
    }


def _at(picture: Any, path: str) -> str | None:
    value = picture
    for step in path.split(".") if path else []:
        if not isinstance(value, Mapping) or step not in value:
            return ABSENT
        value = value[step]
    return _text(value) if path else ABSENT


def _text(value: Any) -> str | None:
    if value is None:
        return ABSENT
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def _number(value: Any) -> str | None:
    return ABSENT if value is None else f"{value.normalize():f}"


def _is_apart(one: str | None, other: str | None) -> bool:
    """Only what both pictures contain can differ: absent is not empty."""
    return one is not None and other is not None and one != other
