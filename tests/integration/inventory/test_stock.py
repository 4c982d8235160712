"""Readings taken over: newest wins, absent is not zero, odd rows stop nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inventory import stock
from inventory.models import (
    Availability,
    DiscrepancyKind,
    Product,
    StockDiscrepancy,
    StockLevel,
    StockMovement,
    StockPoint,
    StockSource,
    Warehouse,
)
from inventory.records import Counts, OddRow, StockRecord
from tests.factories.accounts import AccountFactory
from tests.factories.inventory import (
    StockLevelFactory,
    StockSnapshotFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SNAPSHOT, POLL = StockSource.SNAPSHOT, StockSource.POLL

# As they stand in real catalogues, or in an attacker's.
ODD_SKUS = [
    "two words",
    " leading",
    'quote"d',
    "it's",
    "50% off; DROP TABLE",
    "☕️-mug-🎄",
    "ÅÄÖ/ß",
    "x" * 200,
    "<script>alert(1)</script>",
]


@pytest.fixture
def place():
    return WarehouseFactory()


def told(place, sku="MUG", on_hand=10, **counts):
    return StockRecord(sku, place.remote_id, Counts(on_hand, **counts))


def read(place, *rows, at=NOON, source=POLL, snapshot=None, odd=()):
    reading = stock.Reading(place.account, at, source, snapshot)
    return stock.record(reading, rows, odd=odd, now=at)


def level(place, sku="MUG"):
    return StockLevel.objects.get(warehouse=place, sku=sku)


def open_ones(kind):
    return StockDiscrepancy.objects.filter(kind=kind, closed_at=None)


class TestNewest:
    def test_a_first_reading_makes_level_product_and_point_but_no_movement(self, place):
        read(place, told(place, on_hand=10, allocated=2, in_tote=1))
        held = level(place)
        assert (held.on_hand, held.allocated, held.in_tote) == (10, 2, 1)
        assert held.reserve is None
        product = Product.objects.get(account=place.account, sku="MUG")
        assert product.read_at is None
        assert StockPoint.objects.get().on_hand == 10
        assert not StockMovement.objects.exists()

    def test_a_later_reading_moves_it_and_the_ledger_says_how(self, place):
        read(place, told(place, on_hand=10, available=10))
        read(place, told(place, on_hand=7, available=6), at=NOON + MINUTE)
        row = StockMovement.objects.get()
        assert (row.delta, row.before, row.after) == (-3, 10, 7)
        assert (row.available_before, row.available_after) == (10, 6)
        assert (row.told_by, row.at) == ("poll", NOON + MINUTE)
        assert list(StockPoint.objects.values_list("on_hand", flat=True)) == [10, 7]

    def test_an_older_reading_changes_nothing(self, place):
        read(place, told(place, on_hand=7), at=NOON + MINUTE)
        read(place, told(place, on_hand=10), at=NOON)
        assert (level(place).on_hand, level(place).read_at) == (7, NOON + MINUTE)

    def test_the_same_again_only_moves_the_time_of_reading(self, place):
        read(place, told(place))
        taken = read(place, told(place), at=NOON + MINUTE)
        assert taken.changed == 0
        assert level(place).read_at == NOON + MINUTE
        assert level(place).changed_at == NOON
        assert StockPoint.objects.count() == 1

    def test_a_place_told_twice_in_one_reading_is_its_last_row(self, place):
        read(place, told(place, on_hand=1), told(place, on_hand=2))
        assert level(place).on_hand == 2

    def test_switched_off_in_a_warehouse_is_news_without_a_movement(self, place):
        read(place, told(place))
        off = StockRecord("MUG", place.remote_id, Counts(10), is_active=False)
        read(place, off, at=NOON + MINUTE)
        assert not level(place).is_active
        assert not StockMovement.objects.exists()
        assert Availability.objects.get().quantity == 0

    @pytest.mark.parametrize("on_hand", [10, 12])
    def test_what_says_nothing_of_it_does_not_switch_it_on_again(self, place, on_hand):
        """A snapshot has no word of it, whether its counts moved or not."""
        off = StockRecord("MUG", place.remote_id, Counts(10), is_active=False)
        read(place, off)
        read(place, told(place, on_hand=on_hand), at=NOON + MINUTE, source=SNAPSHOT)
        assert level(place).on_hand == on_hand
        assert not level(place).is_active
        assert Availability.objects.get().quantity == 0


class TestFewStatements:
    def test_hundreds_of_rows_cost_as_many_statements_as_ten(
        self, place, django_assert_max_num_queries
    ):
        read(place, *(told(place, f"SKU-{n}") for n in range(400)))
        same = [told(place, f"SKU-{n}") for n in range(400)]
        with django_assert_max_num_queries(7):
            read(place, *same, at=NOON + MINUTE)


class TestOdd:
    @pytest.mark.parametrize("sku", ODD_SKUS)
    def test_any_sku_is_kept_as_it_is(self, place, sku):
        read(place, told(place, sku, on_hand=3))
        read(place, told(place, sku, on_hand=4), at=NOON + MINUTE)
        assert level(place, sku).on_hand == 4
        assert Product.objects.get().sku == sku
        assert Availability.objects.get().quantity == 4

    def test_a_count_below_zero_is_stored_shown_and_never_promised(self, place):
        read(place, told(place, on_hand=-4), told(place, "TEE", on_hand=5))
        assert level(place).on_hand == -4
        assert Availability.objects.get(sku="MUG").quantity == 0
        assert Availability.objects.get(sku="TEE").quantity == 5
        row = open_ones(DiscrepancyKind.NEGATIVE).get()
        assert (row.sku, row.size, row.detail) == ("MUG", 4, "Below zero: on hand.")

    def test_it_is_closed_when_the_count_is_right_again(self, place):
        read(place, told(place, on_hand=-4))
        read(place, told(place, on_hand=2), at=NOON + MINUTE)
        assert not open_ones(DiscrepancyKind.NEGATIVE).exists()

    def test_a_huge_count_is_not_believed_and_stops_nothing(self, place):
        read(place, told(place, on_hand=10))
        rows = [told(place, on_hand=2**40), told(place, "TEE", on_hand=5)]
        taken = read(place, *rows, at=NOON + MINUTE)
        assert taken.odd == 1
        assert (level(place).on_hand, level(place, "TEE").on_hand) == (10, 5)
        row = open_ones(DiscrepancyKind.UNBELIEVED).get()
        assert str(2**40) in row.detail

    def test_it_is_noted_once_and_closed_by_a_sound_reading(self, place):
        odd = [OddRow("MUG", place.remote_id, "The count is no number.", "lots")]
        read(place, odd=odd)
        read(place, odd=odd, at=NOON + MINUTE)
        row = open_ones(DiscrepancyKind.UNBELIEVED).get()
        assert (row.found_at, row.seen_at) == (NOON, NOON + MINUTE)
        read(place, told(place), at=NOON + 2 * MINUTE)
        assert not open_ones(DiscrepancyKind.UNBELIEVED).exists()

    def test_an_unknown_warehouse_is_kept_and_shown_and_not_promised_from(self):
        account = AccountFactory()
        reading = stock.Reading(account, NOON, POLL)
        stock.record(reading, [StockRecord("MUG", "V2g6MQ==", Counts(9))], now=NOON)
        place = Warehouse.objects.get(account=account)
        assert not place.is_listed
        assert level(place).on_hand == 9
        assert open_ones(DiscrepancyKind.UNKNOWN_WAREHOUSE).get().warehouse == place
        assert not Availability.objects.exists()


class TestWhatEventsMissed:
    def test_a_snapshot_says_what_no_reading_had_told(self, place):
        read(place, told(place, on_hand=10, allocated=2))
        snapshot = StockSnapshotFactory(account=place.account)
        later = NOON + 60 * MINUTE
        taken = read(
            place,
            told(place, on_hand=9, allocated=7),
            at=later,
            source=SNAPSHOT,
            snapshot=snapshot,
        )
        row = StockDiscrepancy.objects.get()
        assert taken.missed == 1
        assert (row.kind, row.bucket, row.ours, row.theirs, row.size) == (
            "missed",
            "allocated",
            2,
            7,
            5,
        )
        assert row.ours_read_at == NOON
        assert row.closed_how == "Corrected by the snapshot."

    def test_what_was_read_since_it_was_asked_for_is_not_missed(self, place):
        read(place, told(place, on_hand=8), at=NOON + MINUTE)
        taken = read(place, told(place, on_hand=10), source=SNAPSHOT)
        assert taken.missed == 0
        assert level(place).on_hand == 8

    def test_a_first_snapshot_missed_nothing(self, place):
        assert read(place, told(place), source=SNAPSHOT).missed == 0


def test_an_account_never_touches_the_stock_of_another(place):
    other = StockLevelFactory(sku="MUG", on_hand=50)
    read(place, told(place, on_hand=1))
    other.refresh_from_db()
    assert other.on_hand == 50
