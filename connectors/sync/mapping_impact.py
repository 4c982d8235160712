"""What saving a source mapping would do to the newest open orders. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from connectors.accounts.models import Organization
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sync import live, planning, whereabouts
from connectors.sync.mapping_trial import insist_may_look, words_of
from orders.exporting import Plan
from orders.models import Order, OrderState
from orders.pictures import from_picture, to_picture
from orders.records import OrderRecord

User = AbstractBaseUser | AnonymousUser
Clock = Callable[[], datetime]
MOST_ORDERS = 50
ENDED = (OrderState.SHIPPED, OrderState.CANCELED, OrderState.CLOSED)


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of one order."""

    order: Order
    words: str


@dataclass(slots=True)
class Impact:
    """Of the newest open orders: those that would go, would stop, would be edited."""

    looked_at: int = 0
    unblocks: list[Effect] = field(default_factory=list)
    blocks: list[Effect] = field(default_factory=list)
    changes: list[Effect] = field(default_factory=list)
    words: str = ""


def impact_of(
    organization: Organization, mapping: SourceMapping, *, user: User, clock: Clock
) -> Impact:
    """What would become of the newest open orders, by the code that exports them."""
    insist_may_look(organization, user)
    orders = [
        order
        for order in Order.objects.filter(organization=organization)
        .exclude(account=None)
        .exclude(state__in=ENDED)
        .select_related("account", "organization")
        .order_by("-pk")[:MOST_ORDERS]
        if whereabouts.may_see(user, order)
    ]
    try:
        with live.salesforce(organization, clock) as client:
            records = client.read_orders(mapping, [one.salesforce_id for one in orders])
            bad = {row.salesforce_id: row.reason for row in client.take_bad_rows()}
    except live.NotAskedError as error:
        return Impact(words=f"Salesforce could not be asked. {error}")
    by_id = {record.salesforce_id: record for record in records}
    impact = Impact(looked_at=len(orders))
    for order in orders:
        _weigh(order, by_id.get(order.salesforce_id), bad, mapping, impact, clock())
    return impact


def _weigh(
    order: Order,
    record: OrderRecord | None,
    bad: Mapping[str, str],
    mapping: SourceMapping,
    impact: Impact,
    now: datetime,
) -> None:
    if record is None:
        reason = bad.get(order.salesforce_id)
        if reason:
            impact.blocks.append(Effect(order, f"It could not be read: {reason}"))
        return
    before = planning.plan_of(order, now=now)
    merged = from_picture(OrderRecord, {**order.picture, **to_picture(record)})
    after = planning.plan_with(
        order, merged, required=mapping.required_fields(), now=now
    )
    if before is None or after is None:
        return
    if before.wanted is None and after.wanted is not None:
        impact.unblocks.append(Effect(order, words_of(before.problems)))
    elif before.wanted is not None and after.wanted is None:
        impact.blocks.append(Effect(order, words_of(after.problems)))
    elif before.wanted != after.wanted:
        impact.changes.append(Effect(order, _changed(before, after)))


def _changed(before: Plan, after: Plan) -> str:
    """Which fields of what is wanted differ; their values are on the order's page."""
    old, new = to_picture(before.wanted), to_picture(after.wanted)
    names = [name for name in new if new[name] != old.get(name)]
    return ", ".join(name.replace("_", " ") for name in names)
