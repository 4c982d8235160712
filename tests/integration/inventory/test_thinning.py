"""History gets coarser with age and never loses where a trend begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inventory.models import StockDiscrepancy, StockMovement, StockPoint, StockSnapshot
from inventory.thinning import thin
from tests.factories import inventory as made

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def place():
    return made.WarehouseFactory()


def point(place, *, sku="MUG", on_hand=1, **ago):
    return made.StockPointFactory(
        warehouse=place, sku=sku, on_hand=on_hand, at=NOON - timedelta(**ago)
    )


def kept():
    return set(StockPoint.objects.values_list("pk", flat=True))


def thinned():
    return thin(now=NOON, movements_days=400)


def test_of_the_last_days_everything_stays(place):
    rows = {point(place, minutes=minutes).pk for minutes in range(30)}
    assert thinned().points == 0
    assert kept() == rows


def test_older_ones_keep_the_last_of_each_hour(place):
    first = [point(place, days=3, minutes=-minute) for minute in range(0, 60, 10)]
    other = point(place, days=3, minutes=-61)
    assert thinned().points == 5
    assert kept() == {first[-1].pk, other.pk}


def test_still_older_ones_the_last_of_each_day(place):
    rows = [point(place, days=17, hours=-hour) for hour in range(10)]
    thinned()
    assert kept() == {rows[-1].pk}


def test_each_place_has_points_of_its_own(place):
    elsewhere = point(made.WarehouseFactory(), days=3)
    another = point(place, sku="TEE", days=3)
    mine = point(place, days=3)
    assert thinned().points == 0
    assert kept() == {elsewhere.pk, another.pk, mine.pk}


def test_the_oldest_go_but_for_where_the_trend_begins(place):
    point(place, days=900)
    last = point(place, days=800)
    assert thinned().points == 1
    assert kept() == {last.pk}


def test_a_second_pass_finds_nothing(place):
    for minute in range(0, 60, 10):
        point(place, days=3, minutes=-minute)
    thinned()
    assert thinned().total == 0


def test_the_ledger_and_closed_disagreements_end_some_day(place):
    long_ago = NOON - timedelta(days=500)
    made.StockMovementFactory(warehouse=place, at=long_ago)
    made.StockMovementFactory(warehouse=place, at=NOON)
    made.StockDiscrepancyFactory(warehouse=place, closed_at=long_ago)
    still_open = made.StockDiscrepancyFactory(warehouse=place, found_at=long_ago)
    made.StockSnapshotFactory(created_at=long_ago)
    thinned()
    assert StockMovement.objects.count() == 1
    assert StockDiscrepancy.objects.get().pk == still_open.pk
    assert not StockSnapshot.objects.exists()
