"""How the arguments of list queries choose rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import allocation

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.envelope import Context
    from connectors.sandbox.world import Document

Check = Callable[["Context", "Document", Any], bool]


def _between(key: str, *, after: bool) -> Check:
    def check(context: Context, order: Document, bound: str) -> bool:
        value = order.get(key)
        if not value:
            return False
        return bool(value >= bound) if after else bool(value <= bound)

    return check


def _equal(key: str) -> Check:
    return lambda context, order, value: order[key] == value


def _held_by(hold: str) -> Check:
    return lambda context, order, value: order["holds"][hold] is value


def _status_is(context: Context, order: Document, value: str) -> bool:
    if value.lower() == "unfulfilled":
        return not order["closed"]
    return bool(order["fulfillment_status"] == value)


def _allocated_after(context: Context, order: Document, bound: str) -> bool:
    return any(row["allocated_at"] >= bound for row in order["allocations"])


def _allocated_before(context: Context, order: Document, bound: str) -> bool:
    return any(row["allocated_at"] <= bound for row in order["allocations"])


ORDER_FILTERS: dict[str, Check] = {
    "ids": lambda context, order, value: order["id"] in value,
    "shop_name": _equal("shop_name"),
    "partner_order_id": _equal("partner_order_id"),
    "order_number": _equal("order_number"),
    "email": _equal("email"),
    "profile": _equal("profile"),
    "fulfillment_status": _status_is,
    "warehouse_id": lambda context, order, value: any(
        line["warehouse_id"] == value for line in order["line_items"]
    ),
    "allocated_warehouse_id": lambda context, order, value: any(
        row["warehouse_id"] == value for row in order["allocations"]
    ),
    "sku": lambda context, order, value: any(
        line["sku"] == value for line in order["line_items"]
    ),
    "tag": lambda context, order, value: value in order["tags"],
    "updated_from": _between("updated_at", after=True),
    "updated_to": _between("updated_at", after=False),
    "order_date_from": _between("order_date", after=True),
    "order_date_to": _between("order_date", after=False),
    "created_from": _between("created_at", after=True),
    "created_to": _between("created_at", after=False),
    "required_ship_date_from": _between("required_ship_date", after=True),
    "required_ship_date_to": _between("required_ship_date", after=False),
    "allocated_from": _allocated_after,
    "allocated_to": _allocated_before,
    "customer_account_id": lambda context, order, value: (
        order["account_id"] == context.world.account_for(value)["id"]
    ),
    "has_hold": lambda context, order, value: any(order["holds"].values()) is value,
    "operator_hold": _held_by("operator_hold"),
    "address_hold": _held_by("address_hold"),
    "payment_hold": _held_by("payment_hold"),
    "fraud_hold": _held_by("fraud_hold"),
    "ready_to_ship": lambda context, order, value: (
        allocation.is_ready(context.world, order) is value
    ),
    "has_backorder": lambda context, order, value: (
        any(line["backorder_quantity"] for line in order["line_items"]) is value
    ),
    "is_wholesale_order": lambda context, order, value: value is False,
}


def _order_of(context: Context, shipment: Document) -> Document:
    return context.world.get("order", shipment["order_id"]) or {}


def _label_has(key: str) -> Check:
    return lambda context, shipment, value: any(
        label[key] == value for label in shipment["shipping_labels"]
    )


SHIPMENT_FILTERS: dict[str, Check] = {
    "order_id": _equal("order_id"),
    "date_from": _between("created_date", after=True),
    "date_to": _between("created_date", after=False),
    "order_date_from": lambda context, shipment, bound: (
        _order_of(context, shipment).get("order_date", "") >= bound
    ),
    "order_date_to": lambda context, shipment, bound: (
        _order_of(context, shipment).get("order_date", "") <= bound
    ),
    "tracking_number": _label_has("tracking_number"),
    "alternate_tracking_id": _label_has("alternate_tracking_id"),
    "voided": lambda context, shipment, value: (
        any(label["status"] == "voided" for label in shipment["shipping_labels"])
        is value
    ),
}


RETURN_FILTERS: dict[str, Check] = {
    "order_id": _equal("order_id"),
    "date_from": _between("created_at", after=True),
    "date_to": _between("created_at", after=False),
    "warehouse_id": lambda context, row, value: any(
        line["warehouse_id"] == value for line in row["line_items"]
    ),
    "customer_account_id": ORDER_FILTERS["customer_account_id"],
}


PURCHASE_FILTERS: dict[str, Check] = {
    "sku": lambda context, row, value: any(
        line["sku"] == value for line in row["line_items"]
    ),
    "warehouse_id": _equal("warehouse_id"),
    "fulfillment_status": _equal("fulfillment_status"),
    "created_from": _between("created_at", after=True),
    "created_to": _between("created_at", after=False),
    "customer_account_id": ORDER_FILTERS["customer_account_id"],
}


PRODUCT_FILTERS: dict[str, Check] = {
    "sku": _equal("sku"),
    "warehouse_id": _equal("warehouse_id"),
    "active": _equal("active"),
    "has_kits": _equal("kit"),
    "created_from": _between("created_at", after=True),
    "created_to": _between("created_at", after=False),
    "updated_from": _between("updated_at", after=True),
    "updated_to": _between("updated_at", after=False),
    "customer_account_id": ORDER_FILTERS["customer_account_id"],
}
