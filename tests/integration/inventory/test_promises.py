"""Availability kept in step with stock, kits, orders and each brand's formula."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.accounts.models import ScopedSetting
from inventory import outbox, promises, stock
from inventory.models import Availability, StockSource
from inventory.records import Counts, StockRecord
from tests.factories.accounts import BrandFactory
from tests.factories.inventory import (
    KitComponentFactory,
    ProductCaseFactory,
    ProductFactory,
    SourceProductFactory,
    StockLevelFactory,
    UnitFactorFactory,
    WarehouseFactory,
)
from tests.factories.orders import ExportFactory, ExportLineFactory, OrderFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def place():
    return WarehouseFactory(name="East")


def refresh(place, *skus, at=NOON):
    return promises.refresh(place.account, skus, now=at)


def promised(place, sku="MUG", scope=0):
    return Availability.objects.get(warehouse=place, sku=sku, scope=scope)


def ordered(place, quantity, sku="MUG", **line):
    order = OrderFactory(account=place.account)
    export = ExportFactory(order=order)
    return ExportLineFactory(export=export, sku=sku, quantity=quantity, **line)


def test_the_number_says_how_it_came_about(place):
    StockLevelFactory(warehouse=place, sku="MUG", on_hand=10, allocated=3)
    refresh(place, "MUG")
    row = promised(place)
    assert row.quantity == 7
    assert row.explanation == [["On hand", 10], ["Allocated to orders", -3]]


def test_computing_it_again_writes_nothing(place):
    StockLevelFactory(warehouse=place, sku="MUG")
    assert refresh(place, "MUG") == 1
    assert refresh(place, "MUG", at=NOON + timedelta(minutes=1)) == 0


class TestOrders:
    def test_an_order_that_shiphero_does_not_count_yet_is_taken_off(self, place):
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=10)
        ordered(place, 4, warehouse=place.remote_id)
        refresh(place, "MUG")
        assert promised(place).quantity == 6

    def test_once_it_is_allocated_there_it_is_not_taken_off_twice(self, place):
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=10, allocated=4)
        ordered(place, 4, warehouse=place.remote_id, allocated=4)
        refresh(place, "MUG")
        assert promised(place).quantity == 6

    @pytest.mark.parametrize("over", ["canceled_at", "closed_at"])
    def test_an_order_that_is_over_is_taken_off_no_more(self, place, over):
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=10)
        line = ordered(place, 4, warehouse=place.remote_id)
        type(line.export).objects.update(**{over: NOON})
        refresh(place, "MUG")
        assert promised(place).quantity == 10

    def test_without_a_warehouse_it_is_taken_off_where_most_lies(self, place):
        west = WarehouseFactory(account=place.account, name="West")
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=3)
        StockLevelFactory(warehouse=west, sku="MUG", on_hand=8)
        ordered(place, 2)
        refresh(place, "MUG")
        assert (promised(place).quantity, promised(west).quantity) == (3, 6)


class TestKits:
    @pytest.fixture
    def kit(self, place):
        kit = ProductFactory(account=place.account, sku="SET", is_kit=True)
        KitComponentFactory(product=kit, sku="CUP", quantity=2)
        KitComponentFactory(product=kit, sku="TEA", quantity=1)
        return kit

    def test_a_component_that_moves_moves_the_kit(self, place, kit):
        StockLevelFactory(warehouse=place, sku="CUP", on_hand=9)
        StockLevelFactory(warehouse=place, sku="TEA", on_hand=30)
        refresh(place, "CUP")
        assert promised(place, "SET").quantity == 4
        assert "scarcest component CUP" in promised(place, "SET").explanation[0][0]

    def test_what_shiphero_says_a_virtual_kit_has_counts_for_nothing(self, place, kit):
        StockLevelFactory(warehouse=place, sku="SET", on_hand=500)
        StockLevelFactory(warehouse=place, sku="CUP", on_hand=9)
        StockLevelFactory(warehouse=place, sku="TEA", on_hand=1)
        refresh(place, "SET")
        assert promised(place, "SET").quantity == 1

    def test_a_built_kit_is_what_lies_on_the_shelf(self, place, kit):
        type(kit).objects.update(is_built=True)
        StockLevelFactory(warehouse=place, sku="SET", on_hand=3)
        StockLevelFactory(warehouse=place, sku="CUP", on_hand=100)
        refresh(place, "SET")
        assert promised(place, "SET").quantity == 3

    def test_a_kit_on_its_way_takes_its_components_off(self, place, kit):
        StockLevelFactory(warehouse=place, sku="CUP", on_hand=9)
        StockLevelFactory(warehouse=place, sku="TEA", on_hand=9)
        ordered(place, 2, sku="SET", warehouse=place.remote_id)
        refresh(place, "CUP", "TEA")
        assert promised(place, "CUP").quantity == 5
        assert promised(place, "TEA").quantity == 7
        assert promised(place, "SET").quantity == 2


class TestFormulas:
    def test_the_accounts_buffer_and_threshold_hold(self, place):
        for key, value in {
            "availability_buffer": 2,
            "availability_threshold": 5,
        }.items():
            ScopedSetting.objects.create(key=key, value=value, account=place.account)
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=10)
        StockLevelFactory(warehouse=place, sku="TEE", on_hand=6)
        refresh(place, "MUG", "TEE")
        assert promised(place, "MUG").quantity == 8
        assert promised(place, "TEE").quantity == 0

    def test_a_brand_with_its_own_buffer_has_its_own_number(self, place):
        cautious = BrandFactory(account=place.account)
        BrandFactory(account=place.account)
        ScopedSetting.objects.create(key="availability_buffer", value=9, brand=cautious)
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=10)
        refresh(place, "MUG")
        assert promised(place).quantity == 10
        assert promised(place, scope=cautious.pk).quantity == 1
        assert Availability.objects.count() == 2

    def test_a_warehouse_that_is_not_chosen_promises_nothing_any_more(self, place):
        StockLevelFactory(warehouse=place, sku="MUG")
        refresh(place, "MUG")
        type(place).objects.update(is_chosen=False)
        assert refresh(place, "MUG") == 1
        assert promised(place).quantity == 0
        assert refresh(place, "MUG") == 0


class TestUnits:
    """Beside the pieces stands what people count in; nothing is guessed."""

    @pytest.mark.parametrize(
        ("told", "cases", "words"),
        [
            (["Carton"], [], "6 Carton of 6, 4 over"),  # its row in the table of units
            (["Box"], [12], ""),  # nobody has said what a box holds
            ([], [12], "3 case of 12, 4 over"),  # the one case the warehouse knows
            ([], [12, 24], ""),  # two sizes: which one is meant?
            (["Carton", "Each"], [12], ""),  # two products disagree
            (["Each"], [12], ""),  # Salesforce counts pieces
        ],
    )
    def test_the_number_is_shown_in_the_unit_that_is_sold(
        self, place, told, cases, words
    ):
        organization = place.account.organization
        for unit in told:
            SourceProductFactory(organization=organization, sku="MUG", unit=unit)
        product = ProductFactory(account=place.account, sku="MUG")
        for size in cases:
            ProductCaseFactory(product=product, units=size)
        UnitFactorFactory(account=place.account, sku="MUG", unit="Carton", factor=6)
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=40)
        refresh(place, "MUG")
        assert promised(place).in_units == words

    def test_salesforce_is_told_the_unit_before_the_sum(self, place):
        organization = place.account.organization
        SourceProductFactory(organization=organization, sku="MUG", unit="Carton")
        UnitFactorFactory(account=place.account, sku="MUG", unit="Carton", factor=6)
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=40)
        refresh(place, "MUG")
        (level,) = outbox.choose(place.account, after=0, most=9).levels.values()
        assert level.explanation == "40 = 6 Carton of 6, 4 over: On hand +40"

    def test_another_unit_is_news_for_salesforce(self, place):
        StockLevelFactory(warehouse=place, sku="MUG", on_hand=40)
        refresh(place, "MUG")
        before = promised(place).wanted_hash
        ProductCaseFactory(product__account=place.account, product__sku="MUG")
        assert refresh(place, "MUG") == 1
        assert promised(place).wanted_hash != before


def test_a_reading_computes_what_moved_at_once(place):
    reading = stock.Reading(place.account, NOON, StockSource.POLL)
    stock.record(reading, [StockRecord("MUG", place.remote_id, Counts(6))], now=NOON)
    assert promised(place).quantity == 6
    assert promised(place).stock_read_at == NOON
