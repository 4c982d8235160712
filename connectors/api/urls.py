"""Addresses of the REST API, below /api/."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from connectors.api.access import IsSignedIn
from connectors.api.accounts import AccountViewSet, CredentialViewSet
from connectors.api.exports import ExportViewSet, ShipmentViewSet
from connectors.api.floor import ExceptionViewSet, LossView, ReturnViewSet
from connectors.api.inventory import (
    ProductViewSet,
    StockDiscrepancyViewSet,
    StockLevelViewSet,
    StockMovementViewSet,
    StockSnapshotViewSet,
    WarehouseViewSet,
)
from connectors.api.maps import DecisionViewSet, RulesViewSet
from connectors.api.orders import OrderViewSet
from connectors.api.organizations import OrganizationViewSet
from connectors.api.proposals import ProposalViewSet
from connectors.api.salesforce import MessageViewSet, RequestViewSet, ToldViewSet
from connectors.api.status import StatusView
from connectors.api.stock import (
    AvailabilityViewSet,
    LargeWriteViewSet,
    SourceProductViewSet,
    UnitViewSet,
)
from connectors.api.work import (
    AttemptViewSet,
    DeliveryViewSet,
    FailureViewSet,
    JobViewSet,
)

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="api-order")
router.register("exports", ExportViewSet, basename="api-export")
router.register("rules", RulesViewSet, basename="api-rules")
router.register("decisions", DecisionViewSet, basename="api-decision")
router.register("proposals", ProposalViewSet, basename="api-proposal")
router.register("shipments", ShipmentViewSet, basename="api-shipment")
router.register("exceptions", ExceptionViewSet, basename="api-exception")
router.register("returns", ReturnViewSet, basename="api-return")
router.register("attempts", AttemptViewSet, basename="api-attempt")
router.register("failures", FailureViewSet, basename="api-failure")
router.register("deliveries", DeliveryViewSet, basename="api-delivery")
router.register("jobs", JobViewSet, basename="api-job")
router.register("accounts", AccountViewSet, basename="api-account")
router.register("credentials", CredentialViewSet, basename="api-credential")
router.register("source-products", SourceProductViewSet, basename="api-source-product")
router.register("availability", AvailabilityViewSet, basename="api-availability")
router.register("large-writes", LargeWriteViewSet, basename="api-large-write")
router.register("warehouses", WarehouseViewSet, basename="api-warehouse")
router.register("units", UnitViewSet, basename="api-unit")
router.register("products", ProductViewSet, basename="api-product")
router.register("stock", StockLevelViewSet, basename="api-stock")
router.register("movements", StockMovementViewSet, basename="api-movement")
router.register("snapshots", StockSnapshotViewSet, basename="api-snapshot")
router.register("discrepancies", StockDiscrepancyViewSet, basename="api-discrepancy")
router.register("organizations", OrganizationViewSet, basename="api-organization")
router.register("messages", MessageViewSet, basename="api-message")
router.register("requests", RequestViewSet, basename="api-request")
router.register("told-exceptions", ToldViewSet, basename="api-told-exception")

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(router.urls)),
    path("v1/webhook-loss/", LossView.as_view(), name="api-webhook-loss"),
    path("v1/status/", StatusView.as_view(), name="api-status"),
    path(
        "schema/",
        SpectacularAPIView.as_view(permission_classes=[IsSignedIn]),
        name="schema",
    ),
]
