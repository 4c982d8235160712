"""When a person may be mailed, and when a digest is due. Rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def is_quiet(now: datetime, begin: time | None, end: time | None, zone: str) -> bool:
    """Whether `now` lies in the quiet hours, which may pass midnight."""
    if begin is None or end is None or begin == end:
        return False
    local = now.astimezone(zone_of(zone)).time()
    if begin < end:
        return begin <= local < end
    return local >= begin or local < end


def last_digest_time(now: datetime, times: Iterable[str], zone: str) -> datetime | None:
    """The newest of the digest times (“06:00”) that has passed; None without any."""
    local = now.astimezone(zone_of(zone))
    passed = []
    for text in times:
        moment = time_of(text)
        if moment is None:
            continue
        today = local.replace(
            hour=moment.hour, minute=moment.minute, second=0, microsecond=0
        )
        passed.append(today if today <= local else today - timedelta(days=1))
    return max(passed, default=None)


def is_digest_due(
    now: datetime, times: Iterable[str], zone: str, sent_at: datetime | None
) -> bool:
    """Due once after each of its times; not for a time before the choice was made."""
    last = last_digest_time(now, times, zone)
    return last is not None and sent_at is not None and sent_at < last


def time_of(text: str) -> time | None:
    """“06:00” as a time; None for anything else."""
    try:
        return time.fromisoformat(text.strip()) if ":" in text else None
    except ValueError:
        return None
