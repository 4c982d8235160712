"""The stock that routing chooses from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.accounts.models import ScopedSetting
from connectors.sync import grounds
from inventory import promises
from tests.factories.accounts import BrandFactory
from tests.factories.inventory import StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def place():
    place = WarehouseFactory(name="East")
    StockLevelFactory(warehouse=place, sku="MUG", on_hand=10)
    return place


def found(place, brand=None):
    promises.refresh(place.account, ["MUG"], now=NOON)
    stock = grounds.stock(place.account, {"MUG"}, brand.pk if brand else None)
    return stock.get((place.remote_id, "MUG"))


def test_a_brand_chooses_from_its_own_number_as_long_as_it_has_one(place):
    brand = BrandFactory(account=place.account)
    ScopedSetting.objects.create(key="availability_buffer", value=4, brand=brand)
    assert (found(place), found(place, brand)) == (10, 6)
    ScopedSetting.objects.all().delete()
    assert found(place, brand) == 10


def test_a_warehouse_that_is_promised_from_no_more_is_not_known(place):
    assert found(place) == 10
    type(place).objects.update(is_chosen=False)
    assert found(place) is None
