"""The root query fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import ids, snapshots
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal
from connectors.sandbox.shiphero.filters import (
    ORDER_FILTERS,
    PRODUCT_FILTERS,
    PURCHASE_FILTERS,
    RETURN_FILTERS,
    SHIPMENT_FILTERS,
)

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.envelope import Context
    from connectors.sandbox.world import Document

HALF_RANGE = timedelta(days=30)
LONGEST_RANGE = timedelta(days=366)


def subject_of(args: Document) -> str:
    """What an operation was about, for the ledger: a key or an id, nothing personal."""
    data = args.get("data") or args
    for name in (
        "partner_order_id",
        "order_id",
        "id",
        "webhook_id",
        "snapshot_id",
        "name",
        "sku",
        "order_number",
    ):
        if data.get(name):
            return str(data[name])
    return ""


def _read(context: Context, name: str, args: Document, found: int) -> None:
    context.world.record(f"shiphero.{name}", subject_of(args), "read", found=found)


# -- orders ----------------------------------------------------------------------


def orders(context: Context, **args: Any) -> Document:
    """Filters are ANDed. New orders show after the switch `lookup_lag`, but by id."""
    given = {name: value for name, value in args.items() if value is not None}
    subject = dict(given)
    for name in ("created", "required_ship_date"):
        _bound_range(given, name)
    now = context.world.clock.now()
    rows = [
        order
        for order in context.world.every("order")
        if ("ids" in given or datetime.fromisoformat(order["visible_from"]) <= now)
        and all(
            ORDER_FILTERS[name](context, order, value) for name, value in given.items()
        )
    ]
    _read(context, "orders", subject, len(rows))
    return {"data": rows}


def _bound_range(given: Document, name: str) -> None:
    """One end means 30 days; both ends at most a year."""
    start, end = given.get(f"{name}_from"), given.get(f"{name}_to")
    if start and end:
        span = datetime.fromisoformat(end) - datetime.fromisoformat(start)
        if span > LONGEST_RANGE:
            raise Refusal(f"The {name} date range must be at most one year")
    elif start:
        given[f"{name}_to"] = _moved(start, HALF_RANGE)
    elif end:
        given[f"{name}_from"] = _moved(end, -HALF_RANGE)


def _moved(stamp: str, by: timedelta) -> str:
    return (datetime.fromisoformat(stamp) + by).isoformat()


def order(context: Context, id: str) -> Document:
    found = context.world.get("order", id)
    if found is None:
        raise Refusal("Order not found", NOT_FOUND)
    _read(context, "order", {"id": id}, 1)
    return {"data": found}


# -- shipments ---------------------------------------------------------------------


def shipments(context: Context, **args: Any) -> Document:
    rows = [
        shipment
        for shipment in context.world.every("shipment")
        if all(
            SHIPMENT_FILTERS[name](context, shipment, value)
            for name, value in args.items()
            if value is not None
        )
    ]
    _read(context, "shipments", args, len(rows))
    return {"data": rows}


def shipment(context: Context, id: str | None = None) -> Document:
    found = context.world.get("shipment", id or "")
    if found is None:
        raise Refusal("Shipment not found", NOT_FOUND)
    _read(context, "shipment", {"id": id}, 1)
    return {"data": found}


def returns(context: Context, **args: Any) -> Document:
    rows = [
        row
        for row in context.world.every("return")
        if all(
            RETURN_FILTERS[name](context, row, value)
            for name, value in args.items()
            if value is not None
        )
    ]
    _read(context, "returns", args, len(rows))
    return {"data": rows}


def purchase_orders(context: Context, **args: Any) -> Document:
    """As with orders, one end of the range alone means 30 days."""
    given = {name: value for name, value in args.items() if value is not None}
    subject = dict(given)
    _bound_range(given, "created")
    rows = [
        row
        for row in context.world.every("purchase")
        if all(
            PURCHASE_FILTERS[name](context, row, value) for name, value in given.items()
        )
    ]
    _read(context, "purchase_orders", subject, len(rows))
    return {"data": rows}


# -- products and stock ------------------------------------------------------------


def _stocked(context: Context, kind: str, name: str, args: Document) -> Document:
    rows = [
        row
        for row in context.world.every(kind)
        if all(
            PRODUCT_FILTERS[key](context, row, value)
            for key, value in args.items()
            if value is not None
        )
    ]
    _read(context, name, args, len(rows))
    return {"data": rows}


def products(context: Context, **args: Any) -> Document:
    return _stocked(context, "product", "products", args)


def warehouse_products(context: Context, **args: Any) -> Document:
    return _stocked(context, "stock", "warehouse_products", args)


def product(
    context: Context,
    id: str | None = None,
    sku: str | None = None,
) -> Document:
    for row in context.world.every("product"):
        if (id and row["id"] == id) or (sku and row["sku"] == sku):
            _read(context, "product", {"sku": row["sku"]}, 1)
            return {"data": row}
    raise Refusal("Product not found", NOT_FOUND)


def inventory_snapshot(context: Context, snapshot_id: str) -> Document:
    found = snapshots.one(context.world, snapshot_id)
    _read(context, "inventory_snapshot", {"id": snapshot_id}, 1)
    return {"snapshot": found}


def inventory_snapshots(context: Context, **args: Any) -> Document:
    rows = snapshots.listed(context.world, args)
    _read(context, "inventory_snapshots", args, len(rows))
    return {"snapshots": rows}


# -- the account ---------------------------------------------------------------------


def account(context: Context) -> Document:
    _read(context, "account", {}, 1)
    return {"data": context.world.account}


def me(context: Context) -> Document:
    number = ids.FIRST_NUMBERS["User"]
    _read(context, "me", {}, 1)
    return {
        "data": {
            "id": ids.encode("User", number),
            "legacy_id": number,
            "email": context.world.account["email"],
            "first_name": "Sandbox",
            "last_name": "User",
            "account_id": context.world.account["id"],
        }
    }


def user_quota(context: Context) -> Document:
    _read(context, "user_quota", {}, 1)
    return dict(context.world.bucket.quota())


def uuid(context: Context, legacy_id: int, entity: str) -> Document:
    _read(context, "uuid", {"id": legacy_id}, 1)
    return {"data": {"id": ids.encode(entity, legacy_id), "legacy_id": legacy_id}}


def webhooks(context: Context, customer_account_id: str | None = None) -> Document:
    owner = context.world.account_for(customer_account_id)
    rows = [w for w in context.world.every("webhook") if w["account_id"] == owner["id"]]
    _read(context, "webhooks", {}, len(rows))
    return {"data": rows}


RESOLVERS: dict[str, Callable[..., Document]] = {
    "account": account,
    "inventory_snapshot": inventory_snapshot,
    "inventory_snapshots": inventory_snapshots,
    "me": me,
    "uuid": uuid,
    "order": order,
    "orders": orders,
    "product": product,
    "products": products,
    "warehouse_products": warehouse_products,
    "shipment": shipment,
    "shipments": shipments,
    "returns": returns,
    "purchase_orders": purchase_orders,
    "user_quota": user_quota,
    "webhooks": webhooks,
}
