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
from connectors.api.serializers.asked import (
    PauseRequest,
    ResumeRequest,
    WhyRequest,
)
from connectors.api.serializers.inventory import SetUnitRequest, UnitFactorSerializer
from connectors.console.scoping import by_key
from connectors.sync import (
    account_actions,
    availability_actions,
    stock_actions,
    unit_actions,
    webhook_actions,
)


class AccountViewSet(RecordViewSet[Account]):
    queryset = Account.objects.all()
    serializer_class = AccountSerializer
    scope = staticmethod(by_key("accounts"))
    filter_rules = {
        "name": filters.text("name"),
        "organization": filters.number("organization_id"),
        "paused": filters.truth("paused"),
    }

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"], url_path="refresh-stock")
    def refresh_stock(self, request: Request, pk: str) -> Response:
        """Have a snapshot of all its stock made and read now."""
        stock_actions.refresh_account(
            account=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=SetUnitRequest, responses=UnitFactorSerializer)
    @action(detail=True, methods=["post"], url_path="set-unit", url_name="set-unit")
    def set_unit(self, request: Request, pk: str) -> Response:
        """Say how many pieces one unit of a SKU, or of every SKU, holds."""
        row = unit_actions.set_unit(
            account=self.get_object(),
            **self.asked(SetUnitRequest),
            user=request.user,
            now=timezone.now(),
        )
        return Response(UnitFactorSerializer(row).data)

    @extend_schema(request=PauseRequest, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Stop every write in one direction. Reading goes on, nothing is lost."""
        account = self.get_object()
        asked = self.asked(PauseRequest)
        account_actions.pause_account(
            account=account, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=ResumeRequest, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Write to this account again; the first time is its go-live."""
        account = self.get_object()
        asked = self.asked(ResumeRequest)
        account_actions.resume_account(
            account=account, **asked, user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=None, responses=AccountSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="refused-stock-again",
        url_name="refused-stock-again",
    )
    def refused_stock_again(self, request: Request, pk: str) -> Response:
        """Write to Salesforce once more what it refused of availability."""
        availability_actions.try_refused_again(
            account=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"], url_path="check-webhooks")
    def check_webhooks(self, request: Request, pk: str) -> Response:
        """Look at its webhook registrations now, and enable what is off."""
        webhook_actions.check_webhooks(
            account=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()

    @extend_schema(request=WhyRequest, responses=AccountSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-webhooks")
    def rotate_webhooks(self, request: Request, pk: str) -> Response:
        """New addresses and secrets; the old ones overlap a while."""
        account, asked = self.get_object(), self.asked(WhyRequest)
        webhook_actions.rotate_webhooks(
            account=account, **asked, user=request.user, now=timezone.now()
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
        account_actions.resume_credential(
            credential=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()
