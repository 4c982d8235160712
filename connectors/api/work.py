"""Jobs, tries, failures and deliveries: read, and what people may do to them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.asked import (
    FailuresRequest,
    RetriedAnswer,
    WhyRequest,
)
from connectors.api.serializers.work import (
    AttemptDetailSerializer,
    AttemptSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    FailureDetailSerializer,
    FailureSerializer,
    JobSerializer,
)
from connectors.console.scoping import by_account, by_account_or_organization
from connectors.errors import Category, Kind, Owner
from connectors.models import (
    DeliveryState,
    FailedPayload,
    JobState,
    Outcome,
    SyncAttempt,
    SyncJob,
    WebhookDelivery,
)
from connectors.sync import actions
from connectors.sync.registry import LANES


class FailureViewSet(RecordViewSet[FailedPayload]):
    queryset = FailedPayload.objects.select_related("job", "account")
    serializer_class = FailureSerializer
    detail_serializer_class = FailureDetailSerializer
    scope = staticmethod(by_account_or_organization(order="order"))
    filter_rules = {
        "account": filters.number("account_id"),
        "order": filters.number("order_id"),
        "job": filters.number("job_id"),
        "open": filters.truth("closed_at__isnull"),
        "kind": filters.word("error_kind", list(Kind)),
        "category": filters.word("category", list(Category)),
        "owner": filters.word("owner", list(Owner)),
        "code": filters.text("code"),
        "fingerprint": filters.text("fingerprint"),
        "opened_from": filters.moment("opened_at__gte"),
        "opened_to": filters.moment("opened_at__lt"),
    }

    @extend_schema(request=None, responses=FailureDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Try this parked work again, at once."""
        actions.retry(
            failures=[self.get_object()], user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(
        operation_id="v1_failures_retry_many",
        request=FailuresRequest,
        responses=RetriedAnswer,
    )
    @action(detail=False, methods=["post"], url_path="retry", url_name="retry-many")
    def retry_many(self, request: Request) -> Response:
        """Try several again. When one of them does not exist, none is tried."""
        ids = set(self.asked(FailuresRequest)["ids"])
        failures = list(self.get_queryset().filter(pk__in=ids))
        if missing := ids - {failure.pk for failure in failures}:
            raise Http404(f"There is no failure {min(missing)}.")
        retried = actions.retry(
            failures=failures, user=request.user, now=timezone.now()
        )
        return Response({"retried": retried})

    @extend_schema(request=WhyRequest, responses=FailureDetailSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Close it without fixing it."""
        failure = self.get_object()
        asked = self.asked(WhyRequest)
        actions.dismiss(failure=failure, **asked, user=request.user, now=timezone.now())
        return self.as_it_is_now()


class JobViewSet(RecordViewSet[SyncJob]):
    queryset = SyncJob.objects.select_related("account")
    serializer_class = JobSerializer
    scope = staticmethod(by_account_or_organization(order="order"))
    filter_rules = {
        "account": filters.number("account_id"),
        "order": filters.number("order_id"),
        "kind": filters.text("kind"),
        "lane": filters.word("lane", list(LANES)),
        "state": filters.word("state", JobState.values),
        "subject": filters.text("subject"),
        "due_before": filters.moment("not_before__lt"),
    }

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Make this job due now."""
        actions.retry_job(job=self.get_object(), user=request.user, now=timezone.now())
        return self.as_it_is_now()


class AttemptViewSet(RecordViewSet[SyncAttempt]):
    queryset = SyncAttempt.objects.all()
    serializer_class = AttemptSerializer
    detail_serializer_class = AttemptDetailSerializer
    scope = staticmethod(by_account_or_organization(order="order"))
    filter_rules = {
        "account": filters.number("account_id"),
        "order": filters.number("order_id"),
        "export": filters.number("export_id"),
        "job": filters.number("job_id"),
        "kind": filters.text("kind"),
        "outcome": filters.word("outcome", Outcome.values),
        "code": filters.text("code"),
        "request_id": filters.text("request_id"),
        "started_from": filters.moment("started_at__gte"),
        "started_to": filters.moment("started_at__lt"),
    }

    def get_queryset(self) -> QuerySet[SyncAttempt]:
        rows = super().get_queryset()
        if self.action == "list":
            return rows
        return rows.prefetch_related("calls__sent", "calls__answer")


class DeliveryViewSet(RecordViewSet[WebhookDelivery]):
    queryset = WebhookDelivery.objects.all()
    scope = staticmethod(by_account(brand="order__brand"))
    serializer_class = DeliverySerializer
    detail_serializer_class = DeliveryDetailSerializer
    filter_rules = {
        "account": filters.number("account_id"),
        "order": filters.number("order_id"),
        "message_id": filters.text("message_id"),
        "digest": filters.text("digest"),
        "type_name": filters.text("type_name"),
        "state": filters.word("state", DeliveryState.values),
        "received_from": filters.moment("received_at__gte"),
        "received_to": filters.moment("received_at__lt"),
    }
