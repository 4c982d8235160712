"""The routing of an order, for its page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.timezone import now

from connectors.sync import grounds
from inventory.models import Warehouse
from orders import parts
from orders.decisions import RoutingDecision
from orders.models import Order

register = template.Library()


@register.inclusion_tag("admin/console/order_routing.html")
def order_routing(order: Order) -> dict[str, Any]:
    """The decisions in force, a person's choice, and what came of it."""
    chosen = grounds.live_override(order, now=now())
    site = None
    if chosen is not None:
        rows = Warehouse.objects.filter(account__in=parts.accounts_of(order))
        site = rows.filter(remote_id=chosen.value).first()
    return {
        "decisions": _in_force(order),
        "is_split": order.is_split,
        "chosen": chosen,
        "site": site,
    }


def _in_force(order: Order) -> list[RoutingDecision]:
    """The newest decision; of an order in parts the newest of each."""
    rows = order.decisions.order_by("-pk")
    if not order.is_split:
        return list(rows[:1])
    found: dict[int, RoutingDecision] = {}
    exports = [export.pk for export in parts.in_force(order)]
    for row in rows.filter(export__in=exports).select_related("export__account"):
        found.setdefault(row.export.account_id, row)
    return list(found.values())
