"""Status for people's tools, metrics for monitors, health for load balancers."""

from __future__ import annotations

from django.db import Error as StorageError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connectors.api.access import IsSignedIn, IsStaff, ReadThrottle, refused
from connectors.api.metrics import as_text
from connectors.api.serializers.standing import StandingSerializer
from connectors.api.standing import read_standing


class StatusView(APIView):
    """Workers, logins, accounts, due jobs, open failures: of the user's accounts."""

    permission_classes = (IsSignedIn,)
    throttle_classes = (ReadThrottle,)

    @extend_schema(responses=StandingSerializer)
    def get(self, request: Request) -> Response:
        standing = read_standing(request.user, now=timezone.now())
        return Response(StandingSerializer(standing).data)

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(refused(exc, self.request))


class MetricsView(APIView):
    """The same numbers in Prometheus' text format, for staff."""

    permission_classes = (IsStaff,)
    throttle_classes = (ReadThrottle,)
    schema = None

    def get(self, request: Request) -> HttpResponse:
        standing = read_standing(request.user, now=timezone.now())
        return HttpResponse(as_text(standing), content_type=CONTENT_TYPE_LATEST)


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Whether this web process can take webhooks: it answers, and has its database.

    A silent worker does not make it sick: taken out of service, it would lose what
    it could have stored.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except StorageError:
        return HttpResponse("unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
