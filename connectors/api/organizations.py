"""Organizations: read, and how their orders are read."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.accounts.models import Organization
from connectors.api import filters
from connectors.api.salesforce import ListenerActions
from connectors.api.serializers.organizations import (
    MappingSerializer,
    OrganizationSerializer,
    SaveMappingRequest,
    TrialSerializer,
)
from connectors.api.serializers.salesforce import OrganizationDetailSerializer
from connectors.config_versions import ConfigKind
from connectors.console.scoping import by_key
from connectors.sync import config, mapping_trial


class OrganizationViewSet(ListenerActions):
    queryset = Organization.objects.select_related("credential")
    serializer_class: type[serializers.BaseSerializer[Any]] = OrganizationSerializer
    scope = staticmethod(by_key("organizations"))
    detail_serializer_class = OrganizationDetailSerializer
    filter_rules = {
        "name": filters.text("name"),
        "org_id": filters.text("org_id"),
        "sandbox": filters.truth("is_sandbox"),
    }

    @extend_schema(responses=MappingSerializer)
    @action(detail=True)
    def mapping(self, request: Request, pk: str) -> Response:
        """The source mapping in force."""
        return Response(_in_force(self.get_object()))

    @extend_schema(
        parameters=[OpenApiParameter("order", str)], responses=TrialSerializer
    )
    @action(detail=True, url_path="mapping-trial")
    def mapping_trial(self, request: Request, pk: str) -> Response:
        """The mapping in force against Salesforce's descriptions and one real order."""
        organization = self.get_object()
        trial = mapping_trial.try_out(
            organization,
            config.source_mapping(organization),
            term=str(request.query_params.get("order", ""))[:80],
            user=request.user,
            clock=timezone.now,
        )
        return Response(TrialSerializer(trial).data)

    @extend_schema(request=SaveMappingRequest, responses=MappingSerializer)
    @action(detail=True, methods=["post"], url_path="save-mapping")
    def save_mapping(self, request: Request, pk: str) -> Response:
        """Put a mapping into force; every open order is read anew by it."""
        organization = self.get_object()
        asked = self.asked(SaveMappingRequest)
        mapping_trial.save_mapping(
            organization=organization, **asked, user=request.user, now=timezone.now()
        )
        return Response(_in_force(organization))


def _in_force(organization: Organization) -> dict[str, Any]:
    """`number` is 0 for the default, which nobody saved."""
    version = config.newest(ConfigKind.SOURCE_MAPPING, organization=organization)
    return {
        "number": version.number if version else 0,
        "note": version.note if version else "",
        "document": config.source_mapping(organization).to_document(),
    }
