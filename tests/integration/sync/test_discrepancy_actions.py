"""A person settles what no reading does; the next reading still has the last word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.models import SyncJob
from connectors.sync import discrepancy_actions
from connectors.sync.actions import ActionRefusedError
from inventory import stock
from inventory.models import (
    Availability,
    StockDiscrepancy,
    StockLevel,
    StockMovement,
    StockSource,
)
from inventory.records import Counts, OddRow, StockRecord
from tests.factories.accounts import UserFactory
from tests.factories.inventory import StockDiscrepancyFactory, WarehouseFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def place():
    return WarehouseFactory(name="East")


def read(place, on_hand, at, **reading):
    row = StockRecord("MUG", place.remote_id, Counts(on_hand, allocated=2))
    told = stock.Reading(place.account, at, StockSource.POLL)
    stock.record(told, [row], now=at, **reading)


def absent(place):
    read(place, 7, NOON)
    return StockDiscrepancyFactory(
        warehouse=place, sku="MUG", kind="absent", closed_at=None
    )


def none_there(row, why="Sold off."):
    person = UserFactory(role="operator", username="ada")
    discrepancy_actions.none_there(row=row, why=why, user=person, now=NOON + MINUTE)


def test_what_is_gone_counts_as_none_and_the_ledger_says_who_said_so(place):
    row = absent(place)
    none_there(row)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.allocated, level.source) == (0, 0, "person")
    assert Availability.objects.get().quantity == 0
    told = StockMovement.objects.get()
    assert (told.delta, told.reason, told.reason_text) == (
        -7,
        "count",
        "ada: Sold off.",
    )
    row.refresh_from_db()
    assert row.closed_how == "ada: none are there. Sold off."
    assert SyncJob.objects.filter(kind="push_availability").exists()


def test_a_reading_that_names_it_again_wins(place):
    none_there(absent(place))
    read(place, 3, NOON + 2 * MINUTE)
    assert StockLevel.objects.get().on_hand == 3


@pytest.mark.parametrize("changes", [{"kind": "negative"}, {"closed_at": NOON}])
def test_only_what_snapshots_leave_out_can_be_said_to_be_gone(place, changes):
    row = absent(place)
    StockDiscrepancy.objects.update(**changes)
    row.refresh_from_db()
    with pytest.raises(ActionRefusedError):
        none_there(row)
    assert StockLevel.objects.get().on_hand == 7


def test_without_a_reason_nothing_is_done(place):
    row = absent(place)
    with pytest.raises(ActionRefusedError, match="Say why"):
        none_there(row, why=" ")
    assert StockLevel.objects.get().on_hand == 7
    row.refresh_from_db()
    assert row.closed_at is None


def test_a_row_that_named_no_warehouse_is_settled_by_one_that_does(place):
    reading = stock.Reading(place.account, NOON, StockSource.POLL)
    odd = [OddRow("MUG", "", "The product is no object.")]
    stock.record(reading, [], odd=odd, now=NOON)
    assert StockDiscrepancy.objects.get().closed_at is None
    read(place, 5, NOON + MINUTE)
    assert StockDiscrepancy.objects.get().closed_at == NOON + MINUTE
