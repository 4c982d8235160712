"""Addresses of the REST API, below /api/."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from connectors.api.access import IsSignedIn
from connectors.api.accounts import AccountViewSet, CredentialViewSet
from connectors.api.orders import ExportViewSet, OrderViewSet, ShipmentViewSet
from connectors.api.status import StatusView
from connectors.api.work import (
    AttemptViewSet,
    DeliveryViewSet,
    FailureViewSet,
    JobViewSet,
)

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="api-order")
router.register("exports", ExportViewSet, basename="api-export")
router.register("shipments", ShipmentViewSet, basename="api-shipment")
router.register("attempts", AttemptViewSet, basename="api-attempt")
router.register("failures", FailureViewSet, basename="api-failure")
router.register("deliveries", DeliveryViewSet, basename="api-delivery")
router.register("jobs", JobViewSet, basename="api-job")
router.register("accounts", AccountViewSet, basename="api-account")
router.register("credentials", CredentialViewSet, basename="api-credential")

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(router.urls)),
    path("v1/status/", StatusView.as_view(), name="api-status"),
    path(
        "schema/",
        SpectacularAPIView.as_view(permission_classes=[IsSignedIn]),
        name="schema",
    ),
]
