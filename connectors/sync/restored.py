"""After an older database came back: the warehouse may know orders that we forgot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet

from connectors.accounts import audit, scoped
from connectors.accounts.models import Account, ScopedSetting
from connectors.models import Trigger
from connectors.sync.rings import ring_many
from connectors.sync.subjects import push_rings
from inventory import outbox
from inventory.models import Availability
from orders.models import Export, Order

SETTING = "restored_at"


@dataclass(frozen=True, slots=True)
class Doubted:
    """How many exports are looked up at the warehouse before anything is created."""

    exports: int


def after_restore(*, account: Account, now: datetime) -> Doubted:
    """Let every create of this account that may have happened be looked up first.

    An export without a warehouse order rests in quarantine, then is asked for by its
    key. Orders activated before `now` that are exported later are treated alike.
    """
    with transaction.atomic():
        rows = Export.objects.filter(account=account, remote_id="", canceled_at=None)
        orders = list(Order.objects.filter(exports__in=rows).distinct())
        count = _doubt(rows, account, now)
        # What the backup believes Salesforce shows, a later write may have changed.
        outbox.try_again(Availability.objects.filter(account=account))
        ScopedSetting.objects.update_or_create(
            key=SETTING,
            account=account,
            brand=None,
            defaults={"value": now.isoformat()},
        )
        audit.record(
            action="restore_database",
            subject=account,
            account=account,
            after={SETTING: now.isoformat(), "exports": count},
            now=now,
        )
        ring_many(
            [
                ring
                for order in orders
                for ring in push_rings(
                    order, trigger=Trigger.FOLLOW_UP, cause="The database was restored"
                )
            ],
            now=now,
        )
    return Doubted(count)


def doubt_new(export: Export, *, now: datetime) -> None:
    """Open a new export's intent if its order may have been exported before a restore."""
    told = scoped.lookup(SETTING, account=export.account).value
    if told and _is_older(export.order, str(told)):
        rows = Export.objects.filter(pk=export.pk, remote_id="", intent_at=None)
        _doubt(rows, export.account, now)


def _doubt(rows: QuerySet[Export], account: Account, now: datetime) -> int:
    # With the hold kind, an order that is found still held is released.
    return rows.update(intent_at=now, hold_kind=account.hold_kind)


def _is_older(order: Order, restored_at: str) -> bool:
    """In doubt, yes: a look-up too many costs a minute, one too few a duplicate."""
    try:
        moment = datetime.fromisoformat(restored_at)
    except ValueError:
        return True
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return order.activated_at is None or order.activated_at <= moment
