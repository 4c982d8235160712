"""From an order's lines to its warehouses and its shipping method, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from orders.line_units import LineUnits
from orders.maps import key_of
from orders.methods import MethodFound, MethodMap, Parcel
from orders.pictures import fingerprint
from orders.records import MISSING, Address, OrderRecord, WantedLine
from orders.routing import Ground, Ways
from orders.routing_conditions import RoutableLine, RoutableOrder
from orders.routing_flips import Case
from orders.routing_rules import RuleSet, Send
from orders.routing_table import Decision


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of the SKUs in question; what is not known is absent.

    `known` are SKUs that the warehouse account has: they need no row in a map.
    `is_read` says that its catalogue has been read, so that others are unknown there.
    """

    is_read: bool = False
    known: frozenset[str] = frozenset()
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    units: LineUnits = field(default_factory=LineUnits)


@dataclass(frozen=True, slots=True)
class Standing:
    """An earlier decision that the warehouse was told of. It holds until the order
    itself, or a person's choice, changes; stock and rules move no order that is there."""

    facts: str
    override: str
    warehouses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Routing:
    """What is needed to choose warehouses. `ground` holds no ways yet."""

    rules: RuleSet
    ground: Ground
    override: str = ""
    standing: Standing | None = None

    @property
    def is_asked(self) -> bool:
        """Without rules and without a person's choice ShipHero decides, silently."""
        return bool(self.rules.rules or self.override)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """`decision` is None where none was to be made: `warehouses` then stand as before.

    `method` is how the order's shipping method stands at the warehouse, or at none.
    """

    method: MethodFound
    warehouses: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    facts: str = ""
    decision: Decision | None = None
    case: Case | None = None


def routable(
    record: OrderRecord, lines: Sequence[WantedLine], goods: Goods
) -> RoutableOrder:
    """The order as the rules see it; `lines` stand under the warehouse's SKUs."""
    to = record.ship_to if record.ship_to is not MISSING else Address()
    return RoutableOrder(
        lines=tuple(
            RoutableLine(
                line.key,
                line.sku,
                line.quantity,
                goods.types.get(line.sku, frozenset()),
            )
            for line in lines
        ),
        country=to.country.strip().upper(),
        state=to.state.strip().upper(),
        zip=to.zip.upper().replace(" ", ""),
        brand=(record.brand or "").strip().casefold(),
        tags=frozenset(tag.casefold() for tag in source_tags(record)),
        method=(record.shipping_method or "").strip().casefold(),
        asked=(record.warehouse or "").strip().casefold(),
        required=record.required_date or None,
    )


def source_tags(record: OrderRecord) -> tuple[str, ...]:
    """The order's tags in its source: the mapped field `extra.tags`, parted by `;`."""
    text = dict(record.extra).get("tags", "")
    return tuple(tag.strip() for tag in text.split(";") if tag.strip())


def facts_of(order: RoutableOrder) -> str:
    """A digest of all that routing looks at in the order itself."""
    lines = [[one.key, one.sku, one.units, sorted(one.types)] for one in order.lines]
    words = [order.country, order.state, order.zip, order.brand, order.method]
    rest = [sorted(order.tags), order.asked, str(order.required or "")]
    return fingerprint([lines, words, rest])


def weight_of(
    lines: Sequence[WantedLine], weights: Mapping[str, Decimal]
) -> Decimal | None:
    """The whole order's weight; None where a product's is not known."""
    if any(line.sku not in weights for line in lines):
        return None
    return sum((weights[line.sku] * line.quantity for line in lines), Decimal(0))


def dispatch(
    record: OrderRecord,
    lines: Sequence[WantedLine],
    *,
    methods: MethodMap,
    goods: Goods,
    routing: Routing | None,
) -> Dispatch:
    """Choose the warehouses, then the method as it is valid from there."""
    order = routable(record, lines, goods)
    parcel = Parcel(order.country, weight_of(lines, goods.weights))
    name = (record.shipping_method or "").strip()
    if routing is None or not routing.is_asked or not lines:
        return Dispatch(methods.look_up(name, parcel))
    facts = facts_of(order)
    standing = routing.standing
    if standing and (standing.facts, standing.override) == (facts, routing.override):
        chosen = dict(standing.warehouses)
        return _sent(methods, name, parcel, routing, facts, chosen)
    ground = replace(routing.ground, ways=_ways(methods, name, parcel, routing.ground))
    case = Case(order, routing.rules, ground, routing.override)
    decision = case.decide()
    made = _sent(methods, name, parcel, routing, facts, dict(decision.warehouses))
    return replace(made, decision=decision, case=case)


def _sent(
    methods: MethodMap,
    name: str,
    parcel: Parcel,
    routing: Routing,
    facts: str,
    chosen: Mapping[str, str],
) -> Dispatch:
    sites = tuple(dict.fromkeys(chosen.values()))
    found = methods.look_up(name, replace(parcel, warehouse=sites[0] if sites else ""))
    tags: tuple[str, ...] = ()
    if routing.rules.send is not Send.LINES:
        tags = tuple(tag for site in sites if (tag := routing.rules.tag_of(site)))
    on_lines = {} if routing.rules.send is Send.TAGS else chosen
    return Dispatch(found, on_lines, tags, facts)


def _ways(
    methods: MethodMap, name: str, parcel: Parcel, ground: Ground
) -> dict[str, Ways]:
    """How the shipping method stands at each site; alike where no row names sites.

    A name that nobody mapped rules no warehouse out: it is a problem of its own.
    """
    if not methods.depends_on_warehouse(name):
        return dict.fromkeys(ground.sites, _way(methods, name, parcel))
    return {
        key: _way(methods, name, replace(parcel, warehouse=key)) for key in ground.sites
    }


def _way(methods: MethodMap, name: str, parcel: Parcel) -> Ways:
    found = methods.look_up(name, parcel)
    if found.method is None:
        return Ways(refusal="; ".join(found.refusals))
    words = (found.method.method, found.method.title, key_of(name))
    return Ways(names=tuple(word.casefold() for word in words if word))


def view_document(decision: Decision) -> list[dict[str, Any]]:
    """The candidate table as JSON data: by rule, warehouse, check and number."""
    return [
        {
            "position": view.position,
            "rule": view.name,
            "verdict": view.verdict,
            "misses": [miss.words for miss in view.misses],
            "candidates": [
                {
                    "site": one.site,
                    "label": one.label,
                    "is_ok": one.is_ok,
                    "checks": [
                        {
                            "axis": check.axis.value,
                            "is_ok": check.is_ok,
                            "found": _plain(check.found),
                            "wanted": _plain(check.wanted),
                            "sku": check.sku,
                            "words": check.words,
                        }
                        for check in one.checks
                    ],
                }
                for one in view.candidates
            ],
        }
        for view in decision.views
    ]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)
