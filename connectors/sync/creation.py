"""The create protocol: one warehouse order for each export, whatever is lost on the way.

The intent is on record before a byte leaves; an unknown outcome rests in quarantine
and is then looked up by our key; the order is born on hold, and its id is stored only
under the newest fence. What lands late is held, and the reconciler finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from connectors.accounts.models import Account
from connectors.errors import ConnectorError
from connectors.models import JobState, SyncJob
from connectors.sync import hold_window, unmatched
from connectors.sync.exports import Held, quarantine_ends
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import reading_ring
from connectors.sync.rings import ring
from connectors.sync.run import Run
from connectors.timing import scaled
from orders import facts
from orders.editing import accepted_picture
from orders.eligibility import Verdict, Wish
from orders.models import Export
from orders.pictures import Picture, from_picture
from orders.records import HoldKind, RemoteOrder, WantedOrder

_NO_ID = Q(remote_id="")
A_DAY = timedelta(days=1)
LATE = timedelta(minutes=5)
WAITS_FOR_YES = "One of the first: waits for a person's yes."


def find_or_create(run: Run, job: SyncJob, held: Held, verdict: Verdict) -> bool:
    """Make sure that the warehouse order exists; False when nothing more is to do."""
    export = held.export
    if not resolve_intent(run, job, held):
        return False
    if export.remote_id:
        return True
    if verdict.wish is not Wish.SHIP:
        return False
    if _must_wait(run, job, held):
        return False
    if _was_late(export) and _adopt_found(run, job, held):
        return True
    _create(run, job, held)
    return True


def _must_wait(run: Run, job: SyncJob, held: Held) -> bool:
    export = held.export
    if reserved_hold(export) is None and hold_window.waits(run, job, held):
        return True
    if _waits_for_approval(export):
        run.later(job, run.now() + A_DAY, WAITS_FOR_YES)
        return True
    return False


def _was_late(export: Export) -> bool:
    """An order that we first saw long after its activation, and never yet created.

    After an outage that costs a look-up; after a restored database it is what keeps
    an order that we forgot from being created again.
    """
    order = export.order
    if export.create_calls or order.activated_at is None:
        return False
    return order.created_at - order.activated_at > scaled(LATE)


def _adopt_found(run: Run, job: SyncJob, held: Held) -> bool:
    found = [
        order
        for order in held.warehouse().find_orders(held.export.key)
        if not order.is_canceled
    ]
    if not found:
        return False
    if held.export.account.hold_kind and not held.export.hold_kind:
        held.store("hold_kind", hold_kind=held.export.account.hold_kind)
    _store_id(run, held, best_of(found, held.export), is_adopted=True)
    run.did(job, f"Adopted {held.export.remote_number}", export=held.export)
    return True


def _waits_for_approval(export: Export) -> bool:
    """The first exports of a new account are shown to a person before they go."""
    account = export.account
    if export.approved_at or not account.preview_first:
        return False
    return not _first_are_gone(account)


def _first_are_gone(account: Account) -> bool:
    gone = Export.objects.filter(account=account).exclude(remote_id="").order_by()
    return gone[: account.preview_first].count() == account.preview_first


def _free_the_waiting(run: Run, account: Account) -> None:
    """Once the first exports have gone, the others need nobody's yes."""
    if not account.preview_first or not _first_are_gone(account):
        return
    SyncJob.objects.filter(
        account=account,
        kind="push_order",
        state=JobState.WAITING,
        note=WAITS_FOR_YES,
    ).update(not_before=run.now())


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
    if not _adopt_found(run, job, held):
        held.store("intent_over", intent_at=None)
    return True


def best_of(found: Sequence[RemoteOrder], export: Export) -> RemoteOrder:
    """Of several orders with our key: the one that is furthest, then the oldest."""
    return min(
        found,
        key=lambda order: (
            is_held_by_us(order, export),
            order.legacy_id or 0,
            order.remote_id,
        ),
    )


def is_held_by_us(order: RemoteOrder, export: Export) -> bool:
    return bool(export.hold_kind) and HoldKind(export.hold_kind) in (order.holds or ())


def _create(run: Run, job: SyncJob, held: Held) -> None:
    """Create on hold, with the intent on record before a byte leaves."""
    export = held.export
    assert export.wanted is not None  # noqa: S101 - planned before
    wanted = from_picture(WantedOrder, export.wanted)
    kind = reserved_hold(export)
    client = held.warehouse()
    held.store(
        "intent",
        intent_at=run.now(),
        create_calls=export.create_calls + 1,
        hold_kind=kind.value if kind else "",
        sent=export.wanted,
        sent_hash=export.wanted_hash,
        sent_at=run.now(),
    )
    try:
        remote = client.create_order(wanted, hold=kind)
    except ConnectorError as error:
        _note_failed_create(run, job, held, error)
        raise
    _store_id(run, held, remote)
    _free_the_waiting(run, export.account)
    run.did(job, "Created in ShipHero" + (" on hold" if kind else ""), export=export)


def reserved_hold(export: Export) -> HoldKind | None:
    """The hold kind that the account keeps for us; None where it has none."""
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
            acknowledged=_accepted(export, remote),
            acknowledged_at=run.now(),
            **_taken_as_sent(export),
        )
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
        unmatched.ring_for(export, now=run.now())
        if is_adopted:
            # It may have shipped long before the reach of the next poll.
            ring(reading_ring(export, "Adopted"), now=run.now())


def _accepted(export: Export, remote: RemoteOrder) -> Picture:
    base = (export.sent if export.sent_hash else export.wanted) or {}
    return accepted_picture(base, base, (), remote)


def _taken_as_sent(export: Export) -> dict[str, Any]:
    """An order adopted without a create of ours on record stands as it was wanted."""
    if export.sent_hash:
        return {}
    return {"sent": export.wanted, "sent_hash": export.wanted_hash}
