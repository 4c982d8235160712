"""Exports and their shipments: read, approved and released."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.orders import (
    ExportDetailSerializer,
    ExportSerializer,
    ShipmentSerializer,
)
from connectors.console.scoping import by_account
from connectors.sync import actions
from orders.models import Export, Shipment


class ExportViewSet(RecordViewSet[Export]):
    queryset = Export.objects.all()
    scope = staticmethod(by_account(brand="brand"))
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

    @extend_schema(request=None, responses=ExportDetailSerializer)
    @action(detail=True, methods=["post"], url_path="release-now")
    def release_now(self, request: Request, pk: str) -> Response:
        """End the hold window: the floor gets the order at once."""
        actions.release_now(
            export=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()


class ShipmentViewSet(RecordViewSet[Shipment]):
    queryset = Shipment.objects.prefetch_related("packages", "lines")
    scope = staticmethod(by_account(brand="export__brand"))
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
