"""What stood behind a movement that a reading saw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inventory import stock
from inventory.models import StockMovement, StockSource
from inventory.records import Counts, StockRecord
from tests.factories.inventory import StockMovementFactory, WarehouseFactory
from tests.factories.orders import (
    ExportFactory,
    OrderFactory,
    ShipmentFactory,
    ShipmentLineFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def place():
    return WarehouseFactory(name="East")


def read(place, on_hand, minute, sku="MUG"):
    at = NOON + minute * MINUTE
    row = StockRecord(sku, place.remote_id, Counts(on_hand))
    stock.record(stock.Reading(place.account, at, StockSource.POLL), [row], now=at)


def message(place, delta, minute, words="", **told):
    StockMovementFactory(
        warehouse=place,
        told_by="event",
        at=NOON + minute * MINUTE,
        delta=delta,
        reason_text=words,
        **{"sku": "MUG", "reason": "order", **told},
    )


def shipped(place, quantity, minute, number, **shipment):
    order = OrderFactory(account=place.account, order_number=number)
    made = ShipmentFactory(
        export=ExportFactory(order=order),
        **{
            "warehouse": place.remote_id,
            "shipped_at": NOON + minute * MINUTE,
            **shipment,
        },
    )
    ShipmentLineFactory(shipment=made, sku="MUG", quantity=quantity)


def seen():
    row = StockMovement.objects.exclude(told_by="event").order_by("-at").first()
    return row.reason, row.reason_text, row.reference


def test_a_message_of_that_time_tells_why(place):
    read(place, 10, 0)
    message(place, -3, 1, words="Shipped on order A-7", reference="A-7")
    read(place, 7, 2)
    assert seen() == ("order", "Shipped on order A-7", "A-7")


def test_several_messages_that_add_up_tell_it_together(place):
    read(place, 10, 0)
    message(place, -3, 1, words="Shipped on order A-7", reference="A-7")
    message(place, 5, 1, reason="return", words="RMA 9", reference="9")
    read(place, 12, 2)
    assert seen() == ("other", "Shipped on order A-7, RMA 9", "")


@pytest.mark.parametrize("delta", [-2, -4, 3])
def test_what_does_not_add_up_explains_nothing(place, delta):
    read(place, 10, 0)
    message(place, delta, 1, words="Cycle count", reason="count")
    read(place, 7, 2)
    assert seen() == ("untold", "", "")


def test_what_was_told_before_the_last_reading_is_not_counted_again(place):
    message(place, -3, -5, words="Shipped on order A-6")
    read(place, 10, 0)
    read(place, 7, 2)
    assert seen() == ("untold", "", "")


def test_another_sku_or_warehouse_explains_nothing(place):
    west = WarehouseFactory(account=place.account)
    read(place, 10, 0)
    message(place, -3, 1, words="Tea", sku="TEA")
    message(west, -3, 1, words="West")
    read(place, 7, 2)
    assert seen() == ("untold", "", "")


class TestLostMessages:
    def test_the_orders_that_shipped_explain_what_is_gone(self, place):
        read(place, 10, 0)
        shipped(place, 2, 1, "00000102")
        shipped(place, 1, 1, "00000103")
        read(place, 7, 2)
        words = "Shipped on order 00000102, Shipped on order 00000103"
        assert seen() == ("order", words, "")

    @pytest.mark.parametrize(
        "shipment",
        [{"is_void": True}, {"warehouse": "elsewhere"}, {"shipped_at": NOON - MINUTE}],
    )
    def test_what_did_not_leave_from_there_then_explains_nothing(self, place, shipment):
        read(place, 10, 0)
        shipped(place, 3, 1, "00000102", **shipment)
        read(place, 7, 2)
        assert seen() == ("untold", "", "")

    def test_a_message_that_says_something_else_is_not_talked_over(self, place):
        read(place, 10, 0)
        message(place, -1, 1, words="Cycle count", reason="count")
        shipped(place, 3, 1, "00000102")
        read(place, 7, 2)
        assert seen() == ("untold", "", "")


def test_counts_that_move_without_pieces_moving_need_no_cause(place):
    for minute, allocated in ((0, 0), (1, 4)):
        at = NOON + minute * MINUTE
        row = StockRecord("MUG", place.remote_id, Counts(10, allocated))
        reading = stock.Reading(place.account, at, StockSource.POLL)
        stock.record(reading, [row], now=at)
    assert seen() == ("untold", "", "")
