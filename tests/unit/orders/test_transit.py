"""When parcels leave a warehouse, and when they arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from orders.transit import Site, Transit, TransitTable, arrives_on, ships_on


@pytest.mark.parametrize(
    ("now", "changes", "leaves"),
    [
        pytest.param("2026-11-25T13:59", {}, "2026-11-25", id="before cut-off"),
        pytest.param("2026-11-25T14:01", {}, "2026-11-26", id="after it"),
        pytest.param("2026-11-27T15:00", {}, "2026-11-30", id="Friday evening"),
        pytest.param("2026-11-28T09:00", {}, "2026-11-30", id="Saturday"),
        pytest.param(
            "2026-11-25T09:00", {"time_zone": "Asia/Tokyo"}, "2026-11-26", id="east"
        ),
        pytest.param(
            "2026-11-25T21:30",
            {"time_zone": "America/Los_Angeles"},
            "2026-11-25",
            id="west",
        ),
        pytest.param(
            "2026-11-26T09:00",
            {"holidays": frozenset({date(2026, 11, 26), date(2026, 11, 27)})},
            "2026-11-30",
            id="holidays",
        ),
        pytest.param(
            "2026-11-28T09:00",
            {"working_days": frozenset({6, 7})},
            "2026-11-28",
            id="works at the weekend",
        ),
        pytest.param(
            "2026-11-25T09:00", {"working_days": frozenset()}, None, id="never works"
        ),
        pytest.param(
            "2026-11-25T23:00", {"cutoff": None}, "2026-11-25", id="no cut-off"
        ),
    ],
)
def test_a_parcel_leaves_on_the_next_working_day(
    now: str, changes: dict[str, Any], leaves: str | None
) -> None:
    site = replace(Site("s", cutoff=time(14)), **changes)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert ships_on(site, moment) == (date.fromisoformat(leaves) if leaves else None)


@pytest.mark.parametrize(
    ("shipped", "days", "arrives"),
    [
        ("2026-11-25", 0, "2026-11-25"),
        ("2026-11-25", 2, "2026-11-27"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-11-27", 6, "2026-12-07"),
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-11-28", 5, "2026-12-07"),
    ],
)
def test_carriers_rest_at_weekends(shipped: str, days: int, arrives: str) -> None:
    assert arrives_on(date.fromisoformat(shipped), days) == date.fromisoformat(arrives)


def test_the_most_telling_transit_time_holds() -> None:
    table = TransitTable.of(
        [
            Transit("nv", 9),
            Transit("nv", 5, "US"),
            Transit("nv", 3, "US", "CA"),
            Transit("nv", 2, method="ups_air"),
        ]
    )
    where = {"country": "US", "region": "CA"}
    assert table.days("nv", **where, methods=("Ups_Air", "express")) == 2
    assert table.days("nv", **where, methods=("ground",)) == 3
    assert table.days("nv", country="US", region="NY", methods=()) == 5
    assert table.days("nv", country="DE", region="", methods=()) == 9
    assert table.days("nj", **where, methods=()) is None
