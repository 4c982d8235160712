"""A scripted day: orders edited and canceled at every stage, judged by the ledgers.

What happens to an order follows from its number, so a run says the same every time.
The numbers that are printed compare the edits with an integration that sends the whole
order again for each new version in Salesforce; creating is left apart, both do that.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.accounts.models import Account
from connectors.models import RemoteCall
from connectors.sandbox.shiphero import judge
from orders.models import Order
from tests.town import Town

STAGES = ("waiting", "released", "in_tote", "shipped")
EDITS = (
    "address",
    "method",
    "quantity",
    "line_more",
    "line_less",
    "three_at_once",
    "there_and_back",
    "nothing_mapped",
    "cancel",
    "back_to_draft",
    "none",
)
MODES = {"hold": "operator", "quarantine": ""}
LINES = (("MUG", 2), ("TEE", 1))
TOO_LATE = frozenset({"in_tote", "shipped"})
SILENT = frozenset({"there_and_back", "nothing_mapped", "none"})
# Every argument and call that an edit of this kind may lead to, and no other.
ALLOWED: dict[str, dict[str, set[str]]] = {
    "address": {"order_update": {"shipping_address"}},
    "method": {"order_update": {"shipping_lines"}},
    "quantity": {"order_update_line_items": {"line_items"}},
    "line_more": {"order_add_line_items": {"line_items"}},
    "line_less": {"order_remove_line_items": {"line_item_ids"}},
    "three_at_once": {
        "order_update": {"shipping_address"},
        "order_update_line_items": {"line_items"},
        "order_add_line_items": {"line_items"},
    },
    "cancel": {"order_cancel": {"reason", "force", "void_on_platform"}},
}
HOLDS = "order_update_holds"
EDIT_CALLS = (
    *("order_update", "order_update_line_items", "order_add_line_items"),
    *("order_remove_line_items", "order_add_tags", "order_update_tags"),
)
# One whole order again takes at least its head and its lines.
CALLS_OF_A_RESEND = 2


@dataclass(slots=True)
class Case:
    """One order of the day. `final` is what Salesforce says of it in the end."""

    order: str
    stage: str
    edit: str


@dataclass(slots=True)
class Day:
    """What came of it. `wrong` and `needless` are empty on a good day."""

    mode: str
    orders: int
    wrong: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    versions: int = 0
    edit_calls: int = 0
    edit_credits: int = 0
    resend_calls: int = 0
    resend_credits: int = 0
    create_calls: int = 0
    create_credits: int = 0
    seconds: float = 0.0

    def report(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "orders": self.orders,
            "wrong": self.wrong,
            "needless": self.needless,
            "outcomes": dict(sorted(self.outcomes.items())),
            "versions_after_export": self.versions,
            "edits": {"calls": self.edit_calls, "credits": self.edit_credits},
            "full_resends": {
                "calls": self.resend_calls,
                "credits": self.resend_credits,
            },
            "creation": {"calls": self.create_calls, "credits": self.create_credits},
            "seconds": round(self.seconds, 1),
        }


def live_a_day(town: Town, *, mode: str, orders: int) -> Day:
    """Create, edit at each stage, let things settle, and judge."""
    began = time.perf_counter()
    town.most_jobs = max(town.most_jobs, 20 * orders)
    _prepare(town, mode)
    day = Day(mode, orders)
    cases = [
        Case("", STAGES[n % len(STAGES)], EDITS[n // len(STAGES) % len(EDITS)])
        for n in range(orders)
    ]
    for case in cases:
        case.order = town.order(*LINES)
        if case.stage == "waiting":
            _edit(town, case)
    _until_exported(town, cases)
    exported = {one: town.mirror(one).version for one in _orders(cases)}
    spent = _spent(town)
    for case in cases:
        _reach(town, case)
    town.run(minutes=1.5)
    for case in cases:
        if case.stage != "waiting":
            _edit(town, case)
    town.run(minutes=4)
    _settle_holds(town)
    _judge(town, day, cases)
    _count(town, day, cases, exported, spent)
    day.seconds = time.perf_counter() - began
    return day


def _prepare(town: Town, mode: str) -> None:
    Account.objects.update(hold_kind=MODES[mode])
    town.setting("most_cancels", 100_000)
    town.shiphero.set_switches({"auto_floor": False})
    town.salesforce.switches["add_items_when_activated"] = True
    for sku in ("MUG", "TEE", "CAP"):
        town.shiphero.floor.restock(sku, "Primary", 10_000)


def _orders(cases: list[Case]) -> list[str]:
    return [case.order for case in cases]


def _until_exported(town: Town, cases: list[Case]) -> None:
    wanted = [c for c in cases if not (c.stage == "waiting" and _is_stopped(c))]
    for _turn in range(240):
        made = judge.orders_by_key(town.shiphero)
        if all(town.key(case.order) in made for case in wanted):
            town.run(minutes=1)
            return
        town.tick(5)
    raise AssertionError(f"Not all were exported: {town.waiting()[:5]}")


def _is_stopped(case: Case) -> bool:
    return case.edit in {"cancel", "back_to_draft"}


def _reach(town: Town, case: Case) -> None:
    if case.stage not in TOO_LATE:
        return
    (made,) = town.in_warehouse(case.order)
    if case.stage == "in_tote":
        town.shiphero.floor.pick(made["id"])
    else:
        town.shiphero.floor.ship(made["id"])


def _edit(town: Town, case: Case) -> None:
    DEEDS[case.edit](town, case.order)


def _line(town: Town, order: str, sku: str) -> str:
    product = town.product(sku)
    found = [row for row in town.lines(order) if row["Product2Id"] == product]
    return str(found[0]["Id"])


def _line_less(town: Town, order: str) -> None:
    """An activated order keeps its lines, so sales goes through Draft, quickly."""
    town.desk.deactivate(order)
    town.desk.remove_line(_line(town, order, "TEE"))
    town.desk.activate(order)


def _three(town: Town, order: str) -> None:
    town.desk.add_line(order, "CAP", 1)
    town.desk.edit_line(_line(town, order, "MUG"), Quantity=4)
    town.desk.edit_order(order, ShippingCity="Bixby")


def _there_and_back(town: Town, order: str) -> None:
    town.desk.edit_order(order, ShippingCity="Bixby")
    town.desk.edit_order(order, ShippingCity="Tulsa")


Deed = Callable[[Town, str], object]
DEEDS: dict[str, Deed] = {
    "address": lambda town, o: town.desk.edit_order(o, ShippingCity="Bixby"),
    "method": lambda town, o: town.desk.edit_order(
        o, ShipSync_Shipping_Method__c="Express"
    ),
    "quantity": lambda town, o: town.desk.edit_line(_line(town, o, "MUG"), Quantity=5),
    "line_more": lambda town, o: town.desk.add_line(o, "CAP", 3),
    "line_less": _line_less,
    "three_at_once": _three,
    "there_and_back": _there_and_back,
    "nothing_mapped": lambda town, o: town.desk.edit_order(o, Description="Call me"),
    "cancel": lambda town, o: town.desk.edit_order(o, Status="Canceled"),
    "back_to_draft": lambda town, o: town.desk.deactivate(o),
    "none": lambda town, o: None,
}


def _settle_holds(town: Town) -> None:
    """What was held and activated again is released before the day is judged."""
    town.run(minutes=1)


# -- judging ----------------------------------------------------------------------


def _judge(town: Town, day: Day, cases: list[Case]) -> None:
    warehouse = judge.orders_by_key(town.shiphero)
    for case in cases:
        made = warehouse.get(town.key(case.order), [])
        verdict = _verdict(town, day.mode, case, made)
        day.outcomes[verdict.split(":")[0]] += 1
        if verdict.startswith("wrong"):
            day.wrong.append(f"{case.stage}/{case.edit} {case.order} {verdict}")
    day.needless += _needless(town, cases)
    doubled = judge.pickable_duplicates(town.shiphero)
    twice = judge.shipped_twice(town.shiphero)
    day.wrong += [f"two live orders: {key}" for key in [*doubled, *sorted(twice)]]


def _verdict(  # noqa: PLR0911 - a table of endings
    town: Town, mode: str, case: Case, made: list[dict[str, Any]]
) -> str:
    if case.stage == "waiting" and _is_stopped(case):
        live = [one for one in made if judge.live(one)]
        return "wrong: created" if live else "as Salesforce says"
    if len(made) != 1:
        return f"wrong: {len(made)} orders"
    (there,) = made
    if case.edit == "cancel":
        return _verdict_of_cancel(town, case, there)
    if case.edit == "back_to_draft":
        return _verdict_of_draft(town, mode, case, there)
    if _stands_as_salesforce_says(town, case.order, there):
        return "as Salesforce says"
    if case.stage not in TOO_LATE:
        return "wrong: not as Salesforce says"
    return _verdict_too_late(town, case)


def _verdict_too_late(town: Town, case: Case) -> str:
    """Too late is right only if the order in Salesforce says so."""
    reason = town.in_salesforce(case.order)["ShipSync_Reason__c"] or ""
    return "too late, and told" if reason else "wrong: too late and not told"


def _verdict_of_cancel(town: Town, case: Case, there: dict[str, Any]) -> str:
    if there["fulfillment_status"] == "canceled":
        return "as Salesforce says"
    if case.stage == "shipped":
        return _verdict_too_late(town, case)
    return "wrong: not canceled"


def _verdict_of_draft(town: Town, mode: str, case: Case, there: dict[str, Any]) -> str:
    if there["holds"]["operator_hold"]:
        return "as Salesforce says"
    if case.stage == "shipped" or mode == "quarantine":
        held = town.in_salesforce(case.order)
        return "too late, and told" if held["ShipSync_Status__c"] else "wrong: not told"
    return "wrong: not held"


def _stands_as_salesforce_says(town: Town, order: str, there: dict[str, Any]) -> bool:
    here = town.in_salesforce(order)
    skus = {town.product(sku): sku for sku in ("MUG", "TEE", "CAP")}
    wanted = {skus[row["Product2Id"]]: row["Quantity"] for row in town.lines(order)}
    lines = {row["sku"]: row["quantity"] for row in there["line_items"]}
    method = {"Ground": "ups_ground", "Express": "fedex_2_day"}
    return (
        there["shipping_address"]["city"] == here["ShippingCity"]
        and there["shipping_lines"]["method"]
        == method[here["ShipSync_Shipping_Method__c"]]
        and {sku: n for sku, n in lines.items() if n} == wanted
    )


def _needless(town: Town, cases: list[Case]) -> list[str]:
    """Applied edits that carry more than what was edited."""
    kinds = {town.key(case.order): case for case in cases}
    found = []
    for entry in town.shiphero.ledger():
        call = entry.call.removeprefix("shiphero.")
        case = kinds.get(entry.subject)
        if case is None or entry.outcome != "applied" or call not in EDIT_CALLS:
            continue
        allowed = ALLOWED.get(case.edit, {}).get(call)
        sent = set(entry.detail["fields"]) - {"order_id", "customer_account_id"}
        if case.stage == "waiting" or allowed is None or not sent <= allowed:
            found.append(f"{case.stage}/{case.edit}: {call} {sorted(sent)}")
    return found


# -- counting ---------------------------------------------------------------------


def _spent(town: Town) -> Counter[str]:
    """How many calls of each kind were applied so far."""
    return Counter(
        entry.call.removeprefix("shiphero.")
        for entry in town.shiphero.ledger()
        if entry.outcome == "applied"
    )


def _count(
    town: Town,
    day: Day,
    cases: list[Case],
    exported: dict[str, int],
    spent: Counter[str],
) -> None:
    after = _spent(town)
    price = int(town.shiphero.switches["mutation_cost"])
    day.create_calls = after["order_create"]
    day.create_credits = day.create_calls * price
    day.edit_calls = sum(after[name] - spent[name] for name in EDIT_CALLS)
    reads = RemoteCall.objects.filter(
        attempt__did__contains="Edited", operation="shiphero.orders"
    )
    credits_read = sum(reads.values_list("credits", flat=True))
    day.edit_credits = day.edit_calls * price + credits_read
    versions = dict(
        Order.objects.filter(salesforce_id__in=_orders(cases)).values_list(
            "salesforce_id", "version"
        )
    )
    day.versions = sum(versions[one] - exported[one] for one in exported)
    day.resend_calls = day.versions * CALLS_OF_A_RESEND
    per_read = credits_read / max(reads.count(), 1)
    day.resend_credits = round(day.resend_calls * price + day.versions * 2 * per_read)
