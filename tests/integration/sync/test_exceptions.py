"""Exceptions open with the facts, clear with evidence, and open again with a count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from connectors.accounts.models import Account
from connectors.models import SyncJob
from connectors.sync import decisions
from connectors.sync.watch_orders import look, watch_orders
from inventory.models import Product, StockLevel, Warehouse
from orders import sightings
from orders.floor import Fact, OrderException
from orders.models import Allocation, Export, ExportLine, Order, ShipmentLine
from tests.conftest import Clock
from tests.factories.accounts import UserFactory
from tests.factories.orders import ExportFactory, ExportLineFactory, ShipmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(clock: Clock) -> Export:
    made = ExportFactory.create(
        remote_id="R1", order__state="backordered", order__state_since=clock()
    )
    line = {"sku": "MUG", "quantity": 5, "remote_quantity": 5, "pending": 5}
    ExportLineFactory.create(export=made, allocated=3, backordered=2, **line)
    return made


def check(export: Export, now: datetime) -> OrderException | None:
    look(Order.objects.get(pk=export.order_id), now=now)
    return OrderException.objects.filter(order=export.order_id).first()


def set_line(export: Export, **values: Any) -> None:
    ExportLine.objects.filter(export=export).update(**values)


def test_it_opens_clears_with_evidence_and_opens_again(
    export: Export, clock: Clock
) -> None:
    first = check(export, clock())
    assert first is not None
    assert (first.kind, first.closed_at, first.times) == ("backorder", None, 1)
    assert first.evidence["short"] == {"MUG": 2}

    set_line(export, allocated=5, backordered=0)
    clock.advance(minutes=5)
    cleared = check(export, clock())
    assert cleared is not None
    assert cleared.closed_at == clock()
    assert "0 of 5 MUG shipped" in cleared.closed_with

    set_line(export, allocated=4, backordered=1)
    clock.advance(minutes=5)
    again = check(export, clock())
    assert again is not None
    assert (again.closed_at, again.times, again.opened_at) == (None, 2, clock())
    assert again.first_opened_at == first.first_opened_at
    assert OrderException.objects.count() == 1


def test_nothing_new_writes_nothing(
    export: Export, clock: Clock, django_assert_num_queries: Any
) -> None:
    check(export, clock())
    before = OrderException.objects.get()

    clock.advance(minutes=1)
    check(export, clock())

    assert OrderException.objects.get().opened_at == before.opened_at
    assert OrderException.objects.get().times == 1


def test_stock_elsewhere_is_the_next_step(export: Export, clock: Clock) -> None:
    west = Warehouse.objects.create(account=export.account, remote_id="W2", name="West")
    StockLevel.objects.create(
        account=export.account,
        warehouse=west,
        sku="MUG",
        on_hand=9,
        allocated=0,
        source="snapshot",
        read_at=clock(),
        changed_at=clock(),
    )

    found = check(export, clock())

    assert found is not None
    assert found.next_step == "West has all of it: re-route or split."


def test_time_alone_makes_an_order_stuck(export: Export, clock: Clock) -> None:
    set_line(export, allocated=5, backordered=0)
    Order.objects.update(state="picking", account=export.account)

    def pass_by(minutes: int) -> list[str]:
        clock.advance(minutes=minutes)
        watch_orders(OneRun(clock), [OneJob(export.account)])
        return list(OrderException.objects.values_list("kind", flat=True))

    assert pass_by(239) == []
    assert pass_by(1) == ["stuck"]


class OneRun:
    """A round of the watch by itself."""

    def __init__(self, clock: Clock) -> None:
        self.now = clock

    def did(self, *_words: object) -> None:
        return None


@dataclass
class OneJob:
    account: Account


class TestCutOff:
    """It is nine on a Monday; one place's cut-off is at twelve, the other's at four."""

    @pytest.fixture
    def places(self, export: Export) -> tuple[Warehouse, Warehouse]:
        set_line(export, allocated=5, backordered=0)
        made = Warehouse.objects.create
        west = made(account=export.account, remote_id="W", name="A", cutoff=time(12))
        east = made(account=export.account, remote_id="E", name="B", cutoff=time(16))
        return west, east

    def open_orders(self, export: Export, clock: Clock, count: int) -> list[Order]:
        at = {"activated_at": clock(), "state": "in_warehouse", "state_since": clock()}
        more = [
            ExportFactory.create(account=export.account, remote_id=f"R-{n}").order
            for n in range(count)
        ]
        Order.objects.update(account=export.account, **at)
        return more

    def late(self, export: Export, clock: Clock) -> set[int]:
        watch_orders(OneRun(clock), [OneJob(export.account)])
        rows = OrderException.objects.filter(kind="cut_off", closed_at=None)
        return set(rows.values_list("order_id", flat=True))

    def test_it_is_told_before_it_is_late_by_the_place_that_has_the_goods(
        self, export: Export, clock: Clock, places: tuple[Warehouse, Warehouse]
    ) -> None:
        (other,) = self.open_orders(export, clock, 1)
        Allocation.objects.create(
            export=other.exports.get(), reference="1", warehouse="E"
        )

        clock.advance(minutes=119)
        assert self.late(export, clock) == set()
        clock.advance(minutes=1)
        assert self.late(export, clock) == {export.order_id}
        clock.advance(hours=4)
        assert self.late(export, clock) == {export.order_id, other.pk}

    def test_orders_that_are_due_later_do_not_stand_before_those_due_now(
        self,
        export: Export,
        clock: Clock,
        places: tuple[Warehouse, Warehouse],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("connectors.sync.watch_orders.AT_ONCE", 2)
        for other in self.open_orders(export, clock, 3):
            Allocation.objects.create(
                export=other.exports.get(), reference="1", warehouse="E"
            )
        Order.objects.filter(pk=export.order_id).update(
            state_since=clock() + timedelta(hours=2)
        )
        clock.advance(hours=2)

        assert self.late(export, clock) == {export.order_id}


def test_every_open_exception_is_looked_at_in_its_turn(
    export: Export, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sync.watch_orders.AT_ONCE", 2)
    rows = [export]
    for n in range(4):
        row = ExportFactory.create(
            account=export.account, remote_id=f"S{n}", order__state="backordered"
        )
        line = {"sku": "MUG", "quantity": 5, "remote_quantity": 5, "pending": 5}
        ExportLineFactory.create(export=row, allocated=3, backordered=2, **line)
        rows.append(row)
    Order.objects.update(account=export.account)
    for row in rows:
        look(Order.objects.get(pk=row.order_id), now=clock())
    assert OrderException.objects.filter(closed_at=None).count() == 5
    ExportLine.objects.update(allocated=5, backordered=0)

    for _ in range(3):
        watch_orders(OneRun(clock), [OneJob(export.account)])

    assert not OrderException.objects.filter(closed_at=None).exists()


class TestTracked:
    """What a product is known to need is counted on what left."""

    def ship(self, export: Export, **values: Any) -> None:
        set_line(export, pending=0, allocated=0, backordered=0, shipped=5)
        shipment = ShipmentFactory.create(export=export, account=export.account)
        ShipmentLine.objects.create(
            shipment=shipment,
            export_line=export.lines.get(),
            **{"sku": "MUG", "quantity": 5} | values,
        )

    def reasons(self, export: Export, clock: Clock) -> list[tuple[str, str]]:
        check(export, clock())
        rows = OrderException.objects.filter(closed_at=None)
        return list(rows.values_list("kind", "reason"))

    def test_none_of_its_serial_numbers_is_too_few(
        self, export: Export, clock: Clock
    ) -> None:
        Product.objects.create(account=export.account, sku="MUG", needs_serial=True)
        self.ship(export)
        words = (
            "Serial numbers do not match what left. MUG: 0 serial numbers for 5 units."
        )
        assert self.reasons(export, clock) == [("serials_differ", words)]

        set_line(export, serials_read=["a", "b", "c", "d", "e"])
        assert self.reasons(export, clock) == []

    def test_a_product_without_numbers_needs_none(
        self, export: Export, clock: Clock
    ) -> None:
        Product.objects.create(account=export.account, sku="MUG")
        self.ship(export)

        assert self.reasons(export, clock) == []

    def test_only_the_part_of_a_kit_that_has_numbers_counts(
        self, export: Export, clock: Clock
    ) -> None:
        Product.objects.create(account=export.account, sku="CAM", needs_serial=True)
        set_line(export, sku="KIT", components={"CAM": 1, "STRAP": 2})
        self.ship(export, sku="CAM", serial_numbers=["a", "b", "c", "d", "e"])
        ShipmentLine.objects.create(
            shipment=export.shipments.get(),
            export_line=export.lines.get(),
            sku="STRAP",
            quantity=10,
        )

        assert self.reasons(export, clock) == []

    def test_units_without_their_lot_are_told(
        self, export: Export, clock: Clock
    ) -> None:
        Product.objects.create(account=export.account, sku="MUG", needs_lot=True)
        self.ship(export)
        words = "Left without the number of its lot: 5 MUG."
        assert self.reasons(export, clock) == [("lots_missing", words)]

        ShipmentLine.objects.update(lot_name="LOT-1")
        assert self.reasons(export, clock) == []


def test_of_two_lines_of_one_sku_the_one_that_waits_is_canceled(
    export: Export, clock: Clock
) -> None:
    waiting = export.lines.get()
    ExportLine.objects.filter(pk=waiting.pk).update(sequence=2)
    ExportLineFactory.create(
        export=export, sku="MUG", quantity=3, shipped=0, sequence=1
    )
    who = UserFactory.create(is_superuser=True)

    decisions.cut_line(
        order=export.order, sku="MUG", why="No more.", user=who, now=clock()
    )

    (job,) = SyncJob.objects.filter(kind="change_floor")
    assert job.subject == f"{export.pk}:cut:{waiting.key}"


def test_an_order_that_never_reached_the_warehouse_has_none(clock: Clock) -> None:
    export = ExportFactory.create(remote_id="")

    assert check(export, clock()) is None


class TestLoss:
    def see(self, export: Export, way: str, *names: str, at: datetime) -> None:
        sightings.note(
            export=export, fact=Fact.SHIPMENT, references=names, seen_by=way, now=at
        )

    def test_it_is_what_no_message_told(self, export: Export, clock: Clock) -> None:
        start = clock()
        self.see(export, "webhook", "a", "b", "c", at=start)
        self.see(export, "reading", "a", "b", "c", "d", at=start)
        (loss,) = sightings.losses(
            since=start, now=start + timedelta(minutes=11), accounts=[export.account]
        )

        assert (loss.facts, loss.lost, loss.share) == (4, 1, 0.25)

    def test_a_message_that_comes_after_the_reading_is_not_lost(
        self, export: Export, clock: Clock
    ) -> None:
        start = clock()
        self.see(export, "reading", "a", at=start)
        self.see(export, "webhook", "a", at=start + timedelta(seconds=40))
        (loss,) = sightings.losses(since=start, now=start + timedelta(minutes=11))

        assert (loss.facts, loss.lost) == (1, 0)

    def test_the_newest_may_still_be_under_way(
        self, export: Export, clock: Clock
    ) -> None:
        self.see(export, "reading", "a", at=clock())

        assert sightings.losses(since=clock(), now=clock()) == []

    def test_a_kind_that_no_message_ever_told_is_silent(
        self, export: Export, clock: Clock
    ) -> None:
        self.see(export, "reading", "a", "b", at=clock())
        (loss,) = sightings.losses(since=clock(), now=clock() + timedelta(minutes=11))

        assert loss.is_silent
