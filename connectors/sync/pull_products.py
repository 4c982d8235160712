"""Products of Salesforce to the mirror; a corrected one wakes its orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from connectors.accounts import scoped
from connectors.accounts.models import Organization
from connectors.errors import System
from connectors.models import SyncCursor, SyncJob, Trigger
from connectors.salesforce.products import PRODUCT, Place
from connectors.sync import availability_rings, config, load, nudges
from connectors.sync.pacing import SLOWER
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.sync.windows import MOST_TIME, cursor_of, go_on
from connectors.timing import scaled
from inventory import promises, source_products
from inventory.batches import in_batches
from inventory.records import SourceProductRecord
from inventory.source_products import Mirrored
from orders import parts
from orders.models import Order

MOST_WOKEN = 1000
# A price list that is loaded there sends thousands of messages.
GATHERS = timedelta(seconds=15)
CAUSE = "A product changed in Salesforce"


def pull_products(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read every product that changed since the watermark, less the overlap."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        changed, is_whole = _pull(run, job.organization)
        if changed:
            run.did(job, f"{changed} changed products read")
        if not is_whole:
            go_on(run, job)
        elif load.is_api_short(job.organization):
            pause = scoped.lookup("poll_products_seconds").seconds * SLOWER
            go_on(run, job, after=pause)


def _pull(run: Run, organization: Organization) -> tuple[int, bool]:
    """How many changed, and whether there was time for all."""
    started, changed = run.now(), 0
    cursor = cursor_of(
        f"salesforce_products:{organization.pk}", organization=organization
    )
    client = run.clients.salesforce(organization)
    mapping = config.source_mapping(organization)
    for page in client.changed_products(mapping, _since(cursor)):
        for records in in_batches(page):
            changed += _store(records, organization, cursor, run.now())
            if run.now() - started >= MOST_TIME:
                return changed, False
    SyncCursor.objects.filter(pk=cursor.pk).update(
        polled_at=run.now(), last_record_id=""
    )
    return changed, True


def _since(cursor: SyncCursor) -> Place | None:
    """Where a reading that was cut short stopped, or the watermark less the overlap."""
    if cursor.watermark is None:
        return None
    if cursor.last_record_id:
        return Place(cursor.watermark, cursor.last_record_id)
    overlap = scoped.lookup("poll_overlap_seconds").seconds
    return Place(cursor.watermark - scaled(overlap))


def _store(
    records: Sequence[SourceProductRecord],
    organization: Organization,
    cursor: SyncCursor,
    now: datetime,
) -> int:
    """Some products and the watermark behind them, in one commit."""
    with commit("mirror_products"):
        mirrored = source_products.store(records, organization, now=now)
        last = records[-1]
        # Also within the overlap: a reading that is cut goes on from here.
        cursor.watermark = last.modified_at
        cursor.last_record_id = last.salesforce_id
        cursor.rows_read += len(records)
        cursor.rows_changed += mirrored.changed
        cursor.save()
        _wake(organization, mirrored, now)
    return mirrored.changed


def _wake(organization: Organization, mirrored: Mirrored, now: datetime) -> None:
    """Write what follows for stock, and look again at the orders that are concerned."""
    if not mirrored.changed:
        return
    for account in organization.account_set.all():
        promises.refresh(account, mirrored.regrouped, now=now)
        availability_rings.moved(account, now=now, cause=CAUSE)
    orders = _concerned(organization, mirrored)
    ring_many([ring for order in orders for ring in _rings(order)], now=now)


def _concerned(organization: Organization, mirrored: Mirrored) -> Iterable[Order]:
    """Open orders with a line of a corrected product, and those that are stuck on one
    that is new."""
    orders = Order.objects.filter(organization=organization).exclude(
        state__in=config.ENDED
    )
    corrected = orders.filter(lines__sku__in=mirrored.corrected)
    stuck = orders.filter(
        lines__sku__in=mirrored.skus - mirrored.corrected, failures__closed_at=None
    ).exclude(failures=None)
    ids = {*corrected.values_list("pk", flat=True), *stuck.values_list("pk", flat=True)}
    return Order.objects.filter(pk__in=sorted(ids)[-MOST_WOKEN:])


def _rings(order: Order) -> list[Ring]:
    """Its lines carry the product's SKU, though its own time stamp did not move."""
    rings = [
        Ring(
            kind="read_source",
            subject=str(order.pk),
            organization_id=order.organization_id,
            order_id=order.pk,
            trigger=Trigger.SCHEDULE,
            cause=CAUSE,
            reopens=True,
        )
    ]
    rings += [
        Ring(
            kind="push_order",
            subject=str(order.pk),
            account_id=account_id,
            order_id=order.pk,
            trigger=Trigger.SCHEDULE,
            cause=CAUSE,
            reopens=True,
        )
        for account_id in parts.accounts_of(order)
    ]
    return rings


def _hint(hint: nudges.Hint) -> Ring:
    """One reading finds every product that moved, however many messages named one."""
    return Ring(
        kind="pull_products",
        subject="all",
        organization_id=hint.organization.pk,
        trigger=Trigger.MESSAGE,
        cause=nudges.CAUSE,
        reopens=True,
    )


nudges.on(PRODUCT, _hint)
register(
    JobKind(
        name="pull_products",
        title="Read products from Salesforce",
        lane=Lane.INVENTORY,
        handler=pull_products,
        uses=frozenset({System.SALESFORCE}),
        linger=GATHERS,
        priority=40,
        every="poll_products_seconds",
    )
)
