"""Mirror to warehouse: exactly one order there, and then its smallest edits."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from connectors import catalogue
from connectors.errors import (
    ConnectorError,
    InvalidError,
    MappingError,
    Owner,
    Problem,
    System,
)
from connectors.models import SyncJob, Trigger
from connectors.sync import (
    config,
    edits,
    restored,
    standings,
    unmatched,
    verdicts,
)
from connectors.sync.exports import Held, hold, quarantine_ends
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import reading_ring
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import ring
from connectors.sync.run import Run
from connectors.sync.subjects import writeback_ring
from orders import facts, linking, services
from orders.eligibility import Verdict, Wish
from orders.exporting import ExportTerms, plan_export
from orders.models import Export, Order
from orders.pictures import fingerprint, from_picture, to_picture
from orders.records import HoldKind, RemoteOrder, WantedOrder

_NO_ID = Q(remote_id="")


def push_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        push_order(run, job)


def push_order(run: Run, job: SyncJob) -> None:
    """Bring one order's warehouse side to what its source wants now."""
    order = Order.objects.select_related("organization", "account").get(pk=job.subject)
    verdict = verdicts.of(order)
    if verdict.wish in {Wish.NOTHING, Wish.CANCEL}:
        _report(run, order)
        return
    export = services.current_export(order)
    if verdict.wish is Wish.HOLD and (export is None or not export.remote_id):
        _report(run, order)
        return
    if verdict.wish is Wish.SHIP:
        export = _wanted_export(run, order, export)
    assert export is not None  # noqa: S101 - one of the two ways above made sure
    if export.closed_at or export.canceled_at:
        edits.insist_not_late(export, verdict)
    else:
        with hold(export, job, run) as held:
            _bring_over(run, job, held, verdict)
    _report(run, order)


def _wanted_export(run: Run, order: Order, export: Export | None) -> Export:
    """Plan the export and keep what is wanted, or raise all that stands in its way."""
    account = order.account
    if account is None:
        raise _problems(
            [Problem("setup.no_account", "No warehouse account is set up.")]
        )
    if export is None or services.is_canceled_by_us(export):
        with commit("open_export"):
            export = services.open_export(order=order, account=account, now=run.now())
            restored.doubt_new(export, now=run.now())
    terms = ExportTerms(
        key=export.key,
        shop_name=account.shop_name,
        tags=(account.own_tag,),
        methods=config.shipping_methods(account),
    )
    plan = plan_export(services.source_record(order), terms)
    if plan.wanted is None:
        raise _problems(list(plan.problems))
    wanted = plan.wanted
    if export.linked_by_person:
        wanted = linking.with_linked_lines(export=export, wanted=wanted)
    picture = to_picture(wanted)
    if fingerprint(picture) != export.wanted_hash:
        with commit("want"):
            Export.objects.filter(pk=export.pk).update(
                wanted=picture,
                wanted_hash=fingerprint(picture),
                source_modified_at=order.source_modified_at,
                pulled_at=order.pulled_at,
            )
            services.freeze_lines(export=export, wanted=wanted)
        export.refresh_from_db()
    return export


def _problems(problems: list[Problem]) -> ConnectorError:
    entry = catalogue.entry(problems[0].code)
    kind = InvalidError if entry.owner is Owner.SALES else MappingError
    return kind(problems, category=entry.category, owner=entry.owner)


def _bring_over(run: Run, job: SyncJob, held: Held, verdict: Verdict) -> None:
    export = held.export
    if not export.remote_id:
        if _waits_for_approval(export):
            return
        if not resolve_intent(run, job, held):
            return
    if not export.remote_id:
        _create(run, job, held)
    if verdict.wish is Wish.SHIP:
        _release(run, job, held)
        edits.bring_over(run, job, held)
    else:
        _hold_back(run, job, held, verdict)


def _waits_for_approval(export: Export) -> bool:
    """The first exports of a new account are shown to a person before they go."""
    account = export.account
    if export.approved_at or not account.preview_first:
        return False
    gone = Export.objects.filter(account=account).exclude(remote_id="").count()
    return gone < account.preview_first


def resolve_intent(run: Run, job: SyncJob, held: Held) -> bool:
    """Settle an earlier create of unknown outcome; False while it must rest.

    After the quarantine the warehouse is asked by our key: what is there is adopted,
    and only a clean answer clears the way for another create.
    """
    ends = quarantine_ends(held.export)
    if ends is None:
        return True
    if run.now() < ends:
        run.later(job, ends, "Not known whether ShipHero created it; looked up soon.")
        return False
    client = run.clients.shiphero(held.export.account)
    found = [
        order for order in client.find_orders(held.export.key) if not order.is_canceled
    ]
    if found:
        _adopt(run, job, held, best_of(found, held.export))
    else:
        held.store("intent_over", intent_at=None)
    return True


def best_of(found: Sequence[RemoteOrder], export: Export) -> RemoteOrder:
    """Of several orders with our key: the one that is furthest, then the oldest."""
    return min(
        found,
        key=lambda order: (
            _is_held_by_us(order, export),
            order.legacy_id or 0,
            order.remote_id,
        ),
    )


def _is_held_by_us(order: RemoteOrder, export: Export) -> bool:
    return bool(export.hold_kind) and HoldKind(export.hold_kind) in (order.holds or ())


def _adopt(run: Run, job: SyncJob, held: Held, remote: RemoteOrder) -> None:
    _store_id(run, held, remote, is_adopted=True)
    run.did(job, f"Adopted {remote.order_number}", export=held.export)


def _create(run: Run, job: SyncJob, held: Held) -> None:
    """Create on hold, with the intent on record before a byte leaves."""
    export = held.export
    assert export.wanted is not None  # noqa: S101 - planned before
    wanted = from_picture(WantedOrder, export.wanted)
    kind = _hold_kind(export)
    client = run.clients.shiphero(export.account)
    held.store(
        "intent",
        intent_at=run.now(),
        create_calls=export.create_calls + 1,
        hold_kind=kind.value if kind else "",
        sent=export.wanted,
        sent_hash=export.wanted_hash,
        sent_at=run.now(),
    )
    held.insist_on_time()
    try:
        remote = client.create_order(wanted, hold=kind)
    except ConnectorError as error:
        _note_failed_create(run, job, held, error)
        raise
    _store_id(run, held, remote)
    run.did(job, "Created in ShipHero" + (" on hold" if kind else ""), export=export)


def _hold_kind(export: Export) -> HoldKind | None:
    kind = export.account.hold_kind
    return HoldKind(kind) if kind else None


def _note_failed_create(
    run: Run, job: SyncJob, held: Held, error: ConnectorError
) -> None:
    """A clear no ends the intent; anything else leaves it open for the quarantine."""
    if not error.outcome_unknown:
        held.store("intent_over", intent_at=None)
    run.did(job, "Create refused" if not error.outcome_unknown else "Create unanswered")


def _store_id(
    run: Run, held: Held, remote: RemoteOrder, *, is_adopted: bool = False
) -> None:
    """Store the id only where the fence is ours and none is stored yet."""
    export = held.export
    with commit("store_id"):
        held.put(
            where=_NO_ID,
            remote_id=remote.remote_id,
            remote_legacy_id=remote.legacy_id,
            remote_number=remote.order_number[:80],
            intent_at=None,
            held_at=run.now() if export.hold_kind else None,
            acknowledged=facts.acknowledged_picture(remote),
            acknowledged_at=run.now(),
        )
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
        unmatched.ring_for(export, now=run.now())
        if is_adopted:
            # It may have shipped long before the reach of the next poll.
            ring(reading_ring(export, "Adopted"), now=run.now())


def _release(run: Run, job: SyncJob, held: Held) -> None:
    """Let the warehouse work on it: only ever the order whose id is stored."""
    export = held.export
    if not export.is_held_by_us:
        return
    client = run.clients.shiphero(export.account)
    remote = client.release_hold(export.remote_id, HoldKind(export.hold_kind))
    with commit("released"):
        held.put(released_at=run.now())
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
    run.did(job, "Released to the warehouse", export=export)


def _hold_back(run: Run, job: SyncJob, held: Held, verdict: Verdict) -> None:
    """Back in draft, or deleted: stop it where it stands until a person decides."""
    export = held.export
    kind = _hold_kind(export)
    if kind is None or export.is_held_by_us or export.canceled_at:
        return
    client = run.clients.shiphero(export.account)
    remote = client.set_hold(export.remote_id, kind)
    with commit("held_back"):
        held.put(hold_kind=kind.value, held_at=run.now(), released_at=None)
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
    run.did(job, f"Held in the warehouse: {verdict.reason}", export=export)


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
