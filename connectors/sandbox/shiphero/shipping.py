"""Shipments and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids, labels, orders, stock

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document


def make_shipment(
    world: ShipHeroWorld,
    order: Document,
    allocation: Document,
    units: dict[str, int],
    packages: int,
) -> Document:
    """One shipment of `units` (by line id): stock goes, labels are made."""
    shipment_id, number = ids.new(world, "Shipment")
    shipment = _blank(world, order, allocation, shipment_id, number)
    for package_number, content in enumerate(_spread(units, packages), start=1):
        label = labels.new_label(world, order, shipment, package_number)
        shipment["shipping_labels"].append(label)
        for line in order["line_items"]:
            if line["id"] in content:
                count = content[line["id"]]
                shipment["line_items"] += _items(world, order, label, line, count)
    shipment["total_packages"] = len(shipment["shipping_labels"])
    world.put("shipment", shipment_id, shipment)
    _leave(world, order, allocation, units)
    orders.add_history(
        world,
        order,
        f"Shipped with {shipment['shipping_labels'][0]['carrier']}, tracking "
        + ", ".join(x["tracking_number"] for x in shipment["shipping_labels"]),
        "floor",
    )
    _settle(world, order)
    _record(world, order, shipment)
    return shipment


def recipient(address: Document | None) -> Document:
    """An order's address in the shorter form of shipments and labels."""
    address = address or {}
    names = [address.get("first_name"), address.get("last_name")]
    return {
        "name": " ".join(name for name in names if name) or address.get("company"),
        "address1": address.get("address1"),
        "address2": address.get("address2"),
        "city": address.get("city"),
        "state": address.get("state_code") or address.get("state"),
        "country": address.get("country_code") or address.get("country"),
        "zip": address.get("zip"),
        "phone": address.get("phone"),
    }


def _spread(units: dict[str, int], packages: int) -> list[dict[str, int]]:
    """Deal units out one by one; never an empty package."""
    single = [line_id for line_id, count in units.items() for _ in range(count)]
    count = max(1, min(packages, len(single)))
    boxes: list[dict[str, int]] = [{} for _ in range(count)]
    for n, line_id in enumerate(single):
        box = boxes[n % count]
        box[line_id] = box.get(line_id, 0) + 1
    return boxes


def _blank(
    world: ShipHeroWorld,
    order: Document,
    allocation: Document,
    shipment_id: str,
    number: int,
) -> Document:
    return {
        "id": shipment_id,
        "legacy_id": number,
        "order_id": order["id"],
        "partner_order_id": order["partner_order_id"],
        "account_id": order["account_id"],
        "user_id": ids.encode("User", ids.FIRST_NUMBERS["User"]),
        "warehouse_id": allocation["warehouse_id"],
        "pending_shipment_id": None,
        "address": recipient(order["shipping_address"]),
        "profile": order["profile"],
        "picked_up": False,
        "needs_refund": False,
        "refunded": False,
        "delivered": False,
        "dropshipment": False,
        "shipped_off_shiphero": False,
        "completed": True,
        "created_date": world.stamp(),
        "line_items": [],
        "shipping_labels": [],
        "total_packages": 0,
    }


def relabel(world: ShipHeroWorld, shipment: Document, package: int) -> Document:
    """A void label's package gets a new one; the goods in it are the same."""
    order = world.get("order", shipment["order_id"])
    old = shipment["shipping_labels"][package - 1]
    assert order is not None  # noqa: S101 - a shipment has its order
    label = labels.new_label(world, order, shipment, old["package_number"])
    shipment["shipping_labels"].append(label)
    shipment["refunded"] = False
    for row in shipment["line_items"]:
        if row["shipping_label_id"] == old["id"]:
            row["shipping_label_id"] = label["id"]
    return label


def _items(
    world: ShipHeroWorld, order: Document, label: Document, line: Document, count: int
) -> list[Document]:
    """What left of one line: the line itself, or a kit's components, by the switch."""
    needs = stock.unit_needs(world, order["account_id"], line["sku"])
    if world.switches["kit_shipments"] == "kit" or line["sku"] in needs:
        needs = {line["sku"]: 1}
    return [
        _item(world, order, label, line, {"sku": sku, "quantity": count * per_unit})
        for sku, per_unit in needs.items()
    ]


def _item(
    world: ShipHeroWorld,
    order: Document,
    label: Document,
    line: Document,
    what: Document,
) -> Document:
    """It keeps the line's names, for lines may be removed later."""
    item_id, number = ids.new(world, "ShippedLineItem")
    product = stock.product(world, order["account_id"], what["sku"]) or {}
    serials = _serials(world, product, what["quantity"])
    line["serial_numbers"] = (line.get("serial_numbers") or []) + [
        {"serial_number": serial, "scanned": True, "line_item_id": line["id"]}
        for serial in serials
    ]
    lot = _lot(product) if product.get("needs_lot_tracking") else None
    return {
        "id": item_id,
        "legacy_id": number,
        "line_item_id": line["id"],
        "partner_line_item_id": line["partner_line_item_id"],
        "shipment_id": label["shipment_id"],
        "shipping_label_id": label["id"],
        "serial_numbers": serials,
        "lot": lot,
        "lots": [],
        **what,
    }


def _serials(world: ShipHeroWorld, product: Document, count: int) -> list[str]:
    """One for each unit, less those that the switch lets the packer forget."""
    if not product.get("needs_serial_number"):
        return []
    scanned = count - int(world.switches["serials_forgotten"])
    return [
        f"{product['sku']}-{world.next_number('serial', 1):05}"
        for _ in range(max(scanned, 0))
    ]


def _lot(product: Document) -> Document:
    return {
        "id": ids.encode("Lot", 1),
        "legacy_id": 1,
        "name": f"LOT-{product['sku']}",
        "sku": product["sku"],
        "expires_at": "2027-06-30T00:00:00",
        "is_active": True,
    }


def _leave(
    world: ShipHeroWorld, order: Document, allocation: Document, units: dict[str, int]
) -> None:
    """Take what ships out of the order, the allocation and the stock."""
    for line in order["line_items"]:
        count = units.get(line["id"], 0)
        if not count:
            continue
        line["quantity_shipped"] += count
        line["quantity_allocated"] -= count
        left = line["quantity_pending_fulfillment"] - count
        line["quantity_pending_fulfillment"] = max(0, left)
        if not line["quantity_pending_fulfillment"]:
            line["fulfillment_status"] = "fulfilled"
        line["updated_at"] = world.stamp()
        _deduct(world, order, line["sku"], allocation, count)
        allocation["units"][line["id"]] -= count
    allocation["units"] = {k: n for k, n in allocation["units"].items() if n}
    _shrink(world, order, allocation)


def _deduct(
    world: ShipHeroWorld, order: Document, sku: str, allocation: Document, count: int
) -> None:
    account_id = order["account_id"]
    for part, per_unit in stock.unit_needs(world, account_id, sku).items():
        row = stock.stock_of(world, account_id, part, allocation["warehouse_id"])
        if row is not None:
            gone = count * per_unit
            stock.move(
                world,
                row,
                on_hand=-gone,
                allocated=-gone,
                reason=f"Shipped on order {order['order_number']}",
            )


def _shrink(world: ShipHeroWorld, order: Document, allocation: Document) -> None:
    if not allocation["units"]:
        order["allocations"].remove(allocation)
        return
    skus = {line["id"]: line["sku"] for line in order["line_items"]}
    rows = []
    for row in allocation["line_items"]:
        left = allocation["units"].get(row["line_item_id"], 0)
        needs = stock.unit_needs(world, order["account_id"], skus[row["line_item_id"]])
        if left:
            rows.append(row | {"quantity_allocated": left * needs[row["sku"]]})
    allocation["line_items"] = rows


def _settle(world: ShipHeroWorld, order: Document) -> None:
    """Set the order's status from what is left to ship."""
    left = sum(line["quantity_pending_fulfillment"] for line in order["line_items"])
    status = world.switches["partial_status"] if left else "fulfilled"
    orders.set_status(order, status)
    orders.touch(world, order)


def _record(world: ShipHeroWorld, order: Document, shipment: Document) -> None:
    world.record(
        "floor.ship",
        order["partner_order_id"],
        "applied",
        order_id=order["id"],
        shipment_id=shipment["id"],
        packages=[
            {
                "carrier": label["carrier"],
                "method": label["shipping_method"],
                "tracking_number": label["tracking_number"],
            }
            for label in shipment["shipping_labels"]
        ],
    )
