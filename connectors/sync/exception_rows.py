"""Which failures and exceptions Salesforce does not show as they are, and what to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from connectors import catalogue
from connectors.accounts.models import Organization
from connectors.errors import Category, Owner
from connectors.exception_rows import ExceptionRow
from connectors.models import FailedPayload
from connectors.timing import scaled
from orders.floor import ExceptionKind, OrderException
from orders.models import Order
from orders.writeback_records import ExceptionWriteback

TRY_REFUSED_AGAIN = timedelta(hours=1)
STOCK = {ExceptionKind.BACKORDER, ExceptionKind.NEVER_FINISHES}
LONGEST_RESOLUTION = 255


@dataclass(frozen=True, slots=True)
class Due:
    """One row to be sent, and what it is about."""

    order: Order
    row: ExceptionWriteback
    failure: FailedPayload | None = None
    exception: OrderException | None = None


def due(organization: Organization, *, now: datetime, most: int) -> list[Due]:
    """What begins or moved first, then what ended, then what is said once more."""
    found: dict[str, Due] = {}
    for one in (
        *(_of_failure(row) for row in _new_failures(organization)[:most]),
        *(_of_exception(row) for row in _new_exceptions(organization)[:most]),
        *_again(_ended(organization)[:most], now),
        *_again(_once_more(organization, now)[:most], now),
    ):
        found.setdefault(one.row.key, one)
    return list(found.values())[:most]


def _new_failures(organization: Organization) -> QuerySet[FailedPayload]:
    """Open failures of orders that are not shown as they are."""
    shown = ExceptionRow.objects.filter(
        failure=OuterRef("pk"),
        is_open=True,
        opened_at=OuterRef("opened_at"),
        reason=OuterRef("reason"),
    )
    return (
        FailedPayload.objects.filter(closed_at=None, order__organization=organization)
        .exclude(Exists(shown))
        .select_related("job", "account", "order__account")
        .order_by("pk")
    )


def _new_exceptions(organization: Organization) -> QuerySet[OrderException]:
    shown = ExceptionRow.objects.filter(
        exception=OuterRef("pk"),
        is_open=True,
        opened_at=OuterRef("opened_at"),
        reason=OuterRef("reason"),
        fix=OuterRef("next_step"),
    )
    return (
        OrderException.objects.filter(closed_at=None, order__organization=organization)
        .exclude(Exists(shown))
        .select_related("account", "order")
        .order_by("pk")
    )


def _rows(organization: Organization) -> QuerySet[ExceptionRow]:
    return ExceptionRow.objects.filter(organization=organization).select_related(
        "order", "failure", "exception"
    )


def _ended(organization: Organization) -> QuerySet[ExceptionRow]:
    """Shown as open, though the episode has ended or is gone."""
    over = (
        Q(failure__closed_at__isnull=False)
        | Q(exception__closed_at__isnull=False)
        | Q(failure=None, exception=None)
    )
    return _rows(organization).filter(over, is_open=True).order_by("pk")


def _once_more(organization: Organization, now: datetime) -> QuerySet[ExceptionRow]:
    """What may have been overtaken by an older write, and what was refused a while ago."""
    since = now - scaled(TRY_REFUSED_AGAIN)
    return (
        _rows(organization)
        .filter(Q(doubt_until__lte=now) | Q(refused_at__lte=since))
        .order_by("pk")
    )


def _again(rows: Iterable[ExceptionRow], now: datetime) -> Iterable[Due]:
    for row in rows:
        closed_at, words = _ending(row, now)
        yield Due(
            order=row.order,
            row=ExceptionWriteback(
                key=row.key,
                order_id=_order_id(row.order),
                category=row.category,
                code=row.code,
                owner=row.owner,
                reason=row.reason,
                fix=row.fix,
                opened_at=row.opened_at,
                closed_at=closed_at,
                resolution=words[:LONGEST_RESOLUTION],
            ),
            failure=row.failure,
            exception=row.exception,
        )


def _ending(row: ExceptionRow, now: datetime) -> tuple[datetime | None, str]:
    """When and how it ended; nothing while it has not."""
    if row.failure is not None:
        failure = row.failure
        told = (failure.get_closed_how_display(), failure.closing_note)
        return failure.closed_at, ". ".join(part for part in told if part)
    if row.exception is not None:
        return row.exception.closed_at, row.exception.closed_with
    return row.closed_at or now, row.resolution or "ShipSync keeps it no longer."


def _of_failure(failure: FailedPayload) -> Due:
    assert failure.order is not None  # noqa: S101 - asked for by its organization
    entry = catalogue.find(failure.code, kind=failure.error_kind)
    prefix = failure.account or failure.order.account
    return Due(
        order=failure.order,
        failure=failure,
        row=ExceptionWriteback(
            key=_key(
                prefix.key_prefix if prefix else "", failure.order, failure.job.kind
            ),
            order_id=_order_id(failure.order),
            category=failure.category,
            code=failure.code,
            owner=failure.owner,
            reason=failure.reason,
            fix=entry.fix if entry else "",
            opened_at=failure.opened_at,
        ),
    )


def _of_exception(row: OrderException) -> Due:
    return Due(
        order=row.order,
        exception=row,
        row=ExceptionWriteback(
            key=_key(row.account.key_prefix, row.order, row.kind),
            order_id=_order_id(row.order),
            category=Category.STOCK if row.kind in STOCK else Category.REMOTE,
            code=row.kind,
            owner=Owner.OPS,
            reason=row.reason,
            fix=row.next_step,
            opened_at=row.opened_at,
        ),
    )


def _key(prefix: str, order: Order, kind: str) -> str:
    """The same after a restored database: made of what both sides know."""
    return "-".join(part for part in (prefix, order.salesforce_id, kind) if part)


def _order_id(order: Order) -> str:
    return "" if order.is_deleted else order.salesforce_id


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one sent row: refused (code and reason), or of unknown outcome."""

    due: Due
    refused: tuple[str, str] | None = None
    is_unknown: bool = False


FIELDS = (
    *("order", "failure", "exception", "code", "category", "owner", "reason", "fix"),
    *("opened_at", "is_open", "closed_at", "resolution", "told_at"),
    *("refused_at", "refused_code", "refused_reason"),
)


def note(
    organization: Organization,
    sent: Sequence[Sent],
    *,
    now: datetime,
    doubt_until: datetime,
) -> None:
    """What was sent is what is shown, or what Salesforce does not take.

    A write of unknown outcome may land late, over a later one: its row stays in doubt
    until then, whatever is written meanwhile, and is sent once more.
    """
    rows = ExceptionRow.objects.filter(organization=organization)
    ExceptionRow.objects.bulk_create(
        [_row(organization, one, now) for one in sent],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["organization", "key"],
        update_fields=FIELDS,
    )
    clear = [one.due.row.key for one in sent if not one.is_unknown]
    unknown = [one.due.row.key for one in sent if one.is_unknown]
    rows.filter(key__in=clear, doubt_until__lte=now).update(doubt_until=None)
    rows.filter(key__in=unknown).update(doubt_until=doubt_until)


def _row(organization: Organization, one: Sent, now: datetime) -> ExceptionRow:
    told = one.due.row
    refused = one.refused or ("", "")
    return ExceptionRow(
        organization=organization,
        key=told.key,
        order=one.due.order,
        failure=one.due.failure,
        exception=one.due.exception,
        code=told.code,
        category=told.category,
        owner=told.owner,
        reason=told.reason,
        fix=told.fix,
        opened_at=told.opened_at,
        is_open=told.closed_at is None,
        closed_at=told.closed_at,
        resolution=told.resolution,
        told_at=None if one.refused or one.is_unknown else now,
        refused_at=now if one.refused else None,
        refused_code=refused[0][:80],
        refused_reason=refused[1],
    )
