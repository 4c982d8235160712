"""Organizations, their messages and the requests of their people."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.accounts.models import Organization
from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.serializers.salesforce import (
    MessageDetailSerializer,
    MessageSerializer,
    OrganizationDetailSerializer,
    RequestSerializer,
    ToldExceptionSerializer,
)
from connectors.console.exceptions_told import MINE
from connectors.console.salesforce_talk import of_organization, of_request
from connectors.errors import Category, Owner
from connectors.exception_rows import ExceptionRow
from connectors.hearing import (
    MessageForm,
    MessageState,
    RequestKind,
    RequestState,
    SalesforceMessage,
    SalesforceRequest,
)
from connectors.sync import listeners, push_exceptions, requests


class ListenerActions(RecordViewSet[Organization]):
    """What may be done to the listener of an organization."""

    @extend_schema(request=None, responses=OrganizationDetailSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="renew-callout-secret",
        url_name="renew-callout-secret",
    )
    def renew_callout_secret(self, request: Request, pk: str) -> Response:
        """Sign callouts with a new secret; the old one is good for a day."""
        now = timezone.now()
        listener = listeners.listener_of(self.get_object(), now=now)
        listeners.renew_secret(listener=listener, user=request.user, now=now)
        return self.as_it_is_now()

    @extend_schema(request=None, responses=OrganizationDetailSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="renew-listener-address",
        url_name="renew-listener-address",
    )
    def renew_listener_address(self, request: Request, pk: str) -> Response:
        """Listen at a new address; messages to the old one are refused at once."""
        now = timezone.now()
        listener = listeners.listener_of(self.get_object(), now=now)
        listeners.renew_address(listener=listener, user=request.user, now=now)
        return self.as_it_is_now()


class MessageViewSet(RecordViewSet[SalesforceMessage]):
    queryset = SalesforceMessage.objects.all()
    serializer_class = MessageSerializer
    detail_serializer_class = MessageDetailSerializer
    scope = staticmethod(of_organization)
    filter_rules = {
        "organization": filters.number("organization_id"),
        "state": filters.word("state", MessageState.values),
        "form": filters.word("form", MessageForm.values),
        "received_from": filters.moment("received_at__gte"),
        "received_to": filters.moment("received_at__lt"),
    }


class RequestViewSet(RecordViewSet[SalesforceRequest]):
    queryset = SalesforceRequest.objects.all()
    serializer_class = RequestSerializer
    scope = staticmethod(of_request)
    filter_rules = {
        "organization": filters.number("organization_id"),
        "order": filters.number("order_id"),
        "kind": filters.word("kind", RequestKind.values),
        "state": filters.word("state", RequestState.values),
        "told": filters.truth("is_told"),
        "asked_from": filters.moment("asked_at__gte"),
        "asked_to": filters.moment("asked_at__lt"),
    }

    @extend_schema(request=None, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="tell-again", url_name="tell-again")
    def tell_again(self, request: Request, pk: str) -> Response:
        """Write the answer to Salesforce once more."""
        requests.tell_again(
            request=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()


class ToldViewSet(RecordViewSet[ExceptionRow]):
    """What Salesforce shows of failures and exceptions."""

    queryset = ExceptionRow.objects.all()
    serializer_class = ToldExceptionSerializer
    scope = staticmethod(MINE)
    filter_rules = {
        "organization": filters.number("organization_id"),
        "order": filters.number("order_id"),
        "open": filters.truth("is_open"),
        "taken": filters.truth("refused_at__isnull"),
        "code": filters.text("code"),
        "owner": filters.word("owner", [one.value for one in Owner]),
        "category": filters.word("category", [one.value for one in Category]),
    }

    @extend_schema(request=None, responses=ToldExceptionSerializer)
    @action(detail=True, methods=["post"], url_path="tell-again", url_name="tell-again")
    def tell_again(self, request: Request, pk: str) -> Response:
        """Write a row to Salesforce once more that it refused."""
        push_exceptions.tell_again(
            row=self.get_object(), user=request.user, now=timezone.now()
        )
        return self.as_it_is_now()
