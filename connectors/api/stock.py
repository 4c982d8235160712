"""Products of Salesforce, availability there, and large writes: read and acted upon."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.inventory import UnitFactorSerializer
from connectors.api.serializers.stock import (
    AvailabilitySerializer,
    LargeWriteSerializer,
    SourceProductSerializer,
)
from connectors.console.salesforce_stock import of_organization
from connectors.console.scoping import shared_or_by_brand
from connectors.sync import availability_actions as actions
from connectors.sync import unit_actions
from inventory import source_products
from inventory.models import (
    Availability,
    AvailabilityRun,
    RunState,
    SkuTrouble,
    SourceProduct,
    Standing,
    UnitFactor,
)


class SourceProductViewSet(RecordViewSet[SourceProduct]):
    queryset = SourceProduct.objects.select_related("organization")
    serializer_class = SourceProductSerializer
    scope = staticmethod(of_organization)
    filter_rules = {
        "organization": filters.number("organization_id"),
        "sku": filters.text("sku"),
        "active": filters.truth("is_active"),
        "deleted": filters.truth("is_deleted"),
    }

    @extend_schema(responses=SourceProductSerializer(many=True))
    @action(detail=False, url_path="trouble/(?P<trouble>[a-z]{1,20})")
    def trouble(self, request: Request, trouble: str) -> Response:
        """Those whose SKU cannot be relied on: `missing`, `ambiguous` or `inactive`."""
        rows: QuerySet[SourceProduct] = self.get_queryset().none()
        if trouble in SkuTrouble.values:
            rows = source_products.in_trouble(self.get_queryset(), trouble)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class UnitViewSet(RecordViewSet[UnitFactor]):
    """The table of units. Rows are set below `accounts/<id>/set-unit/`."""

    queryset = UnitFactor.objects.all()
    serializer_class = UnitFactorSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "sku": filters.text("sku"),
        "unit": filters.text("unit"),
    }

    @extend_schema(request=None, responses=UnitFactorSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """Take the row out; answers it once more. What went out keeps its factor."""
        row = self.get_object()
        told = self.get_serializer(row).data
        unit_actions.remove_unit(row=row, user=request.user, now=timezone.now())
        return Response(told)


class AvailabilityViewSet(RecordViewSet[Availability]):
    queryset = Availability.objects.all()
    scope = staticmethod(shared_or_by_brand)
    serializer_class = AvailabilitySerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "warehouse": filters.number("warehouse_id"),
        "sku": filters.text("sku"),
        "standing": filters.word("standing", list(Standing)),
    }

    @extend_schema(request=None, responses=AvailabilitySerializer)
    @action(detail=True, methods=["post"], url_path="try-again", url_name="try-again")
    def try_again(self, request: Request, pk: str) -> Response:
        """Write this number to Salesforce once more, at once."""
        actions.try_again(row=self.get_object(), user=request.user, now=timezone.now())
        return self.as_it_is_now()


class LargeWriteViewSet(RecordViewSet[AvailabilityRun]):
    queryset = AvailabilityRun.objects.select_related("account")
    serializer_class = LargeWriteSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "state": filters.word("state", list(RunState)),
    }

    @extend_schema(request=None, responses=LargeWriteSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Say yes to the price and begin."""
        actions.approve(large=self.get_object(), user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=None, responses=LargeWriteSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Leave these numbers out until they move again."""
        actions.decline(large=self.get_object(), user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=None, responses=LargeWriteSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """Give the Bulk job up. What it has written stands."""
        actions.stop(large=self.get_object(), user=request.user, now=timezone.now())
        return self.as_it_is_now()
