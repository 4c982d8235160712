"""Products of Salesforce, and availability on its way there: the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.chips import Tone
from connectors.console.scoping import Scope, by_account, shared_or_by_brand
from connectors.console.searching import Search
from inventory import source_products
from inventory.models import (
    Availability,
    AvailabilityRun,
    Product,
    RunState,
    SkuTrouble,
    SourceProduct,
    Standing,
)


def of_organization(scope: Scope) -> Any:
    return Q(organization__in=scope.organizations)


class TroubleFilter(admin.SimpleListFilter):
    """Products whose SKU cannot be relied on."""

    title = "SKU"
    parameter_name = "trouble"

    def lookups(self, _request: HttpRequest, _admin: Any) -> Any:
        return SkuTrouble.choices

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return source_products.in_trouble(queryset, value) if value else queryset


class SourceProductAdmin(MirrorAdmin):
    """Read from Salesforce, never typed here."""

    scope = staticmethod(of_organization)
    search = Search(exact=("salesforce_id", "sku"), prefix=("sku",), words=("name",))
    search_help_text = "SKU, name or Salesforce id."
    list_note = (
        "Products as last read from Salesforce. A SKU that is missing, inactive or on "
        "several products is corrected in Salesforce; its orders then go on by themselves."
    )
    fieldsets = (
        (None, {"fields": ("trouble", "sku", "name", "active", "unit")}),
        ("With the same SKU", {"fields": ("twins", "in_shiphero")}),
        (
            "In Salesforce",
            {"fields": ("salesforce_id", "organization", "moved", "read")},
        ),
    )
    list_display = (
        "named",
        "name",
        "active",
        "trouble",
        "unit",
        "organization",
        "read",
    )
    list_filter = (TroubleFilter, "is_active", "is_deleted", "organization")
    list_select_related = ("organization",)
    ordering = ("sku", "id")

    @column("SKU", order="sku")
    def named(self, row: SourceProduct) -> str:
        return row.sku or "no SKU"

    @column("Active", order="is_active")
    def active(self, row: SourceProduct) -> str:
        if row.is_deleted:
            return "deleted"
        return "yes" if row.is_active else "no"

    def title_of(self, row: SourceProduct) -> str:
        return f"{row.sku} {row.name}".strip() or row.salesforce_id

    @column("Trouble", empty="None")
    def trouble(self, row: SourceProduct) -> SafeString | str:
        words = row.get_trouble_display()
        return markup.tone_html(Tone.BAD, words) if words else ""

    @column("In Salesforce")
    def twins(self, row: SourceProduct) -> SafeString:
        rows = source_products.living(row.organization).filter(sku=row.sku)
        others = rows.exclude(sku="").exclude(pk=row.pk)[:20]
        return render_to_string(
            "admin/console/same_sku.html",
            {"rows": others, "nobody": "No other product has this SKU."},
        )

    @column("In ShipHero")
    def in_shiphero(self, row: SourceProduct) -> SafeString:
        rows = Product.objects.filter(
            account__organization=row.organization, sku=row.sku
        ).exclude(sku="")
        links = [
            (markup.link_to(one, f"{one.sku} in {one.account}"),)
            for one in rows.select_related("account")[:20]
        ]
        return format_html_join(", ", "{}", links) or SafeString(
            "No account's catalogue has this SKU."
        )

    @column("Changed in Salesforce", order="source_modified_at")
    def moved(self, row: SourceProduct) -> SafeString | str:
        return markup.when(row.source_modified_at)

    @column("Read", order="read_at")
    def read(self, row: SourceProduct) -> SafeString | str:
        return markup.when(row.read_at)


class AvailabilityAdmin(MirrorAdmin):
    """What may be promised, how it came about, and what Salesforce shows of it."""

    scope = staticmethod(shared_or_by_brand)
    search = Search(exact=("sku",), prefix=("sku",))
    search_help_text = "SKU."
    list_note = (
        "One number per SKU and warehouse. Salesforce is told of it when its product is "
        "known there; what it refuses stays here with its words."
    )
    list_display = (
        *("sku", "warehouse", "brand", "quantity", "how", "standing_chip"),
        *("reason", "written"),
    )
    list_filter = ("standing", filters.AccountFilter, filters.WarehouseFilter)
    list_select_related = ("warehouse", "account", "brand")
    fieldsets = (
        ("What may be promised", {"fields": ("sum_of_it", "product", "warehouse")}),
        ("Whose formula", {"fields": ("account", "formula_of")}),
        ("In Salesforce", {"fields": ("standing_chip", "reason", "written", "again")}),
        ("When", {"fields": ("stock_read", "computed")}),
    )
    ordering = ("sku", "warehouse", "scope")

    def title_of(self, row: Availability) -> str:
        return f"{row.quantity} of {row.sku} from {row.warehouse}"

    @column("How it comes about")
    def how(self, row: Availability) -> str:
        return (
            f"{row.sum_in_words} = {row.in_units}" if row.in_units else row.sum_in_words
        )

    @column("Sum")
    def sum_of_it(self, row: Availability) -> SafeString:
        return render_to_string("admin/console/promise_sum.html", {"row": row})

    @column("SKU")
    def product(self, row: Availability) -> SafeString | str:
        found = Product.objects.filter(account=row.account_id, sku=row.sku).first()
        return markup.link_to(found, row.sku) or row.sku

    @column("Formula")
    def formula_of(self, row: Availability) -> SafeString | str:
        """The settings behind it, a click away."""
        address = reverse("admin:accounts_scopedsetting_changelist")
        whose = f"of {row.brand}" if row.brand else "of the account"
        return markup.link(f"{address}?q=availability", f"The formula {whose}")

    @column("Written once more", empty="No")
    def again(self, row: Availability) -> SafeString | str:
        """Set while an older write may still land late."""
        return markup.when(row.rewrite_at)

    @column("Stock read")
    def stock_read(self, row: Availability) -> SafeString | str:
        return markup.when(row.stock_read_at)

    @column("Computed")
    def computed(self, row: Availability) -> SafeString | str:
        return markup.when(row.computed_at)

    @column("In Salesforce", order="standing")
    def standing_chip(self, row: Availability) -> SafeString:
        is_due = row.wanted_hash != row.settled_hash
        standing = Standing.NEW if is_due else Standing(row.standing)
        return markup.tone_html(CHIPS.get(standing, Tone.WAITING), standing.label)

    @column("Written", order="written_at")
    def written(self, row: Availability) -> SafeString | str:
        return markup.when(row.written_at)


CHIPS = {
    Standing.WRITTEN: Tone.GOOD,
    Standing.REFUSED: Tone.BAD,
    Standing.AMBIGUOUS: Tone.BAD,
    Standing.INACTIVE: Tone.WARN,
    Standing.NO_PRODUCT: Tone.OFF,
    Standing.EMPTY: Tone.OFF,
    Standing.LEFT_OUT: Tone.OFF,
}


class AvailabilityRunAdmin(MirrorAdmin):
    """Large writes with their price: said yes to, watched and stopped here."""

    scope = staticmethod(by_account())
    list_note = (
        "A write of many rows waits here with its price. Each row also starts every flow "
        "that the organization has on the inventory level."
    )
    list_display = (
        *("id", "account", "standing", "rows", "new_rows", "price", "storage"),
        *("written", "refused", "asked"),
    )
    list_filter = ("state", filters.AccountFilter)
    list_select_related = ("account",)
    fieldsets = (
        (None, {"fields": ("standing", "account", "last_word")}),
        ("Its price", {"fields": ("price_in_words",)}),
        ("How far it is", {"fields": ("written", "refused", "step", "remote_job_id")}),
        ("When", {"fields": ("asked", "decided", "decided_by", "ended")}),
    )

    @column("It costs")
    def price_in_words(self, row: AvailabilityRun) -> SafeString:
        return render_to_string(
            "admin/console/large_write_price.html",
            {"row": row, "storage": self.storage(row)},
        )

    @column("Decided")
    def decided(self, row: AvailabilityRun) -> SafeString | str:
        return markup.when(row.decided_at)

    @column("Finished")
    def ended(self, row: AvailabilityRun) -> SafeString | str:
        return markup.when(row.finished_at)

    @column("State", order="state")
    def standing(self, row: AvailabilityRun) -> SafeString:
        return markup.tone_html(
            RUN_CHIPS.get(RunState(row.state), Tone.OFF), row.get_state_display()
        )

    @column("API calls", order="calls")
    def price(self, row: AvailabilityRun) -> str:
        return f"about {row.calls}"

    @column("New storage", order="storage_kb")
    def storage(self, row: AvailabilityRun) -> str:
        return f"{row.storage_kb / 1024:.1f} MB"

    @column("Proposed", order="created_at")
    def asked(self, row: AvailabilityRun) -> SafeString | str:
        return markup.when(row.created_at)


RUN_CHIPS = {
    RunState.PROPOSED: Tone.WARN,
    RunState.RUNNING: Tone.MOVING,
    RunState.STOPPING: Tone.WAITING,
    RunState.DONE: Tone.GOOD,
}
