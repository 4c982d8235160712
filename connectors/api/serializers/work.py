"""Jobs, tries, failures and deliveries as clients read them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from connectors import catalogue
from connectors.api.access import may_view
from connectors.models import (
    FailedPayload,
    Payload,
    RemoteCall,
    SyncAttempt,
    SyncJob,
    WebhookDelivery,
)


class PayloadSerializer(ModelSerializer[Payload]):
    """A body as text; bytes that are no text are escaped as \\xNN."""

    text = serializers.SerializerMethodField()

    class Meta:
        model = Payload
        fields = (
            "id",
            "media_type",
            "size",
            "digest",
            "created_at",
            "expires_at",
            "erased_at",
            "text",
        )

    def get_text(self, payload: Payload) -> str:
        return bytes(payload.body).decode("utf-8", "backslashreplace")


@extend_schema_field(PayloadSerializer(allow_null=True))
class BodyField(serializers.Field[Any, Any, Any, Any]):
    """A payload for those who may see payloads, null for others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Payload) -> Any:
        request = self.context.get("request")
        if request is None or not may_view(request, "connectors", "payload"):
            return None
        return PayloadSerializer(value, context=self.context).data


class JobSerializer(ModelSerializer[SyncJob]):
    class Meta:
        model = SyncJob
        fields = (
            "id",
            "key",
            "kind",
            "lane",
            "priority",
            "account",
            "organization",
            "order",
            "subject",
            "state",
            "wanted_version",
            "done_version",
            "attempts",
            "not_before",
            "lease_until",
            "trigger",
            "cause",
            "note",
            "last_code",
            "last_reason",
            "created_at",
            "rung_at",
            "started_at",
            "finished_at",
        )


class AttemptSerializer(ModelSerializer[SyncAttempt]):
    class Meta:
        model = SyncAttempt
        fields: tuple[str, ...] = (
            "id",
            "job",
            "kind",
            "account",
            "organization",
            "order",
            "export",
            "subject",
            "trigger",
            "cause",
            "actor",
            "started_at",
            "duration_ms",
            "outcome",
            "error_kind",
            "code",
            "reason",
            "request_id",
            "credits",
            "did",
        )


class RemoteCallSerializer(ModelSerializer[RemoteCall]):
    sent = BodyField()
    answer = BodyField()

    class Meta:
        model = RemoteCall
        fields = (
            "system",
            "operation",
            "status",
            "request_id",
            "credits",
            "started_at",
            "duration_ms",
            "sent",
            "answer",
        )


class AttemptDetailSerializer(AttemptSerializer):
    calls = RemoteCallSerializer(many=True, read_only=True)

    class Meta(AttemptSerializer.Meta):
        fields = (*AttemptSerializer.Meta.fields, "detail", "diff", "calls")


class FailureSerializer(ModelSerializer[FailedPayload]):
    suggested_fix = serializers.SerializerMethodField()

    def get_suggested_fix(self, row: FailedPayload) -> str:
        """What the catalogue says to do about it, in one or two sentences."""
        entry = catalogue.find(row.code, kind=row.error_kind)
        return entry.fix if entry else "Correct what the reason names, then retry."

    class Meta:
        model = FailedPayload
        fields: tuple[str, ...] = (
            "id",
            "job",
            "account",
            "organization",
            "order",
            "attempt",
            "error_kind",
            "category",
            "owner",
            "code",
            "reason",
            "problems",
            "fingerprint",
            "request_id",
            "opened_at",
            "closed_at",
            "closed_how",
            "closed_by",
            "closing_note",
            "times",
            "suggested_fix",
        )


class FailureDetailSerializer(FailureSerializer):
    payload = BodyField()
    error_response = BodyField()

    class Meta(FailureSerializer.Meta):
        fields = (
            *FailureSerializer.Meta.fields,
            "detail",
            "payload",
            "error_response",
        )


class DeliverySerializer(ModelSerializer[WebhookDelivery]):
    class Meta:
        model = WebhookDelivery
        fields: tuple[str, ...] = (
            "id",
            "account",
            "message_id",
            "digest",
            "received_at",
            "copies",
            "type_name",
            "state",
            "reason",
            "order",
            "order_key",
            "order_number",
            "occurred_at",
            "applied_at",
        )


class DeliveryDetailSerializer(DeliverySerializer):
    payload = BodyField()

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "payload")
