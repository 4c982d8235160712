"""What an order's export would be now: one place gathers what the rules are given.

The worker that exports, the order's page and every preview ask here, so that all of
them decide alike.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Q

from connectors.accounts.models import Account, Brand
from connectors.sync import config, grounds, units
from inventory.models import Product
from orders import mirroring, overriding, parts, services
from orders.checks import Checks
from orders.dispatch import Goods
from orders.exporting import ExportTerms, Plan, plan_export
from orders.maps import ValueMap
from orders.models import Export, Order, OrderState
from orders.records import OrderRecord
from orders.validation import Known

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What one account is to have of an order, and the plan for it."""

    account: Account
    export: Export | None
    record: OrderRecord
    plan: Plan


def record_of(
    order: Order, *, now: datetime, account: Account | None = None
) -> OrderRecord:
    """The order as read, with what people have set in its place.

    With `account` what that account is to have of it.
    """
    record = overriding.applied(mirroring.source_record(order), _set_values(order, now))
    return record if account is None else parts.record_of(order, record, account.pk)


def _set_values(order: Order, now: datetime) -> dict[str, str]:
    if order._state.adding:
        return {}
    return {row.field: row.value for row in services.standing_overrides(order, now=now)}


def terms_of(
    order: Order,
    account: Account,
    *,
    key: str,
    now: datetime,
    record: OrderRecord | None = None,
    required: frozenset[str] | None = None,
) -> ExportTerms:
    """What the rules are given; `record` and `required` stand for what is in force."""
    if record is None:
        record = parts.record_of(order, mirroring.source_record(order), account.pk)
    if required is None:
        required = config.source_mapping(order.organization).required_fields()
    aliases = config.sku_aliases(account)
    skus = skus_of(record, aliases)
    export = _export_of(order, account)
    counted = units.units_of(account, record, skus=skus, export=export)
    checks = config.checks(account)
    if _is_placed(order, record):
        checks = replace(checks, split_brands=True)
    return ExportTerms(
        key=key,
        shop_name=account.shop_name,
        tags=_own_tags(order, account, record, checks),
        methods=config.shipping_methods(account),
        skus=aliases,
        tag_map=config.tag_map(account),
        goods=replace(goods_of(account, skus), units=counted),
        checks=checks,
        around=Known(
            required=required,
            duplicates=duplicates_of(order, account),
            today=now.date(),
        ),
        routing=grounds.routing_of(
            order,
            account,
            skus=skus,
            export=export,
            now=now,
        ),
    )


def plans_of(order: Order, *, now: datetime) -> list[PartPlan]:
    """The plans for showing, one for each part; none while no account serves the order.

    A part whose lines all stand elsewhere yet has no plan.
    """
    return [
        _part_plan(order, account, now)
        for account in accounts_of(order)
        if not order.is_split or parts.keys_to_ship(order, account.pk)
    ]


def plan_of(order: Order, *, now: datetime) -> Plan | None:
    """The plan of the order's first part; None while no account serves it."""
    found = plans_of(order, now=now)
    return found[0].plan if found else None


def accounts_of(order: Order) -> list[Account]:
    """The accounts that ship something of the order, its own first."""
    if not order.is_split:
        return [order.account] if order.account else []
    rows = Account.objects.select_related("credential").in_bulk(
        parts.accounts_of(order)
    )
    return [rows[pk] for pk in parts.accounts_of(order)]


def _part_plan(order: Order, account: Account, now: datetime) -> PartPlan:
    export = _export_of(order, account)
    key = export.key if export else services.export_key(account, order, 1)
    record = record_of(order, now=now, account=account)
    plan = plan_export(record, terms_of(order, account, key=key, now=now))
    return PartPlan(account, export, record, plan)


def plan_with(
    order: Order, record: OrderRecord, *, required: frozenset[str], now: datetime
) -> Plan | None:
    """The plan if the order were read as `record`; it need not be here yet."""
    if order.account is None:
        return None
    export = _export_of(order, order.account)
    key = export.key if export else services.export_key(order.account, order, 1)
    terms = terms_of(
        order, order.account, key=key, now=now, record=record, required=required
    )
    return plan_export(overriding.applied(record, _set_values(order, now)), terms)


def _export_of(order: Order, account: Account) -> Export | None:
    if order._state.adding:
        return None
    if order.is_split:
        return services.newest_of(order, account.pk)
    return services.current_export(order)


def skus_of(record: OrderRecord, aliases: ValueMap) -> set[str]:
    """The SKUs of an order, under the source's names and the warehouse's."""
    named = {(line.sku or "").strip() for line in record.lines or ()} - {""}
    found = (aliases.find(sku) for sku in named)
    return named | {one.target for one in found if one is not None}


def goods_of(account: Account, skus: Collection[str]) -> Goods:
    """Which of the SKUs the account's catalogue has, and what the maps tell of them."""
    rows = Product.objects.filter(account=account)
    known = rows.filter(sku__in=skus).values_list("sku", flat=True)
    return Goods(
        is_read=rows.exclude(read_at=None).exists(),
        known=frozenset(known),
        weights=grounds.weights(account, skus),
        types=grounds.types(account, skus),
    )


def duplicates_of(order: Order, account: Account) -> tuple[str, ...]:
    """Other orders of the account with this number that go before this one.

    What stands in the warehouse keeps its number; of two that wait, the older has it.
    """
    if not order.order_number:
        return ()
    here = not order._state.adding
    if here and _stands_in(order, account):
        return ()
    stands = Q(exports__canceled_at=None) & ~Q(exports__remote_id="")
    stands &= Q(exports__isnull=False)
    older = Q(pk__lt=order.pk) if here else Q()
    nothing_there = Q(exports__isnull=True) | Q(exports__remote_id="")
    waits = older & nothing_there & Q(is_eligible=True)
    served = Q(account=account) | Q(is_split=True, exports__account=account)
    rows = (
        Order.objects.filter(stands | waits, served, order_number=order.order_number)
        .exclude(salesforce_id=order.salesforce_id)
        .exclude(state=OrderState.CANCELED)
        .order_by("pk")
        .distinct()
    )
    return tuple(row.salesforce_id for row in rows[:MOST_NAMED])


def duplicates_among(
    orders: Collection[Order], account: Account
) -> dict[int, tuple[str, ...]]:
    """The duplicates of those of the orders that have any, by the order's key."""
    served = Q(account=account) | Q(is_split=True, exports__account=account)
    rows = Order.objects.filter(
        served, order_number__in={order.order_number for order in orders}
    )
    several = (
        rows.order_by()
        .values_list("order_number")
        .annotate(rows=Count("pk", distinct=True))
    )
    shared = {number for number, count in several if count > 1}
    found = {
        order.pk: duplicates_of(order, account)
        for order in orders
        if order.order_number in shared
    }
    return {pk: others for pk, others in found.items() if others}


def _is_placed(order: Order, record: OrderRecord) -> bool:
    """Whether its brands have their places, by the checks or by a person."""
    if order.is_split or order._state.adding:
        return order.is_split
    brands = {(line.brand or "").strip().casefold() for line in record.lines or ()}
    return len(brands) > 1 and order.lines.exclude(account=None).exists()


def _stands_in(order: Order, account: Account) -> bool:
    if not order.is_split:
        return services.stands_there(order)
    export = services.newest_of(order, account.pk)
    return export is not None and bool(export.remote_id) and not export.canceled_at


def _own_tags(
    order: Order, account: Account, record: OrderRecord, checks: Checks
) -> tuple[str, ...]:
    """The account's, and those of its brands that the order, or its part, is of."""
    brand = order.brand
    brands = [brand] if brand is not None and not order.is_split else []
    if checks.split_brands:
        codes = {(line.brand or "").strip().casefold() for line in record.lines or ()}
        rows = Brand.objects.filter(account=account).exclude(code="").order_by("pk")
        brands += [one for one in rows if one.code.strip().casefold() in codes]
    tags = [one.tag for one in brands if one.account_id == account.pk and one.tag]
    return tuple(dict.fromkeys((account.own_tag, *tags)))
