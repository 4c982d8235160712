"""Open failures grouped by cause, with what each stops and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors import catalogue
from connectors.casework import Cause
from connectors.console import charts
from connectors.console.base import list_address
from connectors.models import FailedPayload

MOST_CAUSES = 60
HOURS = 24
MOST_MOMENTS = 5000


@dataclass(frozen=True, slots=True)
class Group:
    """One cause with what it stops now. `key` is its row's, 0 where none is kept."""

    key: int
    title: str
    entry_title: str
    code: str
    owner: str
    account: str
    rows: int
    orders: int
    value: str
    first: datetime
    last: datetime
    spark: SafeString
    assigned_to: str
    is_mine: bool
    list_address: str


def groups_of(
    open_ones: QuerySet[FailedPayload], user: Any, known: Sequence[Cause] = ()
) -> list[Group]:
    """Grouped in four queries, however many failures there are.

    `known` are their causes where they were read already.
    """
    sums: list[Any] = list(
        open_ones.order_by()
        .values("fingerprint")
        .annotate(
            rows=Count("id"),
            orders=Count("order", distinct=True),
            value=Sum("order__value"),
            currency=Max("order__currency"),
            currencies=Count("order__currency", distinct=True),
            first=Min("opened_at"),
            last=Max("opened_at"),
            sample=Max("id"),
        )
        .order_by("-rows", "first")[:MOST_CAUSES]
    )
    keys = [row["fingerprint"] for row in sums]
    rows = Cause.objects.filter(fingerprint__in=keys)
    found = known or rows.select_related("assigned_to", "account")
    causes = {cause.fingerprint: cause for cause in found}
    samples = FailedPayload.objects.select_related("account").in_bulk(
        [row["sample"] for row in sums]
    )
    counts = sparks(keys)
    return [
        _group(
            row,
            causes.get(row["fingerprint"]),
            samples[row["sample"]],
            counts[row["fingerprint"]],
            user,
        )
        for row in sums
    ]


def _group(
    row: dict[str, Any],
    cause: Cause | None,
    sample: FailedPayload,
    spark: list[int],
    user: Any,
) -> Group:
    entry = catalogue.find(sample.code, kind=sample.error_kind)
    person = cause.assigned_to if cause else None
    return Group(
        key=cause.pk if cause else 0,
        title=cause.title if cause else sample.reason,
        entry_title=entry.title if entry else sample.code,
        code=sample.code,
        owner=sample.owner,
        account=str(sample.account or ""),
        rows=row["rows"],
        orders=row["orders"],
        value=_amount(row["value"], row["currency"], row["currencies"]),
        first=cause.first_seen_at if cause else row["first"],
        last=row["last"],
        spark=drawn(spark),
        assigned_to=str(person) if person else "",
        is_mine=person is not None and person.pk == user.pk,
        list_address=list_address(FailedPayload, q=row["fingerprint"]),
    )


def _amount(value: Decimal | None, currency: str | None, currencies: int) -> str:
    """The orders' value for people; amounts of several currencies are not summed."""
    if not value:
        return ""
    if currencies > 1:
        return "several currencies"
    return f"{value:,.0f} {currency or ''}".strip()


def drawn(counts: list[int]) -> SafeString:
    words = f"{sum(counts)} in the last {HOURS} hours"
    return charts.sparkline(counts, words, tone="bad")


def sparks(keys: list[str]) -> dict[str, list[int]]:
    """How many failures each cause opened in each of the last 24 hours."""
    today = now()
    found: dict[str, list[int]] = defaultdict(lambda: [0] * HOURS)
    rows = FailedPayload.objects.filter(
        fingerprint__in=keys, opened_at__gt=today - timedelta(hours=HOURS)
    ).order_by("-opened_at")
    moments = rows.values_list("fingerprint", "opened_at")[:MOST_MOMENTS]
    for key, opened_at in moments:
        hours_ago = int((today - opened_at).total_seconds() // 3600)
        found[key][max(HOURS - 1 - hours_ago, 0)] += 1
    return found
