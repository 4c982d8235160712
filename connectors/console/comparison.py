"""One order's pictures side by side: source, wanted, sent, acknowledged, facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.diff import Change
from connectors.errors import Problem
from inventory.units import from_pieces, shown
from orders import parts
from orders.models import Export, ExportLine, LineItem, Order

ABSENT = None


@dataclass(frozen=True, slots=True)
class Row:
    """One field in three columns; None where a picture does not contain it.

    `owner` is whose value counts when the sides differ. `wanted` is shown where it is
    neither what Salesforce says nor what was acknowledged.
    """

    label: str
    owner: str
    cells: tuple[str | None, ...]
    differs: bool
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; amounts are in pieces, and in the order's own unit where it has one.

    `problem` says what shipped and fills no whole unit.
    """

    sku: str
    product: str
    source: str | None
    wanted: str | None
    acknowledged: str | None
    in_warehouse: str | None
    shipped: str
    differs: bool
    problem: str = ""
    account: str = ""


COLUMNS = ("Salesforce now", "Acknowledged", "ShipHero now")
# Whose value counts once the order is in the warehouse; all else is Salesforce's.
_OF_SHIPHERO = frozenset({"carrier", "method", "holds", "status"})

# What an order cannot go without is shown empty, too.
_EXPECTED = frozenset(
    f"ship_to.{name}" for name in ("address1", "city", "state", "zip", "country")
)

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
    ("Bill to", "bill_to", "bill_to"),
    ("Gift", "is_gift", "is_gift"),
    ("Gift note", "gift_note", "gift_note"),
    ("Signature", "require_signature", "require_signature"),
    ("Adult signature", "adult_signature", "adult_signature"),
    ("Insurance", "insurance", "insurance"),
    ("Insured for", "insurance_amount", "insurance_amount"),
    ("Shipping price", "shipping_price", "shipping_price"),
    ("Tax", "total_tax", "total_tax"),
    ("Discount", "total_discount", "total_discount"),
    ("Currency", "currency", "currency"),
    ("Tags", "", "tags"),
    ("Holds", "", "holds"),
    ("Status", "status", "status"),
)


def compare(order: Order, export: Export | None) -> list[Row]:
    """The fields that at least one picture contains."""
    wanted = export.wanted if export else None
    sent = export.sent if export else None
    known = export.acknowledged if export else None
    facts = export.facts if export else None
    rows = []
    for label, source, name in _FIELDS:
        agreed = _at(known, name)
        cells = (
            _at(order.picture, source),
            agreed if agreed is not None else _at(sent, name),
            _at(facts, name),
        )
        asked = _at(wanted, name)
        if (
            any(cells)
            or asked
            or (source in _EXPECTED and order.picture.get("ship_to"))
        ):
            shown = asked if asked and asked not in cells[:2] else ""
            owner = "ShipHero" if name in _OF_SHIPHERO else "Salesforce"
            rows.append(Row(label, owner, cells, _is_apart(asked, agreed), shown))
    return rows


def compare_lines(
    lines: list[LineItem], exports: Sequence[Export], accounts: Mapping[int, str]
) -> list[LineRow]:
    """Each line by its key, in the source's order; those only ShipHero has come last.

    `exports` are one for each part of the order, `accounts` the names of those that
    ship lines; of an order in one part nothing is said of accounts.
    """
    frozen: dict[str, ExportLine] = {}
    wanted: dict[str, Mapping[str, Any]] = {}
    known: dict[str, Mapping[str, Any]] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    stands_in: dict[str, int] = {}
    for export in exports:
        if export.canceled_at is None:
            here = dict.fromkeys(parts.standing_lines(export), export.account_id)
            stands_in.update(here)
        for line in export.lines.all():
            if not line.is_removed or line.key not in frozen:
                frozen[line.key] = line
        wanted |= _lines_of(export.wanted)
        known |= _lines_of(export.acknowledged)
        facts |= _lines_of(export.facts)
    sources = {line.salesforce_id: line for line in lines}
    keys = dict.fromkeys([*sources, *frozen, *wanted, *facts])
    return [
        replace(
            _line_row(
                sources.get(key),
                frozen.get(key),
                wanted.get(key, {}),
                known.get(key, {}),
                facts.get(key, {}),
            ),
            account=_account_of(sources.get(key), accounts, stands_in.get(key)),
        )
        for key in keys
    ]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of a push, in words; "" where there is nothing."""

    what: str
    before: str
    after: str


def change_rows(changes: Sequence[Change]) -> list[ChangeRow]:
    return [
        ChangeRow(_changed(one), _told(one.before), _told(one.after)) for one in changes
    ]


def _changed(change: Change) -> str:
    """The field, or what becomes of a line or a tag."""
    if change.family == change.group:
        return change.name.replace("_", " ").capitalize()
    whole, _, deed = change.group.partition("_")
    return f"{whole.removesuffix('s').capitalize()} {deed}"


def _told(value: Any) -> str:
    """A line as people count it; of anything else its parts."""
    if not isinstance(value, Mapping) or "sku" not in value:
        return _text(value) or ""
    words = f"{value.get('quantity', '?')} of {value['sku']}"
    price, warehouse = value.get("price"), value.get("warehouse")
    words += f" at {price}" if price else ""
    return f"{words} from {warehouse}" if warehouse else words


def _account_of(
    line: LineItem | None, accounts: Mapping[int, str], stands_in: int | None
) -> str:
    """Who ships it, and who has it still."""
    if line is None or not accounts:
        return ""
    name = accounts.get(line.account_id or 0, "")
    if stands_in in {None, line.account_id}:
        return name
    return f"{name}, still in {accounts.get(stands_in or 0, 'another account')}"


def _line_row(
    source: LineItem | None,
    frozen: ExportLine | None,
    wanted: Mapping[str, Any],
    known: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> LineRow:
    sku = source.sku if source else frozen.sku if frozen else ""
    product = source.product_name if source else ""
    unit = (frozen.unit, frozen.unit_factor) if frozen else ("", 1)
    amounts = _pieces(wanted, unit), _pieces(known, unit)
    return LineRow(
        sku=sku or str(wanted.get("sku") or facts.get("sku") or ""),
        product=product,
        source=_ordered(source) if source else ABSENT,
        wanted=amounts[0],
        acknowledged=amounts[1],
        in_warehouse=_pieces(facts, unit),
        shipped=shown(frozen.shipped, *unit) if frozen else "0",
        differs=_is_apart(*amounts),
        problem=_remainder(frozen) if frozen else "",
    )


def _ordered(line: LineItem) -> str | None:
    number = _number(line.quantity)
    return f"{number} {line.unit}" if number and line.unit else number


def _pieces(line: Mapping[str, Any], unit: tuple[str, int]) -> str | None:
    """In both units; what stands in a picture may be of a unit of its own."""
    quantity = line.get("quantity")
    if not isinstance(quantity, int):
        return _text(quantity)
    known = (str(line.get("unit") or unit[0]), int(line.get("factor") or unit[1]))
    return shown(quantity, *known)


def _remainder(line: ExportLine) -> str:
    """What left and makes no whole unit of what was ordered."""
    told = from_pieces(
        line.shipped, sku=line.sku, unit=line.unit, factor=line.unit_factor
    )
    return told.reason if isinstance(told, Problem) else ""


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
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def _number(value: Any) -> str | None:
    return ABSENT if value is None else f"{value.normalize():f}"


def _is_apart(one: str | None, other: str | None) -> bool:
    """Only what both pictures contain can differ: absent is not empty."""
    return one is not None and other is not None and one != other
