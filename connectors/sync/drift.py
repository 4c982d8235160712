"""An address that staff fixed in ShipHero: proposed to people, never undone silently."""

from __future__ import annotations

from datetime import datetime

from connectors.sync import edits
from orders.drift import address_fixed_there, is_ours_to_judge
from orders.models import Export
from orders.proposals import Decision, Proposal, ProposalKind
from orders.records import RemoteOrder


def look(export: Export, remote: RemoteOrder, *, now: datetime) -> None:
    """Open, renew or withdraw the proposal; call in the commit that took the reading.

    Nothing is said while an edit of ours is on its way or in doubt, nor of an order
    that a person made and linked: its address was theirs from the start.
    """
    if not _is_settled(export) or not is_ours_to_judge(remote):
        return
    fixed = address_fixed_there(edits.accepted(export), remote)
    rows = Proposal.objects.filter(export=export, kind=ProposalKind.ADDRESS)
    last = rows.order_by("-id").first()
    if not fixed:
        rows.filter(decided_at=None).update(decided_at=now, decision=Decision.WITHDRAWN)
        return
    if last is not None and last.value == fixed and last.decision != Decision.WITHDRAWN:
        return  # it waits for its answer, or was answered
    rows.filter(decided_at=None).update(decided_at=now, decision=Decision.WITHDRAWN)
    parts = ", ".join(sorted(part.replace("_", " ") for part in fixed))
    Proposal.objects.create(
        export=export,
        kind=ProposalKind.ADDRESS,
        reason=f"The address was changed in ShipHero ({parts}).",
        value=fixed,
        opened_at=now,
    )


def _is_settled(export: Export) -> bool:
    if export.linked_by_person or not export.sent_hash:
        return False
    return export.edit_intent_at is None and export.wanted_hash == export.sent_hash


def take_as_accepted(proposal: Proposal) -> None:
    """From now on ShipHero's address is what the warehouse is known to have."""
    export = proposal.export
    known = edits.accepted(export)
    known["ship_to"] = {**known.get("ship_to", {}), **(proposal.value or {})}
    Export.objects.filter(pk=export.pk).update(acknowledged=known, sent_hash="accepted")
