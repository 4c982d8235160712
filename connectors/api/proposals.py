"""What ShipSync proposes: read, accept, refuse."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.asked import WhyRequest
from connectors.console.scoping import by_account
from connectors.sync import placements
from orders.proposals import Decision, Proposal, ProposalKind


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    class Meta:
        model = Proposal
        fields = (
            "id",
            "export",
            "kind",
            "reason",
            "opened_at",
            "decided_at",
            "decision",
            "decided_by_name",
            "note",
        )


class ProposalViewSet(RecordViewSet[Proposal]):
    queryset = Proposal.objects.select_related("export__order", "export__account")
    serializer_class = ProposalSerializer
    scope = staticmethod(by_account("export__account", brand="export__brand"))
    filter_rules = {
        "account": filters.number("export__account_id"),
        "order": filters.number("export__order_id"),
        "kind": filters.word("kind", ProposalKind.values),
        "decision": filters.word("decision", Decision.values),
        "open": filters.truth("decided_at__isnull"),
    }

    @extend_schema(request=None, responses=ProposalSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Do what is proposed."""
        placements.accept_proposal(
            proposal=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=ProposalSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Leave things as they are."""
        proposal = self.get_object()
        asked = self.asked(WhyRequest)
        placements.refuse_proposal(
            proposal=proposal, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()
