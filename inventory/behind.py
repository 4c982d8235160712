"""What stood behind a movement that a reading saw: messages of that time, or shipments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.accounts.models import Account
from inventory.models import StockMovement, Warehouse
from inventory.records import Reason
from orders.models import ShipmentLine

# Theirs have whole seconds, and a clock of their own.
SLACK = timedelta(seconds=5)
EVENT = "event"

Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading saw `delta` pieces more than the one before it, which was at `since`."""

    since: datetime
    delta: int


@dataclass(frozen=True, slots=True)
class Cause:
    reason: Reason | str
    words: str
    reference: str = ""
    delta: int = 0
    at: datetime | None = None


def behind(
    account: Account, seen: Mapping[Place, Seen], *, until: datetime
) -> dict[Place, Cause]:
    """The cause of each movement, where what was told of its time adds up to it.

    What adds up to another number explains nothing, and is left for people to see.
    """
    if not seen:
        return {}
    told = _messages(account, seen, until)
    found = _adding_up(seen, told)
    silent = {place: one for place, one in seen.items() if place not in told}
    if any(one.delta < 0 for one in silent.values()):
        found |= _adding_up(silent, _shipments(account, silent, until))
    return found


def _adding_up(
    seen: Mapping[Place, Seen], told: Mapping[Place, Sequence[Cause]]
) -> dict[Place, Cause]:
    found = {}
    for place, one in seen.items():
        causes = [
            cause
            for cause in told.get(place, ())
            if cause.at is not None and cause.at >= one.since - SLACK
        ]
        if causes and sum(cause.delta for cause in causes) == one.delta:
            found[place] = _together(causes)
    return found


def _together(causes: Sequence[Cause]) -> Cause:
    """Several as one: their words in a row, and a reason or reference they share."""
    reasons = {cause.reason for cause in causes}
    references = {cause.reference for cause in causes}
    words = dict.fromkeys(cause.words for cause in causes if cause.words)
    return Cause(
        reason=reasons.pop() if len(reasons) == 1 else Reason.OTHER,
        words=", ".join(words)[:255],
        reference=references.pop() if len(references) == 1 else "",
    )


def _messages(
    account: Account, seen: Mapping[Place, Seen], until: datetime
) -> dict[Place, list[Cause]]:
    rows = StockMovement.objects.filter(
        account=account,
        told_by=EVENT,
        sku__in={sku for _, sku in seen},
        at__gte=min(one.since for one in seen.values()) - SLACK,
        at__lte=until + SLACK,
    ).order_by("at", "id")
    found: dict[Place, list[Cause]] = defaultdict(list)
    for row in rows:
        cause = Cause(row.reason, row.reason_text, row.reference, row.delta, row.at)
        found[row.warehouse_id, row.sku].append(cause)
    return found


def _shipments(
    account: Account, seen: Mapping[Place, Seen], until: datetime
) -> dict[Place, list[Cause]]:
    """What left, for the messages that got lost."""
    places = Warehouse.objects.filter(pk__in={pk for pk, _ in seen})
    by_remote = dict(places.values_list("remote_id", "pk"))
    rows = ShipmentLine.objects.filter(
        sku__in={sku for _, sku in seen},
        shipment__account=account,
        shipment__is_void=False,
        shipment__warehouse__in=by_remote,
        shipment__shipped_at__gte=min(one.since for one in seen.values()) - SLACK,
        shipment__shipped_at__lte=until + SLACK,
    ).order_by("shipment__shipped_at", "id")
    found: dict[Place, list[Cause]] = defaultdict(list)
    for sku, quantity, remote_id, at, number in rows.values_list(
        "sku",
        "quantity",
        "shipment__warehouse",
        "shipment__shipped_at",
        "shipment__export__order__order_number",
    ):
        words = f"Shipped on order {number}"
        found[by_remote[remote_id], sku].append(
            Cause(Reason.ORDER, words, number, -quantity, at)
        )
    return found
