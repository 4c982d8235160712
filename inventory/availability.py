"""How many pieces may be promised, as a sum that can be read step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.records import Counts
from inventory.units import shown


@dataclass(frozen=True, slots=True)
class Formula:
    """What a brand takes off the shelf's count before it promises.

    `buffer` pieces are never promised; fewer than `threshold` are promised as none.
    Whether pieces that cannot be sold stand in `on_hand`, ShipHero's documents leave
    open: `on_hand_holds_non_sellable` says how this account counts.
    """

    buffer: int = 0
    threshold: int = 0
    counts_sell_ahead: bool = True
    counts_backorders: bool = True
    on_hand_holds_non_sellable: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the sum; `amount` is what it adds or takes."""

    words: str
    amount: int


@dataclass(frozen=True, slots=True)
class Promise:
    """`quantity` is what the steps add up to, and never below zero."""

    steps: tuple[Step, ...]

    @property
    def quantity(self) -> int:
        return sum(step.amount for step in self.steps)

    def in_words(self, unit: str = "", factor: int = 1) -> str:
        """The whole sum in one line, in both units where there are two."""
        parts = [f"{step.words} {step.amount:+}" for step in self.steps]
        return f"{', '.join(parts)} = {shown(self.quantity, unit, factor)}"


@dataclass(frozen=True, slots=True)
class KitStock:
    """One component in one warehouse: `promise` is None where nothing is known of it."""

    sku: str
    per_kit: int
    promise: Promise | None


NOTHING = Promise((Step("No stock is known here", 0),))


def promise(
    counts: Counts | None,
    formula: Formula,
    *,
    in_flight: int = 0,
    is_active: bool = True,
) -> Promise:
    """What may be promised of a SKU that lies on the shelf.

    `in_flight` are the pieces of orders that ShipHero's own numbers do not show yet.
    """
    if counts is None:
        return NOTHING
    steps = [Step("On hand", counts.on_hand), *_taken(counts, formula)]
    if in_flight:
        steps.append(Step("Orders that ShipHero does not count yet", -in_flight))
    if formula.buffer:
        steps.append(Step("Buffer", -formula.buffer))
    return _finished(steps, formula, is_active)


def promise_kit(
    parts: Sequence[KitStock], formula: Formula, *, is_active: bool = True
) -> Promise:
    """What may be promised of a kit that is made of its components when it is ordered.

    The components' own promises count, so their buffers and orders are taken off
    already; the scarcest one decides.
    """
    if not parts:
        return Promise((Step("The kit has no recipe", 0),))
    unknown = next((part for part in parts if part.promise is None), None)
    if unknown is not None:
        return Promise((Step(f"Component {unknown.sku} is not known here", 0),))
    scarcest = min(parts, key=_kits_of)
    assert scarcest.promise is not None  # noqa: S101 - seen to above
    words = (
        f"Kits from the scarcest component {scarcest.sku} "
        f"({scarcest.promise.quantity} there, {scarcest.per_kit} in each)"
    )
    return _finished([Step(words, _kits_of(scarcest))], formula, is_active)


def _kits_of(part: KitStock) -> int:
    assert part.promise is not None  # noqa: S101 - callers see to it
    return part.promise.quantity // max(part.per_kit, 1)


def _taken(counts: Counts, formula: Formula) -> list[Step]:
    wanted = [
        ("Allocated to orders", -(counts.allocated or 0), True),
        ("Reserved", -(counts.reserve or 0), True),
        (
            "Not sellable",
            -(counts.non_sellable or 0),
            formula.on_hand_holds_non_sellable,
        ),
        ("Sold ahead of arrival", counts.sell_ahead or 0, formula.counts_sell_ahead),
        ("Backordered", -(counts.backordered or 0), formula.counts_backorders),
    ]
    return [Step(words, amount) for words, amount, on in wanted if on and amount]


def _finished(steps: list[Step], formula: Formula, is_active: bool) -> Promise:
    """Close the sum: nothing below zero, nothing below the threshold."""
    left = sum(step.amount for step in steps)
    if left < 0:
        steps.append(Step("Never below zero", -left))
    elif left and not is_active:
        steps.append(Step("Not active in this warehouse", -left))
    elif 0 < left < formula.threshold:
        words = f"Fewer than the threshold of {formula.threshold}"
        steps.append(Step(words, -left))
    return Promise(tuple(steps))
