"""Products, places and counts as clients read them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from connectors.sync import place_actions
from inventory.models import (
    Holiday,
    KitComponent,
    Product,
    ProductCase,
    StockDiscrepancy,
    StockLevel,
    StockMovement,
    StockSnapshot,
    TransitTime,
    UnitFactor,
    Warehouse,
)
from inventory.records import SKU_LENGTH
from inventory.units import MOST_PIECES


class HolidaySerializer(ModelSerializer[Holiday]):
    class Meta:
        model = Holiday
        fields = ("date", "name")


class TransitTimeSerializer(ModelSerializer[TransitTime]):
    class Meta:
        model = TransitTime
        fields = ("country", "region", "method", "days")


class WarehouseSerializer(ModelSerializer[Warehouse]):
    class Meta:
        model = Warehouse
        fields: tuple[str, ...] = (
            "id",
            "account",
            "remote_id",
            "remote_legacy_id",
            "name",
            "company_name",
            "address1",
            "address2",
            "city",
            "state",
            "zip",
            "country",
            "is_listed",
            "is_active",
            "is_chosen",
            "region",
            "time_zone",
            "cutoff",
            "working_days",
            "read_at",
            "stock_read_at",
        )


class WarehouseDetailSerializer(WarehouseSerializer):
    holidays = HolidaySerializer(many=True, read_only=True)
    transit_times = TransitTimeSerializer(many=True, read_only=True)

    class Meta(WarehouseSerializer.Meta):
        fields = (*WarehouseSerializer.Meta.fields, "holidays", "transit_times")


class SetUpWarehouseRequest(ModelSerializer[Warehouse]):
    """What is left out stays; a list takes the place of the whole list."""

    region = serializers.CharField(max_length=80, allow_blank=True)
    time_zone = serializers.CharField(max_length=64, allow_blank=True)
    working_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        min_length=1,
        max_length=7,
        help_text="1 is Monday, 7 is Sunday.",
    )
    holidays = HolidaySerializer(many=True)
    transit_times = TransitTimeSerializer(many=True)

    class Meta:
        model = Warehouse
        fields = (*place_actions.OURS, *place_actions.PARTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, partial=True, **kwargs)

    def validate_time_zone(self, name: str) -> str:
        problem = place_actions.zone_problem(name)
        if problem:
            raise serializers.ValidationError(problem)
        return name

    def validate_working_days(self, days: list[int]) -> list[int]:
        return sorted(set(days))

    def validate_holidays(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return _once(rows, ("date",), "A day stands there twice.")

    def validate_transit_times(
        self, rows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        return _once(rows, ("country", "region", "method"), "A way stands there twice.")


def _once(
    rows: list[dict[str, Any]], names: tuple[str, ...], words: str
) -> list[dict[str, Any]]:
    keys = {tuple(row.get(name, "") for name in names) for row in rows}
    if len(keys) < len(rows):
        raise serializers.ValidationError(words)
    return rows


class UnitFactorSerializer(ModelSerializer[UnitFactor]):
    pieces = serializers.IntegerField(source="factor", read_only=True)

    class Meta:
        model = UnitFactor
        fields = ("id", "account", "sku", "unit", "pieces")


class SetUnitRequest(serializers.Serializer[Any]):
    """How many pieces one unit holds; without an SKU, of every SKU."""

    sku = serializers.CharField(
        max_length=SKU_LENGTH, allow_blank=True, default="", trim_whitespace=False
    )
    unit = serializers.CharField(max_length=40)
    pieces = serializers.IntegerField(min_value=1, max_value=MOST_PIECES)


class KitComponentSerializer(ModelSerializer[KitComponent]):
    class Meta:
        model = KitComponent
        fields = ("sku", "quantity")


class ProductCaseSerializer(ModelSerializer[ProductCase]):
    class Meta:
        model = ProductCase
        fields = ("units", "barcode")


class ProductSerializer(ModelSerializer[Product]):
    class Meta:
        model = Product
        fields: tuple[str, ...] = (
            "id",
            "account",
            "sku",
            "name",
            "barcode",
            "remote_id",
            "is_kit",
            "is_built",
            "is_virtual",
            "needs_serial",
            "needs_lot",
            "is_active",
            "read_at",
        )


class ProductDetailSerializer(ProductSerializer):
    components = KitComponentSerializer(many=True, read_only=True)
    cases = ProductCaseSerializer(many=True, read_only=True)

    class Meta(ProductSerializer.Meta):
        fields = (*ProductSerializer.Meta.fields, "components", "cases")


class StockLevelSerializer(ModelSerializer[StockLevel]):
    """Empty counts were not told; they are not zero."""

    class Meta:
        model = StockLevel
        fields = (
            "id",
            "account",
            "warehouse",
            "sku",
            "on_hand",
            "allocated",
            "available",
            "backordered",
            "reserve",
            "sell_ahead",
            "non_sellable",
            "in_tote",
            "is_active",
            "source",
            "read_at",
            "changed_at",
        )


class StockMovementSerializer(ModelSerializer[StockMovement]):
    class Meta:
        model = StockMovement
        fields = (
            "id",
            "account",
            "warehouse",
            "sku",
            "at",
            "told_by",
            "delta",
            "before",
            "after",
            "available_before",
            "available_after",
            "reason",
            "reason_text",
            "reference",
        )


class StockSnapshotSerializer(ModelSerializer[StockSnapshot]):
    class Meta:
        model = StockSnapshot
        fields = (
            "id",
            "account",
            "warehouse",
            "state",
            "remote_id",
            "layout",
            "asked_at",
            "started_at",
            "finished_at",
            "size",
            "rows",
            "changed",
            "missed",
            "absent",
            "odd",
            "error",
        )


class StockDiscrepancySerializer(ModelSerializer[StockDiscrepancy]):
    class Meta:
        model = StockDiscrepancy
        fields = (
            "id",
            "account",
            "warehouse",
            "snapshot",
            "kind",
            "sku",
            "bucket",
            "ours",
            "theirs",
            "size",
            "detail",
            "ours_read_at",
            "found_at",
            "seen_at",
            "closed_at",
            "closed_how",
        )
