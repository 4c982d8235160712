"""Accounts and logins: read, pause, resume."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
    CredentialSystem,
)
from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.accounts import AccountSerializer, CredentialSerializer
from connectors.api.serializers.asked import WhyRequest
from connectors.console.scoping import by_key
from connectors.sync import actions


class AccountViewSet(RecordViewSet[Account]):
    queryset = Account.objects.all()
    serializer_class = AccountSerializer
    scope = staticmethod(by_key("accounts"))
    filter_rules = {
        "name": filters.text("name"),
        "organization": filters.number("organization_id"),
        "paused": filters.truth("paused"),
    }

    @extend_schema(request=WhyRequest, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Stop every write to this account. Reading goes on, nothing is lost."""
        account = self.get_object()
        asked = self.asked(WhyRequest)
        actions.pause_account(
            account=account, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Write to this account again; the first time is its go-live."""
        actions.resume_account(
            account=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()


class CredentialViewSet(RecordViewSet[Credential]):
    queryset = Credential.objects.all()
    serializer_class = CredentialSerializer
    scope = staticmethod(by_key("credentials"))
    filter_rules = {
        "system": filters.word("system", CredentialSystem.values),
        "state": filters.word("state", CredentialState.values),
        "breaker_state": filters.word("breaker_state", BreakerState.values),
    }

    @extend_schema(request=None, responses=CredentialSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Use a login again that was refused, or whose circuit breaker is open."""
        actions.resume_credential(
            credential=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()
