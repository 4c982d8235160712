"""One routing rule, and what holds for all of them, as forms instead of JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from orders.routing_rules import LISTS, NUMBERS, Otherwise, Pick, Rest, Send

LABELS = {
    "countries": "Countries",
    "states": "States",
    "zips": "Postal codes",
    "brands": "Brands",
    "tags": "Tags",
    "without_tags": "Without these tags",
    "product_types": "Product types",
    "skus": "SKUs",
    "methods": "Shipping methods",
    "asked": "Warehouse asked for",
    "min_units": "Pieces, at least",
    "max_units": "Pieces, at most",
    "min_days_left": "Days to the required date, at least",
    "max_days_left": "Days to the required date, at most",
}
HELP = {
    "countries": "Two letters, such as US.",
    "states": "Codes, such as CA or US-CA.",
    "zips": "May end in *: 94*.",
    "skus": "One a line. May end in *: BOOK-*.",
}
PICKS = {
    Pick.LISTED: "The first one by preference",
    Pick.MOST_STOCK: "The one with the most stock",
    Pick.SOONEST: "The one that delivers soonest",
}
OTHERWISES = {
    Otherwise.NEXT: "Ask the next rule",
    Otherwise.WAIT: "Let the order wait",
    Otherwise.FIRST: "Take the first one all the same",
    Otherwise.SHIPHERO: "Let ShipHero decide",
}
RESTS = {Rest.SHIPHERO: "ShipHero decides", Rest.WAIT: "They wait for a person"}
SENDS = {
    Send.LINES: "By the warehouse of each line",
    Send.TAGS: "By a tag that its own rules look at",
    Send.BOTH: "By both",
}


class RuleForm(forms.Form):
    """A rule's conditions and its result; `sites` are (key, label) of warehouses.

    A site that the rule names and nobody knows any more stays, so that it can be
    taken out by a person.
    """

    name = forms.CharField(max_length=120)
    is_on = forms.BooleanField(label="In use", required=False)
    pick = forms.ChoiceField(
        label="Of those that can ship", choices=[(k.value, v) for k, v in PICKS.items()]
    )
    needs_stock = forms.BooleanField(label="Everything must be there", required=False)
    needs_date = forms.BooleanField(label="It must arrive in time", required=False)
    split = forms.IntegerField(
        label="Warehouses for one order, at most", min_value=1, max_value=50
    )
    otherwise = forms.ChoiceField(
        label="If none of them can ship",
        choices=[(k.value, v) for k, v in OTHERWISES.items()],
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        rule: Mapping[str, Any],
        sites: Iterable[tuple[str, str]],
    ) -> None:
        named = [str(key) for key in rule.get("warehouses", [])]
        known = dict(sites)
        known |= {key: f"{key} (not known)" for key in named if key not in known}
        self._keys = list(known)
        super().__init__(data, initial=_initial(rule, named, self._keys), prefix="rule")
        for name in LISTS:
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                required=False,
                help_text=HELP.get(name, ""),
                widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            )
        for name in NUMBERS:
            self.fields[name] = forms.IntegerField(
                label=LABELS[name], required=False, min_value=-3650, max_value=10**6
            )
        for at, key in enumerate(self._keys):
            self.fields[f"place_{at}"] = forms.IntegerField(
                label=known[key], required=False, min_value=1, max_value=999
            )

    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in (*LISTS, *NUMBERS)]

    def places(self) -> list[forms.BoundField]:
        return [self[f"place_{at}"] for at in range(len(self._keys))]

    def results(self) -> list[forms.BoundField]:
        return [self[name] for name in ("pick", "split", "otherwise")]

    def switches(self) -> list[forms.BoundField]:
        return [self[name] for name in ("needs_stock", "needs_date", "is_on")]

    def document(self) -> dict[str, Any]:
        """The rule as data, once the form is valid; its rules are checked elsewhere."""
        given = self.cleaned_data
        when: dict[str, Any] = {
            name: words for name in LISTS if (words := _words(name, given[name]))
        }
        when |= {name: given[name] for name in NUMBERS if given[name] is not None}
        names = ("name", "pick", "needs_stock", "needs_date", "split", "otherwise")
        return {
            **{name: given[name] for name in names},
            "is_on": given["is_on"],
            "when": when,
            "warehouses": self._warehouses(),
        }

    def _warehouses(self) -> list[str]:
        """By preference; two of the same preference stand as they are listed."""
        given = [
            (rank, key)
            for at, key in enumerate(self._keys)
            if (rank := self.cleaned_data[f"place_{at}"]) is not None
        ]
        return [key for _, key in sorted(given, key=lambda pair: pair[0])]


class RestForm(forms.Form):
    """What holds beside the rules: orders that none takes, and how ShipHero hears."""

    rest = forms.ChoiceField(
        label="Orders that no rule takes",
        choices=[(k.value, v) for k, v in RESTS.items()],
    )
    send = forms.ChoiceField(
        label="ShipHero is told", choices=[(k.value, v) for k, v in SENDS.items()]
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        rules: Mapping[str, Any],
        sites: Iterable[tuple[str, str]],
    ) -> None:
        tags = rules.get("tags", {})
        known = dict(sites)
        self._keys = list(dict.fromkeys([*known, *tags]))
        initial = {
            "rest": rules.get("rest", Rest.SHIPHERO.value),
            "send": rules.get("send", Send.LINES.value),
            **{f"tag_{at}": tags.get(key, "") for at, key in enumerate(self._keys)},
        }
        super().__init__(data, initial=initial, prefix="rest")
        for at, key in enumerate(self._keys):
            self.fields[f"tag_{at}"] = forms.CharField(
                label=f"Tag of {known.get(key, key)}", required=False, max_length=120
            )

    def document(self) -> dict[str, Any]:
        given = self.cleaned_data
        tags = {
            key: given[f"tag_{at}"]
            for at, key in enumerate(self._keys)
            if given[f"tag_{at}"]
        }
        return {"rest": given["rest"], "send": given["send"], "tags": tags}


def _initial(
    rule: Mapping[str, Any], named: list[str], keys: list[str]
) -> dict[str, Any]:
    when = rule.get("when", {})
    return {
        "name": rule.get("name", ""),
        "is_on": rule.get("is_on", True),
        "pick": rule.get("pick", Pick.LISTED.value),
        "needs_stock": rule.get("needs_stock", True),
        "needs_date": rule.get("needs_date", False),
        "split": rule.get("split", 1),
        "otherwise": rule.get("otherwise", Otherwise.NEXT.value),
        **{name: "\n".join(when.get(name, ())) for name in LISTS},
        **{name: when.get(name) for name in NUMBERS},
        **{f"place_{keys.index(key)}": rank for rank, key in enumerate(named, start=1)},
    }


def _words(name: str, text: str) -> list[str]:
    """One a line, or parted by commas; an SKU may hold a comma."""
    parts = text.splitlines() if name == "skus" else re.split(r"[,;\n]", text)
    return [part.strip() for part in parts if part.strip()]
