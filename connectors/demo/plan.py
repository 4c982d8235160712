"""Which orders sales people make in the demonstration, and what must become of each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

SHIPPED = "shipped"
MISTAKES_SHARE = 0.2

PRODUCTS = {
    "MUG-BLUE": "Enamel mug, blue",
    "MUG-RED": "Enamel mug, red",
    "TEE-M": "T-shirt, medium",
    "TEE-L": "T-shirt, large",
    "CAP": "Baseball cap",
    "POSTER": "Poster, large",
}
NO_SKU = "Gift wrapping"
METHODS = {
    "Ground": {"carrier": "ups", "method": "ups_ground", "title": "UPS Ground"},
    "Express": {"carrier": "fedex", "method": "fedex_2_day", "title": "FedEx 2Day"},
}
PEOPLE = (
    ("Ada", "Byron", "12 Mill Lane", "Tulsa", "OK", "74103"),
    ("Grace", "Murray", "400 Harbor Street", "Portland", "ME", "04101"),
    ("Alan", "Mathison", "77 Station Road", "Columbus", "OH", "43215"),
    ("Edith", "Clarke", "9 Orchard Avenue", "Boise", "ID", "83702"),
    ("José", "Núñez", "1500 Plaza del Sol", "Santa Fe", "NM", "87501"),
    ("Zoë", "Łukasz", "33 Lakeview Drive", "Madison", "WI", "53703"),
)


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """`expected` is "shipped" or the code of the reason it must be parked with."""

    lines: tuple[tuple[str, float], ...]
    ship_to: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    expected: str = SHIPPED


def plan_orders(count: int, *, seed: int) -> list[PlannedOrder]:
    """The same orders for the same seed; about one in five has a mistake."""
    chance = random.Random(f"orders:{seed}")  # noqa: S311 - a repeatable plan
    return [_planned(chance, number) for number in range(count)]


def _planned(chance: random.Random, number: int) -> PlannedOrder:
    good = _good(chance, number)
    if chance.random() >= MISTAKES_SHARE:
        return good
    return chance.choice(list(_mistakes(good)))


def _good(chance: random.Random, number: int) -> PlannedOrder:
    first, last, street, city, state, zip_code = chance.choice(PEOPLE)
    skus = chance.sample(sorted(PRODUCTS), k=chance.randint(1, 3))
    return PlannedOrder(
        lines=tuple((sku, float(chance.randint(1, 4))) for sku in skus),
        ship_to={
            "first_name": first,
            "last_name": last,
            "street": street,
            "city": city,
            "state": state,
            "postal_code": zip_code,
            "country": "US",
            "email": f"{first.lower()}.{number}@customer.example",
            "phone": "+1 918 555 0100",
        },
        fields={
            "ShipSync_Shipping_Method__c": chance.choice(sorted(METHODS)),
            "PoNumber": f"PO-{number + 1:04}",
        },
    )


def _mistakes(good: PlannedOrder) -> Iterator[PlannedOrder]:
    def without(part: str) -> dict[str, str]:
        return {name: value for name, value in good.ship_to.items() if name != part}

    def shipping(method: str) -> dict[str, Any]:
        return {**good.fields, "ShipSync_Shipping_Method__c": method}

    sku = good.lines[0][0]
    yield replace(good, ship_to=without("city"), expected="address.city_missing")
    yield replace(good, ship_to=without("postal_code"), expected="address.zip_missing")
    yield replace(good, ship_to=without("street"), expected="address.street_missing")
    yield replace(good, fields=shipping("Drone"), expected="method.unmapped")
    yield replace(good, fields=shipping(""), expected="method.missing")
    yield replace(good, lines=((NO_SKU, 1.0),), expected="sku.missing")
    yield replace(good, lines=((sku, 2.5),), expected="quantity.fraction")
