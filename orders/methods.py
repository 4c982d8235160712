"""What a sales person's words for shipping mean to the warehouse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from orders.maps import Policy, key_of, policy_of, text_of


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    carrier: str
    method: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a method's conditions are judged by.

    `weight` is None where a product's weight is not known; `warehouse` is empty where
    ShipHero chooses. Weights are in the unit of the catalogue.
    """

    country: str = ""
    weight: Decimal | None = None
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One line of the map. An empty condition admits all."""

    source: str
    target: ShippingMethod
    countries: frozenset[str] = frozenset()
    min_weight: Decimal | None = None
    max_weight: Decimal | None = None
    warehouses: frozenset[str] = frozenset()

    @property
    def has_conditions(self) -> bool:
        bounds = self.min_weight is not None or self.max_weight is not None
        return bool(self.countries or self.warehouses or bounds)

    def refusal(self, parcel: Parcel) -> str:
        """Why the row is not for this parcel, or nothing."""
        if self.countries and parcel.country.upper() not in self.countries:
            return f"only to {', '.join(sorted(self.countries))}"
        if self.warehouses and parcel.warehouse not in self.warehouses:
            return "not from this warehouse" if parcel.warehouse else "needs routing"
        return self._weight_refusal(parcel.weight)

    def _weight_refusal(self, weight: Decimal | None) -> str:
        if self.min_weight is None and self.max_weight is None:
            return ""
        if weight is None:
            return "the weight of a product is not known"
        if self.min_weight is not None and weight < self.min_weight:
            return f"from weight {self.min_weight} on; this weighs {weight}"
        if self.max_weight is not None and weight > self.max_weight:
            return f"up to weight {self.max_weight}; this weighs {weight}"
        return ""


@dataclass(frozen=True, slots=True)
class MethodFound:
    """A method, or in `refusals` why each row of that name is not for the parcel.

    Both are empty when the name is not listed and the policy is to block.
    """

    method: ShippingMethod | None = None
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodMap:
    """Shipping methods by name; of several rows of one name the first valid one wins."""

    rows: tuple[MethodRow, ...] = ()
    policy: Policy = Policy.BLOCK
    default: ShippingMethod | None = None
    _index: Mapping[str, Sequence[MethodRow]] = field(default_factory=dict)

    def find(self, name: str, parcel: Parcel | None = None) -> ShippingMethod | None:
        return self.look_up(name, parcel or Parcel()).method

    def look_up(self, name: str, parcel: Parcel) -> MethodFound:
        listed = self._index.get(key_of(name), ())
        refusals = []
        for row in listed:
            refusal = row.refusal(parcel)
            if not refusal:
                return MethodFound(row.target)
            refusals.append(refusal)
        if refusals:
            return MethodFound(None, tuple(refusals))
        return MethodFound(self._unlisted(name.strip()))

    def _unlisted(self, name: str) -> ShippingMethod | None:
        if self.policy is Policy.PASS_THROUGH:
            return ShippingMethod(carrier="", method=name, title=name)
        return self.default if self.policy is Policy.DEFAULT else None

    def depends_on_warehouse(self, name: str) -> bool:
        return any(row.warehouses for row in self._index.get(key_of(name), ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Each name that is mapped, once, as its editor wrote it."""
        return tuple({key_of(row.source): row.source for row in self.rows}.values())

    @classmethod
    def of(
        cls,
        rows: Iterable[MethodRow],
        policy: Policy = Policy.BLOCK,
        default: ShippingMethod | None = None,
    ) -> MethodMap:
        kept = tuple(rows)
        index: dict[str, list[MethodRow]] = defaultdict(list)
        for row in kept:
            index[key_of(row.source)].append(row)
        return cls(kept, policy, default, dict(index))

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> MethodMap:
        """Reads `{"policy": …, "rows": [{"from": "Ground", "carrier": "ups", …}]}`,
        or in short `{"Ground": {"carrier": "ups", "method": "ground"}, …}`.

        Raises `ValueError` with all that is wrong, in words for its editor.
        """
        if not isinstance(document.get("rows"), list):
            return cls.of(_short_rows(document))
        wrong: list[str] = []
        unknown = set(document) - {"policy", "default", "rows"}
        if unknown:
            wrong.append(f"Unknown entries: {', '.join(sorted(unknown))}.")
        policy = policy_of(document, Policy.BLOCK, wrong)
        default = None
        if document.get("default"):
            default = _target(document["default"], "The default", wrong)
        if policy is Policy.DEFAULT and default is None:
            wrong.append("The policy is “default”, but no default is given.")
        rows = [
            row_from(item, f"Row {number}", wrong)
            for number, item in enumerate(document["rows"], start=1)
        ]
        wrong += _hidden(rows)
        if wrong:
            raise ValueError(" ".join(wrong[:20]))
        return cls.of(rows, policy, default)

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "policy": self.policy.value,
            "rows": [plain_row(row) for row in self.rows],
        }
        if self.default is not None:
            document["default"] = _plain_target(self.default)
        return document


def _short_rows(document: Mapping[str, Any]) -> Iterable[MethodRow]:
    for name, target in document.items():
        if not isinstance(target, Mapping) or not target.get("method"):
            raise ValueError(f"“{name}” needs a carrier and a method.")
        yield MethodRow(
            name.strip(),
            ShippingMethod(
                carrier=str(target.get("carrier", "")),
                method=str(target["method"]),
                title=str(target.get("title") or name),
            ),
        )


def row_from(item: object, name: str, wrong: list[str]) -> MethodRow:
    """One row of a document; what is wrong with it is added to `wrong`."""
    if not isinstance(item, Mapping):
        wrong.append(f"{name} must be an object.")
        return MethodRow("", ShippingMethod("", ""))
    source = text_of(item.get("from", ""), f"{name}: “from”", wrong)
    if not source:
        wrong.append(f"{name}: What is mapped is empty.")
    countries = _words(item.get("countries", []), f"{name}: “countries”", wrong)
    row = MethodRow(
        source=source,
        target=_target(item, name, wrong, title=source),
        countries=frozenset(country.upper() for country in countries),
        min_weight=_weight(item.get("min_weight"), f"{name}: “min_weight”", wrong),
        max_weight=_weight(item.get("max_weight"), f"{name}: “max_weight”", wrong),
        warehouses=frozenset(
            _words(item.get("warehouses", []), f"{name}: “warehouses”", wrong)
        ),
    )
    wrong += [f"{name}: {words}" for words in _row_faults(row)]
    return row


def _row_faults(row: MethodRow) -> Iterable[str]:
    for country in sorted(row.countries):
        if len(country) != 2 or not country.isalpha():
            yield f"“{country}” is not a two-letter country code."
    if None not in (row.min_weight, row.max_weight):
        assert row.min_weight is not None  # noqa: S101 - asked just above
        assert row.max_weight is not None  # noqa: S101
        if row.min_weight > row.max_weight:
            yield "The least weight is above the greatest."


def _target(
    item: object, name: str, wrong: list[str], *, title: str = ""
) -> ShippingMethod:
    if not isinstance(item, Mapping) or not item.get("method"):
        wrong.append(f"{name} needs a carrier and a method.")
        return ShippingMethod("", "")
    return ShippingMethod(
        carrier=text_of(item.get("carrier", ""), f"{name}: “carrier”", wrong),
        method=text_of(item["method"], f"{name}: “method”", wrong),
        title=text_of(item.get("title") or title, f"{name}: “title”", wrong),
    )


def _words(value: object, what: str, wrong: list[str]) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        wrong.append(f"{what} must be a list of texts.")
        return []
    return [one.strip() for one in value if one.strip()]


def _weight(value: object, what: str, wrong: list[str]) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        weight = Decimal(str(value))
    except InvalidOperation:
        weight = Decimal(-1)
    if not weight.is_finite() or weight < 0:
        wrong.append(f"{what} must be a number of 0 or more.")
        return None
    return weight


def _hidden(rows: Sequence[MethodRow]) -> Iterable[str]:
    """Rows that are never reached: one of their name without conditions comes first."""
    taken: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        first = taken.get(key_of(row.source))
        if first is not None and row.source:
            yield (
                f"Row {number}: row {first} takes every “{row.source}” already; put "
                "the row with conditions first."
            )
        elif not row.has_conditions:
            taken[key_of(row.source)] = number


def plain_row(row: MethodRow) -> dict[str, Any]:
    """A row as JSON data; empty conditions are left out."""
    plain: dict[str, Any] = {"from": row.source, **_plain_target(row.target)}
    if row.countries:
        plain["countries"] = sorted(row.countries)
    if row.warehouses:
        plain["warehouses"] = sorted(row.warehouses)
    for name in ("min_weight", "max_weight"):
        if getattr(row, name) is not None:
            plain[name] = str(getattr(row, name))
    return plain


def _plain_target(target: ShippingMethod) -> dict[str, str]:
    return {
        "carrier": target.carrier,
        "method": target.method,
        "title": target.title,
    }
