"""Products, places and counts: read, and have them read again."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.asked import WhyRequest
from connectors.api.serializers.inventory import (
    ProductDetailSerializer,
    ProductSerializer,
    SetUpWarehouseRequest,
    StockDiscrepancySerializer,
    StockLevelSerializer,
    StockMovementSerializer,
    StockSnapshotSerializer,
    WarehouseDetailSerializer,
    WarehouseSerializer,
)
from connectors.sync import discrepancy_actions, place_actions, stock_actions
from inventory.models import (
    DiscrepancyKind,
    Product,
    SnapshotState,
    StockDiscrepancy,
    StockLevel,
    StockMovement,
    StockSnapshot,
    Warehouse,
)


class WarehouseViewSet(RecordViewSet[Warehouse]):
    queryset = Warehouse.objects.select_related("account")
    serializer_class = WarehouseSerializer
    detail_serializer_class = WarehouseDetailSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "remote_id": filters.text("remote_id"),
        "active": filters.truth("is_active"),
        "listed": filters.truth("is_listed"),
    }

    @extend_schema(request=None, responses=StockSnapshotSerializer)
    @action(detail=True, methods=["post"])
    def refresh(self, request: Request, pk: str) -> Response:
        """Have a snapshot of this warehouse made and read; answers where it stands."""
        snapshot = stock_actions.refresh_warehouse(
            warehouse=self.get_object(), user=request.user, now=timezone.now()
        )
        return Response(StockSnapshotSerializer(snapshot).data)

    @extend_schema(request=SetUpWarehouseRequest, responses=WarehouseDetailSerializer)
    @action(detail=True, methods=["post"], url_path="set-up", url_name="set-up")
    def set_up(self, request: Request, pk: str) -> Response:
        """Set whether it is used, its hours, holidays and roads: what is given, no more."""
        place_actions.set_up(
            warehouse=self.get_object(),
            values=self.asked(SetUpWarehouseRequest),
            user=request.user,
            now=timezone.now(),
        )
        return self.as_it_is_now()


class ProductViewSet(RecordViewSet[Product]):
    queryset = Product.objects.select_related("account")
    serializer_class = ProductSerializer
    detail_serializer_class = ProductDetailSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "sku": filters.text("sku"),
        "barcode": filters.text("barcode"),
        "kit": filters.truth("is_kit"),
    }

    @extend_schema(request=None, responses=ProductDetailSerializer)
    @action(detail=True, methods=["post"])
    def refresh(self, request: Request, pk: str) -> Response:
        """Read the product and its counts in every warehouse, at once."""
        stock_actions.refresh_sku(
            product=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()


class StockLevelViewSet(RecordViewSet[StockLevel]):
    queryset = StockLevel.objects.all()
    serializer_class = StockLevelSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "warehouse": filters.number("warehouse_id"),
        "sku": filters.text("sku"),
        "read_from": filters.moment("read_at__gte"),
        "changed_from": filters.moment("changed_at__gte"),
    }


class StockMovementViewSet(RecordViewSet[StockMovement]):
    queryset = StockMovement.objects.all()
    serializer_class = StockMovementSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "warehouse": filters.number("warehouse_id"),
        "sku": filters.text("sku"),
        "reference": filters.text("reference"),
        "from": filters.moment("at__gte"),
        "to": filters.moment("at__lt"),
    }


class StockSnapshotViewSet(RecordViewSet[StockSnapshot]):
    queryset = StockSnapshot.objects.all()
    serializer_class = StockSnapshotSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "warehouse": filters.number("warehouse_id"),
        "state": filters.word("state", SnapshotState.values),
    }


class StockDiscrepancyViewSet(RecordViewSet[StockDiscrepancy]):
    queryset = StockDiscrepancy.objects.all()
    serializer_class = StockDiscrepancySerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "warehouse": filters.number("warehouse_id"),
        "snapshot": filters.number("snapshot_id"),
        "sku": filters.text("sku"),
        "kind": filters.word("kind", DiscrepancyKind.values),
        "open": filters.truth("closed_at__isnull"),
    }

    @extend_schema(request=WhyRequest, responses=StockDiscrepancySerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Close it without changing a count. What is still wrong opens another."""
        discrepancy_actions.dismiss(
            row=self.get_object(),
            **self.asked(WhyRequest),
            user=request.user,
            now=timezone.now(),
        )
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=StockDiscrepancySerializer)
    @action(detail=True, methods=["post"], url_path="none-there", url_name="none-there")
    def none_there(self, request: Request, pk: str) -> Response:
        """Say that what snapshots leave out is gone: its counts become zero."""
        discrepancy_actions.none_there(
            row=self.get_object(),
            **self.asked(WhyRequest),
            user=request.user,
            now=timezone.now(),
        )
        return self.as_it_is_now()
