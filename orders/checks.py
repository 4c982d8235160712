"""What stops an order and what is only told: an account's choice, code by code."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Labels of UPS and FedEx print this many characters of a line.
LINE_LENGTH = 35
NO_PO_BOX = ("amazon", "dhl", "fedex", "ontrac", "ups")
MOST_LINES = 500
# The largest that can be chosen.
MAX_LINE_LENGTH = 255
MAX_MOST_LINES = 10_000


class Severity(enum.StrEnum):
    BLOCK = "block"
    WARN = "warn"
    OFF = "off"


# Only these can be chosen: every other code means that nothing sensible could be sent.
CHOICES: Mapping[str, Severity] = {
    "address.line_too_long": Severity.WARN,
    "address.name_missing": Severity.BLOCK,
    "address.po_box": Severity.BLOCK,
    "address.state_missing": Severity.BLOCK,
    "address.state_unknown": Severity.BLOCK,
    "address.zip_invalid": Severity.BLOCK,
    "address.zip_missing": Severity.BLOCK,
    "address.zip_elsewhere": Severity.WARN,
    "brand.mixed": Severity.BLOCK,
    "email.invalid": Severity.WARN,
    "email.missing": Severity.OFF,
    "lines.many": Severity.WARN,
    "order.date_past": Severity.WARN,
    "order.duplicate_number": Severity.BLOCK,
    "phone.invalid": Severity.WARN,
    "phone.missing": Severity.OFF,
    "price.negative": Severity.OFF,
    "sku.unknown": Severity.WARN,
    "units.ambiguous": Severity.BLOCK,
    "units.unknown": Severity.BLOCK,
}


@dataclass(frozen=True, slots=True)
class Checks:
    """`no_po_box` are carriers that the post's boxes are closed to, in lower case.

    `line_length` 0 lets every length pass, `most_lines` likewise. `split_brands` parts
    an order of several brands into one export for each account that ships them.
    """

    severities: Mapping[str, Severity] = field(default_factory=dict)
    line_length: int = LINE_LENGTH
    most_lines: int = MOST_LINES
    no_po_box: tuple[str, ...] = NO_PO_BOX
    split_brands: bool = False

    def severity(self, code: str) -> Severity:
        if code == "brand.mixed" and self.split_brands:
            return Severity.OFF
        return self.severities.get(code) or CHOICES.get(code, Severity.BLOCK)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Checks:
        """Reads `{"severities": {code: "warn"}, "line_length": 35, …}`.

        Raises `ValueError` with words for its editor.
        """
        if not isinstance(document, Mapping):
            raise ValueError("The document must be an object.")
        known = {"severities", "line_length", "most_lines", "no_po_box", "split_brands"}
        unknown = sorted(map(str, set(document) - known))
        if unknown:
            raise ValueError(f"Unknown entries: {', '.join(unknown)}.")
        return cls(
            severities=_severities(document.get("severities", {})),
            line_length=_number(
                document, "line_length", LINE_LENGTH, most=MAX_LINE_LENGTH
            ),
            most_lines=_number(document, "most_lines", MOST_LINES, most=MAX_MOST_LINES),
            no_po_box=_carriers(document.get("no_po_box", list(NO_PO_BOX))),
            split_brands=_yes_or_no(document, "split_brands"),
        )

    def to_document(self) -> dict[str, Any]:
        """What differs from the default, as `from_document` reads it."""
        default = Checks()
        severities = {
            code: level.value
            for code, level in sorted(self.severities.items())
            if level is not CHOICES[code]
        }
        document: dict[str, Any] = {"severities": severities} if severities else {}
        for name in ("line_length", "most_lines", "split_brands"):
            if getattr(self, name) != getattr(default, name):
                document[name] = getattr(self, name)
        if set(self.no_po_box) != set(default.no_po_box):
            document["no_po_box"] = sorted(set(self.no_po_box))
        return document


def _severities(given: object) -> dict[str, Severity]:
    if not isinstance(given, Mapping):
        raise ValueError("“severities” must be an object.")
    for code, value in given.items():
        if code not in CHOICES:
            choices = ", ".join(sorted(CHOICES))
            raise ValueError(f"“{code}” cannot be chosen; these can: {choices}.")
        if value not in list(Severity):
            raise ValueError(f"“{code}” must be block, warn or off.")
    return {code: Severity(value) for code, value in given.items()}


def _number(document: Mapping[str, Any], name: str, default: int, *, most: int) -> int:
    value = document.get(name, default)
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"“{name}” must be a whole number from 0 to {most}.")
    return value


def _yes_or_no(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"“{name}” must be true or false.")
    return value


def _carriers(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ValueError("“no_po_box” must be a list of carriers.")
    return tuple(one.strip().casefold() for one in given)
