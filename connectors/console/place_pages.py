"""The pages of warehouses and units: what an integrator sets about stock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.accounts import audit
from connectors.console import filters, markup
from connectors.console.base import column, list_address
from connectors.console.config_admin import ConfigAdmin
from connectors.console.searching import Search
from connectors.console.snapshot_pages import progress_of
from connectors.console.stock_forms import DAYS, UnitFactorForm, WarehouseForm
from connectors.sync import unit_actions
from inventory.models import (
    Holiday,
    StockLevel,
    StockSnapshot,
    TransitTime,
    UnitFactor,
    Warehouse,
)

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, Any]
else:
    Inline = admin.TabularInline


READ_AS = {"working_days": "days"}


class HolidayInline(Inline):
    model = Holiday
    extra = 1


class TransitInline(Inline):
    model = TransitTime
    extra = 1


class WarehouseAdmin(ConfigAdmin):
    """ShipHero's name and address; hours, days and roads are ours to set."""

    form = WarehouseForm
    inlines = (HolidayInline, TransitInline)
    search = Search(
        exact=("remote_id",), words=("name", "city"), numbers=("remote_legacy_id",)
    )
    search_help_text = "Name, city or ShipHero id"
    list_note = "Where stock lies. Routing and late-warnings use its hours and roads."
    list_filter = (filters.AccountFilter, "is_active", "is_chosen", "is_listed")
    list_display = ("name", "account", "place", "standing", "cutoff", "whole")
    list_select_related = ("account",)
    ordering = ("account", "name")
    readonly_fields = (
        "account",
        "name",
        "remote_id",
        "remote_legacy_id",
        "company_name",
        "place",
        "standing",
        "whole",
        "under_way",
        "levels_link",
        "days",
    )
    fieldsets = (
        (None, {"fields": ("standing", "under_way", "whole", "levels_link")}),
        ("In use", {"fields": ("is_active", "is_chosen", "region")}),
        ("Hours", {"fields": ("time_zone", "cutoff", "working_days")}),
        (
            "In ShipHero",
            {
                "fields": (
                    "account",
                    "name",
                    "company_name",
                    "place",
                    "remote_id",
                    "remote_legacy_id",
                )
            },
        ),
    )

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads is told the days in words."""
        shown: Any = self.fieldsets
        if self.has_change_permission(request, obj):
            return shown
        return [
            (name, {"fields": [READ_AS.get(one, one) for one in values["fields"]]})
            for name, values in shown
        ]

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        """Holidays and roads are written to the audit with the warehouse."""
        super().save_formset(request, form, formset, change)
        moved = [
            *(str(row) for row in formset.new_objects),
            *(str(row) for row, _ in formset.changed_objects),
            *(f"Removed: {row}" for row in formset.deleted_objects),
        ]
        if moved:
            audit.record(
                action=f"change_{formset.model._meta.model_name}",
                actor=request.user,
                subject=form.instance,
                account=form.instance.account,
                after={"rows": moved},
                now=now(),
            )

    @column("Place")
    def place(self, row: Warehouse) -> str:
        parts = (row.address1, row.city, row.state, row.zip, row.country)
        return ", ".join(part for part in parts if part)

    @column("Standing")
    def standing(self, row: Warehouse) -> SafeString:
        if not row.is_listed:
            return markup.tone_html("warn", "Not listed by ShipHero")
        if not row.is_active:
            return markup.tone_html("off", "Not in use")
        if not row.is_chosen:
            return markup.tone_html("off", "Not promised from")
        return markup.tone_html("good", "In use")

    @column("All stock read", order="stock_read_at", empty="Not yet")
    def whole(self, row: Warehouse) -> SafeString | str:
        return markup.when(row.stock_read_at)

    @column("Being refreshed", empty="No")
    def under_way(self, row: Warehouse) -> SafeString | str:
        """This page does not look again by itself: somebody may be filling it in."""
        of_it = Q(warehouse=row.pk) | Q(warehouse=None)
        rows = StockSnapshot.objects.filter(of_it, account=row.account_id)
        found = next((one for one in rows[:10] if one.is_open), None)
        return markup.link_to(found, progress_of(found)) if found else ""

    @column("Works on")
    def days(self, row: Warehouse) -> str:
        return ", ".join(words for day, words in DAYS if day in row.working_days)

    @column("Stock")
    def levels_link(self, row: Warehouse) -> SafeString:
        return markup.link(list_address(StockLevel, warehouse=row.pk), "Its SKUs")


class UnitFactorAdmin(ConfigAdmin):
    search = Search(exact=("sku",), words=("unit",))
    search_help_text = "SKU or unit"
    list_note = (
        "How many pieces one unit of Salesforce holds. No SKU: every SKU. What went out "
        "already keeps its factor; orders that wait try again when this changes."
    )
    list_filter = (filters.AccountFilter,)
    list_display = ("unit", "factor", "sku", "account")
    list_select_related = ("account",)
    ordering = ("sku", "unit")
    form = UnitFactorForm
    fields = ("account", "sku", "unit", "factor")

    def save_model(
        self, request: HttpRequest, obj: UnitFactor, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        self._took_hold(request, obj, {obj.sku, form.initial.get("sku", obj.sku)})

    def _took_hold(self, request: HttpRequest, obj: UnitFactor, skus: set[str]) -> None:
        woken = unit_actions.took_hold(obj.account, skus, now=now())
        if woken:
            self.message_user(request, f"{woken} waiting orders try again.")
