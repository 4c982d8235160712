"""What a person decided about an order in the warehouse, brought there once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.errors import RejectedError, System
from connectors.models import SyncJob
from connectors.sync.edits import read_one
from connectors.sync.exports import Held, hold
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import report
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from orders import facts
from orders.editing import line_name
from orders.models import Export
from orders.records import LineChange, OrderChanges, RemoteOrder

PENDING = "pending"
Deed = Callable[[Held, RemoteOrder, str], None]


def change_floor(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Each job's subject is `export:deed:argument`; a deed that is done is not repeated."""
    for job in jobs:
        number, name, argument = job.subject.split(":", 2)
        export = Export.objects.select_related("order", "account").get(pk=number)
        with hold(export, job, run) as held:
            _change(run, job, held, name, argument)


def _change(run: Run, job: SyncJob, held: Held, name: str, argument: str) -> None:
    export = held.export
    remote = read_one(run.clients.shiphero(export.account), export.remote_id)
    with held.in_doubt():
        DEEDS[name](held, remote, argument)
    after = read_one(held.warehouse(), export.remote_id)
    with commit("floor_changed"):
        held.put(edit_intent_at=held.doubted_since)
        facts.record_remote_order(
            export=export, remote=after, seen_by="reading", now=run.now()
        )
        report(run, export)
    run.did(job, WORDS[name], export=export)


def _reopen(held: Held, remote: RemoteOrder, _argument: str) -> None:
    if remote.merged_into:
        raise _refused("The order was merged into another; re-open that one.")
    if remote.status.casefold() != PENDING:
        held.warehouse().set_status(
            remote.remote_id, PENDING, "Re-opened by a person in ShipSync"
        )


def _cancel(held: Held, remote: RemoteOrder, _argument: str) -> None:
    if any(not shipment.is_void for shipment in remote.shipments or ()):
        raise _refused("Part of the order has shipped; it cannot be canceled.")
    if not remote.is_canceled:
        # Not noted as asked for by us: that would export the order once more.
        held.warehouse().cancel_order(
            remote.remote_id, "Canceled by a person in ShipSync"
        )


def _reroute(held: Held, remote: RemoteOrder, warehouse: str) -> None:
    if any(row.is_locked for row in remote.allocations or ()):
        raise _refused("The order is being picked; it cannot be re-routed any more.")
    held.warehouse().change_warehouse(remote.remote_id, warehouse)


def _split(held: Held, remote: RemoteOrder, _argument: str) -> None:
    """Let it ship in parts, and from several buildings."""
    held.warehouse().update_order(
        remote.remote_id, OrderChanges(allow_split=True, allow_partial=True)
    )


def _cut_line(held: Held, remote: RemoteOrder, key: str) -> None:
    """Take away what of a line has not shipped."""
    line = next((row for row in remote.lines or () if line_name(row) == key), None)
    if line is None:
        raise _refused("The order has no such line in ShipHero any more.")
    left = line.shipped or 0
    if line.quantity == left:
        return
    if left:
        change = LineChange(remote_id=line.remote_id, quantity=left)
        held.warehouse().update_lines(remote.remote_id, [change])
    else:
        held.warehouse().remove_lines(remote.remote_id, [line.remote_id])


DEEDS: dict[str, Deed] = {
    "reopen": _reopen,
    "cancel": _cancel,
    "reroute": _reroute,
    "split": _split,
    "cut": _cut_line,
}
WORDS = {
    "reopen": "Re-opened in ShipHero",
    "cancel": "Canceled in ShipHero",
    "reroute": "Moved to another warehouse",
    "split": "Allowed to ship in parts",
    "cut": "The rest of a line was canceled",
}


def _refused(words: str) -> RejectedError:
    return RejectedError(words, system=System.SHIPHERO, code="floor.change_refused")


register(
    JobKind(
        name="change_floor",
        title="Bring a decision to the warehouse",
        lane=Lane.EDIT,
        handler=change_floor,
        uses=frozenset({System.SHIPHERO}),
        writes=System.SHIPHERO,
        priority=30,
    )
)
