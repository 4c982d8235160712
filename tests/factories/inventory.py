"""Factories of products, places and counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from django.utils.timezone import now
from factory.django import DjangoModelFactory

from connectors.shiphero.values import global_id
from inventory import models, source_products
from tests.factories.accounts import AccountFactory, OrganizationFactory


class WarehouseFactory(DjangoModelFactory):
    class Meta:
        model = models.Warehouse

    account = factory.SubFactory(AccountFactory)
    remote_legacy_id = factory.Sequence(lambda number: 11790 + number)
    remote_id = factory.LazyAttribute(
        lambda row: global_id("Warehouse", row.remote_legacy_id)
    )
    name = factory.Sequence("Warehouse {}".format)
    address1 = "200 Depot Road"
    city = "Memphis"
    state = "TN"
    zip = "38118"
    country = "US"
    time_zone = "America/Chicago"
    read_at = factory.LazyFunction(now)


class HolidayFactory(DjangoModelFactory):
    class Meta:
        model = models.Holiday

    warehouse = factory.SubFactory(WarehouseFactory)
    date = date(2027, 1, 1)
    name = "New Year"


class TransitTimeFactory(DjangoModelFactory):
    class Meta:
        model = models.TransitTime

    warehouse = factory.SubFactory(WarehouseFactory)
    country = "US"
    days = 3


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = models.Product

    account = factory.SubFactory(AccountFactory)
    sku = factory.Sequence("SKU-{}".format)
    name = "Tea towel"
    read_at = factory.LazyFunction(now)


class KitComponentFactory(DjangoModelFactory):
    class Meta:
        model = models.KitComponent

    product = factory.SubFactory(ProductFactory, is_kit=True)
    sku = factory.Sequence("PART-{}".format)
    quantity = 1


class ProductCaseFactory(DjangoModelFactory):
    class Meta:
        model = models.ProductCase

    product = factory.SubFactory(ProductFactory)
    units = 12


class UnitFactorFactory(DjangoModelFactory):
    class Meta:
        model = models.UnitFactor

    account = factory.SubFactory(AccountFactory)
    unit = "Case"
    factor = 12


class SourceProductFactory(DjangoModelFactory):
    """Judged as one that was read is, with those of the same SKU."""

    class Meta:
        model = models.SourceProduct

    @classmethod
    def _after_postgeneration(
        cls, instance: Any, create: bool, results: Any = None
    ) -> None:
        super()._after_postgeneration(instance, create, results)
        if create:
            source_products.judge(instance.organization, [instance.sku])
            instance.refresh_from_db(fields=["trouble"])

    organization = factory.SubFactory(OrganizationFactory)
    salesforce_id = factory.Sequence("01t{:015d}".format)
    sku = factory.Sequence("SKU-{}".format)
    name = "Tea towel"
    source_modified_at = factory.LazyFunction(now)
    read_at = factory.LazyFunction(now)


class StockLevelFactory(DjangoModelFactory):
    """Ten on the shelf and nothing promised, unless said otherwise."""

    class Meta:
        model = models.StockLevel

    warehouse = factory.SubFactory(WarehouseFactory)
    account = factory.SelfAttribute("warehouse.account")
    sku = factory.Sequence("SKU-{}".format)
    on_hand = 10
    allocated = 0
    available = factory.LazyAttribute(lambda row: available_of(row))  # noqa: PLW0108 - defined below
    backordered = 0
    reserve = 0
    sell_ahead = 0
    non_sellable = 0
    in_tote = 0
    source = models.StockSource.SNAPSHOT
    read_at = factory.LazyFunction(now)
    changed_at = factory.SelfAttribute("read_at")


def available_of(row: Any) -> int:
    """What ShipHero would call available."""
    plus = row.on_hand + (row.sell_ahead or 0)
    return plus - (row.allocated or 0) - (row.reserve or 0)


class StockMovementFactory(DjangoModelFactory):
    class Meta:
        model = models.StockMovement

    warehouse = factory.SubFactory(WarehouseFactory)
    account = factory.SelfAttribute("warehouse.account")
    sku = factory.Sequence("SKU-{}".format)
    at = factory.LazyFunction(now)
    told_by = models.StockSource.READ
    delta = -1
    before = 10
    after = 9


class StockPointFactory(DjangoModelFactory):
    class Meta:
        model = models.StockPoint

    warehouse = factory.SubFactory(WarehouseFactory)
    sku = factory.Sequence("SKU-{}".format)
    at = factory.LazyFunction(now)
    on_hand = 10
    available = 10


class StockSnapshotFactory(DjangoModelFactory):
    class Meta:
        model = models.StockSnapshot

    account = factory.SubFactory(AccountFactory)
    state = models.SnapshotState.APPLIED
    created_at = factory.LazyFunction(now)


class StockDiscrepancyFactory(DjangoModelFactory):
    class Meta:
        model = models.StockDiscrepancy

    warehouse = factory.SubFactory(WarehouseFactory)
    account = factory.SelfAttribute("warehouse.account")
    kind = models.DiscrepancyKind.MISSED
    sku = factory.Sequence("SKU-{}".format)
    ours = 10
    theirs = 8
    size = 2
    found_at = factory.LazyFunction(now)
    seen_at = factory.LazyFunction(now)


class AvailabilityFactory(DjangoModelFactory):
    class Meta:
        model = models.Availability

    warehouse = factory.SubFactory(WarehouseFactory)
    account = factory.SelfAttribute("warehouse.account")
    sku = factory.Sequence("SKU-{}".format)
    quantity = 10
    stock_read_at = factory.LazyFunction(now)
    computed_at = factory.LazyFunction(now)
    wanted_hash = factory.LazyAttribute(lambda row: f"{row.quantity:064d}")


class AvailabilityRunFactory(DjangoModelFactory):
    class Meta:
        model = models.AvailabilityRun

    account = factory.SubFactory(AccountFactory)
    state = "proposed"
    rows = 30_000
    new_rows = 30_000
    calls = 7
    storage_kb = 60_000
    created_at = factory.LazyFunction(now)


class ExpectedGoodsFactory(DjangoModelFactory):
    class Meta:
        model = models.ExpectedGoods

    account = factory.SubFactory(AccountFactory)
    remote_id = factory.Sequence("UHVyY2hhc2VMaW5l{}".format)
    purchase_remote_id = "UHVyY2hhc2VPcmRlcjo2MDAx"
    number = "PO-6001"
    sku = factory.Sequence("SKU-{}".format)
    units = 40
    read_at = factory.LazyFunction(now)
