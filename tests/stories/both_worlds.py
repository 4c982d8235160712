"""What left the warehouse, told by each world in the same words, to be compared.

One side is read from the warehouse's own documents, the other from the rows that
Salesforce holds. Neither looks into our books.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.town import Town

Row = dict[str, Any]
ORDER_FIELDS = ("Carrier__c", "Method__c", "Tracking_Number__c", "Tracking_URL__c")


def in_salesforce(town: Town, order: str) -> Row:
    """Every shipment, package and item row of an order, and the order's own fields."""
    shown = town.in_salesforce(order)
    shipments = of_order(town, "ShipSync_Shipment__c", order)
    packages = of_order(town, "ShipSync_Package__c", order)
    items = of_order(town, "ShipSync_Shipment_Item__c", order)
    return {
        "order": {name: shown[f"ShipSync_{name}"] for name in ORDER_FIELDS}
        | {
            "number": shown["ShipSync_Warehouse_Order_Number__c"],
            "id": shown["ShipSync_Warehouse_Order_Id__c"],
            "left": _moment(shown["ShipSync_Shipped_At__c"]),
        },
        "shipments": {
            row["Warehouse_Shipment_Id__c"]: {
                "warehouse": row["Warehouse__c"],
                "left": _moment(row["Shipped_At__c"]),
                "is_void": row["Voided__c"],
                "live packages": int(row["Package_Count__c"]),
                "packages": sorted(
                    _package(x) for x in packages if x["Shipment__c"] == row["Id"]
                ),
                "items": sorted(
                    _item(x) for x in items if x["Shipment__c"] == row["Id"]
                ),
            }
            for row in shipments
        },
        "orphans": [x["Id"] for x in (*packages, *items) if not x["Shipment__c"]],
    }


def of_order(town: Town, name: str, order: str) -> list[Row]:
    return [row for row in town.salesforce.every(name) if row["Order__c"] == order]


def _package(row: Row) -> tuple[Any, ...]:
    names = ("Carrier__c", "Method__c", "Tracking_Number__c")
    return (*(row[name] or "" for name in names), row["Voided__c"])


def _item(row: Row) -> tuple[Any, ...]:
    serials = tuple(sorted((row["Serial_Numbers__c"] or "").split()))
    lot = (row["Lot_Number__c"] or "", row["Expires_On__c"] or "")
    return (row["SKU__c"], int(row["Quantity__c"]), serials, *lot, row["Voided__c"])


def in_warehouse(town: Town, there: Row) -> Row:
    """The same of one order's shipments, from the warehouse's documents alone."""
    rows = town.shiphero.every("shipment")
    mine = [row for row in rows if row["order_id"] == there["id"]]
    return {
        "order": _first_label(mine)
        | {"number": there["order_number"], "id": str(there["legacy_id"])},
        "shipments": {str(row["legacy_id"]): _shipment(town, row) for row in mine},
        "orphans": [],
    }


def _shipment(town: Town, row: Row) -> Row:
    labels = row["shipping_labels"]
    live = [label for label in labels if _is_live(label)]
    return {
        "warehouse": town.shiphero.warehouse_for(row["warehouse_id"])["identifier"],
        "left": _moment(row["created_date"]),
        "is_void": not live,
        "live packages": len(live),
        "packages": sorted(
            (*_carried(label), not live or not _is_live(label)) for label in labels
        ),
        "items": sorted(_contents(row["line_items"], live)),
    }


def _contents(rows: Sequence[Row], live: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    labels = {label["id"] for label in live}
    for row in rows:
        lot = row["lot"] or {"name": "", "expires_at": ""}
        yield (
            row["sku"],
            row["quantity"],
            tuple(sorted(row["serial_numbers"])),
            lot["name"],
            lot["expires_at"][:10],
            row["shipping_label_id"] not in labels,
        )


def _first_label(shipments: Sequence[Row]) -> Row:
    """What an order shows of itself: its first live label, and when that left."""
    live = [
        ((row["created_date"], row["id"], label["tracking_number"]), label)
        for row in shipments
        for label in row["shipping_labels"]
        if _is_live(label)
    ]
    if not live:
        return dict.fromkeys((*ORDER_FIELDS, "left"))
    (left, *_), label = min(live, key=lambda pair: pair[0])
    told = (*_carried(label), label["tracking_url"])
    shown = dict(zip(ORDER_FIELDS, (text or None for text in told), strict=True))
    return shown | {"left": _moment(left)}


def _is_live(label: Row) -> bool:
    return bool(label["status"] == "valid")


def _carried(label: Row) -> tuple[str, str, str]:
    """Goods that are fetched have the word `Pickup` where others have a number."""
    number = label["tracking_number"]
    found = "" if number == "Pickup" else number
    return (label["carrier"], label["shipping_method"], found)


def _moment(text: str | None) -> str | None:
    """Both systems' times without zone and fractions."""
    return text[:19].replace(" ", "T") if text else None
