"""How stored documents read through GraphQL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
)

from connectors.sandbox.shiphero import allocation, orders, stock
from connectors.sandbox.shiphero.pages import page

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.envelope import Context
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

Resolver = Callable[..., Any]
KNOWN_STATUSES = frozenset({"pending", "fulfilled", "canceled"})
MONEY = frozenset(
    {
        "price",
        "subtotal",
        "total_price",
        "total_tax",
        "total_discounts",
        "promotion_discount",
    }
)


def default_resolver(source: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    """A field of a stored document, in the layouts that the switches ask for."""
    value = source.get(info.field_name)
    if value is None:
        return None
    switches = info.context.world.switches
    if info.field_name == "legacy_id":
        return str(value) if switches["legacy_id_as_text"] else value
    if get_named_type(info.return_type).name == "ISODateTime":
        return f"{value}+00:00" if switches["graphql_times"] == "zoned" else value
    return value


def bind(schema: GraphQLSchema) -> None:
    """Attach what is computed, related or paged."""
    for type_name, fields in FIELDS.items():
        target = schema.type_map[type_name]
        assert isinstance(target, GraphQLObjectType)  # noqa: S101 - so says the SDL
        for name, resolver in fields.items():
            target.fields[name].resolve = resolver
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType):
            _bind_pages(named)


def _bind_pages(target: GraphQLObjectType) -> None:
    """Every `data` that is a connection pages over the rows its root answered."""
    field = target.fields.get("data")
    if field and get_named_type(field.type).name.endswith("Connection"):
        field.resolve = lambda source, info, **args: page(
            info, source.get("data"), **args
        )


# -- orders ----------------------------------------------------------------------


def _world(info: GraphQLResolveInfo[Any]) -> ShipHeroWorld:
    context: Context = info.context
    return context.world


def _personal(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    """Null for tokens without `view:pii`."""
    return source[info.field_name] if _world(info).switches["view_pii"] else None


def _status(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> str:
    status: str = source["fulfillment_status"]
    known = {*KNOWN_STATUSES, _world(info).switches["partial_status"]}
    if status in known or not _world(info).switches["status_collapse"]:
        return status
    return "fulfilled" if source["closed"] else status


def money(world: ShipHeroWorld, amount: Decimal | str | None, edited: bool) -> str:
    """Text with two digits, or the four that an edit is known to leave."""
    scale = world.switches["money_scale"]
    four = str(scale) == "4" or (scale == "after_edit" and edited)
    return str(Decimal(amount or "0").quantize(Decimal("0.0001" if four else "0.01")))


def _order_money(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> str:
    return money(_world(info), source.get(info.field_name), source["edited"])


def _subtotal_of(order: Document) -> Decimal:
    return sum(
        (Decimal(line["price"]) * line["quantity"] for line in order["line_items"]),
        Decimal(0),
    )


def _subtotal(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> str:
    return money(_world(info), _subtotal_of(source), source["edited"])


def _total(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> str:
    shipping = (source["shipping_lines"] or {}).get("price")
    total = (
        _subtotal_of(source)
        + Decimal(source["total_tax"] or "0")
        + Decimal(shipping or "0")
        - Decimal(source["total_discounts"] or "0")
    )
    return money(_world(info), total, source["edited"])


def _line_order(source: Document, info: GraphQLResolveInfo[Any]) -> Document:
    return _world(info).get("order", source["order_id"]) or {"edited": False}


def _line_price(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> str:
    edited = _line_order(source, info)["edited"]
    return money(_world(info), source["price"], edited)


def _line_subtotal(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> str:
    edited = _line_order(source, info)["edited"]
    return money(_world(info), Decimal(source["price"]) * source["quantity"], edited)


def _allocations(
    source: Document, info: GraphQLResolveInfo[Any], **_: Any
) -> list[Document]:
    ready = allocation.is_ready(_world(info), source)
    return [row | {"ready_to_ship": ready} for row in source["allocations"]]


def _line_product(
    source: Document, info: GraphQLResolveInfo[Any], **_: Any
) -> Document | None:
    order = _line_order(source, info)
    return stock.product(_world(info), order.get("account_id", ""), source["sku"])


def _shipped_with(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return orders.shipments_of(_world(info), source)


# -- relations ---------------------------------------------------------------------


def _related(kind: str, key: str) -> Resolver:
    def resolve(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
        return _world(info).get(kind, source.get(key) or "")

    return resolve


def _connection(key: str) -> Resolver:
    def resolve(source: Document, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        return page(info, source[key], **args)

    return resolve


def _picked_line(
    source: Document, info: GraphQLResolveInfo[Any], **_: Any
) -> Document | None:
    return _line_of(info, source["order_id"], source["line_item_id"])


def _shipped_line(
    source: Document, info: GraphQLResolveInfo[Any], **_: Any
) -> Document | None:
    shipment = _world(info).get("shipment", source["shipment_id"]) or {}
    return _line_of(info, shipment.get("order_id", ""), source["line_item_id"])


def _returned_line(
    source: Document, info: GraphQLResolveInfo[Any], **_: Any
) -> Document | None:
    found = _world(info).get("return", source["return_id"]) or {}
    return _line_of(info, found.get("order_id", ""), source["line_item_id"])


def _line_of(
    info: GraphQLResolveInfo[Any], order_id: str, line_id: str
) -> Document | None:
    order = _world(info).get("order", order_id) or {}
    lines = order.get("line_items", [])
    return next((line for line in lines if line["id"] == line_id), None)


def _label_items(source: Document, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
    shipment = _world(info).get("shipment", source["shipment_id"]) or {}
    rows = [
        row
        for row in shipment.get("line_items", [])
        if row["shipping_label_id"] == source["id"]
    ]
    return page(info, rows, **args)


def _customers(source: Document, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
    args.pop("warehouse_id", None)
    rows = [a for a in _world(info).every("account") if a["parent"] == source["id"]]
    return page(info, rows, **args)


def _warehouses(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return _world(info).every("warehouse")


def _product_stock(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return stock.stocks(_world(info), source["account_id"], source["sku"])


def _stock_product(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return stock.product(_world(info), source["account_id"], source["sku"])


def _available(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> int:
    return stock.promised(source)


def _backorder(source: Document, info: GraphQLResolveInfo[Any], **_: Any) -> int:
    waiting = stock.backorder(_world(info), source["account_id"], source["sku"])
    return waiting.get(source["warehouse_id"], 0)


FIELDS: dict[str, dict[str, Resolver]] = {
    "Order": {
        "line_items": _connection("line_items"),
        "shipments": _shipped_with,
        "allocations": _allocations,
        "fulfillment_status": _status,
        "subtotal": _subtotal,
        "total_price": _total,
        "total_tax": _order_money,
        "total_discounts": _order_money,
        "email": _personal,
        "shipping_address": _personal,
        "billing_address": _personal,
    },
    "LineItem": {
        "price": _line_price,
        "subtotal": _line_subtotal,
        "product": _line_product,
    },
    "TotePick": {"line_item": _picked_line},
    "OrderHistory": {"order": _related("order", "order_id")},
    "Shipment": {
        "line_items": _connection("line_items"),
        "order": _related("order", "order_id"),
        "warehouse": _related("warehouse", "warehouse_id"),
        "address": _personal,
    },
    "ShipmentLineItem": {"line_item": _shipped_line},
    "PurchaseOrder": {"line_items": _connection("line_items")},
    "Return": {"order": _related("order", "order_id")},
    "ReturnLineItem": {"line_item": _returned_line},
    "ShippingLabel": {
        "order": _related("order", "order_id"),
        "shipment_line_items": _label_items,
        "address": _personal,
    },
    "InventorySnapshotsQueryResult": {"snapshots": _connection("snapshots")},
    "Product": {"warehouse_products": _product_stock},
    "WarehouseProduct": {
        "product": _stock_product,
        "warehouse": _related("warehouse", "warehouse_id"),
        "available": _available,
        "backorder": _backorder,
    },
    "Account": {"customers": _customers, "warehouses": _warehouses},
    "User": {"account": _related("account", "account_id")},
}
