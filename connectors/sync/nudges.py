"""Hints from Salesforce: which record to look at. What it holds is read over REST.

A hint that is lost costs the time until the next poll; a repeated, late, reordered or
forged one costs one reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from connectors.accounts.models import Organization
from connectors.hearing import (
    MessageState,
    SalesforceListener,
    SalesforceMessage,
    SalesforceNotification,
)
from connectors.models import Trigger
from connectors.salesforce.ids import is_same
from connectors.salesforce.outbound import Notification
from connectors.salesforce.soql import ORDER, ORDER_ITEM
from connectors.sync.registry import Lane
from connectors.sync.rings import Ring, ring_many
from orders.models import Order

CAUSE = "Message from Salesforce"


@dataclass(frozen=True, slots=True)
class Hint:
    """One usable notification, with the key of its order here where there is one."""

    organization: Organization
    record_id: str
    order_id: str
    known: dict[str, int]


Ringer = Callable[[Hint], Ring | None]
_ringers: dict[str, Ringer] = {}


def on(sobject: str, ringer: Ringer) -> None:
    """What a hint about this kind of record rings for."""
    _ringers[sobject] = ringer


def take(
    listener: SalesforceListener,
    message: SalesforceMessage,
    notifications: Sequence[Notification],
    *,
    now: datetime,
) -> None:
    """Keep what a message names and ring for what is new, all in one commit."""
    with transaction.atomic():
        usable = [one for one in notifications if not one.problem]
        repeated = _seen(message.organization_id, [one.key for one in usable])
        new = {one.key: one for one in usable if one.key not in repeated}
        bad = [one for one in notifications if one.problem]
        SalesforceNotification.objects.bulk_create(
            [_row(message, one, now) for one in [*new.values(), *bad]]
        )
        _count(repeated, message.organization_id)
        _count_echoes(listener, usable)
        ring_many(_rings(message.organization, list(new.values())), now=now)
        SalesforceMessage.objects.filter(pk=message.pk).update(
            state=MessageState.READ,
            new_count=len(new),
            repeated_count=len(usable) - len(new),
            bad_count=len(bad),
            reason=bad[0].problem[:255] if bad else "",
        )


def _seen(organization_id: int, keys: Sequence[str]) -> set[str | None]:
    rows = SalesforceNotification.objects.filter(
        organization=organization_id, key__in=keys
    )
    return set(rows.values_list("key", flat=True))


def _row(
    message: SalesforceMessage, one: Notification, now: datetime
) -> SalesforceNotification:
    return SalesforceNotification(
        message=message,
        organization_id=message.organization_id,
        key=None if one.problem else one.key,
        sobject=one.sobject,
        record_id=one.record_id,
        problem=one.problem[:255],
        received_at=now,
    )


def _count(repeated: set[str | None], organization_id: int) -> None:
    SalesforceNotification.objects.filter(
        organization=organization_id, key__in=repeated
    ).update(copies=F("copies") + 1)


def _count_echoes(
    listener: SalesforceListener, notifications: Sequence[Notification]
) -> None:
    """Messages about our own writes do no harm, but should not be sent."""
    us = listener.organization.integration_user_id
    echoes = sum(bool(us) and is_same(one.modified_by, us) for one in notifications)
    if echoes:
        SalesforceListener.objects.filter(pk=listener.pk).update(
            echo_count=F("echo_count") + echoes
        )


def _rings(
    organization: Organization, notifications: Sequence[Notification]
) -> list[Ring]:
    ids = {one.record_id for one in notifications}
    ids |= {one.order_id for one in notifications if one.order_id}
    rows = Order.objects.filter(organization=organization, salesforce_id__in=ids)
    known = dict(rows.values_list("salesforce_id", "pk"))
    rings = [
        _ringers[one.sobject](Hint(organization, one.record_id, one.order_id, known))
        for one in notifications
        if one.sobject in _ringers
    ]
    return [ring for ring in rings if ring is not None]


def _order(hint: Hint) -> Ring:
    return _read(hint, hint.record_id)


def _order_product(hint: Hint) -> Ring | None:
    return _read(hint, hint.order_id) if hint.order_id else None


def _read(hint: Hint, salesforce_id: str) -> Ring:
    """An order that is not known yet is named by its Salesforce id."""
    known = hint.known.get(salesforce_id)
    return Ring(
        kind="read_source",
        subject=str(known or salesforce_id),
        organization_id=hint.organization.pk,
        order_id=known,
        trigger=Trigger.MESSAGE,
        cause=CAUSE,
        lane=Lane.NEW_ORDER,
    )


on(ORDER, _order)
on(ORDER_ITEM, _order_product)
