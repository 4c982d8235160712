"""Telling people by mail, once for each episode."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from connectors.accounts import credentials
from connectors.accounts.models import Credential
from connectors.models import Heartbeat
from connectors.outgoing import OutgoingMail

logger = logging.getLogger(__name__)
STALE = timedelta(seconds=15)
ALERT_AFTER = timedelta(minutes=1)
# Between the tries of a mail that no server takes.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)
AT_ONCE = 20


def send(subject: str, text: str) -> None:
    """Mail the administrators, with the transaction that it is called in."""
    for _name, address in settings.ADMINS:
        deliver(subject, text, address)


def deliver(subject: str, text: str, to: str, *, mute_link: str = "") -> None:
    """Mail somebody, with the transaction; sent after it, and again until it is taken."""
    now = timezone.now()
    mail = OutgoingMail.objects.create(
        to=to,
        subject=" ".join(subject.split())[:255],
        text=text,
        mute_link=mute_link,
        created_at=now,
        not_before=now,
    )
    transaction.on_commit(lambda: _post(mail, now))


def post_due(*, now: datetime) -> int:
    """Send what a mail server has not taken yet; answers how many it took now."""
    OutgoingMail.objects.filter(created_at__lt=now - KEPT).delete()
    due = OutgoingMail.objects.filter(
        sent_at=None, given_up_at=None, not_before__lte=now
    )
    return sum(_post(mail, now) for mail in list(due[:AT_ONCE]))


def _post(mail: OutgoingMail, now: datetime) -> bool:
    """Try once. Whoever moves `tries` on may, so that two processes send one mail."""
    wait = PAUSES[min(mail.tries, len(PAUSES) - 1)]
    mine = OutgoingMail.objects.filter(pk=mail.pk, tries=mail.tries, sent_at=None)
    if not mine.update(tries=mail.tries + 1, not_before=now + wait):
        return False
    rows = OutgoingMail.objects.filter(pk=mail.pk)
    try:
        _message(mail).send()
    except (OSError, SMTPException) as error:
        logger.warning("A mail could not be sent: %s", type(error).__name__)
        rows.update(trouble=_words_of(error))
        if now - mail.created_at > GIVE_UP_AFTER:
            rows.update(given_up_at=now)
        return False
    return bool(rows.update(sent_at=now, trouble=""))


def _message(mail: OutgoingMail) -> EmailMessage:
    headers = {}
    if mail.mute_link:
        headers = {
            "List-Unsubscribe": f"<{mail.mute_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return EmailMessage(mail.subject, mail.text, None, [mail.to], headers=headers)


def _words_of(error: Exception) -> str:
    """What the mail server said, without what it may quote of the mail."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"[:255]


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
        with transaction.atomic():
            if not mine.update(alerted_at=now):
                continue
            send(
                f"ShipSync: the worker on {beat.host} is silent",
                f"Last sign of life: {beat.beat_at:%Y-%m-%d %H:%M:%S} UTC. Orders wait "
                "and nothing is lost. Start `manage.py work` on that host again.\n\n"
                f"{settings.SHIPSYNC_BASE_URL}",
            )
        sent += 1
    return sent
