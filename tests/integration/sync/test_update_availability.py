"""What may be promised moves with formulas and choices too, in rounds."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from connectors.accounts.models import ScopedSetting
from connectors.models import SyncJob
from connectors.sync import registry, update_availability
from connectors.sync.clients import Clients
from connectors.sync.run import Run
from inventory import promises
from inventory.models import Availability, StockLevel
from tests.factories.connectors import SyncJobFactory
from tests.factories.inventory import (
    ProductFactory,
    SourceProductFactory,
    StockLevelFactory,
    UnitFactorFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def place():
    place = WarehouseFactory()
    for sku in ("A", "B", "C"):
        ProductFactory(account=place.account, sku=sku)
        StockLevelFactory(warehouse=place, sku=sku, on_hand=10)
    promises.refresh(place.account, ["A", "B", "C"], now=NOON)
    return place


def run_once(place, *, each_look=timedelta(0)):
    """`each_look` is how much time passes from one look at the clock to the next."""
    kind = registry.find("update_availability")
    known = SyncJob.objects.filter(kind=kind.name, account=place.account).first()
    job = known or SyncJobFactory(kind=kind.name, account=place.account, subject="all")
    looks = itertools.count()

    def clock():
        return NOON + each_look * next(looks)

    run = Run(kind, [job], clients=Clients(clock), clock=clock)
    update_availability.update_availability(run, [job])
    return job


def promised():
    return dict(Availability.objects.values_list("sku", "quantity"))


def test_a_changed_formula_reaches_stock_that_does_not_move(place):
    ScopedSetting.objects.create(
        key="availability_buffer", value=4, account=place.account
    )
    run_once(place)
    assert promised() == {"A": 6, "B": 6, "C": 6}


def test_a_warehouse_left_out_promises_nothing_and_one_chosen_again_all(place):
    type(place).objects.update(is_chosen=False)
    run_once(place)
    assert set(promised().values()) == {0}
    type(place).objects.update(is_chosen=True)
    run_once(place)
    assert set(promised().values()) == {10}


def test_a_changed_formula_is_everywhere_at_once_however_large_the_catalogue(
    place, monkeypatch
):
    monkeypatch.setattr(update_availability, "ROUND", 1)
    monkeypatch.setattr(update_availability, "BATCH", 2)
    ScopedSetting.objects.create(
        key="availability_buffer", value=4, account=place.account
    )
    run_once(place)
    assert promised() == {"A": 6, "B": 6, "C": 6}


def test_when_time_is_up_the_rest_is_computed_next(place, monkeypatch):
    run_once(place)
    monkeypatch.setattr(update_availability, "ROUND", 1)
    monkeypatch.setattr(update_availability, "BATCH", 1)
    ScopedSetting.objects.create(
        key="availability_buffer", value=4, account=place.account
    )
    run_once(place, each_look=timedelta(seconds=4))
    assert promised() == {"A": 6, "B": 10, "C": 10}
    run_once(place)
    assert promised() == {"A": 6, "B": 6, "C": 6}


def test_what_nobody_rang_for_is_found_in_rounds(place, monkeypatch):
    run_once(place)
    monkeypatch.setattr(update_availability, "ROUND", 2)
    StockLevel.objects.update(on_hand=6)
    run_once(place)
    assert promised() == {"A": 6, "B": 6, "C": 10}
    run_once(place)
    assert promised() == {"A": 6, "B": 6, "C": 6}


def test_a_unit_for_every_sku_is_shown_beside_all_numbers(place):
    SourceProductFactory(
        organization=place.account.organization, sku="A", unit="Pallet"
    )
    run_once(place)
    assert Availability.objects.get(sku="A").in_units == ""
    UnitFactorFactory(account=place.account, sku="", unit="pallet", factor=4)
    run_once(place)
    assert Availability.objects.get(sku="A").in_units == "2 Pallet of 4, 2 over"


def test_a_round_that_was_cut_goes_on_with_the_next_sku(place, monkeypatch):
    """However much is open, the last SKU has its turn too."""
    monkeypatch.setattr(update_availability, "BATCH", 1)
    looked = []
    refresh = promises.refresh

    def listen(account, skus, *, now):
        looked.extend(skus)
        return refresh(account, skus, now=now)

    monkeypatch.setattr(promises, "refresh", listen)
    run_once(place)  # the formula's own pass is over
    looked.clear()

    for _ in range(3):
        run_once(place, each_look=timedelta(seconds=20))

    assert [sku for sku in looked if sku][:3] == ["A", "B", "C"]
