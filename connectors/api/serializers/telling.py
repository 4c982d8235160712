"""What is wrong with an order, as clients read it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.checks import Severity


class ToldSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    severity = serializers.ChoiceField(choices=[one.value for one in Severity])
    reason = serializers.CharField()
    field = serializers.CharField()
    value = serializers.CharField()
    owner = serializers.CharField()
    fix = serializers.CharField()
    source = serializers.ListField(
        child=serializers.CharField(),
        help_text="The Salesforce fields.",  # type: ignore[assignment]
    )
    link = serializers.CharField(help_text="The record's page in Salesforce.")


class ChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ExaminationSerializer(serializers.Serializer[Any]):
    problems = ToldSerializer(many=True)
    changes = ChangeSerializer(
        many=True, help_text="Parts of the address that are sent otherwise than read."
    )
