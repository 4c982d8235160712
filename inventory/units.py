"""Sales units into pieces and back: whole numbers only, and never a silent rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.errors import Problem

# Words that mean a single piece, in whatever case they are written.
PIECE_WORDS = frozenset({"", "each", "ea", "piece", "pieces", "pc", "pcs", "unit"})
CASE_WORDS = frozenset({"case", "cases", "cs"})
MOST_PIECES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FactorTable:
    """Pieces per unit, by (SKU, unit); an empty SKU stands for every SKU.

    `cases` holds the sizes of the cases that the warehouse knows of a SKU: a unit
    named "case" without a row of its own means that case, if there is only one.
    """

    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    cases: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def find(self, sku: str, unit: str) -> int | Problem:
        """Pieces in one `unit` of `sku`."""
        word = _word(unit)
        if word in PIECE_WORDS and (sku, word) not in self.rows:
            return 1
        for key in ((sku, word), ("", word)):
            if key in self.rows:
                return self.rows[key]
        return self._from_cases(sku, word, unit)

    def _from_cases(self, sku: str, word: str, unit: str) -> int | Problem:
        sizes = sorted(set(self.cases.get(sku, ()))) if word in CASE_WORDS else []
        if len(sizes) == 1:
            return sizes[0]
        if sizes:
            listed = ", ".join(str(size) for size in sizes)
            return Problem(
                "units.ambiguous",
                f"{sku} comes in cases of {listed}. Say in the table of units which "
                f"one “{unit}” means.",
                "unit",
                unit,
            )
        return Problem(
            "units.unknown",
            f"Nobody has said how many pieces of {sku} one “{unit}” holds.",
            "unit",
            unit,
        )

    @classmethod
    def of(
        cls, rows: Sequence[tuple[str, str, int]], cases: Mapping[str, Sequence[int]]
    ) -> FactorTable:
        """From rows of (SKU, unit, pieces); the case of a unit's name does not count."""
        return cls({(sku, _word(unit)): factor for sku, unit, factor in rows}, cases)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A quantity in both units: `quantity` of `unit`, which is `pieces` pieces."""

    quantity: Decimal
    unit: str
    factor: int
    pieces: int

    def __str__(self) -> str:
        if self.factor == 1:
            return f"{self.pieces}"
        return f"{_plain(self.quantity)} {self.unit} ({self.pieces} pieces)"


def to_pieces(
    quantity: Decimal, *, sku: str, unit: str, table: FactorTable
) -> Pieces | Problem:
    """The pieces in a quantity of a sales unit, or why they cannot be told."""
    factor = table.find(sku, unit)
    if isinstance(factor, Problem):
        return factor
    if not quantity.is_finite():
        return _remainder(quantity, sku, unit, factor)
    pieces = quantity * factor
    if pieces != pieces.to_integral_value():
        return _remainder(quantity, sku, unit, factor)
    if abs(pieces) > MOST_PIECES:
        return Problem(
            "units.too_large",
            f"{_plain(quantity)} {unit} of {sku} are more pieces than can be ordered.",
            "quantity",
            str(quantity),
        )
    return Pieces(quantity, unit, factor, int(pieces))


def in_units(pieces: int, factor: int) -> tuple[int, int]:
    """Whole units in that many pieces, and the pieces left over."""
    whole, rest = divmod(abs(pieces), factor)
    return (whole, rest) if pieces >= 0 else (-whole, -rest)


def from_pieces(pieces: int, *, sku: str, unit: str, factor: int) -> int | Problem:
    """Whole units for a system that knows no pieces; a remainder is a problem."""
    whole, rest = in_units(pieces, factor)
    if rest:
        return Problem(
            "units.remainder",
            f"{pieces} pieces of {sku} are {whole} {unit} of {factor} and {rest} over.",
            "quantity",
            str(pieces),
        )
    return whole


def shown(pieces: int, unit: str, factor: int) -> str:
    """For people, in both units: `30 (2 case of 12, 6 over)`."""
    if factor == 1:
        return str(pieces)
    return f"{pieces} ({in_words(pieces, unit, factor)})"


def in_words(pieces: int, unit: str, factor: int) -> str:
    """Whole units and what is left: `2 case of 12, 6 over`."""
    whole, rest = in_units(pieces, factor)
    over = f", {rest} over" if rest else ""
    return f"{whole} {unit} of {factor}{over}"


def _remainder(quantity: Decimal, sku: str, unit: str, factor: int) -> Problem:
    each = f" of {factor} pieces" if factor != 1 else ""
    name = unit or "pieces"
    return Problem(
        "units.remainder",
        f"{_plain(quantity)} {name}{each} of {sku} is no whole number of pieces.",
        "quantity",
        str(quantity),
    )


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings name one unit."""
    return _word(one) == _word(other)


def _word(unit: str) -> str:
    return unit.strip().casefold()


def _plain(number: Decimal) -> str:
    if not number.is_finite():
        return str(number)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
