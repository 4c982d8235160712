"""What Salesforce allows on orders and their lines, draft and activated.

Source: the object reference's usage notes on Order and OrderItem, and the help
page on editing and deletion considerations. Codes that no source is sure of are
switches of the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.salesforce.refusals import RefusedError
from connectors.sandbox.salesforce.schema import Object
from connectors.sandbox.world import Document

if TYPE_CHECKING:
    from connectors.sandbox.salesforce.dml import Dml

LOCKED_WHEN_ACTIVATED = {"AccountId", "ContractId", "Pricebook2Id"}
PRICE_FIELDS = {"Quantity", "UnitPrice"}


def before_create(dml: Dml, item: Object, row: Document) -> None:
    if item.name == "Order":
        _start_order(dml, row)
    elif item.name == "OrderItem":
        _start_line(dml, row)
    elif item.name == "PricebookEntry":
        _start_price(dml, row)
    elif item.name == "Contact":
        row["Name"] = _full_name(row)


def before_update(dml: Dml, item: Object, old: Document, changes: Document) -> None:
    if item.name == "Order":
        _change_order(dml, old, changes)
    elif item.name == "OrderItem":
        _change_line(dml, old, changes)
    elif item.name == "Contact" and changes:
        changes["Name"] = _full_name({**old, **changes})


def before_delete(dml: Dml, item: Object, old: Document) -> None:
    if item.name == "Order" and old["StatusCode"] == "Activated":
        raise _refusal("DELETE_FAILED", "You can't delete an activated order.")
    if item.name == "OrderItem" and _is_activated(dml, old["OrderId"]):
        raise _refusal(
            "DELETE_FAILED", "You can't delete order products of an activated order."
        )


def after_write(
    dml: Dml, item: Object, old: Document | None, new: Document | None
) -> None:
    """Roll line totals up; the order is only touched when its total changes."""
    if item.name != "OrderItem":
        return
    difference = round(_total(new) - _total(old), 2)
    if not difference:
        return
    order = dml.world.get("Order", str((new or old or {})["OrderId"]))
    if order is not None:
        total = round(order["TotalAmount"] + difference, 2)
        dml.write(dml.world.schema.known("Order"), order, {"TotalAmount": total})


def _start_order(dml: Dml, row: Document) -> None:
    category = dml.world.order_statuses().get(row["Status"])
    if category != "Draft":
        raise _refusal(
            "FAILED_ACTIVATION",
            "Choose a valid order status and save your changes. Ask your admin for "
            "details.",
            "Status",
        )
    if row.get("AccountId") is None:
        raise _refusal("FIELD_INTEGRITY_EXCEPTION", "Account is required.", "AccountId")
    row["StatusCode"] = category


def _start_line(dml: Dml, row: Document) -> None:
    order = dml.world.get("Order", row["OrderId"])
    entry = dml.world.get("PricebookEntry", row["PricebookEntryId"])
    if order is None or order["IsDeleted"] or entry is None or entry["IsDeleted"]:
        raise _refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    activated = order["StatusCode"] == "Activated"
    if activated and not dml.world.switches["add_items_when_activated"]:
        raise _locked(dml, "You can't add order products to an activated order.")
    if entry["Pricebook2Id"] != order["Pricebook2Id"]:
        raise _refusal(
            "FIELD_INTEGRITY_EXCEPTION",
            "The price book of the price book entry must match the order's.",
            "PricebookEntryId",
        )
    if not entry["IsActive"]:
        raise _refusal(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception (pricebook entry is inactive)",
            "PricebookEntryId",
        )
    row["Product2Id"] = entry["Product2Id"]
    row["ListPrice"] = entry["UnitPrice"]
    if row["UnitPrice"] is None:
        row["UnitPrice"] = entry["UnitPrice"]
    row["TotalPrice"] = _total(row)
    row["AvailableQuantity"] = row["Quantity"]


def _start_price(dml: Dml, row: Document) -> None:
    product = dml.world.get("Product2", row["Product2Id"]) or {}
    row["Name"], row["ProductCode"] = product.get("Name"), product.get("ProductCode")
    book = dml.world.get("Pricebook2", row["Pricebook2Id"]) or {}
    if book.get("IsStandard"):
        return
    prices = dml.world.related("PricebookEntry", "Product2Id", row["Product2Id"])
    books = [dml.world.get("Pricebook2", price["Pricebook2Id"]) for price in prices]
    if not any(known and known.get("IsStandard") for known in books):
        raise _refusal(
            "STANDARD_PRICE_NOT_DEFINED",
            "Before creating a custom price, create a standard price.",
        )


def _change_order(dml: Dml, old: Document, changes: Document) -> None:
    was = old["StatusCode"]
    becomes = was
    if "Status" in changes:
        becomes = dml.world.order_statuses()[changes["Status"]]
    if was == "Draft" and becomes == "Activated":
        _activate(dml, old, changes)
    elif was == "Activated":
        _change_activated(dml, changes)
        if becomes == "Draft":
            changes |= {"ActivatedDate": None, "ActivatedById": None}
    if becomes != was:
        changes["StatusCode"] = becomes


def _activate(dml: Dml, old: Document, changes: Document) -> None:
    others = sorted(set(changes) - {"Status"})
    if others:
        raise _refusal(
            "FAILED_ACTIVATION",
            "Status is the only field you can update when activating the order.",
            *others,
        )
    if not dml.world.allowed(dml.user_id, "ActivateOrder"):
        raise _refusal(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
        )
    lines = dml.world.related("OrderItem", "OrderId", old["Id"])
    if not any(not line["IsDeleted"] for line in lines):
        raise _refusal(
            "FAILED_ACTIVATION", "An order must have at least one product.", "Status"
        )
    changes |= {"ActivatedDate": dml.world.stamp(), "ActivatedById": dml.user_id}


def _change_activated(dml: Dml, changes: Document) -> None:
    locked = sorted(LOCKED_WHEN_ACTIVATED & set(changes))
    if locked:
        code = dml.world.switches["locked_field_refusal"]
        raise _refusal(
            code, "You can't edit this field of an activated order.", *locked
        )
    others = set(changes) - {"Status"}
    if others and not dml.world.allowed(dml.user_id, "EditActivatedOrders"):
        raise _locked(dml, "You need permission to edit activated orders.")


def _change_line(dml: Dml, old: Document, changes: Document) -> None:
    if changes and _is_activated(dml, old["OrderId"]):
        if not dml.world.allowed(dml.user_id, "EditActivatedOrders"):
            raise _locked(dml, "You need permission to edit activated orders.")
        priced = sorted(PRICE_FIELDS & set(changes))
        if priced and dml.world.switches["enhanced_commerce_orders"]:
            raise _locked(
                dml, "You can't change prices of an activated order.", *priced
            )
    if PRICE_FIELDS & set(changes):
        changes["TotalPrice"] = _total({**old, **changes})
    if "Quantity" in changes:
        changes["AvailableQuantity"] = changes["Quantity"]


def _is_activated(dml: Dml, order_id: str) -> bool:
    order = dml.world.get("Order", order_id)
    return order is not None and order["StatusCode"] == "Activated"


def _total(line: Document | None) -> float:
    if line is None:
        return 0.0
    return round(float(line["Quantity"]) * float(line["UnitPrice"] or 0), 2)


def _full_name(row: Document) -> str:
    parts: list[Any] = [row.get("FirstName"), row.get("LastName")]
    return " ".join(part for part in parts if part)


def _locked(dml: Dml, message: str, *fields: str) -> RefusedError:
    return _refusal(dml.world.switches["edit_activated_refusal"], message, *fields)


def _refusal(code: str, message: str, *fields: str) -> RefusedError:
    return RefusedError(code, message, fields=list(fields))
