"""Telling people by mail, once for each episode."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import mail_admins
from django.db import transaction
from django.db.models import F, Q

from connectors.accounts import credentials
from connectors.accounts.models import Credential
from connectors.models import Heartbeat

logger = logging.getLogger(__name__)
STALE = timedelta(seconds=15)
ALERT_AFTER = timedelta(minutes=1)


def send(subject: str, text: str) -> None:
    """Mail the administrators after the commit; a mail server's trouble is logged."""
    transaction.on_commit(lambda: _send(subject, text))


def _send(subject: str, text: str) -> None:
    try:
        mail_admins(subject, text)
    except (OSError, SMTPException) as error:
        logger.warning("An alert could not be mailed: %s", type(error).__name__)


def on_refused(*, credential_id: int, reason: str, **_kwargs: object) -> None:
    """Receiver of a login's refusal: one mail for each episode."""
    login = Credential.objects.get(pk=credential_id)
    logger.error("The login %s was refused and is paused.", credential_id)
    send(
        f"ShipSync: a login was refused ({login})",
        f"{reason} Work with this login waits; nothing is lost. Correct the login in "
        "the console, then resume it.",
    )


credentials.refused.connect(on_refused, dispatch_uid="alerts.on_refused")


def is_stale(beat: Heartbeat, *, now: datetime) -> bool:
    return beat.is_stopped or now - beat.beat_at > STALE


def alert_stale_workers(*, now: datetime) -> int:
    """Mail about workers that give no sign of life; once until they come back."""
    silent = Heartbeat.objects.filter(
        Q(alerted_at=None) | Q(alerted_at__lt=F("beat_at")),
        is_stopped=False,
        beat_at__lt=now - ALERT_AFTER,
    )
    sent = 0
    for beat in silent:
        mine = Heartbeat.objects.filter(pk=beat.pk, alerted_at=beat.alerted_at)
        if mine.update(alerted_at=now):
            send(
                f"ShipSync: the worker on {beat.host} is silent",
                f"Last sign of life: {beat.beat_at:%Y-%m-%d %H:%M:%S} UTC. Orders wait "
                "and nothing is lost. Start `manage.py work` on that host again.",
            )
            sent += 1
    return sent
