"""Which way told a fact first: the message about it, or the reading behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from connectors.accounts.models import Account
from orders.floor import Fact, Sighting
from orders.models import Export

WEBHOOK = "webhook"
READING = "reading"
# A message may come this much later than the reading that was faster.
GRACE = timedelta(minutes=10)


def note(
    *, export: Export, fact: str, references: Iterable[str], seen_by: str, now: datetime
) -> None:
    """Remember when these facts were told this way for the first time."""
    names = list(dict.fromkeys(name[:120] for name in references if name))
    if not names:
        return
    column = f"{seen_by}_at"
    mine = Sighting.objects.filter(
        account=export.account_id, fact=fact, reference__in=names
    )
    known = dict(mine.values_list("reference", column))
    news = [name for name in names if known.get(name) is None]
    Sighting.objects.bulk_create(
        [_row(export, fact, name, column, now) for name in news],
        update_conflicts=True,  # the other way told it, perhaps just now
        unique_fields=["account", "fact", "reference"],
        update_fields=[column],
    )


def _row(
    export: Export, fact: str, reference: str, column: str, now: datetime
) -> Sighting:
    return Sighting(
        account_id=export.account_id,
        export=export,
        fact=fact,
        reference=reference,
        first_at=now,
        **{column: now},
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """How many facts there were, and how many no message ever told."""

    fact: str
    facts: int
    lost: int
    by_message: int

    @property
    def share(self) -> float:
        return self.lost / self.facts if self.facts else 0.0

    @property
    def is_silent(self) -> bool:
        """No message of this kind ever came: it is not registered, or not enabled."""
        return bool(self.facts) and not self.by_message


def losses(
    *,
    since: datetime,
    now: datetime,
    grace: timedelta = GRACE,
    accounts: Collection[Account] | None = None,
) -> Sequence[Loss]:
    """The loss of each kind over the facts first told since then.

    The newest are left out: their message may still be on its way.
    """
    return losses_in(sums(since=since, now=now, grace=grace, accounts=accounts))


def sums(
    *,
    since: datetime,
    now: datetime,
    grace: timedelta = GRACE,
    accounts: Collection[Account] | None = None,
) -> QuerySet[Any, Any]:
    """What `losses_in` reads: by kind, how many facts, and how many a message told."""
    rows = Sighting.objects.filter(first_at__gte=since, first_at__lt=now - grace)
    if accounts is not None:
        rows = rows.filter(account__in=accounts)
    return (
        rows.order_by()
        .values("fact")
        .annotate(
            facts=Count("id"),
            lost=Count("id", filter=Q(webhook_at=None)),
            told=Count("id", filter=~Q(webhook_at=None)),
        )
    )


def shipments_by_account(
    *,
    since: datetime,
    now: datetime,
    grace: timedelta = GRACE,
    accounts: Collection[Account],
) -> QuerySet[Any, Any]:
    """By account, how many shipments were told, and how many of them by no message."""
    rows = Sighting.objects.filter(
        fact=Fact.SHIPMENT,
        first_at__gte=since,
        first_at__lt=now - grace,
        account__in=accounts,
    )
    lost = Count("id", filter=Q(webhook_at=None))
    return rows.order_by().values("account_id").annotate(facts=Count("id"), missed=lost)


def losses_in(rows: Iterable[Mapping[str, Any]]) -> Sequence[Loss]:
    counts = {row["fact"]: row for row in rows}
    return [
        Loss(fact, found["facts"], found["lost"], found["told"])
        for fact in Fact.values
        if (found := counts.get(fact))
    ]
