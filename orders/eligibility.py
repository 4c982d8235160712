"""Whether an order is to stand in a warehouse, and why."""

from __future__ import annotations

import enum
from collections.abc import Mapping
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


class Why(enum.StrEnum):
    """Which rule gave the verdict, for machines; the reason is for people."""

    ACTIVATED = "activated"
    HANDLED_OUTSIDE = "handled_outside"
    NEVER_EXPORT = "never_export"
    DELETED = "deleted"
    CANCELED = "canceled"
    REDUCTION = "reduction"
    SUPERSEDED = "superseded"
    DRAFT = "draft"
    STATUS = "status"
    RECORD_TYPE = "record_type"
    CONDITION = "condition"
    BEFORE_GO_LIVE = "before_go_live"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is one sentence for people; `is_eligible` means: may be exported new."""

    wish: Wish
    reason: str
    why: Why = Why.ACTIVATED

    @property
    def is_eligible(self) -> bool:
        return self.wish is Wish.SHIP


class Test(enum.StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"


# What a condition may look at, besides the mapping's own `extra.name`.
CONDITION_FIELDS = (
    "account_name",
    "brand",
    "currency",
    "po_number",
    "record_type",
    "shipping_method",
    "status",
    "warehouse",
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an order must fulfil to be exported; text is compared without case.

    A field that a reading did not contain fulfils nothing: rather not exported, and
    said so, than exported by mistake.
    """

    field: str
    test: Test
    values: tuple[str, ...] = ()

    def holds(self, record: OrderRecord) -> bool:
        value = value_of(record, self.field)
        if value is None:
            return False
        known = value.casefold() in {item.casefold() for item in self.values}
        return {
            Test.IS: known,
            Test.IS_NOT: not known,
            Test.IS_EMPTY: not value,
            Test.IS_NOT_EMPTY: bool(value),
        }[self.test]

    def refusal(self, record: OrderRecord) -> str:
        """Why the order does not fulfil it, in a sentence."""
        value = value_of(record, self.field)
        name = self.field.removeprefix("extra.").replace("_", " ")
        if value is None:
            return f"Its {name} could not be read, and a condition asks for it."
        shown = f"“{value}”" if value else "empty"
        wanted = {
            Test.IS: f"must be one of {', '.join(self.values)}",
            Test.IS_NOT: f"must not be one of {', '.join(self.values)}",
            Test.IS_EMPTY: "must be empty",
            Test.IS_NOT_EMPTY: "must not be empty",
        }[self.test]
        return f"Its {name} is {shown}; it {wanted} to be exported."


def value_of(record: OrderRecord, field: str) -> str | None:
    """A field as text; None where it was not read."""
    if field.startswith("extra."):
        return dict(record.extra).get(field.removeprefix("extra."))
    value = getattr(record, field)
    return None if value is MISSING else str(value)


@dataclass(frozen=True, slots=True)
class EligibilityRule:
    """Data of one organization. Text is compared without regard to case.

    `cancel_statuses` are status labels that mean: cancel. An empty tuple of
    `record_types` or `statuses` admits all; all `conditions` must hold.
    """

    cancel_statuses: tuple[str, ...] = ("Canceled", "Cancelled")
    statuses: tuple[str, ...] = ()
    record_types: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> EligibilityRule:
        """Reads a stored document. Raises `ValueError` with words for its editor."""
        lists = {"cancel_statuses", "statuses", "record_types"}
        unknown = set(document) - lists - {"conditions"}
        if unknown:
            raise ValueError(f"Unknown entries: {', '.join(sorted(unknown))}.")
        texts = {name: _texts(name, document[name]) for name in lists & set(document)}
        listed = document.get("conditions", [])
        if not isinstance(listed, list):
            raise ValueError("“conditions” must be a list.")
        rows = tuple(_condition(row, at) for at, row in enumerate(listed, start=1))
        return cls(**texts, conditions=rows)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"“{name}” must be a list of texts.")
    return tuple(value)


def _condition(row: object, at: int) -> Condition:
    if not isinstance(row, Mapping) or set(row) - {"field", "test", "values"}:
        raise ValueError(f"Condition {at} is made of field, test and values.")
    field, test = row.get("field"), row.get("test")
    is_extra = isinstance(field, str) and field.startswith("extra.")
    if not is_extra and field not in CONDITION_FIELDS:
        choices = ", ".join(CONDITION_FIELDS)
        raise ValueError(
            f"Condition {at} cannot look at “{field}”; it can at {choices} and extra.…"
        )
    if test not in list(Test):
        choices = ", ".join(Test)
        raise ValueError(f"Condition {at} has no test “{test}”; there are {choices}.")
    values = _texts(f"values of condition {at}", row.get("values", []))
    if test in {Test.IS, Test.IS_NOT} and not values:
        raise ValueError(f"Condition {at} needs values.")
    return Condition(str(field), Test(str(test)), values)


def judge(  # noqa: PLR0911, PLR0913 - one answer for each reason
    record: OrderRecord,
    rule: EligibilityRule,
    *,
    activated_at: datetime | None,
    export_from: datetime | None,
    include_anyway: bool = False,
    handled_outside: bool = False,
    cancel_requested_at: datetime | None = None,
    never_export: str = "",
    cancel_wanted: str = "",
) -> Verdict:
    """What is wanted of the warehouse for this order.

    `export_from` is the moment the account went live; None means not yet. A request
    to cancel holds until the order is activated anew. `never_export` is a person's
    reason that no warehouse gets it, `cancel_wanted` the reason why what would only
    be held is to be canceled.
    """
    if handled_outside or never_export:
        return _kept_out(never_export)
    if _is_cancel_requested(cancel_requested_at, activated_at):
        return Verdict(Wish.CANCEL, "A request in Salesforce cancels it.", Why.CANCELED)
    if record.is_deleted:
        return _held("Deleted in Salesforce.", Why.DELETED, cancel_wanted)
    if _is_one_of(record.status, rule.cancel_statuses):
        return Verdict(Wish.CANCEL, f"Its status is “{record.status}”.", Why.CANCELED)
    if _is_reduction(record):
        return Verdict(Wish.NOTHING, "It is a reduction order.", Why.REDUCTION)
    if record.stage is OrderStage.SUPERSEDED:
        return Verdict(
            Wish.NOTHING, "It was superseded by another order.", Why.SUPERSEDED
        )
    if record.stage is OrderStage.DRAFT:
        return _held("It is not activated.", Why.DRAFT, cancel_wanted)
    before = _is_before_go_live(activated_at, export_from)
    return _judge_activated(record, rule, before and not include_anyway)


def _kept_out(never_export: str) -> Verdict:
    if never_export:
        words = f"Never exported: {never_export}"
        return Verdict(Wish.NOTHING, words, Why.NEVER_EXPORT)
    return Verdict(Wish.NOTHING, "Handled outside ShipSync.", Why.HANDLED_OUTSIDE)


def _held(reason: str, why: Why, cancel_wanted: str) -> Verdict:
    """Kept back, or canceled where that was decided."""
    if cancel_wanted:
        return Verdict(Wish.CANCEL, f"{reason} {cancel_wanted}", why)
    return Verdict(Wish.HOLD, reason, why)


def _judge_activated(
    record: OrderRecord,
    rule: EligibilityRule,
    excluded: bool,
) -> Verdict:
    if rule.statuses and not _is_one_of(record.status, rule.statuses):
        return Verdict(
            Wish.NOTHING,
            f"The status “{record.status}” is not one that is exported.",
            Why.STATUS,
        )
    if rule.record_types and (
        record.record_type is MISSING
        or not _is_one_of(record.record_type, rule.record_types)
    ):
        return Verdict(
            Wish.NOTHING,
            "Its record type is not one that is exported.",
            Why.RECORD_TYPE,
        )
    for condition in rule.conditions:
        if not condition.holds(record):
            return Verdict(Wish.NOTHING, condition.refusal(record), Why.CONDITION)
    if excluded:
        return Verdict(Wish.NOTHING, "Excluded: before go-live.", Why.BEFORE_GO_LIVE)
    return Verdict(Wish.SHIP, "Activated.", Why.ACTIVATED)


def _is_reduction(record: OrderRecord) -> bool:
    """As it says; where that may not be read, by its lines: they all take away."""
    if record.is_reduction is not MISSING:
        return record.is_reduction
    numbers = [line.quantity for line in record.lines or ()]
    return bool(numbers) and all(n is not MISSING and n < 0 for n in numbers)


def _is_cancel_requested(
    requested_at: datetime | None, activated_at: datetime | None
) -> bool:
    if requested_at is None:
        return False
    return activated_at is None or activated_at <= requested_at


def _is_before_go_live(
    activated_at: datetime | None, export_from: datetime | None
) -> bool:
    if export_from is None or activated_at is None:
        return True
    return activated_at < export_from


def _is_one_of(text: str, names: tuple[str, ...]) -> bool:
    return text.casefold() in {name.casefold() for name in names}
