"""Unknown outcomes and held extras: the part of the protocol that looks behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.accounts.models import Account
from connectors.errors import RejectedError, System
from connectors.models import SyncCursor, SyncJob, Trigger
from connectors.sync import claims, config, edits, overrides, unmatched, verdicts
from connectors.sync.clients import call_time
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.read_warehouse import extra_ring
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring_many
from connectors.sync.run import Run
from connectors.sync.subjects import push_rings
from connectors.sync.watch_orders import look
from connectors.sync.windows import cursor_of, go_on
from orders.eligibility import EligibilityRule, Wish
from orders.models import Export
from orders.records import MISSING, HoldKind, RemoteOrder

API_SOURCE = "api"
MOST_PAGES = 4
AT_ONCE = 200


def reconcile(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Look at every open intent, then at what our hold keeps back, some pages a run."""
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        for some in _unresolved(account):
            with commit("reconcile"):
                ring_many(some, now=run.now())
        with commit("reconcile"):
            rings = list(unmatched.known_by_now(account))
            rings += overrides.rings_of_ended(account, now=run.now())
            ring_many(rings, now=run.now())
        if not _look_at_held(run, account):
            go_on(run, job)


def _look_at_held(run: Run, account: Account) -> bool:
    """Go through the held orders, from where the last run stopped; False for more.

    The remote lists them by place, so one that moves up meanwhile is seen next time.
    """
    cursor = cursor_of(f"shiphero_held:{account.pk}", account=account)
    client = run.clients.shiphero(account)
    for _page in range(MOST_PAGES):
        try:
            held, after = client.held_page(account.own_tag, cursor.last_record_id)
        except RejectedError:  # perhaps the place; from the beginning next time
            SyncCursor.objects.filter(pk=cursor.pk).update(last_record_id="")
            raise
        with commit("reconcile"):
            ring_many(_extras(account, held), now=run.now())
            cursor.last_record_id = after
            cursor.rows_read += len(held)
            cursor.polled_at = run.now()
            cursor.save()
        if not after:
            return True
    return False


def _extras(account: Account, held: Sequence[RemoteOrder]) -> list[Ring]:
    """Held orders with our tag that are not the one we stored."""
    stored = set(
        Export.objects.filter(
            account=account, remote_id__in=[order.remote_id for order in held]
        ).values_list("remote_id", flat=True)
    )
    return [
        extra_ring(account.pk, order.remote_id, "Held with our tag, but not stored")
        for order in held
        if order.remote_id not in stored and not order.is_canceled
    ]


def _unresolved(account: Account) -> Iterator[list[Ring]]:
    """Exports that should move by themselves, some at a time; a ring does no harm.

    What a person must look at stays parked, what rests goes on resting.
    """
    of_account = Export.objects.filter(account=account)
    held = of_account.filter(released_at=None, canceled_at=None, closed_at=None)
    stuck = of_account.exclude(intent_at=None) | held.exclude(held_at=None)
    rule = config.eligibility(account.organization)
    rows = stuck.select_related("order__organization", "order__account")
    rows = rows.defer("wanted", "sent", "acknowledged", "facts").order_by("pk")
    after = 0
    while some := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        yield [ring for export in some for ring in _rings_of(export, rule)]
        if len(some) < AT_ONCE:
            return
        after = some[-1].pk


def _rings_of(export: Export, rule: EligibilityRule) -> list[Ring]:
    verdict = verdicts.of(export.order, rule)
    if verdict.wish is not Wish.SHIP and export.intent_at is None:
        return []
    rings = push_rings(
        export.order, trigger=Trigger.SCHEDULE, cause="Reconciled", verdict=verdict
    )
    return [replace(item, reopens=False) for item in rings]


def resolve_extra(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        _resolve(run, job, account)


def _resolve(run: Run, job: SyncJob, account: Account) -> None:
    """Cancel an extra only if nothing can be lost by it; else ask a person."""
    client = run.clients.shiphero(account)
    found = client.read_orders([job.subject])
    if not found or found[0].is_canceled:
        _forget_clone(run, account, job.subject, found)
        return
    remote = found[0]
    export = Export.objects.filter(account=account, key=remote.key).first()
    if export is None:
        raise _for_a_person(remote, "ShipSync does not know the key of this order.")
    if remote.remote_id == export.remote_id:
        return
    if not export.remote_id:
        with commit("found_again"):
            Export.objects.filter(pk=export.pk, remote_id="", intent_at=None).update(
                intent_at=run.now()
            )
            ring_many(
                push_rings(
                    export.order, trigger=Trigger.FOLLOW_UP, cause="Found again"
                ),
                now=run.now(),
            )
        return
    if not is_harmless(remote, export):
        _note_clone(run, export, remote)
        raise _for_a_person(remote, "Another live order carries this order's key.")
    if not claims.has_time(job, call_time(), now=run.now()):
        raise LeaseLostError
    client.cancel_order(remote.remote_id, "A duplicate that ShipSync held back.")
    if not edits.read_one(client, remote.remote_id).is_canceled:
        raise _for_a_person(remote, "The held duplicate could not be canceled.")
    run.did(job, f"Canceled the held duplicate of {export.key}", export=export)


def _note_clone(run: Run, export: Export, remote: RemoteOrder) -> None:
    """Staff's copy of an order is a fact about the order, whatever becomes of it."""
    if remote.source == API_SOURCE or remote.order_number in export.clones:
        return
    with commit("clone_seen"):
        clones = [*export.clones, remote.order_number]
        Export.objects.filter(pk=export.pk).update(clones=clones)
        look(export.order, now=run.now())


def _forget_clone(
    run: Run, account: Account, remote_id: str, found: Sequence[RemoteOrder]
) -> None:
    """A clone that was canceled ships nothing and needs nobody."""
    numbers = {remote.order_number for remote in found}
    keys = {remote.key for remote in found} - {""}
    for export in Export.objects.filter(account=account, key__in=keys):
        left = [number for number in export.clones if number not in numbers]
        if left != export.clones and export.remote_id != remote_id:
            with commit("clone_gone"):
                Export.objects.filter(pk=export.pk).update(clones=left)
                look(export.order, now=run.now())


def is_harmless(remote: RemoteOrder, export: Export) -> bool:
    """Held by our kind, with our tag, made by the API, nothing shipped: nobody's work.

    What the reading did not contain proves nothing.
    """
    kind = export.account.hold_kind
    return bool(
        kind
        and remote.holds
        and HoldKind(kind) in remote.holds
        and remote.tags
        and export.account.own_tag in remote.tags
        and remote.source == API_SOURCE
        and remote.shipments is not MISSING
        and not remote.shipments
    )


def _for_a_person(remote: RemoteOrder, words: str) -> RejectedError:
    return RejectedError(
        f"{words} ShipHero order {remote.order_number}.",
        system=System.SHIPHERO,
        code="export.duplicate_live",
    )


register(
    JobKind(
        name="reconcile",
        title="Look for held extras and unknown outcomes",
        lane=Lane.EDIT,
        handler=reconcile,
        uses=frozenset({System.SHIPHERO}),
        priority=60,
        every="reconcile_seconds",
    )
)
register(
    JobKind(
        name="resolve_extra",
        title="Settle a second order with our key",
        lane=Lane.EDIT,
        handler=resolve_extra,
        uses=frozenset({System.SHIPHERO}),
        writes=System.SHIPHERO,
        priority=35,
    )
)
