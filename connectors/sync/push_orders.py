"""Mirror to warehouse: exactly one order there, and then its smallest edits."""

from __future__ import annotations

from collections.abc import Sequence

from connectors import catalogue
from connectors.accounts.models import Account
from connectors.errors import (
    ConnectorError,
    InvalidError,
    MappingError,
    Owner,
    Problem,
    RejectedError,
    System,
)
from connectors.models import SyncJob, Trigger
from connectors.sync import (
    cancel_proposals,
    edits,
    grounds,
    guard,
    hold_window,
    moves,
    parting,
    planning,
    restored,
    standings,
    verdicts,
)
from connectors.sync.creation import find_or_create, is_held_by_us, reserved_hold
from connectors.sync.exports import Held, doubt_ends, hold
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import ring
from connectors.sync.run import Run
from connectors.sync.subjects import writeback_ring
from orders import decisions, facts, linking, parts, services
from orders.eligibility import Verdict, Wish
from orders.exporting import Plan, plan_export
from orders.models import Export, Order
from orders.pictures import fingerprint, to_picture
from orders.records import HoldKind


def push_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        push_order(run, job)


def push_order(run: Run, job: SyncJob) -> None:
    """Bring one order's warehouse side to what its source wants now."""
    order = Order.objects.select_related("organization", "account").get(pk=job.subject)
    parting.settle(run, order)
    if (job.account_id or 0) not in parts.accounts_of(order):
        if order.account is None and verdicts.of(order).wish is Wish.SHIP:
            raise problems_error(
                [Problem("setup.no_account", "No warehouse account is set up.")]
            )
        return  # it has moved: the account it is in has a job of its own
    if moves.waits(run, job, order):
        return
    assert job.account is not None  # noqa: S101 - one of the order's
    verdict = verdicts.of_part(order, job.account)
    export = _export_to_hold(run, order, job.account, verdict)
    if export is not None:
        with hold(export, job, run) as held:
            _decide(run, job, held)
    parting.ring_the_waiting(run, job, order)
    _report(run, order)


def _export_to_hold(
    run: Run, order: Order, account: Account, verdict: Verdict
) -> Export | None:
    """The export that something may have to be done with, opened where none is yet."""
    export = services.newest_of(order, account.pk)
    if verdict.wish is not Wish.SHIP:
        has_business = export is not None and (export.remote_id or export.intent_at)
        return export if has_business else None
    if order.is_split and not parts.keys_to_ship(order, account.pk):
        return None  # its lines are not confirmed gone from elsewhere
    if export is None or services.is_canceled_by_us(export):
        with commit("open_export"):
            export = services.open_export(
                order=order,
                account=account,
                window_until=hold_window.end_of(account, now=run.now()),
                now=run.now(),
            )
            restored.doubt_new(export, now=run.now())
    return export


def _decide(run: Run, job: SyncJob, held: Held) -> None:
    """With the export in hand: read what is wanted now, and do that.

    An order that moved while we waited for the hold is not created here any more.
    """
    order = Order.objects.select_related("organization", "account").get(pk=job.subject)
    if not moves.is_leaving(order, held.export):
        _bring_together(run, job, order, held)


def _bring_together(run: Run, job: SyncJob, order: Order, held: Held) -> None:
    export = held.export
    verdict = verdicts.of_part(order, export.account)
    if verdict.wish is Wish.SHIP:
        cancel_proposals.withdraw(held, now=run.now())
        _want(run, order, held)
    if export.closed_at or export.canceled_at:
        edits.insist_not_late(run, held, verdict)
        return
    if not export.remote_id and not find_or_create(run, job, held, verdict):
        return
    if verdict.wish is Wish.HOLD:
        _hold_back(run, job, held, verdict)
    if not settle_doubt(run, job, held):
        return
    if verdict.wish is Wish.HOLD:
        _hold_back(run, job, held, verdict)
        cancel_proposals.consider(run, job, held, verdict)
    elif verdict.wish is Wish.SHIP and not hold_window.waits(run, job, held):
        edits.bring_over(run, job, held)
        _release(run, job, held)


def _want(run: Run, order: Order, held: Held) -> None:
    """Keep what is wanted, or raise all that stands in its way."""
    export = held.export
    account = export.account
    terms = planning.terms_of(order, account, key=export.key, now=run.now())
    record = planning.record_of(order, now=run.now(), account=account)
    plan = plan_export(record, terms)
    _keep_decision(run, export, plan)
    if plan.wanted is None:
        raise problems_error(list(plan.problems))
    wanted = plan.wanted
    if export.linked_by_person:
        wanted = linking.with_linked_lines(export=export, wanted=wanted)
    picture = to_picture(wanted)
    if fingerprint(picture) == export.wanted_hash:
        return
    with commit("want"):
        parting.insist_free(order, export, picture)
        held.put(
            wanted=picture,
            wanted_hash=fingerprint(picture),
            source_modified_at=order.source_modified_at,
            pulled_at=order.pulled_at,
        )
        services.freeze_lines(export=export, wanted=wanted)


def _keep_decision(run: Run, export: Export, plan: Plan) -> None:
    """What was decided on warehouses is on record, also for an order that waits."""
    if plan.dispatch is None or plan.dispatch.decision is None:
        return
    number = grounds.rules_number(export.account)
    if decisions.is_news(export, plan.dispatch, number):
        with commit("routed"):
            decisions.record(
                export=export, sent=plan.dispatch, rules_number=number, now=run.now()
            )


def problems_error(problems: list[Problem]) -> ConnectorError:
    """The error that parks an order with all these problems."""
    entry = catalogue.entry(problems[0].code)
    kind = InvalidError if entry.owner is Owner.SALES else MappingError
    return kind(problems, category=entry.category, owner=entry.owner)


def settle_doubt(run: Run, job: SyncJob, held: Held) -> bool:
    """Settle another write of unknown outcome; False while it must rest.

    After the rest what stands is read back. Our kind of hold, found set while we were
    in doubt, is taken for ours.
    """
    ends = doubt_ends(held.export)
    if ends is None:
        return True
    if run.now() < ends:
        run.later(job, ends, "Not known whether ShipHero did it; read back soon.")
        return False
    export = held.export
    remote = edits.read_one(run.clients.shiphero(export.account), export.remote_id)
    with commit("read_back"):
        held.put(edit_intent_at=None)
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
        if is_held_by_us(remote, export):
            held.put(released_at=None, held_at=export.held_at or run.now())
    return True


def _release(run: Run, job: SyncJob, held: Held) -> None:
    """Let the warehouse work on it: only ever the order whose id is stored."""
    export = held.export
    if not export.is_held_by_us:
        return
    client = held.warehouse()
    with held.in_doubt():
        remote = client.release_hold(export.remote_id, HoldKind(export.hold_kind))
    with commit("released"):
        held.put(released_at=run.now(), edit_intent_at=held.doubted_since)
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
    run.did(job, "Released to the warehouse", export=export)


def _hold_back(run: Run, job: SyncJob, held: Held, verdict: Verdict) -> None:
    """Back in draft, or deleted: stop it where it stands until a person decides.

    At once, also while an earlier write is in doubt: a late release is found when it
    is read back, and held again.
    """
    export = held.export
    kind = reserved_hold(export)
    if export.is_held_by_us or export.canceled_at:
        return
    if kind is None:
        cancel_proposals.consider(run, job, held, verdict)
        raise RejectedError(
            f"{verdict.reason} No hold kind is reserved for ShipSync, so the warehouse "
            "order cannot be held.",
            system=System.SHIPHERO,
            code="export.cannot_hold",
        )
    guard.insist_usual(export.account, now=run.now())
    client = held.warehouse()
    with held.in_doubt():
        remote = client.set_hold(export.remote_id, kind)
    with commit("held_back"):
        held.put(
            hold_kind=kind.value,
            held_at=run.now(),
            released_at=None,
            edit_intent_at=held.doubted_since,
        )
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
    run.did(job, f"{guard.HELD_BACK}: {verdict.reason}", export=export)


def _report(run: Run, order: Order) -> None:
    order.refresh_from_db()
    if standings.refresh(order, now=run.now()):
        ring(
            writeback_ring(order, trigger=Trigger.FOLLOW_UP, cause="Sent to ShipHero"),
            now=run.now(),
        )


register(
    JobKind(
        name="push_order",
        title="Send an order to ShipHero",
        lane=Lane.NEW_ORDER,
        handler=push_orders,
        uses=frozenset({System.SHIPHERO}),
        writes=System.SHIPHERO,
        priority=40,
    )
)
