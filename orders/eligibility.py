"""Whether an order is to stand in a warehouse, and why."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders.records import MISSING, OrderRecord, OrderStage


class Wish(enum.StrEnum):
    """What the source wants of the warehouse now."""

    NOTHING = "nothing"
    SHIP = "ship"
    HOLD = "hold"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is one sentence for people; `is_eligible` means: may be exported new."""

    wish: Wish
    reason: str

    @property
    def is_eligible(self) -> bool:
        return self.wish is Wish.SHIP


@dataclass(frozen=True, slots=True)
class EligibilityRule:
    """Data of one organization. Text is compared without regard to case.

    `cancel_statuses` are status labels that mean: cancel. An empty tuple of
    `record_types` or `statuses` admits all.
    """

    cancel_statuses: tuple[str, ...] = ("Canceled", "Cancelled")
    statuses: tuple[str, ...] = ()
    record_types: tuple[str, ...] = ()

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> EligibilityRule:
        """Reads a stored document. Raises `ValueError` with words for its editor."""
        unknown = set(document) - {"cancel_statuses", "statuses", "record_types"}
        if unknown:
            raise ValueError(f"Unknown entries: {', '.join(sorted(unknown))}.")
        for name, value in document.items():
            if not isinstance(value, list) or not all(
                isinstance(item, str) for item in value
            ):
                raise ValueError(f"“{name}” must be a list of texts.")
        return cls(**{name: tuple(value) for name, value in document.items()})


def judge(  # noqa: PLR0911 - one answer for each reason
    record: OrderRecord,
    rule: EligibilityRule,
    *,
    activated_at: datetime | None,
    export_from: datetime | None,
    include_anyway: bool = False,
    handled_outside: bool = False,
) -> Verdict:
    """What is wanted of the warehouse for this order.

    `export_from` is the moment the account went live; None means not yet.
    """
    if handled_outside:
        return Verdict(Wish.NOTHING, "Handled outside ShipSync.")
    if record.is_deleted:
        return Verdict(Wish.HOLD, "Deleted in Salesforce.")
    if _is_one_of(record.status, rule.cancel_statuses):
        return Verdict(Wish.CANCEL, f"Its status is “{record.status}”.")
    if _is_reduction(record):
        return Verdict(Wish.NOTHING, "It is a reduction order.")
    if record.stage is OrderStage.SUPERSEDED:
        return Verdict(Wish.NOTHING, "It was superseded by another order.")
    if record.stage is OrderStage.DRAFT:
        return Verdict(Wish.HOLD, "It is not activated.")
    before = _is_before_go_live(activated_at, export_from)
    return _judge_activated(record, rule, before and not include_anyway)


def _judge_activated(
    record: OrderRecord,
    rule: EligibilityRule,
    excluded: bool,
) -> Verdict:
    if rule.statuses and not _is_one_of(record.status, rule.statuses):
        return Verdict(
            Wish.NOTHING, f"The status “{record.status}” is not one that is exported."
        )
    if rule.record_types and (
        record.record_type is MISSING
        or not _is_one_of(record.record_type, rule.record_types)
    ):
        return Verdict(Wish.NOTHING, "Its record type is not one that is exported.")
    if excluded:
        return Verdict(Wish.NOTHING, "Excluded: before go-live.")
    return Verdict(Wish.SHIP, "Activated.")


def _is_reduction(record: OrderRecord) -> bool:
    """As it says; where that may not be read, by its lines: they all take away."""
    if record.is_reduction is not MISSING:
        return record.is_reduction
    numbers = [line.quantity for line in record.lines or ()]
    return bool(numbers) and all(n is not MISSING and n < 0 for n in numbers)


def _is_before_go_live(
    activated_at: datetime | None, export_from: datetime | None
) -> bool:
    if export_from is None or activated_at is None:
        return True
    return activated_at < export_from


def _is_one_of(text: str, names: tuple[str, ...]) -> bool:
    return text.casefold() in {name.casefold() for name in names}
