"""What a push of an order would do now, told by the code that does it. No call is made."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from connectors.accounts.models import Account
from connectors.diff import Change
from connectors.errors import Problem
from connectors.models import FailedPayload
from connectors.sync import edits, planning, verdicts
from orders import parts, services
from orders.eligibility import Verdict, Wish
from orders.exporting import Plan, plan_export
from orders.models import Export, Order
from orders.pictures import Picture, to_picture


class Will(enum.StrEnum):
    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"
    HOLD = "hold"
    NOTHING = "nothing"
    REFUSED = "refused"
    WAITS = "waits"
    UNKNOWN = "unknown"


REFUSED = "will be refused"


@dataclass(frozen=True, slots=True)
class Forecast:
    """`words` for people; `picture` is what would be sent, `changes` what differs."""

    will: Will
    words: str
    picture: Picture = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


def _every_one(_account: Account) -> bool:
    return True


def of_failure(failure: FailedPayload, *, now: datetime) -> Forecast:
    """What trying this failure again would do, as far as it can be told beforehand."""
    if failure.order is None or failure.job.kind != "push_order":
        return Forecast(Will.UNKNOWN, "will be tried again")
    return of_order(failure.order, now=now)


def of_order(
    order: Order, *, now: datetime, is_seen: Callable[[Account], bool] = _every_one
) -> Forecast:
    """What a push of the order would do, in those of its accounts that are seen."""
    try:
        verdict = verdicts.of(order)
    except TypeError:  # the picture was kept by an older version and lacks a field
        return Forecast(Will.UNKNOWN, "cannot be told before the order is read again")
    if order.is_split:
        return _of_parts(order, verdict, now, is_seen)
    return _of_one(order, order.account, services.current_export(order), verdict, now)


def of_parts(order: Order, *, now: datetime) -> list[tuple[Account, Forecast]]:
    """The same for each part of an order that several accounts ship."""
    return [
        (
            account,
            _of_one(
                order,
                account,
                services.newest_of(order, account.pk),
                verdicts.of_part(order, account),
                now,
            ),
        )
        for account in planning.accounts_of(order)
    ]


def _of_parts(
    order: Order,
    verdict: Verdict,
    now: datetime,
    is_seen: Callable[[Account], bool],
) -> Forecast:
    """All parts in one: what the first does that does anything, each in its words."""
    told = [one for one in of_parts(order, now=now) if is_seen(one[0])]
    left = [
        (one.account, _stopped(Wish.CANCEL, is_there=True))
        for one in parts.leaving(order)
        if is_seen(one.account)
    ]
    words = "; ".join(f"{account}: {one.words}" for account, one in (*told, *left))
    if not words:
        return Forecast(Will.NOTHING, f"nothing to do: {verdict.reason.rstrip('.')}")
    busy = [one for _, one in (*told, *left) if one.will is not Will.NOTHING]
    first = (busy or [one for _, one in told])[0]
    return Forecast(
        first.will,
        words,
        next((one.picture for _, one in told if one.picture), {}),
        tuple(change for _, one in told for change in one.changes),
        tuple(dict.fromkeys(problem for _, one in told for problem in one.problems)),
    )


def _of_one(
    order: Order,
    account: Account | None,
    export: Export | None,
    verdict: Verdict,
    now: datetime,
) -> Forecast:
    is_there = export is not None and bool(export.remote_id)
    if verdict.wish is Wish.NOTHING:
        return Forecast(Will.NOTHING, f"nothing to do: {verdict.reason.rstrip('.')}")
    if verdict.wish in {Wish.CANCEL, Wish.HOLD}:
        return _stopped(verdict.wish, is_there)
    if account is None:
        return Forecast(Will.REFUSED, f"{REFUSED}: no account serves it")
    if order.is_split and not parts.keys_to_ship(order, account.pk):
        return Forecast(Will.WAITS, "waits: its lines still stand in another account")
    if export is not None and (export.canceled_at or export.closed_at):
        if not services.is_canceled_by_us(export):
            return _over(order, account, export, now)
        export = None
    return _planned(order, account, export, now)


def _stopped(wish: Wish, is_there: bool) -> Forecast:
    if not is_there:
        return Forecast(Will.NOTHING, "nothing to do: it is not in ShipHero")
    if wish is Wish.CANCEL:
        return Forecast(Will.CANCEL, "will cancel it in ShipHero")
    return Forecast(Will.HOLD, "will hold it in ShipHero")


def _over(order: Order, account: Account, export: Export, now: datetime) -> Forecast:
    """What has shipped or was closed takes no change; most often none is wanted."""
    if _planned(order, account, export, now).will is Will.UPDATE:
        return Forecast(Will.REFUSED, f"{REFUSED}: it is over in ShipHero")
    return Forecast(Will.NOTHING, "nothing to do: it is over in ShipHero")


def _planned(
    order: Order, account: Account, export: Export | None, now: datetime
) -> Forecast:
    key = export.key if export else services.export_key(account, order, 1)
    terms = planning.terms_of(order, account, key=key, now=now)
    plan = plan_export(planning.record_of(order, now=now, account=account), terms)
    if plan.wanted is None:
        return _refused(plan)
    picture = to_picture(plan.wanted)
    if account.paused:
        return Forecast(Will.WAITS, f"waits: {account} is paused", picture)
    if export is None or not export.remote_id:
        return Forecast(Will.CREATE, "will create it in ShipHero", picture)
    changes = tuple(edits.changes_of(export, picture))
    if not changes:
        return Forecast(Will.NOTHING, "nothing to do: ShipHero has it so", picture)
    named = ", ".join(sorted({change.group.replace("_", " ") for change in changes}))
    return Forecast(Will.UPDATE, f"will update {named}", picture, changes)


def _refused(plan: Plan) -> Forecast:
    why = plan.problems[0].reason if plan.problems else "it cannot be planned"
    more = f" (and {len(plan.problems) - 1} more)" if len(plan.problems) > 1 else ""
    return Forecast(
        Will.REFUSED,
        f"{REFUSED}: {why}{more}",
        problems=tuple(plan.problems),
    )
