"""Organizations, messages and requests as clients read them. No address, no secret."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from connectors.accounts.models import Organization
from connectors.api.serializers.organizations import OrganizationSerializer
from connectors.exception_rows import ExceptionRow
from connectors.hearing import (
    SalesforceListener,
    SalesforceMessage,
    SalesforceNotification,
    SalesforceRequest,
)
from connectors.sync import load


class ListenerSerializer(serializers.ModelSerializer[SalesforceListener]):
    class Meta:
        model = SalesforceListener
        fields: ClassVar = [
            "last_received_at",
            "last_refused_at",
            "last_refusal",
            "refused_count",
            "echo_count",
        ]


class OrganizationDetailSerializer(OrganizationSerializer):
    """With its messages, and what ShipSync spends of its API requests."""

    listener = serializers.SerializerMethodField()
    api_calls = serializers.SerializerMethodField()

    class Meta(OrganizationSerializer.Meta):
        fields: tuple[str, ...] = (  # type: ignore[assignment]
            *OrganizationSerializer.Meta.fields,
            "credential",
            "told_sandbox",
            "integration_username",
            "checked_at",
            "listener",
            "api_calls",
        )

    def get_listener(self, row: Organization) -> dict[str, Any] | None:
        found = SalesforceListener.objects.filter(organization=row).first()
        return dict(ListenerSerializer(found).data) if found else None

    def get_api_calls(self, row: Organization) -> dict[str, Any]:
        """By everybody, and ours of the last 24 hours by kind of job."""
        ours = load.use_of(row, now=timezone.now())
        limit = row.credential.api_limit
        return {
            "limit": limit,
            "used_by_all": row.credential.api_used,
            "ours": ours,
            "our_share": sum(ours.values()) / limit if limit else None,
        }


class NotificationSerializer(serializers.ModelSerializer[SalesforceNotification]):
    class Meta:
        model = SalesforceNotification
        fields: ClassVar = ["key", "sobject", "record_id", "problem", "copies"]


class MessageSerializer(serializers.ModelSerializer[SalesforceMessage]):
    class Meta:
        model = SalesforceMessage
        fields: ClassVar = [
            "id",
            "organization",
            "form",
            "state",
            "reason",
            "received_at",
            "new_count",
            "repeated_count",
            "bad_count",
            "digest",
        ]


class MessageDetailSerializer(MessageSerializer):
    notifications = NotificationSerializer(many=True, read_only=True)

    class Meta(MessageSerializer.Meta):
        fields: ClassVar = [*MessageSerializer.Meta.fields, "notifications"]


class RequestSerializer(serializers.ModelSerializer[SalesforceRequest]):
    class Meta:
        model = SalesforceRequest
        fields: ClassVar = [
            "id",
            "organization",
            "salesforce_id",
            "order",
            "kind",
            "note",
            "asked_by",
            "asked_at",
            "state",
            "answer",
            "codes",
            "decided_at",
            "is_told",
            "told_at",
            "answers",
        ]


class ToldExceptionSerializer(serializers.ModelSerializer[ExceptionRow]):
    class Meta:
        model = ExceptionRow
        fields: ClassVar = [
            "id",
            "organization",
            "key",
            "order",
            "failure",
            "exception",
            "code",
            "category",
            "owner",
            "reason",
            "fix",
            "opened_at",
            "is_open",
            "closed_at",
            "resolution",
            "told_at",
            "doubt_until",
            "refused_at",
            "refused_code",
            "refused_reason",
        ]
