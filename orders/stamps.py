"""Which of the rows that moved in the source the mirror does not hold as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.accounts.models import Organization
from orders.models import Order
from orders.records import SourceStamp

# Stamps have one second: what moved again just after a reading can bear the same one.
SETTLES = timedelta(seconds=5)
NEVER: tuple[datetime | None, datetime | None] = (None, None)


def moved(
    stamps: Sequence[SourceStamp],
    organization: Organization,
    *,
    trusted_from: datetime | None = None,
) -> list[str]:
    """Ids of the orders whose own stamps the mirror does not know, in their order.

    Readings that were asked for before `trusted_from` prove nothing.
    """
    known = {
        salesforce_id: (at, whole_at)
        for salesforce_id, at, whole_at in Order.objects.filter(
            organization=organization, salesforce_id__in={s.order_id for s in stamps}
        ).values_list("salesforce_id", "source_modified_at", "read_whole_at")
    }
    news = [
        one.order_id
        for one in stamps
        if not _is_known(one, *known.get(one.order_id, NEVER), trusted_from)
    ]
    return list(dict.fromkeys(news))


def moved_lines(
    stamps: Sequence[SourceStamp],
    organization: Organization,
    *,
    trusted_from: datetime | None = None,
) -> list[str]:
    """As `moved`, of the orders whose lines these are.

    A line that is gone here as it is there is no news.
    """
    known = {
        salesforce_id: (dict(lines or ()), whole_at)
        for salesforce_id, lines, whole_at in Order.objects.filter(
            organization=organization, salesforce_id__in={s.order_id for s in stamps}
        ).values_list("salesforce_id", "picture__line_stamps", "read_whole_at")
    }
    news = []
    for one in stamps:
        lines, whole_at = known.get(one.order_id, ({}, None))
        at = lines.get(one.row_id)
        if one.is_deleted:
            is_known = whole_at is not None and at is None
        else:
            stood = at and datetime.fromisoformat(at)
            is_known = _is_known(one, stood, whole_at, trusted_from)
        if not is_known:
            news.append(one.order_id)
    return list(dict.fromkeys(news))


def _is_known(
    stamp: SourceStamp,
    known: datetime | None,
    whole_at: datetime | None,
    trusted_from: datetime | None,
) -> bool:
    """Whether a reading holds what moved then, and began when its second was over."""
    if known is None or whole_at is None or known < stamp.moved_at:
        return False
    if trusted_from is not None and whole_at < trusted_from:
        return False
    return known > stamp.moved_at or whole_at >= stamp.moved_at + SETTLES
