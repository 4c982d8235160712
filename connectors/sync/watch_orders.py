"""Exceptions: looked at with every fact, and as time goes by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.models import SyncCursor, SyncJob
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.windows import cursor_of
from connectors.timing import scaled
from orders.deadlines import Deadlines
from orders.exceptions import OPEN_STATES
from orders.floor import OrderException
from orders.models import Order
from orders.watched import Limits
from orders.watching import watch

STUCK_STATES = (
    *("sent", "on_hold", "in_warehouse"),
    *("picking", "packed", "partially_shipped"),
)
AT_ONCE = 200
# Longer than from an evening's order over holidays and a weekend to its cut-off.
LOOKS_BACK = timedelta(days=14)


STUCK_KEYS = {state: f"stuck_{state}_minutes" for state in STUCK_STATES}
KEYS = (*STUCK_KEYS.values(), "cutoff_warning_minutes", "hopeless_days")


def limits_of(account: Account) -> Limits:
    values = scoped.lookup_many(KEYS, account=account)
    stuck = {
        state: scaled(timedelta(minutes=values[key]))
        for state, key in STUCK_KEYS.items()
    }
    return Limits(
        stuck={state: limit for state, limit in stuck.items() if limit},
        warn_before=scaled(timedelta(minutes=values["cutoff_warning_minutes"])),
        hopeless=scaled(timedelta(days=values["hopeless_days"])),
    )


def look(order: Order, *, now: datetime) -> bool:
    """Bring one order's exceptions in step; answers whether any opened or closed."""
    if order.account is None:
        return False
    return watch(order, limits=limits_of(order.account), now=now)


def watch_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Look at the orders in which time alone may have made a difference."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        _watch(run, job, job.account)


def _watch(run: Run, job: SyncJob, account: Account) -> None:
    limits = limits_of(account)
    cursor = cursor_of(f"watch_orders:{account.pk}", account=account)
    moved = 0
    for order in _candidates(account, limits, run.now(), cursor):
        with commit("watch"):
            moved += watch(order, limits=limits, now=run.now())
    if moved:
        run.did(job, f"{moved} exceptions opened or closed")


def _candidates(
    account: Account, limits: Limits, now: datetime, cursor: SyncCursor
) -> Iterable[Order]:
    """Orders past a limit that have no word of it yet, and those with an open one.

    Few are looked at in one round. Those that a look changes leave their list; the
    others are gone through in turn, or the first ones would be all that is ever seen.
    """
    rows = Order.objects.filter(account=account).select_related("account")
    late = Q(pk__in=[])
    for state, limit in limits.stuck.items():
        late |= Q(state=state, state_since__lte=now - limit)
    fresh = rows.filter(late).exclude(_has_open("stuck"))
    hopeless = Q(state="backordered", state_since__lte=now - limits.hopeless)
    known = Exists(OrderException.objects.filter(order=OuterRef("pk"), closed_at=None))
    found = [
        *fresh.order_by("state_since")[:AT_ONCE],
        *rows.filter(pk__in=_due(rows, account, limits, now)[:AT_ONCE]),
        *_in_turn(rows.filter(hopeless | Q(known)), cursor),
    ]
    return {order.pk: order for order in found}.values()


def _has_open(kind: str) -> Exists:
    rows = OrderException.objects.filter(order=OuterRef("pk"), kind=kind)
    return Exists(rows.filter(closed_at=None))


def _in_turn(rows: QuerySet[Order], cursor: SyncCursor) -> list[Order]:
    """The next ones after the last round's, from the first again after the last."""
    after = int(cursor.last_record_id or 0)
    found = list(rows.filter(pk__gt=after).order_by("pk")[:AT_ONCE])
    last = str(found[-1].pk) if len(found) == AT_ONCE else ""
    SyncCursor.objects.filter(pk=cursor.pk).update(last_record_id=last)
    return found


def _due(
    rows: QuerySet[Order], account: Account, limits: Limits, now: datetime
) -> list[int]:
    """Open orders whose warehouse's cut-off is near or past, and that nobody was told of.

    Reckoned from a few columns of all of them, so that none waits for its turn.
    """
    due_of = Deadlines(account)
    if not due_of.has_any:
        return []
    open_ones = rows.filter(
        state__in=OPEN_STATES, activated_at__gte=now - scaled(LOOKS_BACK)
    ).exclude(_has_open("cut_off"))
    places = open_ones.order_by("activated_at", "exports__allocations__pk")
    near: dict[int, None] = {}
    for pk, activated_at, place in places.values_list(
        "pk", "activated_at", "exports__allocations__warehouse"
    ):
        due = due_of(activated_at, [place] if place else []) if activated_at else None
        if due is not None and now >= due - limits.warn_before:
            near[pk] = None
    return list(near)


register(
    JobKind(
        name="watch_orders",
        title="Look for what needs a person",
        lane=Lane.BACKFILL,
        handler=watch_orders,
        uses=frozenset(),
        priority=65,
        every="watch_orders_seconds",
    )
)
