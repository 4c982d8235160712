"""The pages of what happened: sync log, deliveries, jobs."""

from __future__ import annotations

from django.utils.safestring import SafeString

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.scoping import by_account, by_account_or_organization
from connectors.console.searching import Search, Via
from connectors.models import SyncAttempt, SyncJob, WebhookDelivery


class SyncAttemptAdmin(MirrorAdmin):
    is_endless = True
    scope = staticmethod(by_account_or_organization(order="order"))
    search = Search(
        exact=("request_id", "code", "order__order_number", "subject", "fingerprint"),
        via=(Via("connectors.RemoteCall", "request_id", "attempt_id"),),
        by_cause=True,
    )
    search_help_text = "Order number, request id, error code, or words of the reason."
    list_note = "Every try that had an effect or an error, newest first."
    list_filter = (
        "outcome",
        filters.KindFilter,
        "error_kind",
        "trigger",
        filters.AccountFilter,
    )
    list_display = ("at", "named", "order_link", "result", "said", "took", "trigger")
    list_select_related = ("order", "account", "organization")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("result", "said_in_full", "code_link", "did")}),
        (
            "What it concerned",
            {"fields": ("job_link", "order_link", "export_link", "account")},
        ),
        ("Calls to the remote systems", {"fields": ("calls_made",)}),
        ("Change", {"fields": ("change",)}),
        (
            "Course",
            {
                "fields": (
                    "started_at",
                    "took",
                    "credits",
                    "trigger",
                    "cause",
                    "actor",
                    "request_id",
                    "trace",
                )
            },
        ),
    )

    @column("Job", order="kind")
    def named(self, row: SyncAttempt) -> str:
        return markup.kind_words(row.kind)

    def title_of(self, row: SyncAttempt) -> str:
        return f"{markup.kind_words(row.kind)} {row.order or row.subject}"

    @column("When", order="id")
    def at(self, row: SyncAttempt) -> SafeString | str:
        return markup.when(row.started_at)

    @column("Order", order="order__order_number")
    def order_link(self, row: SyncAttempt) -> SafeString | str:
        return markup.link_to(row.order)

    @column("Export")
    def export_link(self, row: SyncAttempt) -> SafeString | str:
        return markup.link_to(row.export)

    @column("Job")
    def job_link(self, row: SyncAttempt) -> SafeString | str:
        return markup.link_to_job(row.job)

    @column("Result", order="outcome")
    def result(self, row: SyncAttempt) -> SafeString:
        return markup.chip_html(row.outcome, row.get_outcome_display())

    @column("What happened")
    def said(self, row: SyncAttempt) -> str:
        return row.reason or row.did

    @column("Reason")
    def said_in_full(self, row: SyncAttempt) -> str:
        return row.reason

    @column("Code")
    def code_link(self, row: SyncAttempt) -> SafeString | str:
        return markup.link_to_code(row.code)

    @column("Took", order="duration_ms")
    def took(self, row: SyncAttempt) -> str:
        return f"{row.duration_ms:,} ms"

    @column("Before and after")
    def change(self, row: SyncAttempt) -> SafeString | str:
        return markup.changes(row.diff)

    @column("Calls")
    def calls_made(self, row: SyncAttempt) -> SafeString | str:
        calls = row.calls.select_related("sent", "answer")[:50]
        return markup.calls(calls)

    @column("For engineers")
    def trace(self, row: SyncAttempt) -> SafeString | str:
        return markup.folded_text("Details", row.detail)


class SyncJobAdmin(MirrorAdmin):
    scope = staticmethod(by_account_or_organization(order="order"))
    search = Search(exact=("order__order_number", "key", "subject"))
    search_help_text = "Order number, or the job's own key."
    list_note = "What is to be brought together, why it waits, and when it is due."
    list_filter = (
        filters.JobFilter,
        "state",
        filters.LaneFilter,
        filters.KindFilter,
        filters.AccountFilter,
    )
    list_display = ("named", "order_link", "standing", "waits", "due", "tries", "rung")
    list_select_related = ("order", "account", "organization")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("standing", "waits", "due", "tries")}),
        (
            "What it concerns",
            {"fields": ("kind", "lane", "order_link", "account", "organization")},
        ),
        ("Last trouble", {"fields": ("last_code_link", "last_reason")}),
        (
            "Course",
            {
                "fields": (
                    "trigger",
                    "cause",
                    "actor",
                    "created_at",
                    "rung_at",
                    "started_at",
                    "finished_at",
                    "versions",
                    "lease",
                    "key",
                )
            },
        ),
    )

    def title_of(self, row: SyncJob) -> str:
        return f"{markup.kind_words(row.kind)} {row.order or row.subject}"

    @column("Job", order="kind")
    def named(self, row: SyncJob) -> str:
        return markup.kind_words(row.kind)

    @column("Order", order="order__order_number")
    def order_link(self, row: SyncJob) -> SafeString | str:
        return markup.link_to(row.order)

    @column("State", order="state")
    def standing(self, row: SyncJob) -> SafeString:
        return markup.chip_html(row.state, row.get_state_display())

    @column("Why it waits")
    def waits(self, row: SyncJob) -> str:
        if row.state in {"done", "running"}:
            return ""
        return row.note or row.last_reason

    @column("Due", order="not_before")
    def due(self, row: SyncJob) -> SafeString | str:
        return markup.when(row.not_before) if row.state == "waiting" else ""

    @column("Failed tries", order="attempts")
    def tries(self, row: SyncJob) -> int:
        return row.attempts

    @column("Rung", order="rung_at")
    def rung(self, row: SyncJob) -> SafeString | str:
        return markup.when(row.rung_at)

    @column("Code")
    def last_code_link(self, row: SyncJob) -> SafeString | str:
        return markup.link_to_code(row.last_code)

    @column("Version wanted, done")
    def versions(self, row: SyncJob) -> str:
        return f"{row.wanted_version}, {row.done_version}"

    @column("Lease")
    def lease(self, row: SyncJob) -> str:
        if not row.lease_owner:
            return ""
        until = f" until {row.lease_until:%H:%M:%S} UTC" if row.lease_until else ""
        return f"{row.lease_owner}{until}, fence {row.fence}"


class WebhookDeliveryAdmin(MirrorAdmin):
    is_endless = True
    scope = staticmethod(by_account(brand="order__brand"))
    search = Search(
        exact=("message_id", "order_number", "order_key", "order_remote_id", "digest"),
        numbers=("order_legacy_id",),
    )
    search_help_text = "Order number or key, ShipHero order id, or message id."
    list_note = (
        "Webhooks as they arrived. Unmatched ones are tried again by themselves."
    )
    list_filter = (
        filters.DeliveryNeedFilter,
        "state",
        filters.met("type_name", "type"),
        filters.AccountFilter,
    )
    list_display = ("at", "named", "standing", "order_link", "order_number", "why")
    list_select_related = ("order", "account")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("standing", "why", "named", "order_link")}),
        ("Body as received", {"fields": ("body",)}),
        (
            "Names it gives the order",
            {
                "fields": (
                    "order_number",
                    "order_key",
                    "order_remote_id",
                    "order_legacy_id",
                )
            },
        ),
        (
            "Course",
            {
                "fields": (
                    "received_at",
                    "occurred_at",
                    "applied_at",
                    "copies",
                    "message_id",
                    "digest",
                    "account",
                    "registration",
                )
            },
        ),
    )

    @column("Received", order="received_at")
    def at(self, row: WebhookDelivery) -> SafeString | str:
        return markup.when(row.received_at)

    @column("Type", order="type_name")
    def named(self, row: WebhookDelivery) -> str:
        return row.type_name or "Not read"

    @column("State", order="state")
    def standing(self, row: WebhookDelivery) -> SafeString:
        return markup.chip_html(row.state, row.get_state_display())

    @column("Order")
    def order_link(self, row: WebhookDelivery) -> SafeString | str:
        return markup.link_to(row.order)

    @column("Reason")
    def why(self, row: WebhookDelivery) -> str:
        return row.reason

    @column("Body")
    def body(self, row: WebhookDelivery) -> SafeString | str:
        return markup.folded_payload("Body", row.payload)
