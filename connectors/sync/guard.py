"""A brake: unusually many orders or lines taken back stop the account beforehand."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from connectors.accounts import audit, scoped
from connectors.accounts.models import Account, Audit
from connectors.errors import Category, Owner, ThrottledError
from connectors.models import SyncAttempt
from connectors.sync import alerts, gates
from connectors.timing import scaled

WINDOW = timedelta(minutes=10)
CANCELED = "Canceled in ShipHero"
REMOVED = "Lines removed"
HELD_BACK = "Held in the warehouse"


class UnusualError(ThrottledError):
    """Too much is about to be taken back; a person must look first."""


def insist_usual(account: Account, *, now: datetime) -> None:
    """Call before a cancel, a removal or a hold on a released order is sent.

    Above the account's limit within ten minutes the account is paused, people are
    told, and `UnusualError` is raised: the job waits and loses nothing. A person's
    resume starts the count afresh.
    """
    limit = scoped.lookup("most_cancels", account=account).value
    since = max(now - scaled(WINDOW), _last_resume(account) or now - scaled(WINDOW))
    lately = SyncAttempt.objects.filter(
        Q(did__contains=CANCELED)
        | Q(did__contains=REMOVED)
        | Q(did__contains=HELD_BACK),
        account=account,
        started_at__gte=since,
    ).count()
    if lately < limit:
        return
    words = (
        f"{lately} cancels, removals or holds within ten minutes. Look before more "
        "go out."
    )
    _pause(account, words, now)
    raise UnusualError(
        words,
        wait=timedelta(seconds=30),
        code="shipsync.unusual",
        category=Category.SETUP,
        owner=Owner.OPS,
    )


def _last_resume(account: Account) -> datetime | None:
    rows = Audit.objects.filter(account=account, action="resume_account")
    found: datetime | None = rows.aggregate(last=Max("at"))["last"]
    return found


def _pause(account: Account, words: str, now: datetime) -> None:
    with transaction.atomic():
        changed = Account.objects.filter(pk=account.pk, paused=False).update(
            paused=True, paused_reason=words[:255], paused_by="ShipSync", paused_at=now
        )
        if changed:
            gates.note_pause(account.pk, paused=True)
            audit.record(
                action="pause_account",
                subject=account,
                account=account,
                note=words,
                now=now,
            )
            alerts.send(f"ShipSync paused {account}", words)
