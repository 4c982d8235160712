"""Where readings of stock disagreed: the list, one of them, and what people do."""

from __future__ import annotations

from django.utils.safestring import SafeString

from connectors.accounts import permissions
from connectors.console import filters, markup, offers
from connectors.console.base import MirrorAdmin, column, page_address
from connectors.console.offers import Call, Input, Offer
from connectors.console.searching import Search
from connectors.sync import discrepancy_actions, stock_actions
from inventory import hearsay
from inventory.models import DiscrepancyKind, Product, StockDiscrepancy

WHY = (Input("why", "Why"),)
KIND_TONES = {DiscrepancyKind.MISSED: "moving", DiscrepancyKind.ABSENT: "waiting"}


class StockDiscrepancyAdmin(MirrorAdmin):
    search = Search(exact=("sku",), prefix=("sku",), words=("sku",))
    search_help_text = "SKU"
    list_note = (
        "Where readings disagreed, with size and age. What messages and polls missed was "
        "corrected at once, and stands under Closed."
    )
    list_filter = (
        *(filters.OpenFilter, "kind", filters.AccountFilter, filters.WarehouseFilter),
        filters.SnapshotFilter,
    )
    list_display = (
        *("what_kind", "sku", "warehouse", "apart", "size", "unseen_for"),
        *("found", "ended"),
    )
    list_select_related = ("warehouse", "account")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("what_kind", "detail", "apart", "size", "ended")}),
        ("Where", {"fields": ("product", "warehouse", "account", "snapshot")}),
        ("When", {"fields": ("read", "found", "seen", "closed")}),
    )

    def links_of(self, row: StockDiscrepancy) -> list[tuple[str, str]]:
        product = _product(row)
        return [("To the SKU", page_address(product))] if product else []

    @column("Kind", order="kind")
    def what_kind(self, row: StockDiscrepancy) -> SafeString:
        tone = KIND_TONES.get(DiscrepancyKind(row.kind), "warn")
        return markup.tone_html(tone, row.get_kind_display())

    @column("Counts")
    def apart(self, row: StockDiscrepancy) -> str:
        """`On hand: 12 here, 9 told`; a row that was not believed says its words."""
        told = [(row.ours, "here"), (row.theirs, "told")]
        counts = ", ".join(f"{count} {who}" for count, who in told if count is not None)
        if not counts:
            return row.detail
        return f"{row.bucket.replace('_', ' ').capitalize() or 'Count'}: {counts}"

    @column("SKU")
    def product(self, row: StockDiscrepancy) -> SafeString | str:
        return markup.link_to(_product(row), row.sku) or row.sku

    @column("Not known for")
    def unseen_for(self, row: StockDiscrepancy) -> str:
        """How long what we held had gone without being read."""
        if row.ours_read_at is None:
            return ""
        return markup.span(abs(row.found_at - row.ours_read_at))

    @column("We had read it", order="ours_read_at")
    def read(self, row: StockDiscrepancy) -> SafeString | str:
        return markup.when(row.ours_read_at)

    @column("Found", order="found_at")
    def found(self, row: StockDiscrepancy) -> SafeString | str:
        return markup.when(row.found_at)

    @column("Last seen", order="seen_at")
    def seen(self, row: StockDiscrepancy) -> SafeString | str:
        return markup.when(row.seen_at)

    @column("Closed when", order="closed_at")
    def closed(self, row: StockDiscrepancy) -> SafeString | str:
        return markup.when(row.closed_at)

    @column("Closed", order="closed_at")
    def ended(self, row: StockDiscrepancy) -> str:
        return row.closed_how or ("Closed" if row.closed_at else "Open")


def _product(row: StockDiscrepancy) -> Product | None:
    if not row.sku:
        return None
    return Product.objects.filter(account=row.account_id, sku=row.sku).first()


# -- buttons --------------------------------------------------------------------------


def _refresh(call: Call) -> str:
    row: StockDiscrepancy = call.subject
    (product,) = hearsay.products_named(row.account, [row.sku])
    stock_actions.refresh_sku(product=product, user=call.user, now=call.now)
    return f"{row.sku} is read in every warehouse now."


def _dismiss(call: Call) -> str:
    discrepancy_actions.dismiss(
        row=call.subject, why=call.data["why"], user=call.user, now=call.now
    )
    return "Dismissed. If it is still so, the next snapshot opens another."


def _none_there(call: Call) -> str:
    row: StockDiscrepancy = call.subject
    discrepancy_actions.none_there(
        row=row, why=call.data["why"], user=call.user, now=call.now
    )
    return f"{row.sku} counts as none in {row.warehouse} until a reading names it."


def _without_sku(row: StockDiscrepancy) -> str:
    return "" if row.sku and row.closed_at is None else "There is nothing to read."


def _closed(row: StockDiscrepancy) -> str:
    return discrepancy_actions.CLOSED if row.closed_at is not None else ""


def register() -> None:
    offers.register(
        Offer(
            "refresh",
            StockDiscrepancy,
            "Read it now",
            permissions.SYNC_NOW,
            _refresh,
            _without_sku,
            help="Read this SKU from ShipHero. A reading that names it closes this.",
            is_main=True,
        ),
        Offer(
            "none-there",
            StockDiscrepancy,
            "None are there",
            permissions.OVERRIDE,
            _none_there,
            discrepancy_actions.why_not_none,
            inputs=WHY,
            help="The SKU does not lie there any more: its counts become zero.",
        ),
        Offer(
            "dismiss",
            StockDiscrepancy,
            "Dismiss",
            permissions.DISMISS,
            _dismiss,
            _closed,
            inputs=WHY,
            help="Close it without changing a count.",
        ),
    )
