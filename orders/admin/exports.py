"""Door: the console's pages of exports and of what is proposed for them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.scoping import by_account
from connectors.console.searching import Search, Via
from orders.models import Export
from orders.proposals import Proposal


@admin.register(Export)
class ExportAdmin(MirrorAdmin):
    scope = staticmethod(by_account(brand="brand"))
    search = Search(
        exact=("key", "remote_id", "remote_number"),
        numbers=("remote_legacy_id",),
        via=(Via("orders.Export", "order__order_number", "id"),),
    )
    search_help_text = "Order number, our key, or ShipHero's id or number."
    list_note = "One row per warehouse order that stands, or is to stand, in ShipHero."
    list_filter = (filters.ExportFilter, filters.AccountFilter)
    list_display = (
        "key",
        "order_link",
        "standing",
        "remote",
        "held",
        "went_out",
        "account",
    )
    list_select_related = ("order", "account")
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {"fields": ("standing", "order_link", "account", "brand", "generation")},
        ),
        (
            "In ShipHero",
            {
                "fields": (
                    "remote_id",
                    "remote_legacy_id",
                    "remote_number",
                    "linked_by_person",
                    "hold_kind",
                    "held_at",
                    "released_at",
                    "window_until",
                    "approved_at",
                    "edit_outcome",
                    "edit_note",
                    "edit_outcome_at",
                    "canceled_at",
                    "closed_at",
                )
            },
        ),
        (
            "Exactly once",
            {"fields": ("key", "fence", "lease", "intent_at", "create_calls")},
        ),
        ("Pictures", {"fields": ("is_wanted", "was_sent", "was_read", "real")}),
        (
            "Times",
            {
                "fields": (
                    "source_modified_at",
                    "pulled_at",
                    "sent_at",
                    "acknowledged_at",
                    "remote_event_at",
                    "received_at",
                    "facts_read_at",
                    "written_back_at",
                    "created_at",
                )
            },
        ),
    )

    @column("Order", order="order__order_number")
    def order_link(self, row: Export) -> SafeString | str:
        return markup.link_to(row.order)

    @column("State")
    def standing(self, row: Export) -> SafeString:
        tone, word = markup.stand_of(row)
        return markup.tone_html(tone, word)

    @column("ShipHero number", order="remote_legacy_id")
    def remote(self, row: Export) -> str:
        return row.remote_number or str(row.remote_legacy_id or row.remote_id)

    @column("Held", order="held_at")
    def held(self, row: Export) -> SafeString | str:
        return markup.when(row.held_at) if row.is_held_by_us else ""

    @column("Sent", order="sent_at")
    def went_out(self, row: Export) -> SafeString | str:
        return markup.when(row.sent_at)

    @column("Lease")
    def lease(self, row: Export) -> str:
        until = f" until {row.lease_until:%H:%M:%S} UTC" if row.lease_until else ""
        return f"{row.lease_owner}{until}"

    @column("Wanted")
    def is_wanted(self, row: Export) -> SafeString | str:
        return markup.folded_json("Wanted", row.wanted)

    @column("Sent")
    def was_sent(self, row: Export) -> SafeString | str:
        return markup.folded_json("Sent", row.sent)

    @column("Acknowledged")
    def was_read(self, row: Export) -> SafeString | str:
        return markup.folded_json("Acknowledged", row.acknowledged)

    @column("Facts")
    def real(self, row: Export) -> SafeString | str:
        return markup.folded_json("Facts", row.facts)


@admin.register(Proposal)
class ProposalAdmin(MirrorAdmin):
    scope = staticmethod(by_account("export__account", brand="export__brand"))
    search = Search(
        exact=("export__key", "export__remote_number"),
        prefix=("export__order__order_number",),
    )
    search_help_text = "Order number, our key, or ShipHero's number."
    list_note = "What ShipSync must not decide alone: accept or refuse."
    list_filter = (
        "kind",
        "decision",
        ("decided_at", admin.EmptyFieldListFilter),
    )
    list_display = ("what", "order_link", "reason", "opened", "stand", "decided_by")
    list_select_related = ("export__order", "export__account")
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "what",
                    "order_link",
                    "export_link",
                    "reason",
                    "opened",
                    "stand",
                    "decided_by",
                    "note",
                )
            },
        ),
    )

    @column("Proposal", order="kind")
    def what(self, row: Proposal) -> str:
        return row.get_kind_display()

    @column("Order", order="export__order__order_number")
    def order_link(self, row: Proposal) -> SafeString | str:
        return markup.link_to(row.export.order)

    @column("Export")
    def export_link(self, row: Proposal) -> SafeString | str:
        return markup.link_to(row.export)

    @column("Opened", order="opened_at")
    def opened(self, row: Proposal) -> SafeString | str:
        return markup.when(row.opened_at)

    @column("Decision", order="decision")
    def stand(self, row: Proposal) -> SafeString:
        if row.decided_at is None:
            return markup.tone_html("warn", "Open")
        return markup.tone_html("off", row.get_decision_display())

    @column("By", order="decided_by_name")
    def decided_by(self, row: Proposal) -> str:
        if row.decided_at is None:
            return ""
        return row.decided_by_name or "ShipSync"
