"""Failures by cause: what stops how many, the fix, and the retry of all of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from connectors.accounts import permissions
from connectors.casework import Cause
from connectors.console import fixes
from connectors.console.base import list_address
from connectors.console.case_filter import (
    Choice,
    assigned_to,
    chosen,
    failures_of,
    retries_of,
)
from connectors.console.case_groups import MOST_CAUSES, drawn, groups_of, sparks
from connectors.console.counting import CAP, capped_counts
from connectors.console.pages import address, show
from connectors.console.scoping import accounts_of
from connectors.console.tabs import Tab, tabs_of, with_query
from connectors.errors import Owner
from connectors.models import FailedPayload
from connectors.sync import lookups

PER_PAGE = 50
VIEW = "connectors.view_failedpayload"


def failures(request: HttpRequest) -> HttpResponse:
    """Open failures grouped by cause, the most first."""
    choice = chosen(request.user, request.GET.dict())
    groups = groups_of(choice.rows, request.user)
    is_whole = len(groups) < MOST_CAUSES
    return show(
        request,
        "admin/console/causes.html",
        title="Failures",
        tabs=_tabs(request, choice),
        owners=_owner_tabs(request, choice.given.get("owner", "")),
        accounts=_account_tabs(request, choice.given.get("account", "")),
        groups=groups,
        count=sum(group.rows for group in groups) if is_whole else None,
        is_filtered=bool(choice.given),
        running=list(retries_of(request.user).filter(ended_at=None)[:5]),
        may_retry=permissions.may(request.user, permissions.RETRY),
        retry_address=address("retry_preview", **choice.given),
        export_address=address("failures_csv", **choice.given),
    )


def _tabs(request: HttpRequest, choice: Choice) -> list[Tab]:
    seen = failures_of(request.user)
    counts = capped_counts(
        {
            "open": seen.filter(closed_at=None),
            "mine": seen.filter(
                closed_at=None, fingerprint__in=assigned_to(request.user)
            ),
        }
    )
    tabs = tabs_of(
        {"open": "Open", "mine": "Mine"},
        request.GET,
        name="show",
        current=choice.given.get("show", "open"),
        counts=counts,
        tones={"open": "bad", "mine": "warn"},
        cap=CAP,
    )
    ended = _closed_count(seen)
    closed = list_address(FailedPayload, state="closed")
    everything = list_address(FailedPayload, state="all")
    return [
        *tabs,
        Tab("Closed", closed, count=min(ended, CAP), is_capped=ended > CAP),
        Tab("One by one", everything),
    ]


def _closed_count(seen: QuerySet[FailedPayload]) -> int:
    """Counted to a cap along the index of their end, however many there are."""
    newest = seen.exclude(closed_at=None).order_by("-closed_at").values_list("pk")
    return len(newest[: CAP + 1])


def _owner_tabs(request: HttpRequest, owner: str) -> list[Tab]:
    words = {"": "Anybody's", **{each.value: each.value.capitalize() for each in Owner}}
    return [
        Tab(text, with_query(request.GET, owner=value), value == owner)
        for value, text in words.items()
    ]


def _account_tabs(request: HttpRequest, account: str) -> list[Tab]:
    """One for each account; none where there is no choice."""
    rows = accounts_of(request.user)
    if len(rows) < 2:
        return []
    words = {"": "All accounts", **{str(row.pk): row.name for row in rows}}
    return [
        Tab(text, with_query(request.GET, account=value), value == account)
        for value, text in words.items()
    ]


def find_cause(request: HttpRequest, pk: int) -> Cause:
    """The cause, if one of the failures that it stopped is the user's to see."""
    seen = failures_of(request.user).filter(fingerprint=OuterRef("fingerprint"))
    mutings = Cause.muted_by.through.objects.filter(
        cause=OuterRef("pk"), user=request.user.pk or 0
    )
    rows = Cause.objects.select_related("account", "assigned_to").filter(Exists(seen))
    rows = rows.annotate(is_muted=Exists(mutings))
    cause = rows.filter(pk=pk).first()
    if cause is None:
        raise Http404("There is no such cause.")
    return cause


def show_cause(request: HttpRequest, cause: Cause) -> HttpResponse:
    seen = failures_of(request.user).filter(fingerprint=cause.fingerprint)
    open_ones = seen.filter(closed_at=None).order_by("opened_at", "id")
    rows = open_ones.select_related("order__organization", "account", "job")
    page = list(_after(rows, request.GET.get("after", ""))[: PER_PAGE + 1])
    first = page[0] if page else rows.first()
    group = next(iter(groups_of(open_ones, request.user, [cause])), None)
    with lookups.read_for(accounts=[cause.account] if cause.account else []):
        fix = fixes.card_of(cause, first, request.user)
    return show(
        request,
        "admin/console/cause.html",
        title=cause.title,
        crumbs={"Failures": address("failures")},
        cause=cause,
        group=group,
        spark=group.spark
        if group
        else drawn(sparks([cause.fingerprint])[cause.fingerprint]),
        fix=fix,
        rows=page[:PER_PAGE],
        older=_next_page(request, page),
        retries=list(retries_of(request.user).filter(cause=cause)[:5]),
        people=User.objects.filter(is_active=True).order_by("username")[:100],
        is_muted=getattr(cause, "is_muted", False),
        may_retry=permissions.may(request.user, permissions.RETRY, cause.account),
        may_dismiss=permissions.may(request.user, permissions.DISMISS, cause.account),
        attempts_address=_tries_address(cause),
        export_address=address("failures_csv", cause=cause.pk),
    )


def _after(rows: QuerySet[Any], given: str) -> QuerySet[Any]:
    """The rows that opened after the one named, for pages without counting."""
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        return rows
    last = FailedPayload.objects.filter(pk=int(given)).values_list("opened_at").first()
    if last is None:
        return rows
    later = rows.filter(opened_at__gt=last[0])
    return later | rows.filter(opened_at=last[0], pk__gt=int(given))


def _next_page(request: HttpRequest, page: list[FailedPayload]) -> str:
    if len(page) <= PER_PAGE:
        return ""
    return with_query(request.GET, after=page[PER_PAGE - 1].pk)


def _tries_address(cause: Cause) -> str:
    name = "connectors_syncattempt_changelist"
    return address(name, q=cause.fingerprint)
