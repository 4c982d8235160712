"""What the pages of failures post: retry, close, assign, fix; and the export."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.timezone import now

from connectors.casework import BulkRetry, BulkRetryItem, Cause, Result
from connectors.console import cases, fixes
from connectors.console.case_filter import NAMES, chosen, failures_of, retries_of
from connectors.console.pages import Page, address, register, show
from connectors.models import FailedPayload
from connectors.sync import actions, bulk_retries, case_actions
from connectors.sync.actions import ActionRefusedError
from orders.map_files import safe_cell

AT_ONCE = 20

Deed = Callable[[HttpRequest, Cause], str]


def cause(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a cause, and everything that can be done about it."""
    found = cases.find_cause(request, pk)
    if request.method != "POST":
        return cases.show_cause(request, found)
    wanted = "retry" if "one" in request.POST else request.POST.get("do", "")
    deed = _DEEDS.get(wanted)
    if deed is None:
        raise Http404("There is no such button.")
    try:
        back = deed(request, found)
    except ActionRefusedError as refused:
        messages.warning(request, str(refused))
        back = ""
    return HttpResponseRedirect(back or address("cause", found.pk))


def _chosen(request: HttpRequest, found: Cause) -> QuerySet[FailedPayload]:
    """The ticked rows of this cause, or all of them."""
    rows = failures_of(request.user).filter(
        fingerprint=found.fingerprint, closed_at=None
    )
    one = request.POST.get("one", "")
    keys = [one] if one else request.POST.getlist("pk")
    if request.POST.get("all"):
        return rows
    return rows.filter(pk__in=[key for key in keys if _is_key(key)])


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _retry(request: HttpRequest, found: Cause) -> str:
    chosen = _chosen(request, found)
    rows = list(chosen.select_related("job", "account")[: AT_ONCE + 1])
    if not rows:
        raise ActionRefusedError("Tick what is to be retried.")
    if len(rows) > AT_ONCE:
        return address("retry_preview", cause=found.pk)
    count = actions.retry(failures=rows, user=request.user, now=now())
    words = "failure is" if count == 1 else "failures are"
    messages.success(request, f"{count} {words} tried again now.")
    return ""


def _close(request: HttpRequest, found: Cause) -> str:
    how = request.POST["do"]
    rows = list(
        _chosen(request, found).select_related("account")[: case_actions.MOST + 1]
    )
    if not rows:
        raise ActionRefusedError("Tick what is to be closed.")
    count = case_actions.close_many(
        failures=rows,
        how=how,
        why=request.POST.get("why", ""),
        user=request.user,
        now=now(),
    )
    word = "dismissed" if how == "dismiss" else "resolved"
    messages.success(request, f"{count} {word}. They come again if their source does.")
    return address("failures")


def _assign(request: HttpRequest, found: Cause) -> str:
    key = request.POST.get("to", "")
    people = User.objects.filter(is_active=True)
    person = people.filter(pk=key).first() if _is_key(key) else None
    if key and person is None:
        raise ActionRefusedError("There is no such person.")
    case_actions.assign(cause=found, to=person, user=request.user, now=now())
    messages.success(request, f"{person} sees to it." if person else "It is anybody's.")
    return ""


def _mute(request: HttpRequest, found: Cause) -> str:
    muted = request.POST.get("muted") == "1"
    case_actions.mute(cause=found, user=request.user, muted=muted)
    words = "No more mail about this cause." if muted else "Mail about it comes again."
    messages.success(request, words)
    return ""


def _fix(request: HttpRequest, found: Cause) -> str:
    rows = failures_of(request.user).filter(
        fingerprint=found.fingerprint, closed_at=None
    )
    failure = rows.select_related("order").first()
    count = rows.order_by()[:1000].count()
    fixes.apply(found, failure, request.POST.dict(), user=request.user, now=now())
    words = (
        "1 order goes on by itself"
        if count == 1
        else f"{count} orders go on by themselves"
    )
    messages.success(request, f"Saved as a new version. {words} now.")
    return ""


_DEEDS: dict[str, Deed] = {
    "retry": _retry,
    "dismiss": _close,
    "resolve": _close,
    "assign": _assign,
    "mute": _mute,
    "fix": _fix,
}


def preview(request: HttpRequest) -> HttpResponse:
    """What a retry of all of a cause, or of a filter, would meet; then its start."""
    given = (request.POST if request.method == "POST" else request.GET).dict()
    found, rows, words = _meant(request, given)
    if request.method == "POST":
        return _start(request, found, rows, words)
    crumbs = {"Failures": address("failures")}
    if found is not None:
        crumbs[found.title[:60]] = address("cause", found.pk)
    return show(
        request,
        "admin/console/retry_preview.html",
        title="Retry all of them",
        crumbs=crumbs,
        cause=found,
        given={name: given[name] for name in NAMES if given.get(name)},
        words=words,
        preview=bulk_retries.preview(rows, now=now()),
    )


def _meant(
    request: HttpRequest, given: Mapping[str, str]
) -> tuple[Cause | None, QuerySet[FailedPayload], str]:
    key = given.get("cause", "")
    if key:
        found = cases.find_cause(request, int(key) if _is_key(key) else 0)
        rows = failures_of(request.user).filter(closed_at=None)
        return found, rows.filter(fingerprint=found.fingerprint), found.title
    choice = chosen(request.user, given)
    return None, choice.rows, choice.words


def _start(
    request: HttpRequest,
    found: Cause | None,
    rows: QuerySet[FailedPayload],
    words: str,
) -> HttpResponse:
    try:
        retry = bulk_retries.start(
            failures=rows, words=words, cause=found, user=request.user, now=now()
        )
    except ActionRefusedError as refused:
        messages.warning(request, str(refused))
        return HttpResponseRedirect(address("failures"))
    return HttpResponseRedirect(address("bulk_retry", retry.pk))


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a retry of many is; its stop."""
    retry = retries_of(request.user).filter(pk=pk).first()
    if retry is None:
        raise Http404("There is no such retry.")
    mine = retry.items.filter(failure__in=failures_of(request.user).values("pk"))
    if request.method == "POST":
        try:
            _refuse_what_is_of_others(retry, mine)
            bulk_retries.stop(retry=retry, user=request.user, now=now())
            messages.success(request, "Stopped. What was tried already goes on.")
        except ActionRefusedError as refused:
            messages.warning(request, str(refused))
        return HttpResponseRedirect(address("bulk_retry", pk))
    return show(
        request,
        "admin/console/retry_progress.html",
        title="Retry of many",
        crumbs={"Failures": address("failures")},
        retry=retry,
        **_figures(retry, mine),
    )


def _refuse_what_is_of_others(retry: BulkRetry, mine: QuerySet[BulkRetryItem]) -> None:
    """Raises ActionRefusedError where rows are in it that the user may not see."""
    if mine.count() < retry.items.count():
        raise ActionRefusedError(
            "This retry holds orders of accounts that you may not see: "
            f"ask {retry.created_by or 'a lead'} to stop it."
        )


def _figures(retry: BulkRetry, mine: QuerySet[BulkRetryItem]) -> dict[str, Any]:
    counts = dict.fromkeys(Result.values, 0)
    for result in retry.items.values_list("result", flat=True):
        counts[result] += 1
    done = sum(counts[result] for result in bulk_retries.ENDED)
    again = mine.filter(result__in=[Result.SAME, Result.OTHER])
    return {
        "counts": [(Result(value).label, count) for value, count in counts.items()],
        "done": done,
        "label": f"{done} of {retry.total}",
        "parked_again": list(again.select_related("failure__order")[:20]),
    }


def export(request: HttpRequest) -> StreamingHttpResponse:
    """The open failures as CSV; cells that a spreadsheet would run are made text."""
    _found, rows, _words = _meant(request, request.GET.dict())
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="failures.csv"'
    return answer


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(rows: QuerySet[FailedPayload]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(
        ("order", "reason", "code", "owner", "category", "account", "since", "value")
    )
    wanted = rows.order_by("opened_at", "id").values_list(
        "order__order_number",
        "reason",
        "code",
        "owner",
        "category",
        "account__name",
        "opened_at",
        "order__value",
    )
    for row in wanted.iterator(chunk_size=1000):
        yield writer.writerow([safe_cell(value) for value in row])


def register_pages() -> None:
    view, retry = cases.VIEW, "failures/retry/"
    register(
        Page("failures", "failures/", cases.failures, view, "By cause", "Failures", 10),
        Page("cause", "failures/cause/<int:pk>/", cause, view, "Cause", posts=True),
        Page("retry_preview", retry, preview, view, "Retry", posts=True),
        Page("bulk_retry", f"{retry}<int:pk>/", progress, view, "Retry", posts=True),
        Page("failures_csv", "failures/export.csv", export, view, "Export"),
    )
