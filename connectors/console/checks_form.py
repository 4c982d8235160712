"""An account's checks as a form instead of JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from connectors import catalogue
from orders.checks import (
    CHOICES,
    LINE_LENGTH,
    MAX_LINE_LENGTH,
    MAX_MOST_LINES,
    MOST_LINES,
    NO_PO_BOX,
    Checks,
    Severity,
)

LEVELS = {Severity.BLOCK: "Block", Severity.WARN: "Warn", Severity.OFF: "Off"}
LIMITS = ("line_length", "most_lines", "no_po_box")


def _number(label: str, help_text: str, most: int) -> forms.IntegerField:
    words = f"Enter a whole number from 0 to {most:,}."
    kinds = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=most,
        error_messages=dict.fromkeys(kinds, words),
    )


class ChecksForm(forms.Form):
    """One field for each code that can be chosen, named as it, and the limits."""

    line_length = _number(
        "Characters of an address line, at most",
        f"What a label prints. 0: any length. Default: {LINE_LENGTH}.",
        MAX_LINE_LENGTH,
    )
    most_lines = _number(
        "Order lines, at most",
        f"More are unusual. 0: any number. Default: {MOST_LINES}.",
        MAX_MOST_LINES,
    )
    no_po_box = forms.CharField(
        label="Carriers closed to PO boxes",
        help_text="As in the map of shipping methods, with commas. "
        f"Default: {', '.join(NO_PO_BOX)}.",
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    split_brands = forms.BooleanField(
        label="Split orders of several brands",
        help_text="Each account gets the lines of its brands. “Several brands in one "
        "order” is not checked then.",
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, checks: Checks
    ) -> None:
        initial = {
            **{code: checks.severities.get(code, CHOICES[code]) for code in CHOICES},
            "line_length": checks.line_length,
            "most_lines": checks.most_lines,
            "no_po_box": ", ".join(checks.no_po_box),
            "split_brands": checks.split_brands,
        }
        super().__init__(data, initial=initial)
        for code in CHOICES:
            self.fields[code] = forms.ChoiceField(
                label=catalogue.entry(code).title,
                choices=[(level.value, words) for level, words in LEVELS.items()],
                widget=forms.RadioSelect,
                error_messages={
                    "required": "Choose one.",
                    "invalid_choice": "Choose block, warn or off.",
                },
            )

    def limits(self) -> list[forms.BoundField]:
        return [self[name] for name in LIMITS]

    def checks(self) -> Checks:
        """What was chosen, once the form is valid."""
        given = self.cleaned_data
        return Checks(
            severities={code: Severity(given[code]) for code in CHOICES},
            line_length=given["line_length"],
            most_lines=given["most_lines"],
            no_po_box=_carriers(given["no_po_box"]),
            split_brands=given["split_brands"],
        )

    def in_words(self, checks: Checks) -> dict[str, str]:
        """Everything that the checks say under the form's labels, to be compared."""
        said = {code: checks.severities.get(code, CHOICES[code]) for code in CHOICES}
        values: dict[str, str] = {
            **{code: LEVELS[level] for code, level in said.items()},
            "line_length": str(checks.line_length or "any"),
            "most_lines": str(checks.most_lines or "any"),
            "no_po_box": ", ".join(sorted(set(checks.no_po_box))) or "none",
            "split_brands": "yes" if checks.split_brands else "no",
        }
        return {str(self.fields[name].label): words for name, words in values.items()}


def _carriers(text: str) -> tuple[str, ...]:
    names = re.split(r"[,;\n]", text)
    return tuple(sorted({name.strip().casefold() for name in names} - {""}))
