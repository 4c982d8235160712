"""An order's life before the floor: accepted, processed, changed, canceled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import addresses, allocation, ids
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

HOLDS = (
    "fraud_hold",
    "address_hold",
    "shipping_method_hold",
    "operator_hold",
    "payment_hold",
    "client_hold",
)
TEXTS = [
    "shop_name",
    "box_name",
    "currency",
    "insurance_amount",
    "gift_note",
    "custom_invoice_url",
    "email",
    "profile",
    "packing_note",
    "required_ship_date",
    "hold_until_date",
    "incoterms",
    "tax_id",
    "tax_type",
    "allocation_priority",
    "dry_ice_weight_in_lbs",
    "ftr_exemption",
    "address_is_business",
    "partner_source_name",
    "total_tax",
    "total_discounts",
    "order_date",
]
FLAGS = [
    "gift_invoice",
    "require_signature",
    "adult_signature_required",
    "alcohol",
    "insurance",
    "allow_partial",
    "allow_split",
    "auto_print_return_label",
    "flagged",
    "saturday_delivery",
    "ignore_address_validation_errors",
    "skip_address_validation",
    "priority_flag",
    "tote_qa",
    "do_not_print_invoice",
    "ignore_payment_capture_errors",
]


# -- finding -----------------------------------------------------------------


def find(world: ShipHeroWorld, data: Document) -> Document:
    """The order an input names; code 5 when it is not there for that account."""
    account = data.get("customer_account_id")
    order = world.get("order", data["order_id"])
    if order is None:
        raise Refusal("Order not found", NOT_FOUND)
    if account and world.account_for(account)["id"] != order["account_id"]:
        raise Refusal("Order not found", NOT_FOUND)
    return order


# -- processing --------------------------------------------------------------


def run_process(world: ShipHeroWorld, order_id: str) -> None:
    """Rules, then the address, then stock; the way every change ends too."""
    order = world.get("order", order_id)
    if order is None or order["closed"]:
        return
    if not order["processed"]:
        order["processed"] = True
        _apply_rules(world, order)
        validate_address(world, order)
        wake_when_due(world, order)
        touch(world, order)
    _stock_up(world, order)
    world.floor.notice(order)


def _apply_rules(world: ShipHeroWorld, order: Document) -> None:
    for rule in world.every("rule"):
        if _matches(order, rule["when"]) and rule["tag"] not in order["tags"]:
            order["tags"].append(rule["tag"])
            add_history(world, order, f"Automation rule added tag {rule['tag']}")


def _matches(order: Document, when: dict[str, str]) -> bool:
    facts: dict[str, Iterable[Any]] = {
        "country": [addresses.country_of(order["shipping_address"] or {})],
        "shop_name": [order["shop_name"]],
        "sku": [line["sku"] for line in order["line_items"]],
    }
    return all(value in facts[name] for name, value in when.items())


def validate_address(world: ShipHeroWorld, order: Document) -> None:
    """A bad address holds the order; a good one lifts only validation's own hold."""
    if order["skip_address_validation"]:
        return
    bad = not addresses.looks_deliverable(order["shipping_address"] or {})
    if bad and not order["ignore_address_validation_errors"]:
        order["holds"]["address_hold"] = True
        order["address_hold_by_validation"] = True
        add_history(world, order, "Address hold: the address could not be validated")
    elif not bad and order.pop("address_hold_by_validation", False):
        order["holds"]["address_hold"] = False


def wake_when_due(world: ShipHeroWorld, order: Document) -> None:
    until = order["hold_until_date"]
    if not until or until <= world.stamp():
        return
    wait = datetime.fromisoformat(until).replace(tzinfo=UTC) - world.clock.now()
    world.later(
        (wait.total_seconds() + 1) * world.clock.scale, "process", order_id=order["id"]
    )


def _stock_up(world: ShipHeroWorld, order: Document) -> None:
    held = allocation.is_held(world, order)
    when = world.switches["allocate_at"]
    if held and when == "release":
        return
    if not held and when == "both" and order.pop("stocked_while_held", False):
        allocation.deallocate(world, order)
    if any(allocation.lacking(line) for line in order["line_items"]):
        made = allocation.allocate(world, order)
        order["stocked_while_held"] = bool(made) and held
    world.put("order", order["id"], order)


def reprocess(world: ShipHeroWorld, order: Document) -> None:
    """Let processing look at an open order again after its lag.

    A new order's first processing is on its way already.
    """
    if order["processed"] and not order["closed"]:
        lag = world.switches["reprocess_lag"]
        world.later(lag, "process", order_id=order["id"])


# -- small things ------------------------------------------------------------


def touch(world: ShipHeroWorld, order: Document) -> Document:
    order["updated_at"] = world.stamp()
    return world.put("order", order["id"], order)


def set_status(order: Document, status: str) -> None:
    order["fulfillment_status"] = status
    order["closed"] = status in ("fulfilled", "canceled", "closed", "auto_canceled")


def shipments_of(world: ShipHeroWorld, order: Document) -> list[Document]:
    return [s for s in world.every("shipment") if s["order_id"] == order["id"]]


def add_history(
    world: ShipHeroWorld, order: Document, text: str, user: str = "public-api"
) -> None:
    history_id, number = ids.new(world, "OrderHistory")
    order["order_history"].append(
        {
            "id": history_id,
            "legacy_id": number,
            "order_id": order["id"],
            "user_id": ids.encode("User", ids.FIRST_NUMBERS["User"]),
            "account_id": order["account_id"],
            "username": user,
            "order_number": order["order_number"],
            "information": text,
            "created_at": world.stamp(),
        }
    )


def unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
