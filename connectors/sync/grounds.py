"""What routing chooses from, read of the tables: warehouses, transit times, stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connectors.accounts.models import Account
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.sync import config
from inventory import promises
from inventory.models import Availability, Holiday, TransitTime, Warehouse
from orders import services
from orders.decisions import standing_of
from orders.dispatch import Routing
from orders.maps import ValueMap, number_of
from orders.models import Export, Order, Override
from orders.routing import Ground
from orders.routing_rules import RuleSet
from orders.transit import Site, Transit, TransitTable

AT_ONCE = 500
WAREHOUSE = "warehouse"


@dataclass(frozen=True, slots=True)
class Terrain:
    """An account's warehouses and ways: the same for all its orders for a while."""

    sites: Mapping[str, Site]
    transits: TransitTable


def terrain(account: Account) -> Terrain:
    rows = list(Warehouse.objects.filter(account=account, is_listed=True))
    closed: dict[int, set[date]] = defaultdict(set)
    for warehouse_id, day in Holiday.objects.filter(warehouse__in=rows).values_list(
        "warehouse_id", "date"
    ):
        closed[warehouse_id].add(day)
    remote_ids = {row.pk: row.remote_id for row in rows}
    transits = TransitTime.objects.filter(warehouse__in=rows)
    return Terrain(
        {row.remote_id: _site(row, frozenset(closed[row.pk])) for row in rows},
        TransitTable.of(
            Transit(
                site=remote_ids[row.warehouse_id],
                days=row.days,
                country=row.country,
                region=row.region,
                method=row.method,
            )
            for row in transits
        ),
    )


def _site(row: Warehouse, holidays: frozenset[date]) -> Site:
    return Site(
        key=row.remote_id,
        name=str(row),
        is_active=row.is_active,
        time_zone=row.time_zone or "UTC",
        cutoff=row.cutoff,
        working_days=frozenset(row.working_days),
        holidays=holidays,
    )


def stock(
    account: Account, skus: Collection[str], brand_id: int | None
) -> dict[tuple[str, str], int]:
    """What may be promised by (warehouse, SKU), by the formula of availability.

    A brand's own formula beats the account's; what has no row is not known, and a row
    that no formula names any more says nothing.
    """
    found: dict[tuple[str, str], int] = {}
    wanted = sorted(skus)
    for start in range(0, len(wanted), AT_ONCE):
        rows = Availability.objects.filter(
            account=account,
            sku__in=wanted[start : start + AT_ONCE],
            scope__in=[0, brand_id or 0],
        ).exclude(wanted_hash=promises.WITHDRAWN)
        for site, sku, units in rows.order_by("scope").values_list(
            "warehouse__remote_id", "sku", "quantity"
        ):
            found[site, sku] = units
    return found


def weights(account: Account, skus: Iterable[str]) -> dict[str, Decimal]:
    """The weight of each SKU that the map of weights tells of."""
    return weights_of(config.in_force(ConfigKind.WEIGHTS, account), skus)


def weights_of(told: ValueMap, skus: Iterable[str]) -> dict[str, Decimal]:
    found = {sku: number_of(told.told_of(sku)) for sku in skus} if told.rows else {}
    return {sku: weight for sku, weight in found.items() if weight is not None}


def types(account: Account, skus: Iterable[str]) -> dict[str, frozenset[str]]:
    """The product types of each SKU; one map row may name several, parted by `|`."""
    return types_of(config.in_force(ConfigKind.PRODUCT_TYPES, account), skus)


def types_of(told: ValueMap, skus: Iterable[str]) -> dict[str, frozenset[str]]:
    return {sku: _types_in(told.told_of(sku)) for sku in skus} if told.rows else {}


def rules_number(account: Account) -> int:
    """The number of the routing rules in force; 0 where there are none."""
    rows = ConfigVersion.objects.filter(kind=ConfigKind.ROUTING, account=account)
    number = rows.order_by("-number").values_list("number", flat=True).first()
    return number or 0


def _types_in(text: str) -> frozenset[str]:
    words = text.replace(";", "|").split("|")
    return frozenset(word.strip().casefold() for word in words if word.strip())


def routing_of(
    order: Order,
    account: Account,
    *,
    skus: Collection[str],
    export: Export | None,
    now: datetime,
) -> Routing | None:
    """All that chooses the warehouses of one order; None where nothing does."""
    rules: RuleSet = config.in_force(ConfigKind.ROUTING, account)
    override = override_of(order, now=now)
    if not (rules.rules or override):
        return None
    place = terrain(account)
    if order.is_split and override not in place.sites:
        override = ""  # it was chosen for the part of another account
        if not rules.rules:
            return None
    brand = services.brand_of(order, account)
    found = stock(account, skus, brand.pk if brand else None)
    ground = Ground(
        sites=place.sites,
        stock=_with_own(found, export) if export else found,
        now=now,
        transits=place.transits,
    )
    return Routing(rules, ground, override, standing_of(export) if export else None)


def _with_own(
    found: dict[tuple[str, str], int], export: Export
) -> dict[tuple[str, str], int]:
    """What is set aside for the order itself is there for it, wherever it goes."""
    if not export.remote_id:
        return found
    for line in export.lines.filter(is_removed=False).exclude(warehouse=""):
        key = (line.warehouse, line.sku)
        own = line.quantity - line.backordered - line.shipped
        if key in found:
            found[key] += max(own, 0)
    return found


def override_of(order: Order, *, now: datetime) -> str:
    """The warehouse a person chose for the order, as long as that holds."""
    row = live_override(order, now=now)
    return row.value if row else ""


def live_override(order: Order, *, now: datetime) -> Override | None:
    mine = () if order._state.adding else services.standing_overrides(order, now=now)
    chosen = [row for row in mine if row.field == WAREHOUSE]
    return chosen[-1] if chosen else None
