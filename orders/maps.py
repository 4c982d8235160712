"""Maps from other people's words to ours: data of one account, each with a policy."""

from __future__ import annotations

import enum
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

LONGEST = 255
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)


class Policy(enum.StrEnum):
    """What becomes of a value that no row lists."""

    BLOCK = "block"
    DEFAULT = "default"
    PASS_THROUGH = "pass_through"  # noqa: S105 - no password


class How(enum.StrEnum):
    """Why a value became what it is."""

    ROW = "row"
    DEFAULT = "default"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Row:
    """`target` may be empty where the map allows it: the value is dropped."""

    source: str
    target: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    target: str
    how: How


def key_of(value: str) -> str:
    """How values are compared: without regard to case or outer space."""
    return value.strip().casefold()


@dataclass(frozen=True, slots=True)
class ValueMap:
    """One word for one word. The case of what is looked up does not count."""

    rows: tuple[Row, ...] = ()
    policy: Policy = Policy.PASS_THROUGH
    default: str = ""
    _index: Mapping[str, Row] | None = None

    def row_for(self, value: str) -> Row | None:
        return (self._index or {}).get(key_of(value))

    def told_of(self, value: str) -> str:
        """The fact that a row tells of a SKU: its own row, else the longest that ends
        in `*`, else the default; "" when nothing is known."""
        if not self.rows:
            return self.default
        row = self.row_for(value)
        if row is not None:
            return row.target
        key = key_of(value)
        for length in range(len(key), -1, -1):
            row = (self._index or {}).get(key[:length] + "*")
            if row is not None:
                return row.target
        return self.default

    def find(self, value: str, known: Container[str] = ()) -> Found | None:
        """What the value becomes; None when it blocks.

        `known` holds values that need no row (a SKU that the warehouse has).
        """
        row = self.row_for(value)
        if row is not None:
            return Found(row.target, How.ROW)
        if self.policy is Policy.PASS_THROUGH or value.strip() in known:
            return Found(value.strip(), How.PASSED)
        if self.policy is Policy.DEFAULT:
            return Found(self.default, How.DEFAULT)
        return None

    @classmethod
    def of(
        cls,
        rows: Iterable[Row],
        policy: Policy = Policy.PASS_THROUGH,
        default: str = "",
    ) -> ValueMap:
        kept = tuple(rows)
        return cls(kept, policy, default, {key_of(row.source): row for row in kept})

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "policy": self.policy.value,
            "rows": [_plain(row) for row in self.rows],
        }
        if self.default:
            document["default"] = self.default
        return document


def _plain(row: Row) -> dict[str, str]:
    note = {"note": row.note} if row.note else {}
    return {"from": row.source, "to": row.target, **note}


@dataclass(frozen=True, slots=True)
class MapRules:
    """What one kind of map allows. `targets` are the only ones there are, if any.

    Maps that tell facts about SKUs (`tells_facts`) have no policy: what no row lists is
    not known. Their sources may end in `*`.
    """

    title: str
    policy: Policy = Policy.PASS_THROUGH
    may_drop: bool = False
    targets: tuple[str, ...] = ()
    tells_facts: bool = False
    is_number: bool = False


SKUS = MapRules("SKU aliases")
PRODUCT_TYPES = MapRules("Product types", tells_facts=True)
WEIGHTS = MapRules("Weights", tells_facts=True, is_number=True)
TAGS = MapRules("Tags", may_drop=True)
# What a warehouse's own word for a status can mean, in words that every account has.
STATUS_MEANINGS = ("pending", "on hold", "fulfilled", "closed", "canceled")
STATUSES = MapRules("Statuses", targets=STATUS_MEANINGS)


def value_map(document: Mapping[str, Any], rules: MapRules) -> ValueMap:
    """Reads `{"policy": …, "default": …, "rows": [{"from": …, "to": …}, …]}`.

    Raises `ValueError` with all that is wrong, in words for its editor.
    """
    wrong: list[str] = []
    unknown = set(document) - {"policy", "default", "rows"}
    if unknown:
        wrong.append(f"Unknown entries: {', '.join(sorted(unknown))}.")
    policy = policy_of(document, rules.policy, wrong)
    default = text_of(document.get("default", ""), "The default", wrong)
    if rules.tells_facts and (policy is not rules.policy or default):
        wrong.append(f"{rules.title} have no policy: what no row lists is not known.")
    if policy is Policy.DEFAULT and not default:
        wrong.append("The policy is “default”, but no default is given.")
    if default and rules.targets and default not in rules.targets:
        wrong.append(f"The default must be one of: {', '.join(rules.targets)}.")
    rows = _rows(document.get("rows", []), rules, wrong)
    if wrong:
        raise ValueError(" ".join(wrong[:20]))
    return ValueMap.of(rows, policy, default)


def policy_of(document: Mapping[str, Any], usual: Policy, wrong: list[str]) -> Policy:
    given = document.get("policy", usual)
    try:
        return Policy(given)
    except ValueError:
        choices = ", ".join(policy.value for policy in Policy)
        wrong.append(f"“policy” must be one of: {choices}.")
        return usual


def text_of(value: object, what: str, wrong: list[str]) -> str:
    if not isinstance(value, str):
        wrong.append(f"{what} must be text.")
        return ""
    if len(value) > LONGEST:
        wrong.append(f"{what} is longer than {LONGEST} characters.")
    if "\0" in value:
        wrong.append(f"{what} holds a NUL character.")
    return value.strip()


def _rows(listed: object, rules: MapRules, wrong: list[str]) -> list[Row]:
    if not isinstance(listed, list):
        wrong.append("“rows” must be a list.")
        return []
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for number, item in enumerate(listed, start=1):
        row = _row(item, f"Row {number}", rules, wrong)
        if row is None:
            continue
        first = seen.setdefault(key_of(row.source), number)
        if first != number:
            wrong.append(f"Row {number}: “{row.source}” stands in row {first} already.")
        rows.append(row)
    return rows


def _row(item: object, name: str, rules: MapRules, wrong: list[str]) -> Row | None:
    if not isinstance(item, Mapping):
        wrong.append(f"{name} must be an object with “from” and “to”.")
        return None
    row = Row(
        source=text_of(item.get("from", ""), f"{name}: “from”", wrong),
        target=text_of(item.get("to", ""), f"{name}: “to”", wrong),
        note=text_of(item.get("note", ""), f"{name}: “note”", wrong),
    )
    fault = fault_of(row, rules)
    if fault:
        wrong.append(f"{name}: {fault}")
    return row


def fault_of(row: Row, rules: MapRules) -> str:
    """Why a row cannot stand in such a map, or nothing."""
    if not row.source:
        return "What is mapped is empty."
    if not row.target and not rules.may_drop:
        return f"“{row.source}” is mapped to nothing."
    if row.target and rules.targets and row.target not in rules.targets:
        return f"“{row.target}” is none of: {', '.join(rules.targets)}."
    if rules.is_number and number_of(row.target) is None:
        return f"“{row.target}” is not a number of 0 or more."
    return ""


def number_of(text: str) -> Decimal | None:
    """A plain number of at most twelve digits, or None."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    return Decimal(text.strip())
