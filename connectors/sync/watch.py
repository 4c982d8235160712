"""Watching what should not last: orders held too long, and a second one that stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from connectors.accounts.models import Account
from connectors.errors import RejectedError, System
from connectors.models import SyncJob, Trigger
from connectors.sync import alerts, pauses, standings, verdicts
from connectors.sync.exports import alarm_age, held_since
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from orders.eligibility import Wish
from orders.models import Export, LineItem, Order


def watch(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        with commit("watch"):
            pauses.resume_due(account, now=run.now())
            _alarm_held(account, run.now())
            ring_many(_doubled(account), now=run.now())


# -- held by us ----------------------------------------------------------------------


def held_too_long(account: Account, *, now: datetime) -> list[Export]:
    """Without those held because their order went back to draft, or in its window."""
    held = Export.objects.filter(
        account=account, released_at=None, canceled_at=None, closed_at=None
    ).exclude(held_at=None)
    return [
        export
        for export in held.select_related(
            "order__organization", "order__account", "account"
        )
        if export.is_held_by_us and _is_late(export, now)
    ]


def _is_late(export: Export, now: datetime) -> bool:
    since = held_since(export)
    late = since is not None and now - since > alarm_age(export)
    return late and verdicts.of(export.order).wish is Wish.SHIP


def _alarm_held(account: Account, now: datetime) -> None:
    """One mail for each episode, naming the orders; the list is in the console."""
    late = held_too_long(account, now=now)
    over = Export.objects.filter(account=account).exclude(alarmed_at=None)
    over.exclude(pk__in=[export.pk for export in late]).update(alarmed_at=None)
    news = [export for export in late if export.alarmed_at is None]
    if not news:
        return
    Export.objects.filter(pk__in=[export.pk for export in news]).update(alarmed_at=now)
    names = ", ".join(str(export.order) for export in news[:20])
    alerts.send(
        f"ShipSync holds {len(news)} orders too long in {account}",
        f"Orders: {names}. The floor does not see them until they are released; the "
        "console lists why each of them waits.",
    )


# -- two generations -----------------------------------------------------------------


def older_live(rows: QuerySet[Export]) -> QuerySet[Export]:
    """Exports that stand in the warehouse although a newer one of the order does too.

    The parts of an order stand beside each other; of each only the newest may.
    """
    newer = Export.objects.filter(
        order=OuterRef("order"), generation__gt=OuterRef("generation"), canceled_at=None
    ).exclude(remote_id="")
    live = rows.filter(canceled_at=None, closed_at=None).exclude(remote_id="")
    mine = LineItem.objects.filter(
        Q(account=OuterRef("account"))
        | Q(account=None, order__account=OuterRef("account")),
        order=OuterRef("order"),
        order__is_split=True,
    )
    in_account = Exists(newer.filter(account=OuterRef("account")))
    return live.filter(in_account | (Exists(newer) & ~Exists(mine)))


def _doubled(account: Account) -> list[Ring]:
    """Look at each order that has two, and at each that had."""
    doubled = set(
        older_live(Export.objects.filter(account=account)).values_list(
            "order_id", flat=True
        )
    )
    parked = SyncJob.objects.filter(kind="check_generations", state="parked")
    known = set(parked.filter(account=account).values_list("order_id", flat=True))
    return [
        Ring(
            kind="check_generations",
            subject=str(order_id),
            account_id=account.pk,
            order_id=order_id,
            trigger=Trigger.SCHEDULE,
            cause="Watched",
            reopens=order_id not in doubled,
        )
        for order_id in doubled ^ known
    ]


def check_generations(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Park visibly while an older warehouse order of the same order stands."""
    for job in jobs:
        order = Order.objects.get(pk=job.subject)
        older = list(older_live(order.exports.all()))
        if not older:
            standings.refresh(order, now=run.now())
            continue
        numbers = ", ".join(str(one.remote_number or one.remote_id) for one in older)
        words = (
            f"ShipHero order {numbers} of an earlier export stands open beside the "
            "newest one: both could ship."
        )
        alerts.send(f"ShipSync: order {order} stands twice in ShipHero", words)
        raise RejectedError(
            words, system=System.SHIPHERO, code="export.older_generation_live"
        )


register(
    JobKind(
        name="watch",
        title="Look for what lasts too long",
        lane=Lane.EDIT,
        handler=watch,
        uses=frozenset(),
        priority=58,
        every="watch_seconds",
    )
)
register(
    JobKind(
        name="check_generations",
        title="See that one warehouse order stands",
        lane=Lane.EDIT,
        handler=check_generations,
        uses=frozenset(),
        priority=36,
    )
)
