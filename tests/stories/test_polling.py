"""The polls get on: at volume, without credits, and past one bad record."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.models import FailedPayload, SyncCursor, SyncJob
from connectors.salesforce import reading
from connectors.salesforce.client import SalesforceClient
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import mirror, pull_orders
from orders import mirroring
from orders.models import Export, Order
from orders.records import OrderRecord
from tests.stories.reading import (
    floor_off,
    open_failures,
    released,
    status,
    until,
    until_status,
)
from tests.town import Town


def seed_moved(town: Town, count: int, over: timedelta) -> None:
    """Foreign orders in the warehouse that moved one after the other until now."""
    world = town.shiphero
    first = town.order()
    until(town, lambda: released(town, first))
    (pattern,) = town.in_warehouse(first)
    with world.turn():
        for number in range(count):
            row = copy.deepcopy(pattern)
            moved = town.now() - over * (number / count)
            row |= {
                "id": f"T3JkZXI6OTk{number:05d}",
                "partner_order_id": f"OTHER-{number}",
                "closed": True,
                "fulfillment_status": "fulfilled",
                "updated_at": world.stamp(moved),
            }
            world.put("order", row["id"], row)


def cursor(town: Town, name: str = "shiphero_orders") -> SyncCursor:
    return SyncCursor.objects.get(name=f"{name}:{town.account.pk}")


def polled(town: Town) -> datetime:
    """When the last sweep was completed."""
    at = cursor(town).polled_at
    assert at is not None
    return at


def read_to(town: Town) -> datetime:
    at = cursor(town).watermark
    assert at is not None
    return at


def set_behind(town: Town, time: timedelta) -> datetime:
    """The poll has not been there for that long."""
    since = town.now() - time
    SyncCursor.objects.filter(name=f"shiphero_orders:{town.account.pk}").update(
        watermark=since, polled_at=since
    )
    return since


@pytest.mark.parametrize("over", [timedelta(minutes=30), timedelta(seconds=1)])
def test_the_poll_gets_through_more_than_the_bucket_holds(
    town: Town, over: timedelta
) -> None:
    floor_off(town)
    seed_moved(town, 700, over)
    town.shiphero.set_switches({"credits_max": 300, "credits_rate": 10})
    set_behind(town, timedelta(hours=1))
    started = town.now()

    until(town, lambda: polled(town) >= started, minutes=10, step=10)

    assert read_to(town) >= started - timedelta(minutes=10)


def test_the_poll_keeps_what_it_read_before_the_credits_ended(town: Town) -> None:
    floor_off(town)
    seed_moved(town, 700, timedelta(minutes=30))
    town.shiphero.set_switches({"credits_max": 300, "credits_rate": 10})
    behind = set_behind(town, timedelta(hours=1))
    before = polled(town)

    until(town, lambda: read_to(town) > behind, minutes=3, step=10)

    assert polled(town) == before, "it is still on its way"


def test_the_first_poll_reads_a_day_in_windows_that_grow_while_it_is_quiet(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[timedelta] = []
    whole = ShipHeroClient.orders_updated

    def listen(
        client: ShipHeroClient, since: datetime, until: datetime | None = None
    ) -> Iterator[list[Any]]:
        assert until is not None
        asked.append(until - since)
        return whole(client, since, until)

    monkeypatch.setattr(ShipHeroClient, "orders_updated", listen)
    SyncCursor.objects.update(watermark=None, last_record_id="")

    town.run(minutes=2)

    assert asked[:4] == [timedelta(hours=hours) for hours in (1, 2, 4, 8)]
    assert max(asked) <= timedelta(days=1)
    assert sum(asked, timedelta()) >= timedelta(days=1)


# -- Salesforce ----------------------------------------------------------------


def break_on(monkeypatch: pytest.MonkeyPatch, town: Town, *orders: str) -> None:
    """These orders cannot be stored."""
    whole = mirroring.upsert_order

    def upsert(**given: Any) -> Any:
        if given["record"].salesforce_id in orders:
            raise ValueError("There is something in this record.")
        return whole(**given)

    monkeypatch.setattr(mirroring, "upsert_order", upsert)


def test_one_bad_record_does_not_hold_up_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [town.order() for _ in range(3)]
    bad = orders[1]
    with monkeypatch.context() as patch:
        break_on(patch, town, bad)

        until_status(town, orders[0], "Shipped")
        until_status(town, orders[2], "Shipped")

        failure = FailedPayload.objects.get(closed_at=None)
        assert bad in failure.reason
        assert failure.job.kind == "read_source"
        assert not town.in_warehouse(bad)

    town.desk.edit_order(bad, PoNumber="4711")
    until_status(town, bad, "Shipped")
    assert not FailedPayload.objects.filter(closed_at=None).exists()


def test_a_bad_record_of_a_page_that_was_not_finished_is_not_lost(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watermark passes it with the first part of the page, before time is up."""
    floor_off(town)
    town.setting("poll_overlap_seconds", 1)
    bad, *others = [town.order() for _ in range(3)]
    until(town, lambda: all(released(town, one) for one in (bad, *others)))
    town.run(minutes=1)
    whole = reading.order_from

    def order_from(row: Any, *given: Any, **more: Any) -> Any:
        if row["Id"] == bad:
            raise ValueError("There is something in this row.")
        return whole(row, *given, **more)

    monkeypatch.setattr(reading, "order_from", order_from)
    late = iter([False, True])
    monkeypatch.setattr(mirror, "AT_ONCE", 1)
    monkeypatch.setattr(pull_orders.Pull, "is_late", lambda _self: next(late, False))
    for one in (bad, *others):
        town.desk.edit_order(one, PoNumber="4711")
        town.clock.advance(3)

    until(town, lambda: open_failures(bad), minutes=3)

    assert open_failures(bad)[0].code == "source.malformed"


def test_a_known_order_that_turns_bad_shows_on_the_order(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor_off(town)
    order = town.order()
    until(town, lambda: released(town, order))
    break_on(monkeypatch, town, order)

    town.desk.edit_order(order, PoNumber="4711")
    until(town, lambda: open_failures(order), minutes=3)
    town.run(minutes=3)

    assert len(open_failures(order)) == 1, "it is parked, not tried over and over"


def items_cursor(town: Town) -> SyncCursor:
    return SyncCursor.objects.get(name=f"salesforce_items:{town.organization.pk}")


def read_whole(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the orders that are read whole from now on."""
    asked: list[str] = []
    whole = SalesforceClient.read_orders

    def listen(
        client: SalesforceClient, mapping: Any, ids: Sequence[str]
    ) -> list[OrderRecord]:
        asked.extend(ids)
        return whole(client, mapping, ids)

    monkeypatch.setattr(SalesforceClient, "read_orders", listen)
    return asked


def test_orders_that_lie_still_are_not_read_again_within_the_overlap(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.setting("poll_overlap_seconds", 3600)
    floor_off(town)
    order = town.order()
    until(town, lambda: released(town, order))
    town.run(minutes=2)  # until our own words on it were read back
    asked = read_whole(monkeypatch)

    town.run(minutes=10)
    assert asked == []

    town.desk.edit_order(order, PoNumber="4711")
    town.run(minutes=2)
    assert set(asked) == {order}


@pytest.mark.parametrize("seconds", [0, 45])
def test_a_change_of_a_line_alone_is_read_however_late_it_is_seen(
    town: Town, seconds: float
) -> None:
    """A transaction's stamp is older than the moment when others see what it did."""
    floor_off(town)
    order = town.order(("MUG", 2), ("TEE", 1))
    until(town, lambda: released(town, order))
    town.run(minutes=2)
    lines = town.salesforce.every("OrderItem")
    town.salesforce.switches["late_commit"] = seconds
    town.desk.edit_line(lines[0]["Id"], Description="engrave it")
    town.salesforce.switches["late_commit"] = 0
    town.clock.advance(10)
    town.desk.edit_line(lines[1]["Id"], Description="wrap it")
    asked_at = town.now()

    town.run(minutes=3)

    stamps = dict(Order.objects.get().picture["line_stamps"])
    there = town.salesforce.every("OrderItem")
    assert {
        one["Id"]: datetime.fromisoformat(one["SystemModstamp"]) for one in there
    } == {one: datetime.fromisoformat(at) for one, at in stamps.items()}
    whole_at = Order.objects.get().read_whole_at
    assert whole_at is not None
    assert whole_at > asked_at


def test_salesforce_is_read_less_often_when_its_calls_run_out(town: Town) -> None:
    town.run(minutes=1)
    usual = polls(town, minutes=6)
    town.setting("api_share_background", 0)

    rare = polls(town, minutes=6)

    assert rare <= usual / 3


def polls(town: Town, minutes: float) -> int:
    """How often Salesforce was polled within that time."""
    seen = set()
    ends = town.now() + timedelta(minutes=minutes)
    while town.now() < ends:
        town.tick(5)
        seen.add(items_cursor(town).polled_at)
    return len(seen)


# -- shipments -----------------------------------------------------------------


def void_labels(town: Town, order: str) -> None:
    """Staff void the label of what has left; no webhook tells of it."""
    (warehouse_order,) = town.in_warehouse(order)
    (shipment,) = (
        row
        for row in town.shiphero.snapshot("shipment")
        if row["order_id"] == warehouse_order["id"]
    )
    town.shiphero.floor.void_label(shipment["id"])


@pytest.mark.one_database
@pytest.mark.parametrize("credits", [4004, 300])
def test_a_void_after_the_end_reaches_salesforce(town: Town, credits: int) -> None:
    order = town.order()
    until_status(town, order, "Shipped")
    floor_off(town)
    town.run(minutes=30, step=15)
    town.shiphero.set_switches({"credits_max": credits})

    void_labels(town, order)

    until(town, lambda: status(town, order) != "Shipped", minutes=20, step=15)
    assert Export.objects.get().closed_at is None, "it is open again"
    until(town, lambda: all(row["Voided__c"] for row in town.packages(order)))


@pytest.mark.one_database
def test_a_shipment_that_says_nothing_new_is_left_alone(town: Town) -> None:
    order = town.order()
    until_status(town, order, "Shipped")
    town.run(minutes=20, step=15)
    sweep = SyncJob.objects.get(kind="poll_shipments")

    town.run(minutes=40, step=15)

    assert cursor(town, "shiphero_shipments").rows_read >= 3
    assert not sweep.tries.exists()
