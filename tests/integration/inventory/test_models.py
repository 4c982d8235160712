"""What the tables themselves refuse."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from inventory.models import SnapshotState
from tests.factories import inventory as made

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "factory",
    [
        made.HolidayFactory,
        made.TransitTimeFactory,
        made.KitComponentFactory,
        made.ProductCaseFactory,
        made.UnitFactorFactory,
        made.SourceProductFactory,
        made.StockMovementFactory,
        made.StockPointFactory,
        made.StockDiscrepancyFactory,
        made.AvailabilityFactory,
    ],
)
def test_every_row_has_a_name_for_people(factory):
    assert str(factory())


def test_one_sku_has_one_level_in_a_warehouse():
    level = made.StockLevelFactory()
    with pytest.raises(IntegrityError):
        made.StockLevelFactory(warehouse=level.warehouse, sku=level.sku)


def test_two_products_in_salesforce_may_carry_one_sku():
    first = made.SourceProductFactory(sku="TWICE")
    made.SourceProductFactory(organization=first.organization, sku="TWICE")


def test_an_account_has_one_snapshot_under_way():
    first = made.StockSnapshotFactory(state=SnapshotState.ASKED)
    made.StockSnapshotFactory(account=first.account)
    with pytest.raises(IntegrityError):
        made.StockSnapshotFactory(account=first.account, state=SnapshotState.WANTED)


def test_a_message_told_twice_is_one_movement():
    first = made.StockMovementFactory(key="m1")
    made.StockMovementFactory(warehouse=first.warehouse)
    made.StockMovementFactory(warehouse=first.warehouse)
    with pytest.raises(IntegrityError):
        made.StockMovementFactory(warehouse=first.warehouse, key="m1")
