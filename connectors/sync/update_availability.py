"""Availability that moves without any stock being moved: open orders, formulas, choices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from connectors.accounts.models import Account
from connectors.models import SyncCursor, SyncJob
from connectors.sync import availability_rings
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.windows import MOST_TIME, cursor_of, go_on
from connectors.timing import scaled
from inventory import formulas, in_flight, promises
from inventory.batches import in_batches
from inventory.models import Product
from orders.models import Export, ExportLine

OVERLAP = timedelta(minutes=2)
BATCH = 100
# SKUs looked at again in each run, changed or not.
ROUND = 1000


def update_availability(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Compute again what open orders want, and what orders that ended had wanted; and
    everything, at once, where the formula or the choice of warehouses is another."""
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        is_whole = _of_orders(run, account)
        if not (_whole_pass(run, account) and is_whole):
            go_on(run, job)


def _of_orders(run: Run, account: Account) -> bool:
    """False while some is left.

    The cursor's record is the key of the product at which the round stands, or
    `key@sku` in the middle of a run: the SKU that was the last.
    """
    cursor = cursor_of(f"availability:{account.pk}", account=account)
    begun = run.now()
    stands_at, _, done_to = cursor.last_record_id.partition("@")
    round_, place = _next_round(account, int(stands_at or 0))
    wanted = {
        *in_flight.skus_of_open_exports(account),
        *_ended(account, cursor),
        *round_,
    }
    moved = 0
    left = sorted(sku for sku in wanted if sku > done_to)
    for batch in in_batches(left, BATCH):
        with commit("availability"):
            moved += promises.refresh(account, batch, now=run.now())
            if moved:
                availability_rings.moved(account, now=run.now(), cause="Orders moved")
        if run.now() - begun >= MOST_TIME * 3 and batch[-1] != left[-1]:
            cursor.last_record_id = f"{stands_at}@{batch[-1]}"
            cursor.save()
            return False
    with commit("poll"):
        cursor.watermark = begun - scaled(OVERLAP)
        cursor.polled_at = run.now()
        cursor.last_record_id = place
        cursor.save()
    return True


def _whole_pass(run: Run, account: Account) -> bool:
    """Compute everything again where the formula is another; False while some is left.

    The cursor's record is `digest` of the formula that all was computed by, or
    `digest@key` in the middle of a pass: the key of the product that was the last.
    """
    cursor = cursor_of(f"availability_formula:{account.pk}", account=account)
    digest = formulas.digest(account)
    known, _, place = cursor.last_record_id.partition("@")
    if known == digest and not place:
        return True
    last = int(place) if known == digest else 0
    begun = run.now()
    while run.now() - begun < MOST_TIME:
        rows = Product.objects.filter(account=account, pk__gt=last).order_by("pk")
        found = list(rows.values_list("pk", "sku")[:BATCH])
        last = found[-1][0] if found else 0
        with commit("availability"):
            if promises.refresh(account, [sku for _, sku in found], now=run.now()):
                availability_rings.moved(
                    account, now=run.now(), cause="The formula of availability changed"
                )
            cursor.last_record_id = f"{digest}@{last}" if found else digest
            cursor.save()
        if not found:
            return True
    return False


def _next_round(account: Account, after: int) -> tuple[list[str], str]:
    """The next SKUs of the whole catalogue, and where the round after goes on.

    Whatever nobody rang for shows itself in the course of a round.
    """
    rows = Product.objects.filter(account=account, pk__gt=after).order_by("pk")
    found = list(rows.values_list("pk", "sku")[:ROUND])
    place = str(found[-1][0]) if len(found) == ROUND else ""
    return [sku for _, sku in found], place


def _ended(account: Account, cursor: SyncCursor) -> set[str]:
    """SKUs of orders that were canceled or closed since the last look."""
    since = cursor.watermark
    ended = Export.objects.filter(account=account)
    canceled = ended.filter(canceled_at__isnull=False)
    closed = ended.filter(closed_at__isnull=False)
    if since is not None:
        canceled = canceled.filter(canceled_at__gte=since)
        closed = closed.filter(closed_at__gte=since)
    lines = ExportLine.objects.filter(Q(export__in=canceled) | Q(export__in=closed))
    return set(lines.order_by().values_list("sku", flat=True).distinct())


register(
    JobKind(
        name="update_availability",
        title="Compute availability for open orders",
        lane=Lane.INVENTORY,
        handler=update_availability,
        uses=frozenset(),
        priority=55,
        every="availability_seconds",
    )
)
