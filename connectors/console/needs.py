"""What needs attention: one query each, shared by the home page and the lists it links to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from connectors.accounts import scoped
from connectors.models import DeliveryState, JobState
from connectors.timing import scaled
from orders.models import OrderState

Rows = QuerySet[Any]
Settings = Mapping[str, Mapping[int | None, Any]]

JOB_LATE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """After which time what counts as late, held too long, or stale.

    `rare` has the times of readings that come seldom on purpose, by how the names of
    their positions begin.
    """

    late: timedelta
    held: timedelta
    stale: timedelta
    rare: Mapping[str, timedelta]


_LIMITS = ("late_after_seconds", "held_alarm_seconds", "stale_after_seconds")
# The rhythms of readings that may be longer than the time after which others are stale.
_RHYTHMS = {
    "shiphero_catalogue:": "whole_catalogue_seconds",
    "shiphero_returns:": "poll_returns_seconds",
    "shiphero_shipments:": "poll_shipments_seconds",
}
_OF_PANELS = ("loss_window_hours", "stock_stale_seconds")


def limits() -> Limits:
    """As set now, in one query."""
    return limits_in(scoped.lookup_by_account((*_LIMITS, *_RHYTHMS.values())))


def settings_now() -> Settings:
    """All that the home page needs to know, in one query."""
    names = (*_LIMITS, *_RHYTHMS.values(), *_OF_PANELS)
    return scoped.lookup_by_account(names)


def limits_in(settings: Settings) -> Limits:
    late, held, stale = (_time(settings[name][None]) for name in _LIMITS)
    # A rhythm may be set for one account: the longest counts for all.
    rare = {
        begin: max(stale, 2 * _time(max(settings[name].values())))
        for begin, name in _RHYTHMS.items()
    }
    return Limits(late, held, stale, rare)


def _time(seconds: float) -> timedelta:
    return scaled(timedelta(seconds=seconds))


def late_orders(orders: Rows, now: datetime, limits: Limits) -> Rows:
    """To be exported, and still not in the warehouse after the time they should take."""
    return orders.filter(
        state=OrderState.WAITING,
        is_eligible=True,
        state_since__lt=now - limits.late,
    )


def blocked_orders(orders: Rows) -> Rows:
    """A person is needed: nothing moves them on by itself."""
    return orders.filter(state=OrderState.FAILED)


def held(exports: Rows) -> Rows:
    """Those that stand in ShipHero under our hold: made, and not released yet."""
    return (
        exports.filter(released_at=None, canceled_at=None, closed_at=None)
        .exclude(remote_id="")
        .exclude(hold_kind="")
    )


def held_too_long(exports: Rows, now: datetime, limits: Limits) -> Rows:
    return held(exports).filter(held_at__lt=now - limits.held)


def unknown_outcomes(exports: Rows) -> Rows:
    return exports.filter(
        Q(intent_at__isnull=False) | Q(edit_intent_at__isnull=False),
        canceled_at=None,
        closed_at=None,
    )


def drifting(exports: Rows) -> Rows:
    """What is wanted was not brought across: the last sent picture is an older one."""
    return exports.filter(canceled_at=None, closed_at=None).exclude(
        Q(remote_id="") | Q(sent_hash="") | Q(wanted_hash=F("sent_hash"))
    )


def late_jobs(jobs: Rows, now: datetime) -> Rows:
    limit = now - scaled(JOB_LATE_AFTER)
    return jobs.filter(state=JobState.WAITING, not_before__lt=limit)


def stale_cursors(cursors: Rows, now: datetime, limits: Limits) -> Rows:
    """Read positions whose poll has not come for a while, or for twice its own rhythm."""
    often = Q(polled_at__lt=now - limits.stale)
    seldom = Q()
    for begin, limit in limits.rare.items():
        often &= ~Q(name__startswith=begin)
        seldom |= Q(name__startswith=begin, polled_at__lt=now - limit)
    return cursors.filter(often | seldom)


def unmatched(deliveries: Rows) -> Rows:
    return deliveries.filter(state__in=[DeliveryState.UNMATCHED, DeliveryState.FAILED])
