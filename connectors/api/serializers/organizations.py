"""Organizations and their source mappings as clients read and write them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.accounts.models import Organization


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = ("id", "name", "org_id", "instance_url", "is_sandbox", "created_at")


class MappingSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="The version; 0 is the default.")
    note = serializers.CharField()
    document = serializers.DictField()


class SaveMappingRequest(serializers.Serializer[Any]):
    document = serializers.DictField()
    note = serializers.CharField(max_length=255, allow_blank=True, default="")


class LookSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(source="row.field")
    path = serializers.CharField(source="row.path")
    kind = serializers.CharField(help_text="Salesforce's type; empty if not shown.")
    raw = serializers.CharField(allow_null=True)
    value = serializers.CharField(allow_null=True)


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    reason = serializers.CharField()
    field = serializers.CharField()
    value = serializers.CharField()


class TrialSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(help_text="What went wrong; empty if nothing did.")
    order_number = serializers.CharField()
    salesforce_id = serializers.CharField()
    looks = LookSerializer(many=True)
    problems = ProblemSerializer(many=True)
    warnings = ProblemSerializer(many=True)
