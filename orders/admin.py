"""Door: the console's pages of orders, exports and shipments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.scoping import by_account, by_account_or_organization
from connectors.console.searching import Search
from connectors.console.story import tell
from orders.models import Export, Order, Package, Shipment


@admin.register(Order)
class OrderAdmin(MirrorAdmin):
    scope = staticmethod(by_account_or_organization())
    search = Search(
        exact=(
            "salesforce_id",
            "po_number",
            "lines__sku",
            "exports__remote_id",
            "exports__remote_number",
            "exports__shipments__packages__tracking_number",
        ),
        prefix=("order_number",),
        words=("ship_to_name", "customer_name"),
        numbers=("exports__remote_legacy_id",),
    )
    search_help_text = (
        "Order, PO or tracking number, SKU, Salesforce or ShipHero id, or a name."
    )
    list_filter = ("state", filters.AccountFilter, "stage", "is_eligible")
    list_display = (
        "order_number",
        "customer_name",
        "ship_to",
        "standing",
        "reason",
        "tracking",
        "since",
    )
    list_select_related = ("account", "organization")
    ordering = ("-id",)
    change_form_template = "admin/console/order.html"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the tracking numbers of the whole page in one query."""
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        numbers = tracking_of(rows)
        for row in rows:
            row.tracking_numbers = numbers.get(row.pk, [])
        changelist.result_list = rows
        return changelist

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        order = kwargs.get("obj")
        if order is not None:
            context["story"] = tell(order, request.user, now())
        return super().render_change_form(request, context, *args, **kwargs)

    @column("Ship to", order="ship_to_name")
    def ship_to(self, row: Order) -> str:
        return ", ".join(part for part in (row.ship_to_name, row.ship_to_place) if part)

    @column("State", order="state")
    def standing(self, row: Order) -> SafeString:
        return markup.chip_html(row.state, row.get_state_display())

    @column("Reason")
    def reason(self, row: Order) -> str:
        return row.state_reason

    @column("Tracking")
    def tracking(self, row: Any) -> SafeString | str:
        numbers = getattr(row, "tracking_numbers", [])
        if not numbers:
            return ""
        more = f"+{len(numbers) - 1}" if len(numbers) > 1 else ""
        return markup.joined(markup.code_html(numbers[0]), more)

    @column("Since", order="state_since")
    def since(self, row: Order) -> SafeString | str:
        return markup.when(row.state_since)


@admin.register(Export)
class ExportAdmin(MirrorAdmin):
    scope = staticmethod(by_account())
    search = Search(
        exact=("key", "remote_id", "remote_number"),
        prefix=("order__order_number",),
        numbers=("remote_legacy_id",),
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
        "sent",
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
                    "approved_at",
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
    def sent(self, row: Export) -> SafeString | str:
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


@admin.register(Shipment)
class ShipmentAdmin(MirrorAdmin):
    scope = staticmethod(by_account())
    search = Search(
        exact=("packages__tracking_number", "remote_id", "lines__sku"),
        prefix=("export__order__order_number",),
        numbers=("remote_legacy_id",),
    )
    search_help_text = "Tracking or order number, SKU, or ShipHero's shipment id."
    list_note = "What left the building."
    list_filter = ("is_void", "first_seen_by", filters.AccountFilter)
    list_display = ("named", "order_link", "parcels", "shipped", "warehouse", "told")
    list_select_related = ("export", "export__order", "account")
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {"fields": ("named", "order_link", "export_link", "parcels", "contents")},
        ),
        ("Where and when", {"fields": ("warehouse", "shipped_at", "is_void")}),
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
        return super().get_queryset(request).prefetch_related("packages")

    @column("Shipment", order="remote_legacy_id")
    def named(self, row: Shipment) -> SafeString | str:
        void = markup.tone_html("off", "Void") if row.is_void else ""
        return markup.joined(str(row), void)

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

    @column("Told to Salesforce", order="written_back_at")
    def told(self, row: Shipment) -> SafeString | str:
        return markup.when(row.written_back_at) or "Not yet"

    @column("Contents")
    def contents(self, row: Shipment) -> str:
        return ", ".join(str(line) for line in row.lines.all())


def tracking_of(orders: list[Order]) -> dict[int, list[str]]:
    """The live tracking numbers of these orders, by order."""
    found: dict[int, list[str]] = {}
    rows = (
        Package.objects.filter(
            shipment__export__order__in=[order.pk for order in orders],
            shipment__is_void=False,
            is_void=False,
        )
        .exclude(tracking_number="")
        .order_by("id")
        .values_list("shipment__export__order_id", "tracking_number")
    )
    for key, number in rows:
        found.setdefault(key, []).append(number)
    return found
