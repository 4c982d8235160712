"""Products of Salesforce and availability on its way there, as clients read them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from inventory.models import Availability, AvailabilityRun, SourceProduct


class SourceProductSerializer(ModelSerializer[SourceProduct]):
    trouble = serializers.CharField(
        read_only=True,
        help_text="`missing`, `ambiguous` or `inactive`; empty where the SKU is sound.",
    )

    class Meta:
        model = SourceProduct
        fields = (
            *("id", "organization", "salesforce_id", "sku", "name", "unit"),
            *("is_active", "is_deleted", "trouble", "source_modified_at", "read_at"),
        )


class AvailabilitySerializer(ModelSerializer[Availability]):
    in_units = serializers.CharField(read_only=True)
    is_due = serializers.SerializerMethodField()

    class Meta:
        model = Availability
        fields = (
            *("id", "account", "brand", "warehouse", "sku", "quantity"),
            *("unit", "unit_factor", "in_units"),
            *("explanation", "stock_read_at", "computed_at", "is_due", "standing"),
            *("code", "reason", "written_at"),
        )

    @extend_schema_field(serializers.BooleanField())
    def get_is_due(self, row: Availability) -> bool:
        """Whether Salesforce has not been told of this number yet."""
        return row.wanted_hash != row.settled_hash


class LargeWriteSerializer(ModelSerializer[AvailabilityRun]):
    class Meta:
        model = AvailabilityRun
        fields = (
            *("id", "account", "state", "rows", "new_rows", "calls", "storage_kb"),
            *("written", "refused", "remote_job_id", "step", "last_word"),
            *("created_at", "decided_at", "job_started_at", "finished_at"),
        )
