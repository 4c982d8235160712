"""Orders: read, and what people may do to them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from connectors.accounts.models import Account
from connectors.api import filters
from connectors.api.access import LiveThrottle
from connectors.api.base import RecordViewSet
from connectors.api.serializers.asked import (
    EndOverrideRequest,
    HandledOutsideRequest,
    LinkRequest,
    MoveRequest,
    OverrideRequest,
    ShipFromRequest,
    WhyRequest,
)
from connectors.api.serializers.orders import (
    OrderDetailSerializer,
    OrderSerializer,
)
from connectors.api.serializers.telling import ExaminationSerializer
from connectors.api.serializers.whereabouts import (
    ReadAnswer,
    ReadRequest,
    SightingSerializer,
)
from connectors.console.scoping import (
    by_account,
    by_account_or_organization,
    by_key,
)
from connectors.sync import (
    actions,
    overrides,
    placements,
    routing_actions,
    telling,
    whereabouts,
)
from orders.models import Export, Order, OrderState


class OrderViewSet(RecordViewSet[Order]):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    detail_serializer_class = OrderDetailSerializer
    scope = staticmethod(by_account_or_organization(brand="brand"))
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

    @extend_schema(request=OverrideRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def override(self, request: Request, pk: str) -> Response:
        """Let a person's value count instead of Salesforce's, checked alike."""
        order = self.get_object()
        asked = self.asked(OverrideRequest)
        overrides.set_override(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=EndOverrideRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="end-override")
    def end_override(self, request: Request, pk: str) -> Response:
        """Let Salesforce's value count again."""
        order = self.get_object()
        asked = self.asked(EndOverrideRequest)
        overrides.end_override(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=ShipFromRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="ship-from")
    def ship_from(self, request: Request, pk: str) -> Response:
        """Choose the warehouse, whatever the rules say."""
        order = self.get_object()
        asked = self.asked(ShipFromRequest)
        routing_actions.override_warehouse(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=None, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="ship-by-rule")
    def ship_by_rule(self, request: Request, pk: str) -> Response:
        """Leave the warehouse to the rules again."""
        routing_actions.end_override(
            order=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(responses=ExaminationSerializer)
    @action(detail=True)
    def problems(self, request: Request, pk: str) -> Response:
        """Everything that is wrong with the order now, by the rules of its export."""
        found = telling.examine(self.get_object(), now=timezone.now())
        return Response(ExaminationSerializer(found).data)

    @extend_schema(
        parameters=[OpenApiParameter("order", str, required=True)],
        responses=SightingSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None, filter_backends=())
    def whereabouts(self, request: Request) -> Response:
        """Where an order is, also one that is not here: Salesforce is asked live.

        By its number, the customer's order number or its Salesforce id.
        """
        term = str(request.query_params.get("order", ""))
        found = whereabouts.look_for(term, user=request.user, clock=timezone.now)
        return Response(SightingSerializer(found, many=True).data)

    @extend_schema(request=ReadRequest, responses=ReadAnswer)
    @action(detail=False, methods=["post"], filter_backends=())
    def read(self, request: Request) -> Response:
        """Read an order from Salesforce at once, whether it is here or not."""
        asked = self.asked(ReadRequest)
        seen = whereabouts.organizations_for(request.user)
        organization = seen.filter(pk=asked["organization"]).first()
        if organization is None:
            raise NotFound("There is no such organization.")
        whereabouts.read_order(
            organization=organization,
            salesforce_id=asked["salesforce_id"],
            user=request.user,
            now=timezone.now(),
        )
        return Response({"rung": True})

    def get_throttles(self) -> Sequence[BaseThrottle]:  # type: ignore[override]
        if self.action == "whereabouts":
            return [LiveThrottle()]
        return super().get_throttles()

    @extend_schema(request=WhyRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="never-export")
    def never_export(self, request: Request, pk: str) -> Response:
        """Keep the order out of every warehouse for good."""
        order = self.get_object()
        asked = self.asked(WhyRequest)
        placements.never_export(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=None, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="export-again")
    def export_again(self, request: Request, pk: str) -> Response:
        """Take “never export” back."""
        placements.export_again(
            order=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="re-export")
    def re_export(self, request: Request, pk: str) -> Response:
        """Make another warehouse order where the order's own has ended."""
        order = self.get_object()
        asked = self.asked(WhyRequest)
        placements.re_export(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=MoveRequest, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Confirmed cancel where it stands, then created in another account."""
        order = self.get_object()
        asked = self.asked(MoveRequest)
        accounts = self.visible(Account.objects.all(), by_key("accounts"))
        placements.move_order(
            order=order,
            account=get_object_or_404(accounts, pk=asked["account"]),
            why=asked["why"],
            user=request.user,
            now=timezone.now(),
        )
        return self.as_it_is_now()

    def get_queryset(self) -> QuerySet[Order]:
        rows = super().get_queryset()
        if self.action == "list":
            return rows
        # An order may have moved here from an account of others.
        exports = self.visible(Export.objects.all(), by_account(brand="brand"))
        return rows.prefetch_related(
            "lines",
            Prefetch("exports", queryset=exports),
            "exports__lines",
            "exports__shipments__packages",
            "exports__shipments__lines",
        )
