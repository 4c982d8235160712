"""Mail about causes: one when a cause is new, one when it is gone, a digest per shift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from connectors import catalogue, mailing, muting
from connectors.accounts import permissions
from connectors.accounts.models import AccountAccess
from connectors.casework import Cause, MailChoice
from connectors.models import FailedPayload
from connectors.sync import alerts

MOST = 50
IN_DIGEST = 15


def send_due(*, now: datetime) -> int:
    """Tell who is to be told; answers how many mails went out.

    Each step claims what it tells by compare-and-set, so that several hosts tell it
    once. What is quiet now is told at the end of the quiet hours.
    """
    sent = _tell_administrators(now)
    choices = MailChoice.objects.filter(user__is_active=True).exclude(user__email="")
    for choice in choices.select_related("user"):
        if not mailing.is_quiet(
            now, choice.quiet_from, choice.quiet_until, choice.time_zone
        ):
            with transaction.atomic():
                sent += _tell(choice, now) + _send_digest(choice, now)
    return sent


def _open() -> QuerySet[FailedPayload]:
    return FailedPayload.objects.filter(
        closed_at=None, fingerprint=OuterRef("fingerprint")
    )


def _tell_administrators(now: datetime) -> int:
    new = Cause.objects.filter(mailed_at=None).filter(Exists(_open()))
    gone = Cause.objects.filter(mailed_at__isnull=False, recovered_at=None).exclude(
        Exists(_open())
    )
    sent = 0
    for cause in list(new[:MOST]):
        with transaction.atomic():
            rows = Cause.objects.filter(pk=cause.pk, mailed_at=None)
            if rows.update(mailed_at=now):
                alerts.send(f"ShipSync: new cause: {cause.title[:120]}", text_of(cause))
                sent += 1
    for cause in list(gone[:MOST]):
        with transaction.atomic():
            rows = Cause.objects.filter(pk=cause.pk, recovered_at=None)
            if rows.update(recovered_at=now):
                words = f"ShipSync: recovered: {cause.title[:120]}"
                alerts.send(words, recovered_text_of(cause))
                sent += 1
    return sent


def _tell(choice: MailChoice, now: datetime) -> int:
    """One mail with what is new and what is gone since the last one."""
    rows = MailChoice.objects.filter(pk=choice.pk, told_until=choice.told_until)
    if not rows.update(told_until=now):
        return 0
    if choice.told_until is None:
        return 0  # the choice is new: what is old is no news
    seen = _visible(choice)
    new = (
        list(seen.filter(mailed_at__gt=choice.told_until)) if choice.new_causes else []
    )
    new = [cause for cause in new if cause.recovered_at is None]
    gone = (
        list(seen.filter(recovered_at__gt=choice.told_until))
        if choice.recovered
        else []
    )
    if not new and not gone:
        return 0
    only = new[0] if len(new) == 1 else None
    _mail(choice, _subject(new, gone), _body(choice, new, gone), about=only)
    return 1


def _visible(choice: MailChoice) -> QuerySet[Cause]:
    """The causes of the user's accounts and owners that were not muted."""
    rows = Cause.objects.exclude(muted_by=choice.user_id).order_by("-last_seen_at")
    if not permissions.sees_all(choice.user):
        whole = permissions.whole_accounts_for(choice.user)
        brands = AccountAccess.objects.filter(user=choice.user).exclude(brand=None)
        of_brand = _open().filter(order__brand__in=brands.values("brand"))
        rows = rows.filter(Q(account__in=whole) | Exists(of_brand))
    if choice.owners:
        rows = rows.filter(owner__in=choice.owners)
    return rows


def _subject(new: Sequence[Cause], gone: Sequence[Cause]) -> str:
    if len(new) == 1:
        return f"ShipSync: {new[0].title[:120]}"
    if new:
        return f"ShipSync: {len(new)} new causes of failures"
    if len(gone) == 1:
        return f"ShipSync: recovered: {gone[0].title[:120]}"
    return f"ShipSync: {len(gone)} causes recovered"


def _body(choice: MailChoice, new: Sequence[Cause], gone: Sequence[Cause]) -> str:
    parts = [
        f"{text_of(cause)}\nNo more mail to me about it: {mute_link(choice, cause)}"
        for cause in new[:MOST]
    ]
    parts += [
        f"Recovered: {cause.title}\n{recovered_text_of(cause)}" for cause in gone[:MOST]
    ]
    parts.append(f"What you are mailed, and when: {_absolute('admin:mail')}")
    return "\n\n".join(parts)


def text_of(cause: Cause) -> str:
    """What it is, what it stops, what helps, and where."""
    entry = catalogue.find(cause.code, kind=cause.error_kind)
    count = FailedPayload.objects.filter(
        fingerprint=cause.fingerprint, closed_at=None
    ).count()
    stops = "1 order" if count == 1 else f"{count} orders"
    lines = [
        cause.title,
        f"It stops {stops} now, for {cause.owner}.",
        entry.fix if entry else "",
        f"Fix or retry: {address_of(cause)}",
    ]
    return "\n".join(line for line in lines if line)


def recovered_text_of(cause: Cause) -> str:
    return f"The last order that it stopped has gone on. {address_of(cause)}"


def mute_link(choice: MailChoice, cause: Cause) -> str:
    """Where one click, without signing in, ends this person's mail about the cause."""
    return _absolute("mute_by_link", muting.sign(choice.user_id, cause.pk))


def address_of(cause: Cause) -> str:
    return _absolute("admin:cause", cause.pk)


def _absolute(name: str, *args: object) -> str:
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:  # a site without the console
        return ""
    return f"{settings.SHIPSYNC_BASE_URL}{path}"


def _send_digest(choice: MailChoice, now: datetime) -> int:
    """What stands open at the change of shift."""
    if not mailing.is_digest_due(
        now, choice.digest_at, choice.time_zone, choice.digest_sent_at
    ):
        return 0
    rows = MailChoice.objects.filter(pk=choice.pk, digest_sent_at=choice.digest_sent_at)
    if not rows.update(digest_sent_at=now):
        return 0
    _mail(choice, "ShipSync: what stands open", digest_of(choice))
    return 1


def digest_of(choice: MailChoice) -> str:
    causes = {cause.fingerprint: cause for cause in _visible(choice)[:1000]}
    counts: Any = (
        FailedPayload.objects.filter(closed_at=None, fingerprint__in=list(causes))
        .order_by()
        .values_list("fingerprint")
        .annotate(rows=Count("id"))
        .order_by("-rows")[:IN_DIGEST]
    )
    lines = [
        f"{rows:5}  {causes[key].title[:100]}\n       {address_of(causes[key])}"
        for key, rows in counts
    ]
    if not lines:
        return "Nothing waits for a person."
    return "\n".join(["Stopped now, by cause:", *lines])


def _mail(
    choice: MailChoice, subject: str, text: str, *, about: Cause | None = None
) -> None:
    link = mute_link(choice, about) if about else ""
    alerts.deliver(subject, text, choice.user.email, mute_link=link)
