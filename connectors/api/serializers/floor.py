"""Exceptions, returns and lost webhooks as clients read them, and what they may ask."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from connectors.api.serializers.asked import WhyRequest
from orders.floor import OrderException, Return, ReturnLine


class ExceptionSerializer(ModelSerializer[OrderException]):
    class Meta:
        model = OrderException
        fields = (
            *("id", "account", "order", "export", "kind", "reason", "next_step"),
            *("evidence", "times", "opened_at", "first_opened_at", "closed_at"),
            *("closed_with", "quiet_until", "quiet_why", "quiet_by"),
        )


class ReturnLineSerializer(ModelSerializer[ReturnLine]):
    class Meta:
        model = ReturnLine
        fields = ("sku", "quantity", "received", "restocked", "reason")


class ReturnSerializer(ModelSerializer[Return]):
    lines = ReturnLineSerializer(many=True, read_only=True)

    class Meta:
        model = Return
        fields = (
            *("id", "account", "export", "remote_id", "remote_legacy_id", "status"),
            *("reason", "label_type", "tracking_number", "opened_at", "received_at"),
            *("facts_read_at", "lines"),
        )


class LossSerializer(serializers.Serializer[Any]):
    """`share` is `lost` of `facts`: what no webhook told, and reading found."""

    fact = serializers.CharField()
    facts = serializers.IntegerField()
    lost = serializers.IntegerField()
    share = serializers.FloatField()
    is_silent = serializers.BooleanField()


class WaitRequest(WhyRequest):
    hours = serializers.IntegerField(min_value=1, max_value=90 * 24)


class RerouteRequest(WhyRequest):
    warehouse = serializers.CharField(max_length=80, help_text="Its name or id.")


class CutRequest(WhyRequest):
    sku = serializers.CharField(max_length=255)
