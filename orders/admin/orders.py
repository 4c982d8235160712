"""Door: the console's pages of orders."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.parcels import tracking_of
from connectors.console.scoping import by_account_or_organization
from connectors.console.searching import Search, Via
from connectors.console.story import tell
from connectors.sync import lookups, overrides, telling
from orders import overriding
from orders.models import Export, Order

# What the page of one order reads of it again and again.
_BESIDE = (
    *("organization__credential", "account__credential", "brand", "overrides"),
    *("account__warehouses", "organization__account_set"),
    Prefetch(
        "exports",
        Export.objects.select_related("account__credential").prefetch_related("lines"),
    ),
)


@admin.register(Order)
class OrderAdmin(MirrorAdmin):
    scope = staticmethod(by_account_or_organization(brand="brand"))
    search = Search(
        exact=("salesforce_id", "po_number"),
        prefix=("order_number",),
        words=("ship_to_name", "customer_name"),
        emails=("email",),
        via=(
            Via("orders.LineItem", "sku", "order_id"),
            Via("orders.Export", "remote_id", "order_id"),
            Via("orders.Export", "remote_number", "order_id"),
            Via("orders.Export", "remote_legacy_id", "order_id", is_number=True),
            Via("orders.Package", "tracking_number", "shipment__export__order_id"),
        ),
    )
    search_help_text = (
        "Order, PO or tracking number, SKU, Salesforce or ShipHero id, or a name."
    )
    list_filter = (
        filters.OrderNeedFilter,
        "state",
        filters.AccountFilter,
        filters.StageFilter,
        "is_eligible",
    )
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
            today = now()
            prefetch_related_objects([order], *_BESIDE)
            with lookups.read_together():
                context["story"] = tell(order, request.user, today)
                context["examination"] = telling.examine(order, now=today)
            context["overrides"] = overrides.in_force(order, now=today)
            context["settable"] = overriding.FIELDS
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
