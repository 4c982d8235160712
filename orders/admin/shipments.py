"""Door: the console's pages of shipments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.scoping import by_account
from connectors.console.searching import Search, Via
from orders.models import Shipment


@admin.register(Shipment)
class ShipmentAdmin(MirrorAdmin):
    scope = staticmethod(by_account(brand="export__brand"))
    search = Search(
        exact=("remote_id",),
        numbers=("remote_legacy_id",),
        via=(
            Via("orders.Package", "tracking_number", "shipment_id"),
            Via("orders.ShipmentLine", "sku", "shipment_id"),
            Via("orders.Shipment", "export__order__order_number", "id"),
        ),
    )
    search_help_text = "Tracking or order number, SKU, or ShipHero's shipment id."
    list_note = "What left the building."
    list_filter = ("is_void", "first_seen_by", filters.AccountFilter)
    list_display = ("named", "order_link", "parcels", "shipped", "place", "told")
    list_select_related = ("export", "export__order", "account")
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {"fields": ("named", "order_link", "export_link", "parcels", "contents")},
        ),
        ("Where and when", {"fields": ("place", "shipped", "void")}),
        (
            "How we know",
            {
                "fields": (
                    "first_seen_by",
                    "received_at",
                    "remote_event_at",
                    "facts_read_at",
                    "written_back_at",
                    "remote_id",
                    "account",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related("packages", "account__warehouses")
        )

    @column("Shipment", order="remote_legacy_id")
    def named(self, row: Shipment) -> SafeString | str:
        void = markup.tone_html("off", "Void") if row.is_void else ""
        return markup.joined(str(row), void)

    @column("Void")
    def void(self, row: Shipment) -> SafeString | str:
        if not row.is_void:
            return "No"
        return markup.joined("Yes, first seen ", str(markup.when(row.void_seen_at)))

    @column("Order")
    def order_link(self, row: Shipment) -> SafeString | str:
        return markup.link_to(row.export.order)

    @column("Export")
    def export_link(self, row: Shipment) -> SafeString | str:
        return markup.link_to(row.export)

    @column("Parcels")
    def parcels(self, row: Shipment) -> SafeString | str:
        return markup.packages(row.packages.all())

    @column("Shipped", order="shipped_at")
    def shipped(self, row: Shipment) -> SafeString | str:
        return markup.when(row.shipped_at)

    @column("Warehouse", order="warehouse")
    def place(self, row: Shipment) -> str:
        names = {one.remote_id: one.name for one in row.account.warehouses.all()}
        return names.get(row.warehouse) or row.warehouse

    @column("Told to Salesforce", order="written_back_at")
    def told(self, row: Shipment) -> SafeString | str:
        return markup.when(row.written_back_at) or "Not yet"

    @column("Contents")
    def contents(self, row: Shipment) -> SafeString:
        lines = {"lines": row.lines.all()}
        return render_to_string("admin/console/shipped_lines.html", lines)
