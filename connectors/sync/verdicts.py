"""What the source wants of the warehouse for an order, by its organization's rule."""

from __future__ import annotations

from connectors.sync import config
from orders.eligibility import EligibilityRule, Verdict, judge
from orders.models import Order
from orders.services import source_record


def of(order: Order, rule: EligibilityRule | None = None) -> Verdict:
    return judge(
        source_record(order),
        rule or config.eligibility(order.organization),
        activated_at=order.activated_at,
        export_from=order.account.export_from if order.account else None,
        include_anyway=order.include_anyway,
        handled_outside=order.handled_outside,
    )
