"""Many orders decided under configurations that are not in force, without a write.

The rules are the ones production asks; only the reading of the tables is done for
hundreds of orders at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from connectors.accounts.models import Account
from connectors.config_versions import ConfigKind
from connectors.sync import config, grounds, planning, units
from inventory import unit_tables
from inventory.models import Product, UnitFactor
from inventory.units import FactorTable
from orders import mirroring, overriding, parts, services
from orders.checks import Checks
from orders.decisions import RoutingDecision
from orders.dispatch import Dispatch, Goods, Routing, Standing, dispatch
from orders.exporting import ExportTerms, Plan, plan_export, planned_lines, tidied
from orders.line_units import LineUnits
from orders.maps import ValueMap
from orders.methods import MethodMap
from orders.models import Export, Order, Override
from orders.records import OrderRecord
from orders.routing import Ground
from orders.routing_rules import RuleSet
from orders.validation import Known

AT_ONCE = 500


@dataclass(frozen=True)
class Setup:
    """The documents of an account that decide on an order, parsed."""

    methods: MethodMap
    skus: ValueMap
    tag_map: ValueMap
    types: ValueMap
    weights: ValueMap
    rules: RuleSet
    checks: Checks


_NAMES = {
    ConfigKind.SHIPPING_METHODS: "methods",
    ConfigKind.SKU_ALIASES: "skus",
    ConfigKind.TAGS: "tag_map",
    ConfigKind.PRODUCT_TYPES: "types",
    ConfigKind.WEIGHTS: "weights",
    ConfigKind.ROUTING: "rules",
    ConfigKind.CHECKS: "checks",
}


def in_force(account: Account) -> Setup:
    parsed = {name: config.in_force(kind, account) for kind, name in _NAMES.items()}
    return Setup(**parsed)


def with_draft(setup: Setup, kind: str, document: Mapping[str, Any]) -> Setup:
    """As if this document were in force. Raises `ValueError` as saving it would."""
    name = _NAMES.get(ConfigKind(kind))
    parsed = config.parse(kind, dict(document))
    if name is None:
        return setup
    changed: dict[str, Any] = {name: parsed}
    return replace(setup, **changed)


@dataclass(slots=True)
class Case:
    """One order with all that production would read of it."""

    order: Order
    record: OrderRecord
    export: Export | None
    override: str
    standing: Standing | None
    skus: set[str] = field(default_factory=set)
    brand_id: int = 0
    frozen: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()


class Replay:
    """Decides orders of one account under several setups. Reads, never writes."""

    def __init__(self, account: Account, setups: Sequence[Setup], now: datetime):
        self.account = account
        self.setups = setups
        self.now = now
        self._terrain = grounds.terrain(account)
        self._stock: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
        self._asked: dict[int, set[str]] = defaultdict(set)
        rows = Product.objects.filter(account=account)
        self._is_read = rows.exclude(read_at=None).exists()
        self._known: dict[str, bool] = {}
        factors = UnitFactor.objects.filter(account=account).order_by()
        self._factors = list(factors.values_list("sku", "unit", "factor"))
        self._cartons: dict[str, list[int]] = {}

    def decisions(
        self, orders: QuerySet[Order]
    ) -> Iterator[tuple[Case, list[Dispatch]]]:
        """Where each order would go if it were new."""
        for case in self._cases(orders):
            tidy = tidied(case.record, self.setups[0].checks)
            yield case, [self._dispatch(case, tidy, setup) for setup in self.setups]

    def plans(self, orders: QuerySet[Order]) -> Iterator[tuple[Case, list[Plan]]]:
        """What each order's export would be, under each setup."""
        required = config.source_mapping(self.account.organization).required_fields()
        around = Known(required=required, today=self.now.date())
        for case in self._cases(orders):
            known = replace(around, duplicates=case.duplicates)
            terms = [self._terms(case, setup, known) for setup in self.setups]
            yield case, [plan_export(case.record, one) for one in terms]

    def _dispatch(self, case: Case, record: OrderRecord, setup: Setup) -> Dispatch:
        goods = self._goods(case, setup)
        return dispatch(
            record,
            planned_lines(record, setup.skus, goods, setup.checks),
            methods=setup.methods,
            goods=goods,
            routing=self._routing(case, setup, standing=None),
        )

    def _terms(self, case: Case, setup: Setup, around: Known) -> ExportTerms:
        return ExportTerms(
            key=case.export.key if case.export else "",
            shop_name=self.account.shop_name,
            tags=(self.account.own_tag,),
            methods=setup.methods,
            skus=setup.skus,
            tag_map=setup.tag_map,
            goods=self._goods(case, setup),
            checks=replace(setup.checks, split_brands=True)
            if case.order.is_split
            else setup.checks,
            around=around,
            routing=self._routing(case, setup, standing=case.standing),
        )

    def _routing(
        self, case: Case, setup: Setup, *, standing: Standing | None
    ) -> Routing | None:
        if not (setup.rules.rules or case.override):
            return None
        ground = Ground(
            sites=self._terrain.sites,
            stock=self._stock[case.brand_id],
            now=self.now,
            transits=self._terrain.transits,
        )
        return Routing(setup.rules, ground, case.override, standing)

    def _goods(self, case: Case, setup: Setup) -> Goods:
        return Goods(
            is_read=self._is_read,
            known=frozenset(sku for sku in case.skus if self._known.get(sku)),
            weights=grounds.weights_of(setup.weights, case.skus),
            types=grounds.types_of(setup.types, case.skus),
            units=LineUnits(self._table, case.frozen),
        )

    # -- reading ---------------------------------------------------------------

    def _cases(self, orders: QuerySet[Order]) -> Iterator[Case]:
        keys = list(orders.values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            chunk = list(Order.objects.filter(pk__in=keys[start : start + AT_ONCE]))
            cases = self._read(sorted(chunk, key=lambda order: order.pk))
            self._read_goods(cases)
            yield from cases

    def _read(self, orders: list[Order]) -> list[Case]:
        exports: dict[int, Export] = {}
        in_parts = {order.pk for order in orders if order.is_split}
        for export in Export.objects.filter(order__in=orders).order_by("generation"):
            if export.order_id in in_parts and export.account_id != self.account.pk:
                continue
            exports[export.order_id] = export
        overrides: dict[int, dict[str, str]] = defaultdict(dict)
        rows = Override.objects.filter(order__in=orders, ended_at=None).order_by("pk")
        for row in rows:
            if row.until is None or row.until > self.now:
                overrides[row.order_id][row.field] = row.value
        told = self._standings(exports.values())
        cases = [
            self._case(order, exports.get(order.pk), overrides[order.pk], told)
            for order in orders
        ]
        frozen = units.frozen_of(export.pk for export in exports.values())
        doubled = planning.duplicates_among(orders, self.account)
        for case in cases:
            case.duplicates = doubled.get(case.order.pk, ())
            if case.export is not None:
                case.frozen = frozen.get(case.export.pk, {})
        return cases

    def _case(
        self,
        order: Order,
        export: Export | None,
        values: dict[str, str],
        told: Mapping[int, Standing],
    ) -> Case:
        record = overriding.applied(mirroring.source_record(order), values)
        record = parts.record_of(order, record, self.account.pk)
        named = {(line.sku or "").strip() for line in record.lines or ()} - {""}
        targets = {
            found.target
            for setup in self.setups
            for sku in named
            if (found := setup.skus.find(sku))
        }
        return Case(
            order,
            record,
            export,
            values.get(grounds.WAREHOUSE, ""),
            told.get(export.pk) if export else None,
            named | targets,
            self._brand_id(order),
        )

    def _brand_id(self, order: Order) -> int:
        if not order.is_split:
            return order.brand_id or 0
        brand = services.brand_of(order, self.account)
        return brand.pk if brand else 0

    def _standings(self, exports: Iterable[Export]) -> dict[int, Standing]:
        sent = [one.pk for one in exports if one.remote_id or one.create_calls]
        found: dict[int, Standing] = {}
        rows = RoutingDecision.objects.filter(export__in=sent).order_by("pk")
        for row in rows.exclude(outcome="waits").defer("views", "flips"):
            found[row.export_id] = Standing(row.facts, row.override, row.warehouses)
        return found

    def _read_goods(self, cases: Sequence[Case]) -> None:
        by_brand: dict[int, set[str]] = defaultdict(set)
        for case in cases:
            by_brand[case.brand_id] |= case.skus
        for brand_id, skus in by_brand.items():
            new = skus - self._asked[brand_id]
            self._asked[brand_id] |= new
            found = grounds.stock(self.account, new, brand_id or None)
            self._stock[brand_id].update(found)
        skus = {sku for found in by_brand.values() for sku in found}
        self._read_known(skus - self._known.keys())

    def _read_known(self, skus: set[str]) -> None:
        self._known.update(dict.fromkeys(skus, False))
        wanted = sorted(skus)
        for start in range(0, len(wanted), AT_ONCE):
            rows = Product.objects.filter(
                account=self.account, sku__in=wanted[start : start + AT_ONCE]
            )
            self._known.update(dict.fromkeys(rows.values_list("sku", flat=True), True))
            self._cartons.update(
                unit_tables.cases_of(self.account, wanted[start : start + AT_ONCE])
            )
        self._table = FactorTable.of(self._factors, self._cartons)
