"""The root mutation fields: call the rule, write the ledger, shape the payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import changes, intake, lines, snapshots, stock

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.envelope import Context
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

Resolver = Callable[..., "Document"]
Rule = Callable[["ShipHeroWorld", "Document"], "Document"]


def _on_order(name: str, rule: Rule) -> Resolver:
    """An order mutation; the ledger learns key, id, holds and which fields came."""

    def resolve(context: Context, data: Document) -> Document:
        order = rule(context.world, data)
        context.world.record(
            f"shiphero.{name}",
            order["partner_order_id"],
            "applied",
            order_id=order["id"],
            request_id=context.request_id,
            held=[hold for hold, on in order["holds"].items() if on],
            fields=sorted(data),
        )
        return {"order": order}

    return resolve


def _clear_tags(world: ShipHeroWorld, data: Document) -> Document:
    return changes.replace_tags(world, {**data, "tags": []})


def _on_stock(name: str, sign: int) -> Resolver:
    def resolve(context: Context, data: Document) -> Document:
        signed = {**data, "quantity": (sign or 1) * data["quantity"]}
        row = stock.change(context.world, signed, replace=sign == 0)
        context.world.record(
            f"shiphero.{name}", data["sku"], "applied", on_hand=row["on_hand"]
        )
        return {"warehouse_product": row}

    return resolve


def _applied(context: Context, name: str, subject: str, **detail: Any) -> None:
    context.world.record(f"shiphero.{name}", subject, "applied", **detail)


def inventory_generate_snapshot(context: Context, data: Document) -> Document:
    found = snapshots.generate(context.world, data)
    _applied(context, "inventory_generate_snapshot", found["snapshot_id"])
    return {"snapshot": found}


def inventory_abort_snapshot(context: Context, data: Document) -> Document:
    found = snapshots.abort(context.world, data)
    _applied(context, "inventory_abort_snapshot", found["snapshot_id"])
    return {"snapshot": found}


def webhook_create(context: Context, data: Document) -> Document:
    webhook = context.world.registrations.register({**data, "probed": context.probed})
    _applied(context, "webhook_create", data["name"], webhook_id=webhook["id"])
    return {"webhook": webhook}


def webhook_delete(context: Context, data: Document) -> Document:
    context.world.registrations.unregister(data)
    _applied(context, "webhook_delete", data["name"])
    return {}


def webhook_enable(context: Context, data: Document) -> Document:
    webhook = context.world.registrations.switch(data, enabled=True)
    _applied(context, "webhook_enable", webhook["name"], webhook_id=webhook["id"])
    return {"webhook": webhook}


def webhook_disable(context: Context, data: Document) -> Document:
    webhook = context.world.registrations.switch(data, enabled=False)
    _applied(context, "webhook_disable", webhook["name"], webhook_id=webhook["id"])
    return {"webhook": webhook}


def webhook_update_url(context: Context, data: Document) -> Document:
    webhook = context.world.registrations.readdress({**data, "probed": context.probed})
    _applied(context, "webhook_update_url", webhook["name"], webhook_id=webhook["id"])
    return {"webhook": webhook}


ORDER_RULES: dict[str, Rule] = {
    "order_create": intake.create,
    "order_update": changes.update,
    "order_update_holds": changes.set_holds,
    "order_cancel": changes.cancel,
    "order_add_line_items": lines.add_lines,
    "order_update_line_items": lines.update_lines,
    "order_remove_line_items": lines.remove_lines,
    "order_add_tags": changes.add_tags,
    "order_update_tags": changes.replace_tags,
    "order_clear_tags": _clear_tags,
    "order_add_history_entry": changes.add_note,
    "order_change_warehouse": changes.change_warehouse,
    "order_update_fulfillment_status": changes.update_status,
}

RESOLVERS: dict[str, Resolver] = {
    **{name: _on_order(name, rule) for name, rule in ORDER_RULES.items()},
    "inventory_add": _on_stock("inventory_add", 1),
    "inventory_remove": _on_stock("inventory_remove", -1),
    "inventory_replace": _on_stock("inventory_replace", 0),
    "inventory_generate_snapshot": inventory_generate_snapshot,
    "inventory_abort_snapshot": inventory_abort_snapshot,
    "webhook_create": webhook_create,
    "webhook_delete": webhook_delete,
    "webhook_enable": webhook_enable,
    "webhook_disable": webhook_disable,
    "webhook_update_url": webhook_update_url,
}
