"""The pages of stock: products, counts, warehouses, snapshots, what disagreed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.console import filters, markup, stock_view
from connectors.console.base import MirrorAdmin, column
from connectors.console.scoping import scope_of
from connectors.console.searching import Search
from inventory.models import (
    Availability,
    Product,
    StockLevel,
)

BY_SKU = Search(exact=("sku",), prefix=("sku",), words=("sku",))


class ProductAdmin(MirrorAdmin):
    """One SKU with all that is known of its stock."""

    search = Search(
        exact=("sku", "barcode", "remote_id"),
        prefix=("sku",),
        words=("sku", "name"),
        numbers=("remote_legacy_id",),
    )
    search_help_text = "SKU, barcode or name"
    list_note = "What ShipHero sells, and what stock has told of."
    list_filter = (filters.AccountFilter, "is_kit", "needs_serial", "needs_lot")
    list_display = ("sku", "name", "kind", "barcode", "account", "read")
    list_select_related = ("account",)
    ordering = ("sku",)
    fieldsets = (
        ("Stock", {"fields": ("stock",)}),
        ("In Salesforce", {"fields": ("told",)}),
        ("What happened", {"fields": ("ledger",)}),
        ("Kit, cases and unit", {"fields": ("recipe",)}),
        ("What disagreed", {"fields": ("disagreements",)}),
        (
            "In ShipHero",
            {
                "fields": (
                    "sku",
                    "name",
                    "barcode",
                    "account",
                    "kind",
                    "needs_serial",
                    "needs_lot",
                    "is_active",
                    "remote_id",
                    "read",
                ),
            },
        ),
    )

    def title_of(self, row: Product) -> str:
        return f"{row.sku} {row.name}".strip()

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Product | None:
        """Numbers of brands that the user does not see stay off the page."""
        found: Product | None = super().get_object(request, object_id, from_field)
        if found is not None:
            setattr(found, stock_view.VIEWED_BY, scope_of(request.user))
        return found

    @column("Kind")
    def kind(self, row: Product) -> str:
        if not row.is_kit:
            return "Virtual" if row.is_virtual else "Product"
        return "Built kit" if row.is_built else "Kit"

    @column("Product read", order="read_at")
    def read(self, row: Product) -> SafeString | str:
        return markup.when(row.read_at) or "Not in the catalogue yet"

    @column("By warehouse")
    def stock(self, row: Product) -> SafeString:
        return stock_view.progress_html(row) + stock_view.stock_html(row, now())

    @column("Products and numbers")
    def told(self, row: Product) -> SafeString:
        return stock_view.told_html(row)

    @column("Ledger")
    def ledger(self, row: Product) -> SafeString:
        return stock_view.ledger_html(row)

    @column("What it is")
    def recipe(self, row: Product) -> SafeString:
        return stock_view.recipe_html(row)

    @column("Discrepancies")
    def disagreements(self, row: Product) -> SafeString:
        return stock_view.discrepancies_html(row)


class ShelfFilter(admin.SimpleListFilter):
    """What people look for on shelves."""

    title = "shelf"
    parameter_name = "shelf"

    def lookups(self, _request: HttpRequest, _admin: Any) -> Any:
        return [
            ("none", "None on hand"),
            ("short", "More allocated than on hand"),
            ("below", "Below zero"),
            ("backorder", "Backordered"),
        ]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "none":
                return rows.filter(on_hand=0)
            case "short":
                return rows.filter(allocated__gt=F("on_hand"))
            case "below":
                return rows.filter(on_hand__lt=0)
            case "backorder":
                return rows.filter(backordered__gt=0)
        return rows


class StockLevelAdmin(MirrorAdmin):
    search = BY_SKU
    search_help_text = "SKU"
    list_note = "Each SKU in each warehouse, as last read, and what may be promised."
    list_filter = (
        *(filters.AccountFilter, filters.WarehouseFilter, ShelfFilter),
        *("source", "is_active"),
    )
    list_display = (
        "product",
        "name",
        "warehouse",
        "promised",
        "on_hand",
        "allocated",
        "available",
        "backordered",
        "read",
    )
    list_select_related = ("warehouse", "account")
    ordering = ("sku", "warehouse_id")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read products and promises of the whole page in one query each."""
        changelist = super().get_changelist_instance(request)
        rows: list[Any] = list(changelist.result_list)
        skus = {row.sku for row in rows}
        accounts = {row.account_id for row in rows}
        promised = {
            (row.warehouse_id, row.sku): row
            for row in Availability.objects.filter(
                account__in=accounts, sku__in=skus, scope=0
            )
        }
        products = {
            (row.account_id, row.sku): row
            for row in Product.objects.filter(account__in=accounts, sku__in=skus)
        }
        for row in rows:
            row.promise = promised.get((row.warehouse_id, row.sku))
            row.product_row = products.get((row.account_id, row.sku))
        changelist.result_list = rows
        return changelist

    @column("SKU", order="sku")
    def product(self, row: Any) -> SafeString | str:
        return markup.link_to(getattr(row, "product_row", None), row.sku) or row.sku

    @column("To promise", empty="-")
    def promised(self, row: Any) -> SafeString | str:
        promise = getattr(row, "promise", None)
        if promise is None:
            return ""
        return render_to_string("admin/console/promise.html", {"promise": promise})

    @column("Name")
    def name(self, row: Any) -> str:
        product = getattr(row, "product_row", None)
        return str(product.name) if product else ""

    @column("Read", order="read_at")
    def read(self, row: StockLevel) -> SafeString | str:
        return markup.when(row.read_at)
