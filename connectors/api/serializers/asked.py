"""What the actions are told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.sync.pauses import Direction
from orders import overriding

# One short transaction.
MOST_AT_ONCE = 500


class WhyRequest(serializers.Serializer[Any]):
    why = serializers.CharField(max_length=255)


class PauseRequest(WhyRequest):
    direction = serializers.ChoiceField(
        choices=[one.value for one in Direction], default=Direction.WAREHOUSE.value
    )
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Resumes by itself."
    )


class ResumeRequest(serializers.Serializer[Any]):
    direction = serializers.ChoiceField(
        choices=[one.value for one in Direction], default=Direction.WAREHOUSE.value
    )


class MoveRequest(WhyRequest):
    account = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class FailuresRequest(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MOST_AT_ONCE,
    )


class HandledOutsideRequest(serializers.Serializer[Any]):
    outside = serializers.BooleanField()
    why = serializers.CharField(max_length=255, allow_blank=True, default="")


class OverrideRequest(serializers.Serializer[Any]):
    field = serializers.ChoiceField(choices=overriding.FIELDS)
    value = serializers.CharField(max_length=255, allow_blank=True)
    why = serializers.CharField(max_length=255)
    until = serializers.DateTimeField(default=None, allow_null=True)


class EndOverrideRequest(serializers.Serializer[Any]):
    field = serializers.ChoiceField(choices=overriding.FIELDS)


class ShipFromRequest(serializers.Serializer[Any]):
    warehouse = serializers.CharField(max_length=120, help_text="Name or ShipHero id.")
    why = serializers.CharField(max_length=255)
    until = serializers.DateTimeField(default=None, allow_null=True)


class LinkRequest(serializers.Serializer[Any]):
    remote_id = serializers.CharField(
        max_length=60, help_text="ShipHero's id, number or order number."
    )


class RetriedAnswer(serializers.Serializer[Any]):
    retried = serializers.IntegerField(help_text="How many were still open.")
