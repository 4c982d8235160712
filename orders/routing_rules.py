"""The ordered rules that choose warehouses: data of one account."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from orders.routing_entries import choice, insist_known, number, texts, truth

MOST_RULES = 200
LONGEST = 120


class Pick(enum.StrEnum):
    """Which of the warehouses that can ship an order gets it."""

    LISTED = "listed"
    MOST_STOCK = "most_stock"
    SOONEST = "soonest"


class Otherwise(enum.StrEnum):
    """What a rule does when none of its warehouses can ship."""

    NEXT = "next"
    WAIT = "wait"
    FIRST = "first"
    SHIPHERO = "shiphero"


class Rest(enum.StrEnum):
    """What becomes of orders that no rule takes."""

    SHIPHERO = "shiphero"
    WAIT = "wait"


class Send(enum.StrEnum):
    """How ShipHero learns of a choice; tags are for accounts with rules of their own."""

    LINES = "lines"
    TAGS = "tags"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class When:
    """What an order must be for a rule to take it. Empty conditions admit all.

    Of a list, one must fit; of `without_tags`, none. `product_types` and `skus` ask for
    one such line; SKUs and postal codes may end in `*`. `states` are codes, if need be
    with their country (`US-CA`). `days_left` counts from today to the required date.
    """

    countries: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    zips: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    without_tags: frozenset[str] = frozenset()
    product_types: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    min_units: int | None = None
    max_units: int | None = None
    min_days_left: int | None = None
    max_days_left: int | None = None


NUMBERS = ("min_units", "max_units", "min_days_left", "max_days_left")
LISTS = tuple(one.name for one in fields(When) if one.name not in NUMBERS)


@dataclass(frozen=True, slots=True)
class Rule:
    """`warehouses` are keys of sites, in the order of preference.

    `split` is the greatest number of warehouses for one order; 1 keeps it whole.
    """

    name: str
    when: When = When()
    warehouses: tuple[str, ...] = ()
    pick: Pick = Pick.LISTED
    needs_stock: bool = True
    needs_date: bool = False
    split: int = 1
    otherwise: Otherwise = Otherwise.NEXT
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`tags` names the tag by which ShipHero's own rules know each warehouse."""

    rules: tuple[Rule, ...] = ()
    rest: Rest = Rest.SHIPHERO
    send: Send = Send.LINES
    tags: tuple[tuple[str, str], ...] = ()

    def tag_of(self, warehouse: str) -> str:
        return dict(self.tags).get(warehouse, "")

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "rules": [plain_rule(rule) for rule in self.rules],
            "rest": self.rest.value,
            "send": self.send.value,
        }
        if self.tags:
            document["tags"] = dict(self.tags)
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> RuleSet:
        """Raises `ValueError` with all that is wrong, in words for its editor."""
        wrong: list[str] = []
        insist_known(document, {"rules", "rest", "send", "tags"}, "", wrong)
        listed = document.get("rules", [])
        if not isinstance(listed, list):
            wrong.append("“rules” must be a list.")
            listed = []
        if len(listed) > MOST_RULES:
            wrong.append(f"There are more than {MOST_RULES} rules.")
        rules = tuple(
            rule_from(item, f"Rule {number}", wrong)
            for number, item in enumerate(listed[:MOST_RULES], start=1)
        )
        wrong += _repeated(rules)
        made = cls(
            rules,
            choice(Rest, document.get("rest", Rest.SHIPHERO), "“rest”", wrong),
            choice(Send, document.get("send", Send.LINES), "“send”", wrong),
            _tags(document.get("tags", {}), wrong),
        )
        if wrong:
            raise ValueError(" ".join(wrong[:20]))
        return made


def plain_rule(rule: Rule) -> dict[str, Any]:
    """A rule as JSON data; what is at its default is left out."""
    when: dict[str, Any] = {
        name: sorted(getattr(rule.when, name))
        for name in LISTS
        if getattr(rule.when, name)
    }
    numbers = {name: getattr(rule.when, name) for name in NUMBERS}
    when |= {name: value for name, value in numbers.items() if value is not None}
    plain: dict[str, Any] = {"name": rule.name, "warehouses": list(rule.warehouses)}
    if when:
        plain["when"] = when
    default = Rule("")
    for name in ("pick", "needs_stock", "needs_date", "split", "otherwise", "is_on"):
        value = getattr(rule, name)
        if value != getattr(default, name):
            plain[name] = value.value if isinstance(value, enum.Enum) else value
    return plain


def rule_from(item: object, name: str, wrong: list[str]) -> Rule:
    """One rule of a document; what is wrong with it is added to `wrong`."""
    if not isinstance(item, Mapping):
        wrong.append(f"{name} must be an object.")
        return Rule("")
    known = {one.name for one in fields(Rule)}
    insist_known(item, known, f"{name}: ", wrong)
    title = item.get("name", "")
    if not isinstance(title, str) or not title.strip() or len(title) > LONGEST:
        wrong.append(f"{name} needs a name of at most {LONGEST} characters.")
        title = ""
    warehouses = texts(item.get("warehouses", []), f"{name}: “warehouses”", wrong)
    rule = Rule(
        name=title.strip(),
        when=_when(item.get("when", {}), name, wrong),
        warehouses=tuple(dict.fromkeys(warehouses)),
        pick=choice(Pick, item.get("pick", Pick.LISTED), f"{name}: “pick”", wrong),
        needs_stock=truth(item, "needs_stock", True, name, wrong),
        needs_date=truth(item, "needs_date", False, name, wrong),
        split=number(item.get("split", 1), f"{name}: “split”", wrong, least=1) or 1,
        otherwise=choice(
            Otherwise,
            item.get("otherwise", Otherwise.NEXT),
            f"{name}: “otherwise”",
            wrong,
        ),
        is_on=truth(item, "is_on", True, name, wrong),
    )
    if not rule.warehouses and rule.otherwise in {Otherwise.NEXT, Otherwise.FIRST}:
        wrong.append(f"{name} names no warehouse.")
    return rule


def _when(value: object, name: str, wrong: list[str]) -> When:
    if not isinstance(value, Mapping):
        wrong.append(f"{name}: “when” must be an object.")
        return When()
    insist_known(value, {*LISTS, *NUMBERS}, f"{name}: ", wrong)
    lists = {
        part: frozenset(
            _normal(part, word)
            for word in texts(value.get(part, []), f"{name}: “{part}”", wrong)
        )
        for part in LISTS
    }
    numbers = {
        part: number(value.get(part), f"{name}: “{part}”", wrong) for part in NUMBERS
    }
    when = When(**lists, **numbers)  # type: ignore[arg-type] # both by their names
    wrong += [f"{name}: {words}" for words in _impossible(when)]
    return when


def _impossible(when: When) -> Iterable[str]:
    for part in ("units", "days_left"):
        least = getattr(when, f"min_{part}")
        most = getattr(when, f"max_{part}")
        if least is not None and most is not None and least > most:
            yield f"The least of {part.replace('_', ' ')} is above the greatest."
    for country in sorted(when.countries):
        if len(country) != 2:
            yield f"“{country}” is not a two-letter country code."
    for word in sorted(when.skus | when.zips):
        if "*" in word[:-1]:
            yield f"“{word}”: a * may stand at the end only."
    if when.tags and when.tags <= when.without_tags:
        yield "It asks for tags that it forbids."


def _normal(part: str, word: str) -> str:
    """As orders are compared: codes in capitals, the rest without regard to case."""
    if part in {"countries", "states", "zips"}:
        return word.upper().replace(" ", "")
    return word if part == "skus" else word.casefold()


def _tags(value: object, wrong: list[str]) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping) or not all(
        isinstance(one, str) for one in value.values()
    ):
        wrong.append("“tags” must name a tag for each warehouse.")
        return ()
    return tuple(sorted((str(key), tag.strip()) for key, tag in value.items() if tag))


def _repeated(rules: tuple[Rule, ...]) -> Iterable[str]:
    seen: set[str] = set()
    for rule in rules:
        if rule.name and rule.name.casefold() in seen:
            yield f"There are two rules named “{rule.name}”."
        seen.add(rule.name.casefold())
