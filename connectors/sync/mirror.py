"""Storing what was read of Salesforce, fifty orders to a commit, each bad one apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError

from connectors.accounts.models import Organization
from connectors.models import JobState, SyncJob, Trigger
from connectors.sync import config, standings, verdicts
from connectors.sync.phases import commit
from connectors.sync.places import Places
from connectors.sync.rings import Ring, ring_many
from connectors.sync.subjects import push_rings, writeback_ring
from orders import mirroring
from orders.eligibility import EligibilityRule
from orders.models import Order
from orders.records import OrderRecord

AT_ONCE = 50
CAUSE = "Changed in Salesforce"


@dataclass(slots=True)
class Stored:
    """How many changed, and what could not be stored, by Salesforce id."""

    changed: int = 0
    bad: dict[str, Exception] = field(default_factory=dict)


def chunks(records: Sequence[OrderRecord]) -> Iterator[Sequence[OrderRecord]]:
    for start in range(0, len(records), AT_ONCE):
        yield records[start : start + AT_ONCE]


def store(
    records: Sequence[OrderRecord],
    organization: Organization,
    *,
    now: datetime,
    read_at: datetime,
    and_then: Callable[[Stored], None] = lambda stored: None,
    parks: bool = True,
) -> Stored:
    """Mirror these records, a chunk of them, and ring for those that changed.

    `read_at` is when the reading was asked for. `and_then` runs in the same commit. A record that cannot be stored holds nobody
    up: the others are stored without it; where it `parks`, it is read again alone.
    """
    try:
        with commit("mirror"):
            stored = Stored(changed=_mirror(records, organization, now, read_at))
            and_then(stored)
    except (OperationalError, InterfaceError):  # the database, not a record
        raise
    except Exception:  # noqa: BLE001 - whichever it is shows when each is alone
        stored = _store_each(records, organization, now, read_at)
        with commit("mirror"):
            if parks:
                ring_bad(stored.bad, organization, now=now)
            and_then(stored)
    return stored


def _store_each(
    records: Sequence[OrderRecord],
    organization: Organization,
    now: datetime,
    read_at: datetime,
) -> Stored:
    stored = Stored()
    for record in records:
        try:
            with commit("mirror"):
                stored.changed += _mirror([record], organization, now, read_at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - kept, and parked for people
            stored.bad[record.salesforce_id] = error
    return stored


def _mirror(
    records: Sequence[OrderRecord],
    organization: Organization,
    now: datetime,
    read_at: datetime,
) -> int:
    places = Places(organization)
    rule = config.eligibility(organization)
    known = _known(records, organization)
    rings: list[Ring] = []
    changed: list[Order] = []
    read: list[mirroring.Mirrored] = []
    for record in records:
        mirrored = mirroring.upsert_order(
            record=record,
            organization=organization,
            **places.of(record),
            now=now,
            read_at=read_at,
            known=known.get(record.salesforce_id),
        )
        known[record.salesforce_id] = mirrored.order
        read.append(mirrored)
        if mirrored.changed:
            places.place_lines(mirrored.order)
        news = _rings(mirrored.order, rule, changed=mirrored.changed, now=now)
        if news:
            rings += news
            changed.append(mirrored.order)
    mirroring.note_read(read)
    ring_many(rings + _healed(list(known.values()), organization), now=now)
    return len(changed)


def _known(
    records: Sequence[OrderRecord], organization: Organization
) -> dict[str, Order]:
    rows = Order.objects.filter(
        organization=organization,
        salesforce_id__in=[record.salesforce_id for record in records],
    ).select_related("organization", "account")
    return {order.salesforce_id: order for order in rows}


def _rings(
    order: Order, rule: EligibilityRule, *, changed: bool, now: datetime
) -> list[Ring]:
    """What follows from a changed order, or from a rule that judges it anew."""
    verdict = verdicts.of(order, rule)
    moved = verdict.reason[:255] != order.eligibility_reason
    if not (changed or moved):
        return []
    if moved or verdict.is_eligible != order.is_eligible:
        mirroring.note_eligibility(order=order, verdict=verdict)
    standings.refresh(order, now=now)
    return [
        *push_rings(order, trigger=Trigger.SCHEDULE, cause=CAUSE, verdict=verdict),
        writeback_ring(order, trigger=Trigger.SCHEDULE, cause=CAUSE),
    ]


def _healed(orders: Sequence[Order], organization: Organization) -> list[Ring]:
    """What was parked as bad and is stored now is read again, which closes it."""
    keys = {str(order.pk): order for order in orders}
    keys |= {order.salesforce_id: order for order in orders}
    parked = SyncJob.objects.filter(
        kind="read_source",
        organization=organization,
        state=JobState.PARKED,
        subject__in=keys,
    )
    return [
        _source_ring(organization, subject, cause=CAUSE, reopens=True)
        for subject in parked.values_list("subject", flat=True)
    ]


def _source_ring(
    organization: Organization,
    subject: str,
    *,
    cause: str,
    order_id: int | None = None,
    reopens: bool = False,
) -> Ring:
    """Read one order by itself: `subject` is its key here, or its Salesforce id."""
    return Ring(
        kind="read_source",
        subject=subject,
        organization_id=organization.pk,
        order_id=order_id,
        trigger=Trigger.SCHEDULE,
        cause=cause,
        reopens=reopens,
    )


def ring_bad(
    salesforce_ids: Iterable[str], organization: Organization, *, now: datetime
) -> None:
    """Each order that could not be taken over is tried alone, and parked if it must."""
    bad = list(salesforce_ids)
    ids = dict(
        Order.objects.filter(
            organization=organization, salesforce_id__in=bad
        ).values_list("salesforce_id", "pk")
    )
    rings = [
        _source_ring(
            organization,
            str(ids.get(salesforce_id, salesforce_id)),
            cause="Could not be read or stored",
            order_id=ids.get(salesforce_id),
        )
        for salesforce_id in bad
    ]
    ring_many(rings, now=now)
