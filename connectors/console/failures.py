"""The page of failures: what stopped, why, whose it is, and the buttons."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors import catalogue
from connectors.accounts import permissions
from connectors.casework import Cause
from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.pages import address
from connectors.console.scoping import by_account_or_organization
from connectors.console.searching import Search
from connectors.models import FailedPayload
from connectors.sync import bulk_retries
from connectors.sync.actions import ActionRefusedError, retry

CONFIRM_OVER = 20


class FailedPayloadAdmin(MirrorAdmin):
    scope = staticmethod(by_account_or_organization(order="order"))
    search = Search(
        exact=("code", "order__order_number", "fingerprint", "request_id"),
        by_cause=True,
    )
    search_help_text = "Order number, error code, or words of the reason."
    list_note = "Each row is one record that stopped, with its reason and its owner."
    list_filter = (
        filters.OpenFilter,
        "owner",
        "category",
        "error_kind",
        filters.AccountFilter,
    )
    list_display = (
        "why",
        "order_link",
        "whose",
        "about",
        "code_link",
        "opened",
        "standing",
    )
    list_select_related = ("order", "account", "job", "job__order")
    ordering = ("-opened_at", "-id")
    actions = ("retry_selected",)
    fieldsets = (
        (None, {"fields": ("why_in_full", "fix", "whose", "about", "code_link")}),
        ("What it concerns", {"fields": ("order_link", "job_link", "account")}),
        (
            "Evidence",
            {"fields": ("problems_list", "sent", "answer", "trace", "attempt_link")},
        ),
        (
            "Course",
            {
                "fields": (
                    "opened",
                    "times",
                    "standing",
                    "closing_note",
                    "request_id",
                )
            },
        ),
    )

    def links_of(self, row: FailedPayload) -> list[tuple[str, str]]:
        """To the page of its cause, where all that it stopped can be mended at once."""
        cause = Cause.objects.filter(fingerprint=row.fingerprint).first()
        return [("All of this cause", address("cause", cause.pk))] if cause else []

    @column("Reason", order="reason")
    def why(self, row: FailedPayload) -> str:
        return row.reason

    @column("Reason")
    def why_in_full(self, row: FailedPayload) -> str:
        return row.reason

    @column("What to do")
    def fix(self, row: FailedPayload) -> str:
        entry = catalogue.find(row.code, kind=row.error_kind)
        return entry.fix if entry else "Correct what the reason names, then retry."

    @column("Order", order="order__order_number")
    def order_link(self, row: FailedPayload) -> SafeString | str:
        return markup.link_to(row.order)

    @column("Owner", order="owner")
    def whose(self, row: FailedPayload) -> str:
        return row.get_owner_display()

    @column("About", order="category")
    def about(self, row: FailedPayload) -> str:
        return row.get_category_display().replace("Sku", "SKU")

    @column("Code", order="code")
    def code_link(self, row: FailedPayload) -> SafeString | str:
        return markup.link_to_code(row.code)

    @column("Since", order="opened_at")
    def opened(self, row: FailedPayload) -> SafeString | str:
        return markup.when(row.opened_at)

    @column("State", order="closed_at")
    def standing(self, row: FailedPayload) -> SafeString | str:
        if row.closed_at is None:
            return markup.tone_html("bad", "Open")
        return markup.tone_html("off", row.get_closed_how_display() or "Closed")

    @column("Job")
    def job_link(self, row: FailedPayload) -> SafeString | str:
        return markup.link_to_job(row.job)

    @column("Logged as")
    def attempt_link(self, row: FailedPayload) -> SafeString | str:
        return markup.link_to(row.attempt, "The try in the sync log")

    @column("All problems")
    def problems_list(self, row: FailedPayload) -> SafeString | str:
        return markup.problems(row.problems)

    @column("What was sent")
    def sent(self, row: FailedPayload) -> SafeString | str:
        return markup.folded_payload("Payload", row.payload)

    @column("What came back")
    def answer(self, row: FailedPayload) -> SafeString | str:
        return markup.folded_payload("Answer", row.error_response)

    @column("For engineers")
    def trace(self, row: FailedPayload) -> SafeString | str:
        return markup.folded_text("Details", row.detail)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, permissions.RETRY)

    @admin.action(description="Retry the selected", permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[FailedPayload]
    ) -> HttpResponse | None:
        """Retry at once up to 20; more are shown first and ask for a yes."""
        open_ones = queryset.filter(closed_at=None).order_by("opened_at", "id")
        count = open_ones.count()
        if count > CONFIRM_OVER and "confirmed" not in request.POST:
            return self._ask(request, open_ones, count)
        try:
            if count > CONFIRM_OVER:
                return self._retry_many(request, open_ones)
            self._retry(request, open_ones)
        except (ActionRefusedError, PermissionDenied) as refused:
            messages.warning(request, str(refused))
        return None

    def _retry(self, request: HttpRequest, failures: QuerySet[FailedPayload]) -> None:
        rows = list(failures.select_related("job", "account"))
        queued = retry(failures=rows, user=request.user, now=now())
        words = "failure is" if queued == 1 else "failures are"
        messages.success(request, f"{queued} {words} tried again now.")

    def _retry_many(
        self, request: HttpRequest, failures: QuerySet[FailedPayload]
    ) -> HttpResponse:
        """The oldest first, by the worker; the page of it shows how far it is."""
        begun = bulk_retries.start(
            failures=failures,
            words="Selected in the list",
            cause=None,
            user=request.user,
            now=now(),
        )
        return HttpResponseRedirect(address("bulk_retry", begun.pk))

    def _ask(
        self, request: HttpRequest, failures: QuerySet[FailedPayload], count: int
    ) -> HttpResponse:
        by_code = failures.order_by().values("code").annotate(rows=Count("id"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Retry {count} failures?",
            "opts": self.opts,
            "count": count,
            "by_code": by_code.order_by("-rows")[:10],
            "oldest": failures.first(),
            "selected": request.POST.getlist("_selected_action"),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/console/confirm_retry.html", context)
