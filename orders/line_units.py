"""An order line's quantity in the pieces that a warehouse counts, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from connectors.errors import Problem
from inventory.units import PIECE_WORDS, FactorTable, Pieces, to_pieces
from orders.checks import Checks, Severity
from orders.records import MISSING, LineRecord

UNSAID = frozenset({"units.unknown", "units.ambiguous"})
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LineUnits:
    """`frozen` is the unit, and its pieces, with which each line went out, by line key.

    A changed table changes no order that stands; another unit on the line does.
    """

    table: FactorTable = field(default_factory=FactorTable)
    frozen: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def of(self, line: LineRecord, sku: str) -> Pieces | Problem:
        """The pieces of a line under the warehouse's SKU, or why they cannot be told."""
        assert isinstance(line.quantity, Decimal)  # noqa: S101 - it is countable
        unit = (line.unit or "").strip()
        before = self.frozen.get(line.salesforce_id)
        if before is not None and (line.unit is MISSING or is_same(unit, before[0])):
            unit, factor = before
            table = FactorTable.of([(sku, unit, factor)], {})
        else:
            table = self.table
        return to_pieces(line.quantity, sku=sku, unit=unit, table=table)


def counted(
    line: LineRecord, sku: str, position: int, units: LineUnits, checks: Checks
) -> tuple[Pieces | None, Problem | None]:
    """What the warehouse counts of a line, and what is to be said of it.

    A fraction of a piece is a problem of the order itself and said there.
    """
    found = units.of(line, sku)
    if isinstance(found, Pieces):
        return found, None
    severity = checks.severity(found.code)
    is_said = severity is Severity.OFF or is_piece(line)
    problem = None if is_said else at_line(found, position)
    if found.code in UNSAID and severity is not Severity.BLOCK:
        return as_pieces(line), problem
    return None, problem


def as_pieces(line: LineRecord) -> Pieces | None:
    """Taken as pieces, where nobody said what its unit holds; None for a fraction."""
    quantity = line.quantity
    if quantity is MISSING or quantity != quantity.to_integral_value():
        return None
    return Pieces(quantity, (line.unit or "").strip(), 1, int(quantity))


def is_same(one: str, other: str) -> bool:
    return _word(one) == _word(other)


def _word(unit: str) -> str:
    word = unit.strip().casefold()
    return "" if word in PIECE_WORDS else word


def is_piece(line: LineRecord) -> bool:
    """Whether the line counts in pieces by its own words."""
    return not _word(line.unit or "")


def is_told(pieces: Pieces) -> bool:
    """Whether there are two units to speak of."""
    return pieces.factor != 1 or bool(_word(pieces.unit))


def at_line(problem: Problem, position: int) -> Problem:
    return replace(problem, field=f"lines[{position}].{problem.field}")


def price_of_piece(price: Decimal, factor: int) -> Decimal:
    """A sales unit's price, shared out; customs and insurance count pieces."""
    return (price / factor).quantize(CENT, ROUND_HALF_UP) if factor != 1 else price
