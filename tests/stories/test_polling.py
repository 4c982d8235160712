"""The polls get on: at volume, without credits, and past one bad record."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.models import SyncCursor
from connectors.shiphero.client import ShipHeroClient
from tests.stories.reading import floor_off, released, until
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


def test_the_first_poll_reads_a_day_in_short_windows(
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
    SyncCursor.objects.update(watermark=None)

    town.run(minutes=2)

    assert max(asked) <= timedelta(hours=1)
    assert sum(asked, timedelta()) >= timedelta(days=1)
