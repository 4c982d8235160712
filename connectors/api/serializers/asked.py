"""What the actions are told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

# One short transaction.
MOST_AT_ONCE = 500


class WhyRequest(serializers.Serializer[Any]):
    why = serializers.CharField(max_length=255)


class FailuresRequest(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MOST_AT_ONCE,
    )


class HandledOutsideRequest(serializers.Serializer[Any]):
    outside = serializers.BooleanField()
    why = serializers.CharField(max_length=255, allow_blank=True, default="")


class LinkRequest(serializers.Serializer[Any]):
    remote_id = serializers.CharField(
        max_length=60, help_text="ShipHero's id, number or order number."
    )


class RetriedAnswer(serializers.Serializer[Any]):
    retried = serializers.IntegerField(help_text="How many were still open.")
