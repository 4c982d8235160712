"""What people may decide about an exception. Permission and audit are inside."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import F

from connectors.accounts import audit, permissions
from connectors.models import Trigger
from connectors.sync import standings
from connectors.sync.actions import ActionRefusedError
from connectors.sync.rings import Ring, ring
from connectors.sync.subjects import writeback_ring
from connectors.sync.watch_orders import look
from inventory.models import Warehouse
from orders.floor import OrderException
from orders.models import Export, ExportLine, Order, OrderState
from orders.standing import exports_in_force, is_over_there

User = AbstractBaseUser | AnonymousUser
LONGEST_WAIT = timedelta(days=90)
ACCEPTABLE = (OrderState.CLOSED, OrderState.PARTIALLY_SHIPPED)


def wait(
    *, exception: OrderException, hours: int, why: str, user: User, now: datetime
) -> None:
    """Keep an exception quiet for a while. It is still checked, and still clears."""
    permissions.require(user, permissions.DISMISS, exception.account)
    _insist_open(exception)
    if not why.strip():
        raise ActionRefusedError("Say why this may wait.")
    if not 0 < hours <= LONGEST_WAIT // timedelta(hours=1):
        raise ActionRefusedError("Wait between one hour and 90 days.")
    length = timedelta(hours=hours)
    with transaction.atomic():
        OrderException.objects.filter(pk=exception.pk).update(
            quiet_until=now + length, quiet_why=why[:255], quiet_by=str(user)[:150]
        )
        _record("wait_exception", exception.order, user, now, f"{hours} h: {why}")


def accept_closing(*, order: Order, why: str, user: User, now: datetime) -> None:
    """Take the warehouse's close, or the part that left, as the end of the order."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why nothing more will ship.")
    exports = _exports(order)
    is_over = all(_has_ended(one) for one in exports) or not order.is_split
    if order.state not in ACCEPTABLE or not is_over:
        raise ActionRefusedError("Only what the warehouse has closed can be accepted.")
    with transaction.atomic():
        Export.objects.filter(pk__in=[one.pk for one in exports]).update(
            close_accepted_at=now, close_accepted_why=why[:255]
        )
        order.refresh_from_db()
        standings.refresh(order, now=now)
        look(order, now=now)
        cause = f"Accepted by {user}"
        ring(writeback_ring(order, trigger=Trigger.PERSON, cause=cause), now=now)
        _record("accept_closing", order, user, now, why)


def reopen(*, order: Order, why: str, user: User, now: datetime) -> None:
    """Open an order again that the warehouse closed, so that it ships after all."""
    permissions.require(user, permissions.SYNC_NOW, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why it is opened again.")
    if order.state not in {*ACCEPTABLE, OrderState.CANCELED}:
        raise ActionRefusedError("The order is open in the warehouse.")
    ended = [one for one in _exports(order) if not order.is_split or _has_ended(one)]
    for export in ended:
        Export.objects.filter(pk=export.pk).update(
            close_accepted_at=None, close_accepted_why=""
        )
        if not (order.is_split and _is_shipped(export)):
            _decide(export, "reopen", "", why, user, now)


def cancel(*, order: Order, why: str, user: User, now: datetime) -> None:
    """Cancel in the warehouse what it closed without a shipment, or keeps waiting."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why the order is canceled.")
    if order.state in {OrderState.SHIPPED, OrderState.CANCELED}:
        raise ActionRefusedError("The order has shipped or is canceled already.")
    for export in _exports(order):
        if not (order.is_split and (export.canceled_at or _is_shipped(export))):
            _decide(export, "cancel", "", why, user, now)


def reroute(
    *, order: Order, warehouse: str, why: str, user: User, now: datetime
) -> None:
    """Let another of the account's warehouses ship it. `warehouse` is its name or id.

    Of an order in parts it moves the part whose account has that warehouse.
    """
    permissions.require(user, permissions.SYNC_NOW, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why it is moved.")
    exports = {one.account_id: one for one in _exports(order)}
    places = Warehouse.objects.filter(account__in=exports, is_active=True)
    place = (
        places.filter(name__iexact=warehouse.strip()).first()
        or places.filter(remote_id=warehouse.strip()).first()
    )
    if place is None:
        names = ", ".join(places.values_list("name", flat=True)) or "none"
        raise ActionRefusedError(f"There is no such warehouse in use; known: {names}.")
    _decide(exports[place.account_id], "reroute", place.remote_id, why, user, now)


def split(*, order: Order, why: str, user: User, now: datetime) -> None:
    """Ship what there is now, the rest later or from elsewhere."""
    permissions.require(user, permissions.SYNC_NOW, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why it is split.")
    short = [one for one in _exports(order) if _is_short(one)]
    for export in short if order.is_split and short else _exports(order):
        _decide(export, "split", "", why, user, now)


def cut_line(*, order: Order, sku: str, why: str, user: User, now: datetime) -> None:
    """Cancel what of a line has not shipped."""
    permissions.require(user, permissions.HANDLED_OUTSIDE, order.account)
    if not why.strip():
        raise ActionRefusedError("Say why the line is canceled.")
    lines = ExportLine.objects.filter(
        export__in=_exports(order), is_removed=False, sku=sku.strip()
    )
    if not lines.exists():
        raise ActionRefusedError(f"The order has no line with the SKU {sku}.")
    # Of several lines with this SKU: the one that lacks most, or else is still open.
    rest = lines.filter(shipped__lt=F("quantity")).order_by("-backordered", "sequence")
    line = rest.select_related("export__order").first()
    if line is None:
        raise ActionRefusedError("All of this line has shipped.")
    _decide(line.export, "cut", line.key, f"{sku}: {why}", user, now)


def _decide(
    export: Export, deed: str, argument: str, why: str, user: User, now: datetime
) -> None:
    with transaction.atomic():
        ring(
            Ring(
                kind="change_floor",
                subject=f"{export.pk}:{deed}:{argument}"[:80],
                account_id=export.account_id,
                order_id=export.order_id,
                trigger=Trigger.PERSON,
                cause=f"Asked for by {user}",
                actor_id=user.pk,
                reopens=True,
                hurries=True,
            ),
            now=now,
        )
        _record(f"{deed}_order", export.order, user, now, why)


def _exports(order: Order) -> list[Export]:
    """Its warehouse order; of an order in parts one for each that is there."""
    there = [one for one in exports_in_force(order) if one.remote_id]
    if not there:
        raise ActionRefusedError("The order is not in the warehouse.")
    return there


def _has_ended(export: Export) -> bool:
    return is_over_there(export) or _is_shipped(export)


def _is_shipped(export: Export) -> bool:
    lines = [line for line in export.lines.all() if not line.is_removed]
    return bool(lines) and all(line.shipped >= line.quantity for line in lines)


def _is_short(export: Export) -> bool:
    return any(line.backordered for line in export.lines.all() if not line.is_removed)


def _insist_open(exception: OrderException) -> None:
    if exception.closed_at is not None:
        raise ActionRefusedError("This exception has cleared already.")


def _record(action: str, order: Order, user: User, now: datetime, note: str) -> None:
    audit.record(
        action=action,
        actor=user,
        subject=order,
        account=order.account,
        note=note,
        now=now,
    )
