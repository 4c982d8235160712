"""The smallest edits that bring an acknowledged warehouse order to what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.diff import Change, diff
from connectors.errors import RejectedError, System
from connectors.models import SyncJob
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import guard
from connectors.sync.exports import Held
from connectors.sync.phases import commit
from connectors.sync.run import Run
from orders import facts, linking
from orders.eligibility import Verdict, Wish
from orders.models import Export
from orders.pictures import Picture, from_picture
from orders.records import (
    MISSING,
    LineChange,
    OrderChanges,
    RemoteLine,
    RemoteOrder,
    WantedLine,
    WantedOrder,
)


def bring_over(run: Run, job: SyncJob, held: Held) -> None:
    """Send what changed since the last acknowledgement, and read back what stands."""
    export = held.export
    if export.wanted_hash == export.sent_hash:
        return
    is_as_linked = export.linked_by_person and not export.sent_hash
    changes = diff(export.wanted or {}, acknowledged(export))
    if is_as_linked or not changes:
        held.store("unchanged", sent=export.wanted, sent_hash=export.wanted_hash)
        return
    removes = any(change.group == "lines_removed" for change in changes)
    if removes:
        guard.insist_usual(export.account, now=run.now())
    remote = read_one(held.warehouse(), export.remote_id)
    _insist_open(remote)
    with held.in_doubt():
        _apply(held, changes, remote)
    after = read_one(held.warehouse(), export.remote_id)
    _acknowledge(run, held, after)
    run.did(job, "Edited in ShipHero", export=export, diff=_shown(changes))
    if removes:
        run.did(job, guard.REMOVED)
    left = diff(export.wanted or {}, acknowledged(export))
    if left:
        raise RejectedError(
            f"ShipHero applied the edit only in part: {_named(left)} stand as before.",
            system=System.SHIPHERO,
            code="export.partly_applied",
        )


def _acknowledge(run: Run, held: Held, after: RemoteOrder) -> None:
    export = held.export
    with commit("acknowledge"):
        held.put(
            sent=export.wanted,
            sent_hash=export.wanted_hash,
            sent_at=run.now(),
            acknowledged=merged(export, after),
            acknowledged_at=run.now(),
            edit_intent_at=held.doubted_since,
        )
        facts.record_remote_order(
            export=export, remote=after, seen_by="reading", now=run.now()
        )


def _named(changes: Sequence[Change]) -> str:
    return ", ".join(sorted({change.group.replace("_", " ") for change in changes}))


def acknowledged(export: Export) -> Picture:
    """What the warehouse has accepted of ours: as sent, with the lines as read back.

    An order that a person linked is taken as it stands: only what changed since is
    brought over.
    """
    if export.linked_by_person:
        return export.sent or {}
    return {**(export.sent or {}), **_lines_of(export.acknowledged or {})}


def merged(export: Export, remote: RemoteOrder) -> Picture:
    """The wanted picture as accepted, with what the read says about our lines.

    What staff added there is not ours, and is never taken away.
    """
    shown = _lines_of(facts.acknowledged_picture(remote))
    if "lines" in shown:
        ours = set(export.lines.values_list("key", flat=True))
        shown["lines"] = [line for line in shown["lines"] if line["key"] in ours]
    return {**(export.wanted or {}), **shown}


def _lines_of(picture: Picture) -> Picture:
    return {"lines": picture["lines"]} if "lines" in picture else {}


def read_one(client: ShipHeroClient, remote_id: str) -> RemoteOrder:
    """The order as it stands. Raises RejectedError when it is not there any more."""
    found = client.read_orders([remote_id])
    if not found:
        raise RejectedError(
            "ShipHero does not know the order any more.",
            system=System.SHIPHERO,
            code="shiphero.not_found",
        )
    return found[0]


def insist_not_late(export: Export, verdict: Verdict) -> None:
    """Raises RejectedError when an edit is wanted of an order that has ended."""
    if verdict.wish is not Wish.SHIP or not export.sent_hash:
        return
    if diff(export.wanted or {}, acknowledged(export)):
        raise _too_late("The order had ended in the warehouse when the edit arrived.")


def _insist_open(remote: RemoteOrder) -> None:
    if remote.is_canceled:
        raise _too_late("The order is canceled in ShipHero; the edit came too late.")
    if any(not shipment.is_void for shipment in remote.shipments or ()):
        raise _too_late("The order has shipped; the edit came too late.")
    if remote.allocations is not MISSING and any(
        allocation.is_locked for allocation in remote.allocations
    ):
        raise _too_late("The order is being packed; the edit came too late.")


def _too_late(words: str) -> RejectedError:
    return RejectedError(words, system=System.SHIPHERO, code="export.edit_too_late")


def _apply(held: Held, changes: Sequence[Change], remote: RemoteOrder) -> None:
    """Each step reads as done if it was done before, so that a repeat is harmless."""
    export = held.export
    head = _head_changes(export, changes)
    if head is not None:
        held.warehouse().update_order(export.remote_id, head)
    known = {linking.line_name(line): line for line in remote.lines or ()}
    wanted = [c for c in changes if c.group in {"lines_added", "lines_changed"}]
    changed = [
        LineChange(remote_id=line.remote_id, quantity=c.after["quantity"])
        for c in wanted
        if (line := _same_line(c, known)) and line.quantity != c.after["quantity"]
    ]
    if changed:
        held.warehouse().update_lines(export.remote_id, changed)
    removed = [
        known[c.name].remote_id
        for c in changes
        if c.group == "lines_removed" and c.name in known and known[c.name].quantity > 0
    ]
    if removed:
        held.warehouse().remove_lines(export.remote_id, removed)
    added = [
        from_picture(WantedLine, c.after) for c in wanted if not _same_line(c, known)
    ]
    if added:
        held.warehouse().add_lines(export.remote_id, added)


def _same_line(change: Change, known: dict[str, RemoteLine]) -> RemoteLine | None:
    line = known.get(change.name)
    return line if line is not None and line.sku == change.after["sku"] else None


def _head_changes(export: Export, changes: Sequence[Change]) -> OrderChanges | None:
    groups = {change.group for change in changes}
    wanted = from_picture(WantedOrder, export.wanted or {})
    values: dict[str, Any] = {}
    if "address" in groups:
        values["ship_to"] = wanted.ship_to
    if "shipping" in groups:
        values |= {
            "method_title": wanted.method_title,
            "carrier": wanted.carrier,
            "method": wanted.method,
            "shipping_price": wanted.shipping_price,
        }
    values |= {c.name: c.after for c in changes if c.group == "header"}
    return OrderChanges(**values) if values else None


def _shown(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """For the log: which field groups changed, with values only where not personal."""
    return [
        {
            "group": change.group,
            "field": change.name,
            "before": None if change.group == "address" else change.before,
            "after": None if change.group == "address" else change.after,
        }
        for change in changes
    ]
