"""The pages of the audit: who decided what."""

from __future__ import annotations

from django.utils.safestring import SafeString

from connectors.accounts.models import Audit
from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.scoping import by_whole_account
from connectors.console.searching import Search


class AuditAdmin(MirrorAdmin):
    is_endless = True
    scope = staticmethod(by_whole_account())
    search = Search(exact=("action", "object_id", "object_label", "actor_name"))
    search_help_text = "A person's name, an action, or an order number."
    list_note = "Who decided what. Nothing here can be changed."
    list_filter = (
        filters.met("action"),
        filters.met("object_type"),
        filters.AccountFilter,
    )
    list_display = ("when", "actor_name", "deed", "object_label", "note")
    list_select_related = ("account",)
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("at", "actor_name", "deed", "object_label", "note")}),
        ("Change", {"fields": ("was", "became")}),
        ("Keys", {"fields": ("object_type", "object_id", "account", "request_id")}),
    )

    @column("When", order="id")
    def when(self, row: Audit) -> SafeString | str:
        return markup.when(row.at)

    @column("Did", order="action")
    def deed(self, row: Audit) -> str:
        return row.action.replace("_", " ").capitalize()

    @column("Before")
    def was(self, row: Audit) -> SafeString | str:
        return markup.folded_json("Before", row.before)

    @column("After")
    def became(self, row: Audit) -> SafeString | str:
        return markup.folded_json("After", row.after)
