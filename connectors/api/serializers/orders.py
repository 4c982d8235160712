"""Orders, exports and shipments as clients read them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from orders.floor import HoldSpell
from orders.models import (
    Export,
    ExportLine,
    LineItem,
    Order,
    Package,
    Shipment,
    ShipmentLine,
)
from orders.standing import balances_of


class PackageSerializer(ModelSerializer[Package]):
    class Meta:
        model = Package
        fields = (
            "number",
            "carrier",
            "method",
            "tracking_number",
            "tracking_url",
            "is_void",
        )


class ShipmentLineSerializer(ModelSerializer[ShipmentLine]):
    class Meta:
        model = ShipmentLine
        fields = (
            *("sku", "quantity", "package_number"),
            *("serial_numbers", "lot_name", "lot_expires_on"),
        )


class ShipmentSerializer(ModelSerializer[Shipment]):
    packages = PackageSerializer(many=True, read_only=True)
    lines = ShipmentLineSerializer(many=True, read_only=True)

    class Meta:
        model = Shipment
        fields = (
            "id",
            "account",
            "export",
            "remote_id",
            "remote_legacy_id",
            "warehouse",
            "shipped_at",
            "is_void",
            "first_seen_by",
            "facts_read_at",
            "remote_event_at",
            "received_at",
            "written_back_at",
            "packages",
            "lines",
        )


class ExportSerializer(ModelSerializer[Export]):
    class Meta:
        model = Export
        fields: tuple[str, ...] = (
            "id",
            "order",
            "account",
            "brand",
            "generation",
            "key",
            "remote_id",
            "remote_legacy_id",
            "remote_number",
            "linked_by_person",
            "is_held_by_us",
            "hold_kind",
            "window_until",
            "edit_outcome",
            "edit_note",
            "edit_outcome_at",
            "intent_at",
            "held_at",
            "released_at",
            "approved_at",
            "cancel_asked_at",
            "canceled_at",
            "closed_at",
            "source_modified_at",
            "pulled_at",
            "sent_at",
            "acknowledged_at",
            "remote_event_at",
            "received_at",
            "written_back_at",
            "created_at",
        )


class ExportLineSerializer(ModelSerializer[ExportLine]):
    class Meta:
        model = ExportLine
        fields = (
            "sequence",
            "key",
            "sku",
            "product_name",
            "quantity",
            "unit",
            "unit_factor",
            "warehouse",
            "is_removed",
            "allocated",
            "backordered",
            "picked",
            "shipped",
        )


class UnitsSerializer(serializers.Serializer[Any]):
    """Where the pieces of a line are. `in_tote` and `packed` are part of `allocated`."""

    key = serializers.CharField()
    sku = serializers.CharField()
    ordered = serializers.IntegerField()
    open = serializers.IntegerField()
    allocated = serializers.IntegerField()
    backordered = serializers.IntegerField()
    shipped = serializers.IntegerField()
    canceled = serializers.IntegerField()
    in_tote = serializers.IntegerField()
    packed = serializers.IntegerField()
    resent = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.CharField())


class HoldSerializer(ModelSerializer[HoldSpell]):
    class Meta:
        model = HoldSpell
        fields = ("kind", "is_ours", "after_picking", "since", "ended_at")


class ExportDetailSerializer(ExportSerializer):
    lines = ExportLineSerializer(many=True, read_only=True)
    units = serializers.SerializerMethodField()
    holds = HoldSerializer(many=True, read_only=True, source="hold_spells")
    shipments = ShipmentSerializer(many=True, read_only=True)

    class Meta(ExportSerializer.Meta):
        fields = (
            *ExportSerializer.Meta.fields,
            "wanted",
            "sent",
            "acknowledged",
            "facts",
            "facts_read_at",
            "lines",
            "units",
            "holds",
            "shipments",
        )

    @extend_schema_field(UnitsSerializer(many=True))
    def get_units(self, export: Export) -> list[dict[str, Any]]:
        return [
            {"key": line.key, "sku": line.sku, **asdict(told)}
            for line, told in balances_of(export)
        ]


class OrderSerializer(ModelSerializer[Order]):
    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "organization",
            "account",
            "brand",
            "salesforce_id",
            "order_number",
            "stage",
            "status",
            "customer_name",
            "po_number",
            "ship_to_name",
            "ship_to_place",
            "shipping_method",
            "is_deleted",
            "version",
            "is_eligible",
            "eligibility_reason",
            "include_anyway",
            "handled_outside",
            "state",
            "state_reason",
            "state_since",
            "source_modified_at",
            "activated_at",
            "pulled_at",
            "written_back_at",
            "created_at",
        )


class LineItemSerializer(ModelSerializer[LineItem]):
    class Meta:
        model = LineItem
        fields = (
            "salesforce_id",
            "line_number",
            "sku",
            "product_name",
            "quantity",
            "unit",
            "unit_price",
            "account",
            "brand",
        )


class OrderDetailSerializer(OrderSerializer):
    lines = LineItemSerializer(many=True, read_only=True)
    exports = ExportDetailSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "is_split", "lines", "exports")
