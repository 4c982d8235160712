"""What Salesforce shows of failures and exceptions, and what it does not take."""

from __future__ import annotations

from django.utils.safestring import SafeString

from connectors.accounts import permissions
from connectors.console import filters, markup, offers, panels
from connectors.console.base import MirrorAdmin, column, list_address
from connectors.console.offers import Call, Offer
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import by_account
from connectors.console.searching import Search
from connectors.exception_rows import ExceptionRow
from connectors.sync import push_exceptions

MINE = by_account("order__account", brand="order__brand")


class ExceptionRowAdmin(MirrorAdmin):
    scope = staticmethod(MINE)
    search = Search(exact=("key", "order__order_number", "code"))
    search_help_text = "Order number, code, or the row's key in Salesforce."
    list_note = (
        "The rows of “Sync Exceptions” in Salesforce, as they were last sent: one for "
        "each order and kind of trouble, which ends and begins again."
    )
    list_filter = ("is_open", filters.met("owner"), filters.met("category"))
    list_display = ("at", "order_link", "standing", "reason", "whose", "shown")
    list_select_related = ("order",)
    fieldsets = (
        (None, {"fields": ("standing", "order_link", "reason", "fix", "whose")}),
        ("Course", {"fields": ("opened_at", "closed_at", "resolution")}),
        ("In Salesforce", {"fields": ("shown", "refused_code")}),
        ("Keys", {"fields": ("key", "code", "category", "failure", "exception")}),
    )

    @column("Since", order="opened_at")
    def at(self, row: ExceptionRow) -> SafeString | str:
        return markup.when(row.opened_at)

    @column("Order")
    def order_link(self, row: ExceptionRow) -> SafeString | str:
        return markup.link_to(row.order)

    @column("State", order="is_open")
    def standing(self, row: ExceptionRow) -> SafeString:
        if row.refused_at is not None:
            return markup.chip_html("refused", "Refused")
        tone, word = ("warn", "Open") if row.is_open else ("off", "Ended")
        return markup.tone_html(tone, word)

    @column("Who fixes it", order="owner")
    def whose(self, row: ExceptionRow) -> str:
        return row.owner.capitalize()

    @column("Told in Salesforce")
    def shown(self, row: ExceptionRow) -> SafeString | str:
        if row.refused_at is not None:
            return f"Refused: {row.refused_reason}"
        if row.doubt_until is not None:
            return "Not certain; it is sent once more."
        return markup.when(row.told_at)


def _tell_again(call: Call) -> str:
    push_exceptions.tell_again(row=call.subject, user=call.user, now=call.now)
    return "The row is being written to Salesforce again."


def _is_told(row: ExceptionRow) -> str:
    return "" if row.refused_at is not None else "Salesforce has taken this row."


def refused(view: View) -> list[Line]:
    """Rows that Salesforce does not take."""
    rows = ExceptionRow.objects.exclude(refused_at=None)
    if not view.scope.everything:
        rows = rows.filter(MINE(view.scope))
    count = rows[:100].count()
    address = list_address(ExceptionRow)
    words = "Exceptions whose row Salesforce refuses"
    return [Line(words, address, count, "its reason stands on each")] if count else []


def register_all() -> None:
    offers.register(
        Offer(
            "tell-again",
            ExceptionRow,
            "Tell again",
            permissions.RETRY,
            _tell_again,
            _is_told,
            help="Write the row to Salesforce once more. It is tried hourly anyway.",
        )
    )
    panels.register(
        Panel(
            "refused_exceptions",
            "Exceptions that Salesforce refuses",
            refused,
            lambda: list_address(ExceptionRow),
            "connectors.view_exceptionrow",
            171,
            empty="Salesforce shows every failure and exception.",
            is_empty_good=True,
        )
    )
