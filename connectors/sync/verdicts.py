"""What the source wants of the warehouse for an order, by its organization's rule."""

from __future__ import annotations

from connectors.accounts.models import Account
from connectors.sync import config
from orders.eligibility import EligibilityRule, Verdict, Wish, judge
from orders.mirroring import source_record
from orders.models import Order


def of(order: Order, rule: EligibilityRule | None = None) -> Verdict:
    return _of(order, order.account, rule)


def of_part(order: Order, account: Account) -> Verdict:
    """As the order's own, and not before the account of the part has gone live."""
    verdict = of(order)
    if verdict.wish is not Wish.SHIP or account.pk == order.account_id:
        return verdict
    return _of(order, account, None)


def _of(order: Order, account: Account | None, rule: EligibilityRule | None) -> Verdict:
    return judge(
        source_record(order),
        rule or config.eligibility(order.organization),
        activated_at=order.activated_at,
        export_from=account.export_from if account else None,
        include_anyway=order.include_anyway,
        handled_outside=order.handled_outside,
        cancel_requested_at=order.cancel_requested_at,
        never_export=_never(order),
        cancel_wanted=order.cancel_wanted,
    )


def _never(order: Order) -> str:
    return (order.exclusion_why or "by a person.") if order.never_export else ""
