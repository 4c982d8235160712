"""What readings and events leave behind, in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import facts, shipments, standing
from orders.models import Export, Order, Package, Shipment, ShipmentLine
from orders.records import (
    HoldKind,
    PackageRecord,
    RemoteLine,
    RemoteOrder,
    ShipmentLineRecord,
    ShipmentRecord,
)
from orders.shipped_units import count_shipped
from tests.factories.orders import ExportFactory, ExportLineFactory

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def reading(minutes: int = 0, **values: Any) -> RemoteOrder:
    return RemoteOrder(
        **{
            "remote_id": "order",
            "legacy_id": 7,
            "key": "ACM-1",
            "order_number": "100",
            "status": "pending",
            "read_at": later(minutes),
            **values,
        }
    )


def shipment(number: int = 1, **values: Any) -> ShipmentRecord:
    return ShipmentRecord(
        **{
            "remote_id": f"uuid-{number}",
            "legacy_id": number,
            "shipped_at": NOON,
            "packages": (PackageRecord("", tracking_number=f"1Z{number}"),),
            "lines": (ShipmentLineRecord(f"line-{number}", "MUG", 1),),
            **values,
        }
    )


@pytest.fixture
def export(db: None) -> Export:
    return ExportFactory.create(remote_id="order")


def take(export: Export, remote: RemoteOrder) -> None:
    facts.record_remote_order(
        export=export, remote=remote, seen_by="reading", now=remote.read_at
    )
    order = Order.objects.get(pk=export.order_id)
    standing.refresh(order=order, failure="", now=remote.read_at)


def hear(export: Export, record: ShipmentRecord) -> None:
    shipments.record(
        export=export, shipments=[record], seen_by="webhook", read_at=None, now=NOON
    )
    count_shipped(export)


def state() -> str:
    return Order.objects.get().state


class TestEnding:
    def test_what_is_opened_again_there_is_open_here(self, export: Export) -> None:
        take(export, reading(status="canceled"))
        assert state() == "canceled"

        take(export, reading(5))

        assert state() == "sent"
        stored = Export.objects.get()
        assert (stored.canceled_at, stored.closed_at) == (None, None)

    def test_an_older_reading_opens_nothing(self, export: Export) -> None:
        take(export, reading(5, status="canceled"))

        take(export, reading())

        assert state() == "canceled"

    def test_a_reading_without_a_status_opens_nothing(self, export: Export) -> None:
        take(export, reading(status="canceled"))

        take(export, reading(5, status=""))

        assert Export.objects.get().canceled_at

    def test_the_asking_is_forgotten_once_it_is_to_ship_again(
        self, export: Export
    ) -> None:
        Export.objects.update(cancel_asked_at=NOON)

        take(export, reading(5))

        assert Export.objects.get().cancel_asked_at is None

    @pytest.mark.parametrize(
        ("minutes", "is_eligible"), [(-5, True), (5, False)], ids=["older", "canceled"]
    )
    def test_else_the_asking_is_remembered(
        self, export: Export, minutes: int, is_eligible: bool
    ) -> None:
        Export.objects.update(cancel_asked_at=NOON)
        Order.objects.update(is_eligible=is_eligible)

        take(Export.objects.get(), reading(minutes))

        assert Export.objects.get().cancel_asked_at == NOON


class TestMerged:
    def test_says_into_which_order_and_is_not_canceled(self, export: Export) -> None:
        ExportFactory.create(
            account=export.account,
            order__account=export.account,
            order__order_number="00000815",
            remote_id="master",
            remote_number="SH-9",
        )

        take(export, reading(status="canceled", merged_into="master"))

        order = Order.objects.get(pk=export.order_id)
        assert (order.state, order.state_reason) == (
            "closed",
            "Merged in the warehouse into order SH-9 (our 00000815); ships with that.",
        )
        assert Export.objects.get(pk=export.pk).canceled_at is None

    def test_stays_merged_where_an_answer_does_not_tell(self, export: Export) -> None:
        take(export, reading(status="canceled", merged_into="master"))

        take(export, reading(5, status="canceled"))

        assert state() == "closed"


def hold(export: Export, **values: Any) -> None:
    Export.objects.filter(pk=export.pk).update(hold_kind="operator", **values)
    export.refresh_from_db()


class TestHolds:
    OPERATOR = frozenset({HoldKind.OPERATOR})

    def test_of_our_kind_are_not_shown_while_they_are_ours(
        self, export: Export
    ) -> None:
        hold(export)

        take(export, reading(holds=self.OPERATOR))

        assert state() == "sent"

    def test_of_our_kind_are_shown_when_staff_set_them(self, export: Export) -> None:
        hold(export, released_at=NOON)

        take(export, reading(holds=self.OPERATOR))

        assert state() == "on_hold"


class TestNames:
    def test_a_shipment_told_by_its_number_alone_is_the_one_that_is_read(
        self, export: Export
    ) -> None:
        hear(export, shipment(remote_id="made of the number"))

        take(export, reading(shipments=(shipment(),)))

        (row,) = standing.facts_of(export.order, failure="").shipments
        assert row.key == "made of the number"
        assert Package.objects.count() == 1

    def test_a_package_keeps_its_key_when_the_number_becomes_known(
        self, export: Export
    ) -> None:
        def key() -> str:
            (row,) = standing.facts_of(export.order, failure="").shipments
            return row.packages[0].key

        hear(export, shipment(legacy_id=None))
        before = key()
        take(export, reading(shipments=(shipment(),)))

        assert key() == before


class TestUnion:
    @pytest.fixture(autouse=True)
    def _line(self, export: Export) -> None:
        ExportLineFactory.create(export=export, key="line-1", sku="MUG", quantity=3)

    def test_a_reading_voids_what_an_event_told(self, export: Export) -> None:
        hear(export, shipment())
        assert export.lines.get().shipped == 1

        take(export, reading(shipments=(shipment(is_void=True),)))

        assert export.lines.get().shipped == 0
        hear(export, shipment())
        assert Shipment.objects.get().is_void

    def test_a_package_that_a_reading_does_not_show_is_void(
        self, export: Export
    ) -> None:
        hear(export, shipment())

        other = (PackageRecord("", tracking_number="1Z9"),)
        take(export, reading(shipments=(shipment(packages=other),)))

        voids = dict(Package.objects.values_list("tracking_number", "is_void"))
        assert voids == {"1Z1": True, "1Z9": False}

    def test_a_correction_of_what_left_is_taken_over(self, export: Export) -> None:
        hear(export, shipment())

        lines = (ShipmentLineRecord("line-1", "MUG", 3),)
        take(export, reading(shipments=(shipment(lines=lines),)))

        assert ShipmentLine.objects.get().quantity == 3
        assert export.lines.get().shipped == 3


def queries_of_a_reading(count: int) -> int:
    export = ExportFactory.create(remote_id=f"order of {count}")
    for number in range(count):
        ExportLineFactory.create(export=export, key=f"line-{number}", quantity=2)
    remote = reading(
        lines=tuple(
            RemoteLine(f"there-{n}", n, f"line-{n}", "MUG", 2, allocated=1)
            for n in range(count)
        ),
        shipments=tuple(
            shipment(n, remote_id=f"{count}-{n}", legacy_id=1000 * count + n)
            for n in range(count)
        ),
    )
    facts.record_remote_order(export=export, remote=remote, seen_by="reading", now=NOON)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        facts.record_remote_order(
            export=export,
            remote=replace(remote, read_at=later(5)),
            seen_by="reading",
            now=later(5),
        )
    assert set(export.lines.values_list("allocated", "shipped")) == {(1, 1)}
    return len(caught)


def test_the_queries_of_a_reading_do_not_grow_with_the_order(db: None) -> None:
    assert queries_of_a_reading(30) == queries_of_a_reading(2)
