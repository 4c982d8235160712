"""Comparing what was planned with what the two worlds' ledgers say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.demo.plan import SHIPPED
from connectors.demo.scene import PREFIX


@dataclass(slots=True)
class Verdict:
    """`mismatches` says, order by order, what is not as planned; empty is success."""

    orders: int
    expected_shipped: int
    created_exactly_once: int = 0
    duplicates: int = 0
    shipped: int = 0
    tracking_in_salesforce: int = 0
    parked: dict[str, int] = field(default_factory=dict)
    mismatches: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    expected: Mapping[str, str],
    *,
    warehouse: Mapping[str, Any],
    salesforce: Mapping[str, Mapping[str, Any]],
    parked: Mapping[str, str],
) -> Verdict:
    """`expected`: Salesforce id → "shipped" or a code. `warehouse` is the warehouse's
    summary of its own ledger, `salesforce` the orders there by id, `parked` the codes
    that our console shows by Salesforce id."""
    wanted = [one for one, what in expected.items() if what == SHIPPED]
    verdict = Verdict(orders=len(expected), expected_shipped=len(wanted))
    doubled = _doubled(warehouse)
    verdict.duplicates = len(doubled)
    verdict.mismatches += [f"duplicate: {name}" for name in sorted(doubled)]
    for order_id, what in expected.items():
        shown = salesforce.get(order_id, {})
        if what == SHIPPED:
            _judge_shipped(verdict, order_id, warehouse, shown, parked)
        else:
            _judge_parked(verdict, order_id, what, warehouse, parked)
    verdict.parked = dict(Counter(parked[one] for one in expected if one in parked))
    verdict.created_exactly_once = int(warehouse["created_exactly_once"])
    if verdict.created_exactly_once != len(wanted):
        verdict.mismatches.append(
            f"created exactly once: {verdict.created_exactly_once} of {len(wanted)}"
        )
    return verdict


def key_of(order_id: str) -> str:
    return f"{PREFIX}-{order_id}-1"


def _doubled(warehouse: Mapping[str, Any]) -> set[str]:
    return (
        set(warehouse["pickable_duplicates"])
        | set(warehouse["held_extras"])
        | set(warehouse["shipped_twice"])
    )


def _judge_shipped(
    verdict: Verdict,
    order_id: str,
    warehouse: Mapping[str, Any],
    shown: Mapping[str, Any],
    parked: Mapping[str, str],
) -> None:
    left = warehouse["shipped"].get(key_of(order_id), [])
    numbers = {
        package["tracking_number"]
        for shipment in left
        for package in shipment["packages"]
    }
    if not left:
        verdict.mismatches.append(f"{order_id}: not shipped {parked.get(order_id, '')}")
        return
    verdict.shipped += 1
    if shown.get("ShipSync_Status__c") != "Shipped":
        verdict.mismatches.append(
            f"{order_id}: Salesforce shows {shown.get('ShipSync_Status__c')}"
        )
    elif shown.get("ShipSync_Tracking_Number__c") in numbers:
        verdict.tracking_in_salesforce += 1
    else:
        verdict.mismatches.append(f"{order_id}: another tracking number in Salesforce")


def _judge_parked(
    verdict: Verdict,
    order_id: str,
    code: str,
    warehouse: Mapping[str, Any],
    parked: Mapping[str, str],
) -> None:
    if key_of(order_id) in warehouse["shipped"]:
        verdict.mismatches.append(f"{order_id}: shipped in spite of {code}")
    if parked.get(order_id) != code:
        verdict.mismatches.append(
            f"{order_id}: parked with {parked.get(order_id)} instead of {code}"
        )
