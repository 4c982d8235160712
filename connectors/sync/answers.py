"""What is done for a request, and what is said to the person who made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors import catalogue
from connectors.accounts import audit
from connectors.errors import Problem
from connectors.hearing import RequestKind, RequestState, SalesforceRequest
from connectors.models import FailedPayload, JobState, SyncJob, Trigger
from connectors.sync import planning, standings, verdicts
from connectors.sync.rings import Ring, ring_many
from connectors.sync.subjects import push_rings, writeback_ring
from orders import mirroring, standing
from orders.eligibility import Wish
from orders.models import Export, Order

PUSHES = ("push_order", "cancel_order", "link_order")


@dataclass(frozen=True, slots=True)
class Found:
    """The state and the words of an answer; `codes` are of the error catalogue."""

    state: RequestState
    answer: str
    codes: Sequence[str] = ()


def _done(words: str, codes: Sequence[str] = ()) -> Found:
    return Found(RequestState.DONE, words, codes)


def _refused(words: str, codes: Sequence[str] = ()) -> Found:
    return Found(RequestState.REFUSED, words, codes)


def _working(words: str) -> Found:
    return Found(RequestState.WORKING, words)


def take(request: SalesforceRequest, *, now: datetime) -> Found:
    """Begin what is asked for. Call it in a transaction."""
    order = request.order
    if not request.kind:
        return _refused("ShipSync does not know this kind of request.")
    if not request.order_salesforce_id:
        return _refused("The request names no order.")
    if order is None:
        return _refused("ShipSync cannot see this order. Ask whoever set it up.")
    if order.account is None:
        return _refused("No warehouse account is set up for this order.")
    audit.record(
        action=f"request_{request.kind}",
        subject=order,
        account=order.account,
        note=f"{request.asked_by} in Salesforce. {request.note}".strip(),
        now=now,
    )
    return _TAKE[request.kind](request, order, now)


# -- check -------------------------------------------------------------------


def _check(request: SalesforceRequest, order: Order, now: datetime) -> Found:
    """The codes that a push would park with, before anybody activates the order."""
    plans = planning.plans_of(order, now=now)
    told = (problem for part in plans for problem in part.plan.problems)
    problems = list(dict.fromkeys(told))
    known = {problem.code for problem in problems}
    problems += [one for one in _refusals(order) if one.code not in known]
    if problems:
        count = (
            "One problem stops"
            if len(problems) == 1
            else f"{len(problems)} problems stop"
        )
        lines = [f"{count} this order:", *map(_line, problems)]
        return _done("\n".join(lines), list(dict.fromkeys(p.code for p in problems)))
    return _done(_nothing_stops(order))


def _line(problem: Problem) -> str:
    return f"- {problem.reason} {catalogue.entry(problem.code).fix}".rstrip()


def _refusals(order: Order) -> list[Problem]:
    """What the warehouse said no to, unless the order has changed since."""
    rows = FailedPayload.objects.filter(
        order=order, closed_at=None, job__kind="push_order"
    )
    return [
        Problem(row.code, row.reason)
        for row in rows
        if row.opened_at >= order.source_modified_at
    ]


def _nothing_stops(order: Order) -> str:
    exports = standing.exports_in_force(order)
    if exports and all(one.remote_id for one in exports):
        return f"Nothing stops this order. {_where(order, exports)}"
    verdict = verdicts.of(order)
    if verdict.wish is Wish.SHIP:
        return "Nothing stops this order; it is on its way to the warehouse."
    if verdict.wish is Wish.HOLD and not order.is_deleted:
        return (
            "Nothing stops this order; it goes to the warehouse once it is activated."
        )
    return f"Its data is complete, but it is not exported: {verdict.reason}"


# -- retry, release ----------------------------------------------------------


def _retry(request: SalesforceRequest, order: Order, now: datetime) -> Found:
    verdict = verdicts.of(order)
    if verdict.wish is not Wish.SHIP:
        return _refused(f"It is not sent to the warehouse: {verdict.reason}")
    exports = standing.exports_in_force(order)
    failures = _failures(order)
    if not failures and exports and all(one.released_at for one in exports):
        return _done(f"Nothing had failed. {_where(order, exports)}")
    cause = _cause(request)
    rings = [_again(failure.job, cause) for failure in failures]
    ring_many([*rings, *_pushes(order, cause)], now=now)
    return _working("ShipSync is trying again.")


def _release(request: SalesforceRequest, order: Order, now: datetime) -> Found:
    """Our own hold is taken off; another's is for those who set it."""
    exports = [one for one in standing.exports_in_force(order) if one.remote_id]
    if not exports:
        return _refused("The warehouse does not have this order.")
    verdict = verdicts.of(order)
    if verdict.wish is not Wish.SHIP:
        return _refused(f"ShipSync holds it back: {verdict.reason}")
    if any(one.is_held_by_us for one in exports):
        ring_many(_pushes(order, _cause(request)), now=now)
        return _working("ShipSync is releasing it.")
    holds = sorted({h for one in exports for h in (one.facts or {}).get("holds") or ()})
    if holds:
        names = ", ".join(name.replace("_", " ") for name in holds)
        return _refused(
            f"The warehouse holds it ({names}). Those who set that hold release it in "
            "ShipHero."
        )
    return _done(f"It is not held. {_where(order, exports)}")


# -- cancel ------------------------------------------------------------------


def _cancel(request: SalesforceRequest, order: Order, now: datetime) -> Found:
    exports = standing.exports_in_force(order)
    if exports and all(one.canceled_at for one in exports):
        return _done("The warehouse order is canceled already.")
    if exports and all(one.closed_at or one.canceled_at for one in exports):
        return _refused(f"It is too late to cancel. {_where(order, exports)}")
    Order.objects.filter(pk=order.pk).update(cancel_requested_at=now)
    order.cancel_requested_at = now
    verdict = verdicts.of(order)
    mirroring.note_eligibility(order=order, verdict=verdict)
    if not any(one.remote_id or one.intent_at for one in exports):
        standings.refresh(order, now=now)
        report = writeback_ring(order, trigger=Trigger.MESSAGE, cause=_cause(request))
        ring_many([report], now=now)
        return _done("It is not in the warehouse and will not be sent there.")
    ring_many(_pushes(order, _cause(request)), now=now)
    return _working("ShipSync is canceling the warehouse order.")


# -- outcomes ----------------------------------------------------------------


def outcome(request: SalesforceRequest, *, now: datetime) -> Found | None:
    """What became of a request under way, or None while that is not known."""
    order = request.order
    if order is None:
        return _refused("The order is gone.")
    if _is_busy(order):
        return None
    failures = _failures(order)
    if failures:
        if request.kind == RequestKind.CANCEL:
            _take_back(order)
        return _refused(_reasons(failures), [one.code for one in failures])
    exports = standing.exports_in_force(order)
    if not exports:
        return None
    return _OUTCOME[request.kind](order, exports)


def still_under_way(request: SalesforceRequest) -> Found:
    """After a long while the row is let go; the order's own status goes on."""
    order = request.order
    words = f" {order.state_reason}" if order is not None and order.state_reason else ""
    return _done(f"Still under way.{words} The order's ShipSync Status tells the rest.")


def _retried(order: Order, exports: Sequence[Export]) -> Found | None:
    is_out = all(one.released_at for one in exports)
    return _done(_where(order, exports)) if is_out else None


def _released(order: Order, exports: Sequence[Export]) -> Found | None:
    is_held = any(one.is_held_by_us for one in exports)
    return None if is_held else _done(_where(order, exports))


def _canceled(order: Order, exports: Sequence[Export]) -> Found | None:
    is_over = all(one.canceled_at for one in exports)
    return _done("The warehouse order is canceled.") if is_over else None


def _is_busy(order: Order) -> bool:
    """Whether a worker has it in hand, or will without a rest between."""
    rows = SyncJob.objects.filter(order=order, kind__in=PUSHES)
    return rows.filter(state=JobState.RUNNING).exists()


def _take_back(order: Order) -> None:
    """A cancel that was refused is no wish any more: edits go on reaching the floor."""
    Order.objects.filter(pk=order.pk).update(cancel_requested_at=None)


def _failures(order: Order) -> list[FailedPayload]:
    rows = FailedPayload.objects.filter(order=order, closed_at=None)
    return list(rows.exclude(job__kind=standings.OWN_REPORT).select_related("job"))


def _reasons(failures: Sequence[FailedPayload]) -> str:
    return "\n".join(dict.fromkeys(failure.reason for failure in failures))


def _where(order: Order, exports: Sequence[Export]) -> str:
    told = dict.fromkeys(one.remote_number for one in exports if one.remote_number)
    number = f"Warehouse order {', '.join(told)}: " if told else ""
    reason = f" {order.state_reason}" if order.state_reason else ""
    return f"{number}{order.get_state_display()}.{reason}"


# -- rings -------------------------------------------------------------------


def _pushes(order: Order, cause: str) -> list[Ring]:
    rings = push_rings(order, trigger=Trigger.MESSAGE, cause=cause)
    return [_hurried(one) for one in rings]


def _hurried(one: Ring) -> Ring:
    return Ring(
        kind=one.kind,
        subject=one.subject,
        account_id=one.account_id,
        organization_id=one.organization_id,
        order_id=one.order_id,
        trigger=one.trigger,
        cause=one.cause,
        reopens=True,
        hurries=True,
        lane=one.lane,
    )


def _again(job: SyncJob, cause: str) -> Ring:
    return Ring(
        kind=job.kind,
        subject=job.subject,
        account_id=job.account_id,
        organization_id=job.organization_id,
        order_id=job.order_id,
        trigger=Trigger.MESSAGE,
        cause=cause,
        reopens=True,
        hurries=True,
    )


def _cause(request: SalesforceRequest) -> str:
    return f"Asked for in Salesforce by {request.asked_by or 'somebody'}"


Taker = Callable[[SalesforceRequest, Order, datetime], Found]
_TAKE: dict[str, Taker] = {
    RequestKind.CHECK: _check,
    RequestKind.RETRY: _retry,
    RequestKind.RELEASE: _release,
    RequestKind.CANCEL: _cancel,
}
_OUTCOME: dict[str, Callable[[Order, Sequence[Export]], Found | None]] = {
    RequestKind.RETRY: _retried,
    RequestKind.RELEASE: _released,
    RequestKind.CANCEL: _canceled,
}
