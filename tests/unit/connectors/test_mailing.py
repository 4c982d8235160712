"""Quiet hours may pass midnight; a digest comes once for each of its times."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from connectors.mailing import is_digest_due, is_quiet, last_digest_time, time_of

NIGHT = (time(22), time(6))


def at(hour, minute=0):
    return datetime(2026, 11, 27, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "hours", "zone", "quiet"),
    [
        (at(23), NIGHT, "UTC", True),
        (at(5, 59), NIGHT, "UTC", True),
        (at(6), NIGHT, "UTC", False),
        (at(21), NIGHT, "Europe/Vienna", True),
        (at(12), (time(9), time(17)), "UTC", True),
        (at(17), (time(9), time(17)), "UTC", False),
        (at(12), (None, None), "UTC", False),
        (at(12), (time(12), time(12)), "UTC", False),
        (at(23), NIGHT, "No/Where", True),
    ],
)
def test_quiet_hours(moment, hours, zone, quiet):
    begin, end = hours
    assert is_quiet(moment, begin, end, zone) is quiet


@pytest.mark.parametrize(
    ("now", "sent_at", "due"),
    [
        (at(6, 1), at(5), True),
        (at(6, 1), at(6), False),
        (at(14, 30), at(6, 1), True),
        (at(5), at(4), False),
        (at(6, 1), None, False),
    ],
)
def test_a_digest_is_due_once_after_each_time(now, sent_at, due):
    assert is_digest_due(now, ["06:00", "14:00"], "UTC", sent_at) is due


def test_yesterdays_last_time_counts_before_todays_first():
    assert last_digest_time(at(3), ["06:00", "22:00"], "UTC") == datetime(
        2026, 11, 26, 22, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [("06:00", time(6)), (" 6:00", None), ("06", None), ("", None), ("25:00", None)],
)
def test_only_times_are_times(text, moment):
    assert time_of(text) == moment
