"""Exceptions and returns, what may be decided about them, and the loss of webhooks."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connectors.accounts import scoped
from connectors.api import filters
from connectors.api.access import IsSignedIn, ReadThrottle, refused
from connectors.api.base import RecordViewSet
from connectors.api.serializers.asked import WhyRequest
from connectors.api.serializers.floor import (
    CutRequest,
    ExceptionSerializer,
    LossSerializer,
    RerouteRequest,
    ReturnSerializer,
    WaitRequest,
)
from connectors.console.scoping import accounts_of, by_account
from connectors.sync import decisions
from connectors.timing import scaled
from orders.floor import ExceptionKind, OrderException, Return
from orders.sightings import GRACE, losses


class ExceptionViewSet(RecordViewSet[OrderException]):
    queryset = OrderException.objects.select_related("order", "account")
    scope = staticmethod(by_account(brand="order__brand"))
    serializer_class = ExceptionSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "order": filters.number("order_id"),
        "kind": filters.word("kind", ExceptionKind.values),
        "open": filters.truth("closed_at__isnull"),
        "opened_from": filters.moment("opened_at__gte"),
        "opened_to": filters.moment("opened_at__lt"),
    }

    @extend_schema(request=WaitRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, pk: str) -> Response:
        """Keep it quiet for a while. It is still checked, and still clears."""
        asked = self.asked(WaitRequest)
        decisions.wait(
            exception=self.get_object(), **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=RerouteRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"])
    def reroute(self, request: Request, pk: str) -> Response:
        """Let another warehouse ship the order."""
        order, asked = self.get_object().order, self.asked(RerouteRequest)
        decisions.reroute(order=order, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Ship what there is now, the rest later or from elsewhere."""
        order, asked = self.get_object().order, self.asked(WhyRequest)
        decisions.split(order=order, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=CutRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"], url_path="cancel-line")
    def cut(self, request: Request, pk: str) -> Response:
        """Cancel what of one line has not shipped."""
        order, asked = self.get_object().order, self.asked(CutRequest)
        decisions.cut_line(order=order, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take the warehouse's close as the end of the order."""
        order, asked = self.get_object().order, self.asked(WhyRequest)
        decisions.accept_closing(
            order=order, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Let the warehouse ship it after all."""
        order, asked = self.get_object().order, self.asked(WhyRequest)
        decisions.reopen(order=order, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=ExceptionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel the order in the warehouse."""
        order, asked = self.get_object().order, self.asked(WhyRequest)
        decisions.cancel(order=order, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()


class ReturnViewSet(RecordViewSet[Return]):
    queryset = Return.objects.prefetch_related("lines")
    scope = staticmethod(by_account(brand="export__brand"))
    serializer_class = ReturnSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "export": filters.number("export_id"),
        "order": filters.number("export__order_id"),
        "remote_id": filters.text("remote_id"),
        "status": filters.text("status"),
        "opened_from": filters.moment("opened_at__gte"),
    }


class LossView(APIView):
    """How much of what the warehouse did no webhook told, by kind."""

    permission_classes = (IsSignedIn,)
    throttle_classes = (ReadThrottle,)

    @extend_schema(responses=LossSerializer(many=True))
    def get(self, request: Request) -> Response:
        now = timezone.now()
        hours = scoped.lookup("loss_window_hours").value
        found = losses(
            since=now - scaled(timedelta(hours=hours)),
            now=now,
            grace=scaled(GRACE),
            accounts=accounts_of(request.user),
        )
        return Response(LossSerializer(found, many=True).data)

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(refused(exc, self.request))
