"""ShipHero's warehouses and products into our books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import RejectedError, System
from connectors.models import SyncCursor, SyncJob, Trigger
from connectors.sync import twins
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import writeback_ring
from connectors.sync.windows import MOST_TIME, Sweep, cursor_of, go_on
from connectors.timing import scaled
from inventory import catalogue, places
from inventory.batches import in_batches
from inventory.models import Warehouse
from inventory.records import ProductRecord
from orders.models import Order

OVERLAP = timedelta(minutes=10)
BATCH = 100
# So far back a warehouse's new name is told to Salesforce.
RETOLD = timedelta(days=30)


def pull_warehouses(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Take over the account's list of warehouses."""
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        records = run.clients.shiphero(account).stock.warehouses()
        if not records:
            raise RejectedError(
                "ShipHero lists no warehouse for this account. Nothing was changed.",
                system=System.SHIPHERO,
                code="stock.no_warehouses",
            )
        with commit("take_warehouses"):
            known = _names(account)
            places.record_warehouses(account, records, now=run.now())
            _tell_new_names(run, account, known)
            if twins.look(account, now=run.now()):
                run.did(job, "The same ShipHero account stands here twice")


def _names(account: Account) -> set[tuple[str, str]]:
    rows = Warehouse.objects.filter(account=account)
    return set(rows.values_list("remote_id", "name"))


def _tell_new_names(run: Run, account: Account, known: set[tuple[str, str]]) -> None:
    """Salesforce shows where a shipment left; it may have left before the name was read."""
    renamed = [remote_id for remote_id, _ in _names(account) - known]
    orders = Order.objects.filter(
        exports__shipments__account=account,
        exports__shipments__warehouse__in=renamed,
        exports__shipments__received_at__gte=run.now() - scaled(RETOLD),
    )
    ring_many(
        [
            writeback_ring(order, trigger=Trigger.FOLLOW_UP, cause="A warehouse's name")
            for order in orders.distinct()
        ],
        now=run.now(),
    )


def pull_catalogue(run: Run, jobs: Sequence[SyncJob]) -> None:
    """The whole catalogue now and then, and in between what moved."""
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        whole = cursor_of(f"shiphero_catalogue:{account.pk}", account=account)
        if _is_due(run, whole, account):
            _read_all(run, job, account, whole)
        else:
            _read_moved(run, job, account)


def _is_due(run: Run, cursor: SyncCursor, account: Account) -> bool:
    pause = scoped.lookup("whole_catalogue_seconds", account=account).seconds
    if cursor.last_record_id or cursor.polled_at is None:
        return True
    return run.now() - cursor.polled_at > scaled(pause)


def _read_all(run: Run, job: SyncJob, account: Account, cursor: SyncCursor) -> None:
    """Page by page; where it stopped stands in the cursor, and a kill loses one page.

    `watermark` is when this pass began: what moves meanwhile is read again after it.
    """
    desk = run.clients.shiphero(account).stock
    begun = run.now()
    while run.now() - begun < MOST_TIME:
        asked_at = run.now()
        after = cursor.last_record_id
        records, cursor.last_record_id = desk.product_page(after)
        with commit("take_products"):
            catalogue.record_products(account, records, read_at=asked_at)
            cursor.watermark = cursor.watermark if after else asked_at
            cursor.rows_read += len(records)
            if not cursor.last_record_id:
                _pass_done(account, cursor, run.now())
            cursor.save()
        if not cursor.last_record_id:
            run.did(job, "Read the whole catalogue")
            return
    go_on(run, job)


def _pass_done(account: Account, cursor: SyncCursor, now: datetime) -> None:
    """What moves is looked for from the beginning of this pass on."""
    cursor.polled_at = now
    SyncCursor.objects.update_or_create(
        name=f"shiphero_products:{account.pk}",
        defaults={"account": account, "watermark": cursor.watermark},
    )


def _read_moved(run: Run, job: SyncJob, account: Account) -> None:
    cursor = cursor_of(f"shiphero_products:{account.pk}", account=account)

    def keep(rows: list[ProductRecord], asked_at: datetime) -> None:
        for batch in in_batches(rows, BATCH):
            moved = catalogue.record_products(account, batch, read_at=asked_at)
            if moved:
                run.did(job, f"{moved} products moved")

    sweep = Sweep[ProductRecord](
        run,
        cursor,
        read=run.clients.shiphero(account).stock.products_updated,
        take=keep,
    )
    target = run.now()
    if not sweep.reaches(target, start=target - scaled(timedelta(days=1))):
        go_on(run, job)
        return
    with commit("poll"):
        SyncCursor.objects.filter(pk=cursor.pk).update(
            watermark=target - scaled(OVERLAP), polled_at=run.now()
        )


register(
    JobKind(
        name="pull_warehouses",
        title="Read the warehouses from ShipHero",
        lane=Lane.INVENTORY,
        handler=pull_warehouses,
        uses=frozenset({System.SHIPHERO}),
        priority=30,
        every="pull_warehouses_seconds",
    )
)
register(
    JobKind(
        name="pull_catalogue",
        title="Read products from ShipHero",
        lane=Lane.INVENTORY,
        handler=pull_catalogue,
        uses=frozenset({System.SHIPHERO}),
        priority=50,
        every="pull_catalogue_seconds",
    )
)
