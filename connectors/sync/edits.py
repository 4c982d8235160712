"""The smallest edits that bring an acknowledged warehouse order to what is wanted.

Read, send what differs, read again: the second reading says what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.diff import (
    Change,
    diff,
    families,
    group_hashes,
    unchanged_groups,
)
from connectors.errors import RejectedError, System
from connectors.models import SyncJob
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import guard
from connectors.sync.exports import Held
from connectors.sync.phases import commit
from connectors.sync.run import Run
from orders import editing, facts
from orders.editing import SHIPPING, EditOutcome, EditPlan
from orders.eligibility import Verdict, Wish
from orders.models import Export
from orders.pictures import Picture
from orders.records import RemoteOrder

PERSONAL = frozenset({"address", "billing"})


def bring_over(run: Run, job: SyncJob, held: Held) -> None:
    """Send what changed since the last acknowledgement, and read back what stands.

    Raises RejectedError when the edit came too late, or was applied only in part;
    what was applied is kept, so that a retry sends the rest alone.
    """
    export = held.export
    if export.wanted_hash == export.sent_hash:
        return
    changes = changes_of(export, export.wanted or {})
    if not changes:
        _take_as_it_stands(held)
        return
    removes = any(change.group == "lines_removed" for change in changes)
    if removes:
        guard.insist_usual(export.account, now=run.now())
    before = read_one(held.warehouse(), export.remote_id)
    _insist_open(run, held, before)
    plan = editing.plan_edit(changes, export.wanted or {}, before)
    refusal = _send(held, plan) if plan.calls else None
    after = read_one(held.warehouse(), export.remote_id) if plan.calls else before
    undone = editing.left_undone(
        changes, before, after, free_groups=free_groups(export.account)
    )
    _acknowledge(run, held, changes, undone, after)
    if len(undone) < len(changes):
        skipped = _skipped(export, changes)
        run.did(job, "Edited in ShipHero", export=export, diff=_shown(changes, skipped))
    if removes and "lines_removed" not in {change.group for change in undone}:
        run.did(job, guard.REMOVED)
    if undone:
        raise _not_all(run, held, changes, undone, after, refusal)


def changes_of(export: Export, wanted: Picture) -> list[Change]:
    """What differs in groups whose hash moved; an order taken as linked differs not."""
    if export.linked_by_person and not export.sent_hash:
        return []
    known = accepted(export)
    same = unchanged_groups(group_hashes(wanted), group_hashes(known))
    return [change for change in diff(wanted, known) if change.family not in same]


def _take_as_it_stands(held: Held) -> None:
    export = held.export
    held.store(
        "unchanged",
        sent=export.wanted,
        sent_hash=export.wanted_hash,
        acknowledged=export.wanted
        if export.linked_by_person and not export.sent_hash
        else accepted(export),
        edit_outcome="" if _stood_open(export) else export.edit_outcome,
        edit_note="",
    )


def _stood_open(export: Export) -> bool:
    """Whether an earlier edit had failed; by now nobody wants it any more."""
    return export.edit_outcome in {EditOutcome.PARTLY, EditOutcome.TOO_LATE}


def _send(held: Held, plan: EditPlan) -> RejectedError | None:
    """Make the calls; a clear no to one of them ends the rest and is answered.

    What came before the no stands, and the reading afterwards shows it.
    """
    try:
        with held.in_doubt():
            _make_calls(held, plan)
    except RejectedError as error:
        if error.outcome_unknown:
            raise
        return error
    return None


def _make_calls(held: Held, plan: EditPlan) -> None:
    remote_id = held.export.remote_id
    if plan.head is not None:
        held.warehouse().update_order(remote_id, plan.head)
    if plan.warehouse:
        held.warehouse().change_warehouse(remote_id, plan.warehouse)
    if plan.updated:
        held.warehouse().update_lines(remote_id, plan.updated)
    if plan.removed:
        held.warehouse().remove_lines(remote_id, plan.removed)
    if plan.added:
        held.warehouse().add_lines(remote_id, plan.added)
    if plan.tags_added:
        held.warehouse().add_tags(remote_id, plan.tags_added)
    if plan.tags is not None:
        held.warehouse().replace_tags(remote_id, plan.tags)


def _acknowledge(
    run: Run,
    held: Held,
    changes: Sequence[Change],
    undone: Sequence[Change],
    after: RemoteOrder,
) -> None:
    """Keep what the warehouse accepted; only a whole edit counts as sent."""
    export = held.export
    wanted = export.wanted or {}
    known = editing.accepted_picture(
        wanted, accepted(export), undone, after, edited=changes
    )
    done: dict[str, Any] = {}
    if not undone:
        done = {
            "sent": wanted,
            "sent_hash": export.wanted_hash,
            "edit_outcome": EditOutcome.APPLIED,
            "edit_note": "",
        }
    with commit("acknowledge"):
        held.put(
            sent_at=run.now(),
            acknowledged=known,
            acknowledged_at=run.now(),
            edit_intent_at=held.doubted_since,
            edit_outcome_at=run.now(),
            **done,
        )
        facts.record_remote_order(
            export=export, remote=after, seen_by="reading", now=run.now()
        )


def accepted(export: Export) -> Picture:
    """What the warehouse has accepted of ours: as sent, with the lines as read back."""
    return {**(export.sent or {}), **(export.acknowledged or {})}


def free_groups(account: Account) -> frozenset[str]:
    """The groups that ShipHero's own rules decide after the order was created."""
    if scoped.lookup("shiphero_decides_shipping", account=account).value:
        return frozenset({SHIPPING})
    return frozenset()


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


# -- what could not be done --------------------------------------------------------


def insist_not_late(run: Run, held: Held, verdict: Verdict) -> None:
    """Raises RejectedError when an edit is wanted of an order that has ended."""
    export = held.export
    if verdict.wish is not Wish.SHIP or not export.sent_hash:
        return
    if export.wanted_hash != export.sent_hash and changes_of(
        export, export.wanted or {}
    ):
        words = "The order had ended in the warehouse when the edit arrived."
        _note_outcome(run, held, EditOutcome.TOO_LATE, words)
        raise _too_late(words)


def _insist_open(run: Run, held: Held, remote: RemoteOrder) -> None:
    words = editing.too_late(remote)
    if not words:
        return
    with commit("too_late"):
        _put_outcome(run, held, EditOutcome.TOO_LATE, words)
        facts.record_remote_order(
            export=held.export, remote=remote, seen_by="reading", now=run.now()
        )
    raise _too_late(words)


def _not_all(
    run: Run,
    held: Held,
    changes: Sequence[Change],
    undone: Sequence[Change],
    after: RemoteOrder,
    refusal: RejectedError | None,
) -> RejectedError:
    """What to say of an edit of which something was not done."""
    late = editing.too_late(after)
    if len(undone) < len(changes):
        words = (
            f"ShipHero applied the edit only in part: {_named(undone)} stand as before."
        )
        if late or refusal is not None:
            words += f" {late or (refusal.reason if refusal else '')}"
        _note_outcome(run, held, EditOutcome.PARTLY, words)
        return RejectedError(
            words, system=System.SHIPHERO, code="export.partly_applied"
        )
    if late:
        _note_outcome(run, held, EditOutcome.TOO_LATE, late)
        return _too_late(late)
    if refusal is not None:
        return refusal
    words = f"ShipHero took the edit and did not apply it: {_named(undone)}."
    _note_outcome(run, held, EditOutcome.PARTLY, words)
    return RejectedError(words, system=System.SHIPHERO, code="export.partly_applied")


def _note_outcome(run: Run, held: Held, outcome: EditOutcome, words: str) -> None:
    with commit("edit_outcome"):
        _put_outcome(run, held, outcome, words)


def _put_outcome(run: Run, held: Held, outcome: EditOutcome, words: str) -> None:
    held.put(edit_outcome=outcome, edit_note=words[:255], edit_outcome_at=run.now())


def _too_late(words: str) -> RejectedError:
    return RejectedError(words, system=System.SHIPHERO, code="export.edit_too_late")


def _named(changes: Sequence[Change]) -> str:
    return ", ".join(sorted(families(changes)))


def _skipped(export: Export, changes: Sequence[Change]) -> list[str]:
    moved = families(changes)
    return [group for group in group_hashes(export.wanted or {}) if group not in moved]


def _shown(changes: Sequence[Change], skipped: Sequence[str]) -> list[dict[str, Any]]:
    """For the log: which field groups changed, with values only where not personal."""
    rows = [
        {
            "group": change.group,
            "field": change.name,
            "before": None if change.group in PERSONAL else change.before,
            "after": None if change.group in PERSONAL else change.after,
        }
        for change in changes
    ]
    if skipped:
        equal = {"field": ", ".join(skipped), "before": None, "after": None}
        rows.append({"group": "unchanged", **equal})
    return rows
