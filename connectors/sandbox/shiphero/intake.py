"""order_create: what is checked, and what a new order and its lines look like."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids, orders, stock
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

LINE_FIELDS = [
    "product_name",
    "option_title",
    "fulfillment_status",
    "custom_options",
    "custom_barcode",
    "customs_value",
    "barcode",
]


def create(world: ShipHeroWorld, data: Document, origin: str = "api") -> Document:
    """order_create: checked, stored, and left to processing after a while."""
    account = world.account_for(data.get("customer_account_id"))
    lines = data.get("line_items") or []
    check_lines(world, account["id"], lines, taken=set())
    order_id, number = ids.new(world, "Order")
    order_number = data.get("order_number") or data.get("partner_order_id")
    order_number = order_number or str(number)
    key = data.get("partner_order_id") or order_number
    if origin == "api":
        _check_key(world, account["id"], key)
    order = _blank(world, data)
    order |= {
        "id": order_id,
        "legacy_id": number,
        "account_id": account["id"],
        "order_number": order_number,
        "partner_order_id": key,
        "source": "api" if origin == "api" else "manual",
        "origin": origin,
    }
    orders.set_status(order, order["fulfillment_status"])
    order["line_items"] = [new_line(world, order_id, line) for line in lines]
    world.put("order", order_id, order)
    orders.add_history(world, order, "Order created from public-api")
    world.later(world.switches["process_lag"], "process", order_id=order_id)
    return order


def _blank(world: ShipHeroWorld, data: Document) -> Document:
    now = world.clock.now()
    visible = now + world.clock.span(world.switches["lookup_lag"])
    holds = data.get("holds") or {}
    stamp = world.stamp(now)
    return {
        **{name: data.get(name) for name in orders.TEXTS},
        **{name: bool(data.get(name)) for name in orders.FLAGS},
        "shop_name": data.get("shop_name") or "Manual Order",
        "profile": data.get("profile") or "default",
        "currency": data.get("currency") or "USD",
        "order_date": data.get("order_date") or stamp,
        "fulfillment_status": data.get("fulfillment_status") or "pending",
        "email": _email(data),
        "shipping_lines": data.get("shipping_lines"),
        "shipping_address": data.get("shipping_address"),
        "billing_address": data.get("billing_address") or data.get("shipping_address"),
        "tags": orders.unique(data.get("tags") or []),
        "holds": {name: bool(holds.get(name)) for name in orders.HOLDS},
        "line_items": [],
        "allocations": [],
        "order_history": [],
        "merged_orders": [],
        "authorizations": [],
        "pinned_warehouse_id": None,
        "processed": False,
        "edited": False,
        "closed": False,
        "created_at": stamp,
        "updated_at": stamp,
        "visible_from": visible.astimezone(UTC).isoformat(),
    }


def _email(data: Document) -> str | None:
    """The order's own wins over the shipping address's, that over the billing's."""
    shipping = data.get("shipping_address") or {}
    billing = data.get("billing_address") or {}
    return data.get("email") or shipping.get("email") or billing.get("email")


def _check_key(world: ShipHeroWorld, account_id: str, key: str) -> None:
    if world.switches["duplicate_create"] == "reject" and live_with_key(
        world, account_id, key
    ):
        raise Refusal(f"An order with partner_order_id {key} already exists")


def check_lines(
    world: ShipHeroWorld, account_id: str, lines: list[Document], taken: set[str]
) -> None:
    limit = world.switches["line_id_limit"]
    for line in lines:
        line_id = line["partner_line_item_id"]
        if limit and len(line_id) > limit:
            raise Refusal(f"partner_line_item_id is longer than {limit} characters")
        if line_id in taken:
            raise Refusal(f"Line item {line_id} already exists in the order")
        taken.add(line_id)
        _amount(line["price"])
        known = stock.product(world, account_id, line["sku"])
        if known is None and world.switches["unknown_sku"] == "reject":
            raise Refusal(f"Product with sku {line['sku']} not found", NOT_FOUND)


def new_line(world: ShipHeroWorld, order_id: str, data: Document) -> Document:
    line_id, number = ids.new(world, "LineItem")
    warehouse_id = data.get("warehouse_id")
    warehouse = world.warehouse_for(warehouse_id) if warehouse_id else None
    pending = data.get("quantity_pending_fulfillment")
    return {
        **{name: data.get(name) for name in LINE_FIELDS},
        "id": line_id,
        "legacy_id": number,
        "order_id": order_id,
        "sku": data["sku"],
        "partner_line_item_id": data["partner_line_item_id"],
        "quantity": data["quantity"],
        "price": data["price"],
        "fulfillment_status": data.get("fulfillment_status") or "pending",
        "quantity_pending_fulfillment": data["quantity"]
        if pending is None
        else pending,
        "quantity_shipped": 0,
        "quantity_allocated": 0,
        "backorder_quantity": 0,
        "eligible_for_return": data.get("eligible_for_return") is not False,
        "warehouse": warehouse["identifier"] if warehouse else None,
        "warehouse_id": warehouse_id,
        "locked_to_warehouse_id": warehouse_id,
        "product_id": None,
        "promotion_discount": "0.00",
        "shipped_line_item_lots": [],
        "serial_numbers": [],
        "tote_picks": [],
        "created_at": world.stamp(),
        "updated_at": world.stamp(),
    }


def live_with_key(world: ShipHeroWorld, account_id: str, key: str) -> list[Document]:
    return [
        order
        for order in world.every("order")
        if order["partner_order_id"] == key
        and order["account_id"] == account_id
        and order["fulfillment_status"] != "canceled"
    ]


def _amount(text: str | None) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        raise Refusal(f"Invalid amount: {text}") from None
