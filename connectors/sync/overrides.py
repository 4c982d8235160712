"""A person's value in the place of the source's: who, why, until when.

It is checked by the rules that check the source, and what follows from it is worked
out anew; nobody edits what is sent.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import F

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account
from connectors.models import Trigger
from connectors.sync import planning
from connectors.sync.actions import ActionRefusedError
from connectors.sync.rings import Ring, ring_many
from connectors.sync.subjects import push_rings
from orders import overriding, services
from orders.addresses import clean_text
from orders.exporting import plan_export
from orders.models import Order, OrderState, Override

User = AbstractBaseUser | AnonymousUser
LONGEST = 255
MOST_ENDED = 200
ENDED = (OrderState.SHIPPED, OrderState.CANCELED, OrderState.CLOSED)


def set_override(  # noqa: PLR0913 - an override is its fields
    *,
    order: Order,
    field: str,
    value: str,
    why: str,
    user: User,
    now: datetime,
    until: datetime | None = None,
) -> Override:
    """Let this value count instead of the source's, until then or until it is ended.

    One that stands for the field already is replaced. Raises ActionRefusedError for a
    value that the rules refuse, in their words.
    """
    permissions.require(user, permissions.OVERRIDE, order.account)
    value = clean_text(value)
    _insist(order, field, value, why, until, now)
    with transaction.atomic():
        before = _end(order, field, now)
        made = Override.objects.create(
            order=order,
            field=field,
            value=value,
            why=why.strip()[:LONGEST],
            until=until,
            created_by_name=str(user)[:150],
            created_at=now,
        )
        audit.record(
            action="override_field",
            actor=user,
            subject=order,
            account=order.account,
            before={field: before},
            after={field: value, "until": until.isoformat() if until else None},
            note=why,
            now=now,
        )
        _push(order, user, now)
    return made


def end_override(*, order: Order, field: str, user: User, now: datetime) -> None:
    """Let the source's value count again."""
    permissions.require(user, permissions.OVERRIDE, order.account)
    with transaction.atomic():
        before = _end(order, field, now)
        if before is None:
            raise ActionRefusedError(f"Nobody has set “{field}” on this order.")
        audit.record(
            action="end_override",
            actor=user,
            subject=order,
            account=order.account,
            before={field: before},
            now=now,
        )
        _push(order, user, now)


def in_force(order: Order, *, now: datetime) -> list[Override]:
    standing = services.standing_overrides(order, now=now)
    return [row for row in standing if row.field in overriding.FIELDS]


def rings_of_ended(account: Account, *, now: datetime) -> list[Ring]:
    """End what was set until now, and ring for what the source wants instead."""
    due = Override.objects.filter(order__account=account, ended_at=None, until__lte=now)
    orders = Order.objects.filter(overrides__in=due).select_related("account")
    found = list(orders.distinct()[:MOST_ENDED])
    due.filter(order__in=found).update(ended_at=F("until"))
    return [
        item
        for order in found
        for item in push_rings(
            order, trigger=Trigger.SCHEDULE, cause="An override ended"
        )
    ]


def _insist(
    order: Order,
    field: str,
    value: str,
    why: str,
    until: datetime | None,
    now: datetime,
) -> None:
    if field not in overriding.FIELDS:
        raise ActionRefusedError(f"“{field}” cannot be set by a person.")
    if order.state in ENDED:
        raise ActionRefusedError("The order has ended; its values change nothing more.")
    if not why.strip():
        raise ActionRefusedError("Say why this value is right.")
    if len(value) > LONGEST:
        raise ActionRefusedError(f"The value is longer than {LONGEST} characters.")
    if until is not None and until <= now:
        raise ActionRefusedError("The time until which it counts has passed already.")
    words = _refusal(order, field, value, now)
    if words:
        raise ActionRefusedError(words)


def _refusal(order: Order, field: str, value: str, now: datetime) -> str:
    """What the rules say of the value itself; other problems are another matter."""
    try:
        changed = overriding.applied(planning.record_of(order, now=now), {field: value})
    except ValueError:
        return f"“{value}” is no date; write it like 2026-12-24."
    if order.account is None:
        return ""
    terms = planning.terms_of(order, order.account, key="", now=now)
    found = plan_export(changed, terms).problems
    return " ".join(one.reason for one in found if one.field == field)


def _end(order: Order, field: str, now: datetime) -> str | None:
    """End what stands for the field; answers its value."""
    rows = order.overrides.filter(field=field, ended_at=None)
    value = rows.order_by("-id").values_list("value", flat=True).first()
    rows.update(ended_at=now)
    return value


def _push(order: Order, user: User, now: datetime) -> None:
    cause = f"Set by {user}"
    ring_many(
        push_rings(order, trigger=Trigger.PERSON, cause=cause, user=user), now=now
    )
