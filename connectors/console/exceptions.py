"""Exceptions and returns: what needs a person, and what comes back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.console import filters, markup, panels
from connectors.console.base import MirrorAdmin, column, list_address
from connectors.console.chips import Tone
from connectors.console.counting import moment
from connectors.console.floor_view import short_lines
from connectors.console.home import seen
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import by_account
from connectors.console.searching import Search
from orders.floor import ExceptionKind, OrderException, Return

OF_EXCEPTIONS = by_account(brand="order__brand")


class OpenFilter(admin.SimpleListFilter):
    """What is open and not waiting by a person's word comes first."""

    title = "need"
    parameter_name = "need"

    def lookups(self, _request: object, _admin: object) -> list[tuple[str, str]]:
        return [("open", "Open"), ("waits", "Waits"), ("cleared", "Cleared")]

    def queryset(
        self, _request: object, rows: QuerySet[OrderException]
    ) -> QuerySet[OrderException]:
        asked = {
            "open": open_ones(rows, now()),
            "waits": rows.filter(closed_at=None, quiet_until__gt=now()),
            "cleared": rows.exclude(closed_at=None),
        }
        return asked.get(self.value() or "", rows)


def open_ones(
    rows: QuerySet[OrderException], moment: object
) -> QuerySet[OrderException]:
    loud = Q(quiet_until=None) | Q(quiet_until__lte=moment)
    return rows.filter(loud, closed_at=None)


class OrderExceptionAdmin(MirrorAdmin):
    scope = staticmethod(OF_EXCEPTIONS)
    search = Search(
        exact=("order__order_number", "order__lines__sku"), words=("reason",)
    )
    search_help_text = "Order number, SKU, or words of the reason."
    list_note = (
        "What may need you although nothing has failed. Each clears by itself as soon "
        "as the facts say so."
    )
    list_filter = (OpenFilter, "kind", filters.AccountFilter)
    list_display = ("named", "order_link", "reason", "next_step", "since", "often")
    list_select_related = ("order", "account")
    ordering = ("-opened_at", "-id")
    fieldsets = (
        (None, {"fields": ("named", "order_link", "reason", "next_step", "lines")}),
        ("Course", {"fields": ("since", "often", "waits", "cleared", "account")}),
        ("What was seen", {"fields": ("seen",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the table of what is short where nothing is."""
        found = super().get_fieldsets(request, obj)
        if obj is not None and short_lines(obj):
            return found
        (title, first), *more = found
        fields = tuple(name for name in first["fields"] if name != "lines")
        return [(title, {**first, "fields": fields}), *more]

    @column("Order", order="order__order_number")
    def order_link(self, row: OrderException) -> SafeString | str:
        return markup.link_to(row.order)

    @column("What", order="kind")
    def named(self, row: OrderException) -> SafeString:
        if row.closed_at is not None:
            tone = "off"
        else:
            tone = "waiting" if row.is_quiet(now()) else "warn"
        return markup.tone_html(tone, row.get_kind_display())

    @column("Since", order="opened_at")
    def since(self, row: OrderException) -> SafeString | str:
        return markup.when(row.opened_at)

    @column("Times", order="times")
    def often(self, row: OrderException) -> int:
        return row.times

    @column("Waits")
    def waits(self, row: OrderException) -> str:
        if not row.quiet_until:
            return ""
        until = f"{row.quiet_until:%d %B %Y, %H:%M} UTC"
        return f"Until {until}, says {row.quiet_by}: {row.quiet_why}"

    @column("Cleared")
    def cleared(self, row: OrderException) -> SafeString | str:
        if row.closed_at is None:
            return ""
        return markup.joined(str(markup.when(row.closed_at)), row.closed_with)

    @column("What is short")
    def lines(self, row: OrderException) -> SafeString | str:
        found = short_lines(row)
        if not found:
            return ""
        return render_to_string("admin/console/short_lines.html", {"lines": found})

    @column("Evidence")
    def seen(self, row: OrderException) -> SafeString | str:
        return markup.folded_json("Evidence", row.evidence)


class ReturnAdmin(MirrorAdmin):
    scope = staticmethod(by_account(brand="export__brand"))
    search = Search(
        exact=("remote_id", "tracking_number", "lines__sku"),
        prefix=("export__order__order_number",),
        numbers=("remote_legacy_id",),
    )
    search_help_text = "Order number, SKU, tracking number, or ShipHero's return id."
    list_note = "Goods that come back, as ShipHero tells it. Nothing here is changed."
    list_filter = (filters.met("status"), filters.AccountFilter)
    list_display = ("named", "order_link", "status", "reason", "units", "opened")
    list_select_related = ("export__order", "account")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("named", "order_link", "status", "reason", "contents")}),
        (
            "How we know",
            {
                "fields": (
                    *("opened_at", "received_at", "facts_read_at"),
                    *("label_type", "tracking_number", "remote_id", "account"),
                )
            },
        ),
    )

    @column("Return", order="remote_legacy_id")
    def named(self, row: Return) -> str:
        return str(row)

    @column("Order")
    def order_link(self, row: Return) -> SafeString | str:
        return markup.link_to(row.export.order)

    @column("Opened", order="opened_at")
    def opened(self, row: Return) -> SafeString | str:
        return markup.when(row.opened_at)

    @column("Received")
    def units(self, row: Return) -> str:
        lines = row.lines.all()
        received = sum(line.received for line in lines)
        return f"{received} of {sum(line.quantity for line in lines)}"

    @column("Lines")
    def contents(self, row: Return) -> str:
        return "; ".join(map(str, row.lines.all()))

    def get_queryset(self, request: object) -> QuerySet[Return]:
        return super().get_queryset(request).prefetch_related("lines")  # type: ignore[arg-type]


def kinds(view: View) -> dict[str, QuerySet[Any]]:
    groups = (
        open_ones(seen(OrderException, OF_EXCEPTIONS, view), view.now)
        .order_by()
        .values("kind")
        .annotate(rows=Count("id"), oldest=Min("opened_at"))
        .order_by("-rows", "kind")
    )
    return {"exceptions": groups}


def exceptions_by_kind(view: View) -> list[Line]:
    return [
        Line(
            ExceptionKind(group["kind"]).label,
            list_address(OrderException, need="open", kind__exact=group["kind"]),
            group["rows"],
            tone=Tone.WARN,
            moment=moment(group["oldest"]),
        )
        for group in view.rows["exceptions"]
    ]


def register_pages() -> None:
    admin.site.register(OrderException, OrderExceptionAdmin)
    admin.site.register(Return, ReturnAdmin)
    panels.register(
        Panel(
            "exceptions",
            "Exceptions",
            exceptions_by_kind,
            lambda: list_address(OrderException, need="open"),
            "orders.view_orderexception",
            115,
            listed=kinds,
            empty="No order is short, stuck, late or closed without a shipment.",
            is_empty_good=True,
        )
    )
