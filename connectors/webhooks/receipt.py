"""Keeping what arrived: one short transaction, before anything is read."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from connectors.models import (
    Payload,
    Trigger,
    WebhookDelivery,
    WebhookRegistration,
)
from connectors.sync.rings import Ring, ring

logger = logging.getLogger(__name__)

APPLY = "apply_delivery"
# How exact `last_received_at` is; each delivery writing it would queue on one row.
LAST_RECEIVED_STEP = timedelta(seconds=10)
LONGEST_MESSAGE_ID = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery whose signature was right; `message_id` None when it bore none."""

    body: bytes
    message_id: str | None
    media_type: str
    received_at: datetime


class _Committed:
    """Whether the transaction it was noted in has ended well."""

    def __init__(self) -> None:
        self.happened = False

    def note(self) -> None:
        self.happened = True


def message_key(given: str | None) -> str | None:
    """A message id as it is kept: itself, or its digest if it is long or unprintable."""
    if not given:
        return None
    if len(given) <= LONGEST_MESSAGE_ID and given.isascii() and given.isprintable():
        return given
    return f"sha256:{digest_of(given.encode('utf-8', 'surrogatepass'))}"


def keep(registration: WebhookRegistration, arrival: Arrival) -> bool:
    """Store the raw body and ring for it; False when that message was here before.

    Nothing but the message id makes two deliveries one: equal bodies may be two true
    events. Raises a database error when it is not certain that it is stored.
    """
    committed = _Committed()
    try:
        with transaction.atomic():
            transaction.on_commit(committed.note)
            _store(registration, arrival)
    except Exception as error:
        if committed.happened:
            # The bell rings after the commit. What is stored is stored: the worker
            # finds it without a bell when it next looks for due jobs.
            logger.exception("A stored delivery's bell did not ring")
            return True
        if isinstance(error, IntegrityError) and _count_copy(registration, arrival):
            return False
        raise
    return True


def refuse(registration: WebhookRegistration, *, now: datetime) -> None:
    """Make a refused delivery visible: for us it is a lost one."""
    WebhookRegistration.objects.filter(pk=registration.pk).update(
        refused_count=F("refused_count") + 1, last_refused_at=now
    )


def _store(registration: WebhookRegistration, arrival: Arrival) -> None:
    digest = digest_of(arrival.body)
    now = arrival.received_at
    payload = Payload.objects.create(
        digest=digest,
        body=arrival.body,
        media_type=arrival.media_type,
        size=len(arrival.body),
        is_raw=True,
        is_personal=True,
        created_at=now,
        expires_at=now + timedelta(days=settings.SHIPSYNC_RAW_BODY_DAYS),
    )
    delivery = WebhookDelivery.objects.create(
        registration_id=registration.pk,
        account_id=registration.account_id,
        message_id=arrival.message_id,
        digest=digest,
        payload=payload,
        received_at=now,
        type_name=registration.type_name,
    )
    _note_received(registration, now)
    ring(
        Ring(
            kind=APPLY,
            subject=str(delivery.pk),
            account_id=registration.account_id,
            trigger=Trigger.WEBHOOK,
            cause=f"{registration.type_name} {arrival.message_id or ''}".strip(),
        ),
        now=now,
    )


def _note_received(registration: WebhookRegistration, now: datetime) -> None:
    last = registration.last_received_at
    if last is None or now - last >= LAST_RECEIVED_STEP:
        WebhookRegistration.objects.filter(pk=registration.pk).update(
            last_received_at=now
        )


def _count_copy(registration: WebhookRegistration, arrival: Arrival) -> bool:
    return arrival.message_id is not None and bool(
        WebhookDelivery.objects.filter(
            account_id=registration.account_id, message_id=arrival.message_id
        ).update(copies=F("copies") + 1)
    )


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
