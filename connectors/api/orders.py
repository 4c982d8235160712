"""Orders, exports and shipments: read, and what people may do to them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.asked import HandledOutsideRequest, LinkRequest
from connectors.api.serializers.orders import (
    ExportDetailSerializer,
    ExportSerializer,
    OrderDetailSerializer,
    OrderSerializer,
    ShipmentSerializer,
)
from connectors.console.scoping import by_account, by_account_or_organization
from connectors.sync import actions
from orders.models import Export, Order, OrderState, Shipment


class OrderViewSet(RecordViewSet[Order]):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    detail_serializer_class = OrderDetailSerializer
    scope = staticmethod(by_account_or_organization())
    filter_rules = {
        "account": filters.number("account_id"),
        "brand": filters.number("brand_id"),
        "order_number": filters.text("order_number"),
        "salesforce_id": filters.text("salesforce_id"),
        "sku": filters.text("lines__sku", many=True),
        "state": filters.word("state", OrderState.values),
        "eligible": filters.truth("is_eligible"),
        "handled_outside": filters.truth("handled_outside"),
        "created_from": filters.moment("created_at__gte"),
        "created_to": filters.moment("created_at__lt"),
        "modified_from": filters.moment("source_modified_at__gte"),
    }

    @extend_schema(request=None, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def sync(self, request: Request, pk: str) -> Response:
        """Read both sides and bring them together, at once."""
        actions.sync_now(order=self.get_object(), user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=HandledOutsideRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="handled-outside")
    def handled_outside(self, request: Request, pk: str) -> Response:
        """Keep the order out of the warehouse because a person ships it, or not."""
        order = self.get_object()
        asked = self.asked(HandledOutsideRequest)
        actions.set_handled_outside(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=None, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def include(self, request: Request, pk: str) -> Response:
        """Export an order that go-live excludes."""
        actions.include_anyway(
            order=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=LinkRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: str) -> Response:
        """Bind the order to a warehouse order that exists already."""
        order = self.get_object()
        asked = self.asked(LinkRequest)
        actions.link_export(order=order, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()

    def get_queryset(self) -> QuerySet[Order]:
        rows = super().get_queryset()
        if self.action == "list":
            return rows
        # An order may have moved here from an account of others.
        exports = self.visible(Export.objects.all(), by_account())
        return rows.prefetch_related(
            "lines",
            Prefetch("exports", queryset=exports),
            "exports__lines",
            "exports__shipments__packages",
            "exports__shipments__lines",
        )


class ExportViewSet(RecordViewSet[Export]):
    queryset = Export.objects.all()
    serializer_class = ExportSerializer
    detail_serializer_class = ExportDetailSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "order": filters.number("order_id"),
        "key": filters.text("key"),
        "remote_id": filters.text("remote_id"),
        "remote_number": filters.text("remote_number"),
        "outcome_unknown": filters.truth("intent_at__isnull", negated=True),
        "open": filters.truth("closed_at__isnull"),
        "created_from": filters.moment("created_at__gte"),
    }

    @extend_schema(request=None, responses=ExportDetailSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let one of the first exports of a new account go out."""
        actions.approve_export(
            export=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()


class ShipmentViewSet(RecordViewSet[Shipment]):
    queryset = Shipment.objects.prefetch_related("packages", "lines")
    serializer_class = ShipmentSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "export": filters.number("export_id"),
        "order": filters.number("export__order_id"),
        "remote_id": filters.text("remote_id"),
        "tracking_number": filters.text("packages__tracking_number", many=True),
        "void": filters.truth("is_void"),
        "shipped_from": filters.moment("shipped_at__gte"),
        "shipped_to": filters.moment("shipped_at__lt"),
    }
