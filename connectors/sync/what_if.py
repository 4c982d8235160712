"""What a draft would do: to the open orders when it is saved, or to days gone by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db.models import QuerySet

from connectors.accounts.models import Account
from connectors.config_versions import ConfigKind
from connectors.sync.replay import Case, Replay, in_force, with_draft
from orders import parts
from orders.dispatch import Dispatch
from orders.exporting import Plan
from orders.models import Order, OrderState
from orders.routing import outcome_words
from orders.routing_table import Outcome

ENDED = (OrderState.SHIPPED, OrderState.CANCELED, OrderState.CLOSED)
MOST_OPEN = 2000
MOST_REPLAYED = 10_000
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """One order that the draft treats otherwise, in words for people."""

    order_id: int
    number: str
    before: str
    after: str
    why: str


@dataclass(slots=True)
class Impact:
    """What saving would do to the open orders: `looked_at` of `total` of them."""

    looked_at: int = 0
    total: int = 0
    unblocks: list[Moved] = field(default_factory=list)
    moves: list[Moved] = field(default_factory=list)
    changes: list[Moved] = field(default_factory=list)
    blocks: list[Moved] = field(default_factory=list)

    @property
    def parts(self) -> list[tuple[str, list[Moved]]]:
        named = (
            ("unblocks", self.unblocks),
            ("moves", self.moves),
            ("changes", self.changes),
            ("blocks", self.blocks),
        )
        return [(name, rows) for name, rows in named if rows]

    @property
    def words(self) -> str:
        """Such as “unblocks 41, moves 7, blocks 2”."""
        parts = [f"{name} {len(rows)}" for name, rows in self.parts]
        rest = self.total - self.looked_at
        more = f" ({rest} older open orders were not looked at)" if rest > 0 else ""
        return (", ".join(parts) or "changes no open order") + more


def served(account: Account) -> QuerySet[Order]:
    """The account's orders, and those of which it ships a part."""
    return Order.objects.filter(parts.served_by(account))


def impact(
    account: Account, kind: str, document: Mapping[str, Any], *, now: datetime
) -> Impact:
    """Computed by the rules of production. Raises `ValueError` for a bad document."""
    before = in_force(account)
    after = with_draft(before, kind, document)
    rows = served(account).filter(is_eligible=True).exclude(state__in=ENDED)
    found = Impact(total=rows.count())
    replay = Replay(account, (before, after), now)
    newest = rows.order_by("-pk")[:MOST_OPEN]
    for case, (old, new) in replay.plans(newest):
        found.looked_at += 1
        _weigh(found, case, old, new)
    return found


def _weigh(found: Impact, case: Case, old: Plan, new: Plan) -> None:
    if old.wanted is None and new.wanted is not None:
        found.unblocks.append(_moved(case, old, new))
    elif old.wanted is not None and new.wanted is None:
        found.blocks.append(_moved(case, old, new))
    elif old.wanted is not None and new.wanted is not None and old.wanted != new.wanted:
        goes = [
            [line.warehouse for line in wanted.lines]
            for wanted in (old.wanted, new.wanted)
        ]
        rows = found.moves if goes[0] != goes[1] else found.changes
        rows.append(_moved(case, old, new))


def _moved(case: Case, old: Plan, new: Plan) -> Moved:
    why = " ".join(problem.reason for problem in (new.problems or old.problems))
    if not why and new.dispatch and new.dispatch.decision:
        why = new.dispatch.decision.reason
    return Moved(
        case.order.pk, str(case.order), _plan_words(old), _plan_words(new), why[:300]
    )


def _plan_words(plan: Plan) -> str:
    if plan.wanted is None:
        return "blocked"
    sent = plan.dispatch
    if sent and sent.decision and sent.case:
        return outcome_words(sent.decision, sent.case.ground)
    return f"{plan.wanted.carrier} {plan.wanted.method}".strip()


# -- days gone by --------------------------------------------------------------


@dataclass(slots=True)
class Replayed:
    """The orders of some days under the rules in force, and under the draft."""

    orders: int = 0
    seconds: float = 0.0
    moved: list[Moved] = field(default_factory=list)
    moved_count: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    split_before: int = 0
    split_after: int = 0
    is_capped: bool = False

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """Each outcome with its number of orders, before and after."""
        names = sorted({*self.before, *self.after})
        return [(name, self.before[name], self.after[name]) for name in names]


def orders_since(account: Account, days: int, *, now: datetime) -> QuerySet[Order]:
    since = now - timedelta(days=days)
    rows = served(account).filter(created_at__gte=since)
    return rows.order_by("-pk")


def replay_days(
    account: Account,
    document: Mapping[str, Any],
    *,
    days: int,
    now: datetime,
    most: int = MOST_REPLAYED,
) -> Replayed:
    """Route the orders of the last days anew, with the stock of now; nothing is kept.

    Each order is judged alone. Raises `ValueError` for a bad document.
    """
    begun = monotonic()
    before = in_force(account)
    after = with_draft(before, ConfigKind.ROUTING, document)
    rows = orders_since(account, days, now=now)
    found = Replayed(is_capped=rows.count() > most)
    for case, (old, new) in Replay(account, (before, after), now).decisions(
        rows[:most]
    ):
        _count(found, case, old, new)
    found.seconds = round(monotonic() - begun, 2)
    return found


def _count(found: Replayed, case: Case, old: Dispatch, new: Dispatch) -> None:
    found.orders += 1
    words = [_words(one) for one in (old, new)]
    found.before[words[0]] += 1
    found.after[words[1]] += 1
    found.split_before += _is_split(old)
    found.split_after += _is_split(new)
    if _result(old) != _result(new):
        found.moved_count += 1
        if len(found.moved) < MOST_SHOWN:
            why = new.decision.reason if new.decision else "No rule: ShipHero decides."
            found.moved.append(
                Moved(case.order.pk, str(case.order), words[0], words[1], why[:300])
            )


def _result(sent: Dispatch) -> tuple[Any, ...]:
    return sent.decision.result if sent.decision else (Outcome.LEFT, ())


def _words(sent: Dispatch) -> str:
    if sent.decision is None or sent.case is None:
        return "ShipHero decides"
    return outcome_words(sent.decision, sent.case.ground)


def _is_split(sent: Dispatch) -> bool:
    return sent.decision is not None and len(sent.decision.sites) > 1
