"""Picks, holds and returns: what a message or a reading says of people's work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from orders import sightings
from orders.floor import Fact, HoldSpell, Pick, Return, ReturnLine
from orders.gathering import forget
from orders.models import Export, ExportLine
from orders.records import MISSING, PickRecord, RemoteOrder, ReturnRecord


def record_picks(*, export: Export, remote: RemoteOrder) -> None:
    """What a reading says is in totes; what it no longer says was put back."""
    if remote.lines is MISSING:
        return
    told = {
        pick.legacy_id: pick for line in remote.lines for pick in (line.picks or ())
    }
    if any(line.picks is MISSING for line in remote.lines):
        return
    known = {pick.remote_legacy_id: pick for pick in export.picks.all()}
    if not told and not known:
        return
    lines = _lines_by_remote_id(export)
    for number, pick in told.items():
        _store_pick(export, known.get(number), pick, lines)
    gone = [row.pk for number, row in known.items() if number not in told]
    Pick.objects.filter(pk__in=gone, is_current=True).update(is_current=False)
    forget(export, "picks")


def _lines_by_remote_id(export: Export) -> dict[str, ExportLine]:
    return {line.remote_id: line for line in export.lines.all() if line.remote_id}


def _store_pick(
    export: Export,
    known: Pick | None,
    pick: PickRecord,
    lines: dict[str, ExportLine],
) -> None:
    line = lines.get(pick.remote_line_id)
    values = {
        "export_line_id": line.pk if line else None,
        "sku": pick.sku[:255],
        "tote": pick.tote[:80],
        "quantity": pick.quantity or 0,
        "picked_at": pick.picked_at,
        "is_current": True,
    }
    if known is None:
        Pick.objects.update_or_create(
            export=export, remote_legacy_id=pick.legacy_id, defaults=values
        )
    elif any(getattr(known, name) != value for name, value in values.items()):
        Pick.objects.filter(pk=known.pk).update(**values)


def record_packed(*, export: Export, picks: Sequence[PickRecord], at: datetime) -> None:
    """A message says that these picks were packed. Its first telling counts."""
    lines = _lines_by_remote_id(export)
    for pick in picks:
        line = lines.get(pick.remote_line_id)
        row, _ = Pick.objects.get_or_create(
            export=export,
            remote_legacy_id=pick.legacy_id,
            defaults={
                "export_line_id": line.pk if line else None,
                "sku": pick.sku[:255],
                "tote": pick.tote[:80],
            },
        )
        Pick.objects.filter(pk=row.pk, packed_at=None).update(packed_at=at)


def count_packed(export: Export) -> None:
    """Derive each line's packed units: picks that were packed and not put back."""
    totals: Counter[int | None] = Counter()
    for pick in export.picks.all():
        if pick.is_current and pick.packed_at is not None:
            totals[pick.export_line_id] += pick.quantity
    changed = []
    for line in export.lines.all():
        packed = totals[line.pk]
        if line.packed != packed:
            line.packed = packed
            changed.append(line)
    ExportLine.objects.bulk_update(changed, ["packed"])


def record_holds(*, export: Export, remote: RemoteOrder) -> None:
    """Open and end the spells of holds, as the newest reading has them."""
    if remote.holds is MISSING:
        return
    told = {kind.value for kind in remote.holds}
    rows = export.hold_spells.all()
    open_ones = {row.kind: row for row in rows if row.ended_at is None}
    for kind in sorted(told - set(open_ones)):
        HoldSpell.objects.get_or_create(
            export=export,
            kind=kind,
            ended_at=None,
            defaults={
                "since": remote.read_at,
                "is_ours": export.is_held_by_us and kind == export.hold_kind,
                "after_picking": _is_in_work(export, remote),
            },
        )
    over = [row.pk for kind, row in open_ones.items() if kind not in told]
    if over:
        HoldSpell.objects.filter(pk__in=over).update(ended_at=remote.read_at)
    if over or told - set(open_ones):
        forget(export, "hold_spells")


def _is_in_work(export: Export, remote: RemoteOrder) -> bool:
    """Whether goods are in a tote, or somebody works on them: a hold may be too late."""
    if any(row.is_locked for row in remote.allocations or ()):
        return True
    return any(line.picked for line in remote.lines or ())


def record_return(
    *, export: Export, told: ReturnRecord, read_at: datetime | None, now: datetime
) -> None:
    """Mirror a return. A reading beats a message; a newer reading beats an older one."""
    row, made = Return.objects.get_or_create(
        account_id=export.account_id,
        remote_id=told.remote_id[:80],
        defaults={"export": export, "received_at": now},
    )
    sightings.note(
        export=export,
        fact=Fact.RETURN,
        references=[told.remote_id],
        seen_by=sightings.WEBHOOK if read_at is None else sightings.READING,
        now=now,
    )
    if not made and _is_newer(row.facts_read_at, read_at):
        return
    row.remote_legacy_id = told.legacy_id or row.remote_legacy_id
    row.status = told.status[:40] or row.status
    row.reason = told.reason[:255] or row.reason
    row.label_type = told.label_type[:40] or row.label_type
    row.tracking_number = told.tracking_number[:120] or row.tracking_number
    row.opened_at = told.opened_at or row.opened_at
    row.facts_read_at = read_at or row.facts_read_at
    row.save()
    if told.lines is not MISSING:
        _store_lines(row, told)


def _is_newer(known: datetime | None, read_at: datetime | None) -> bool:
    return known is not None and (read_at is None or read_at < known)


def _store_lines(row: Return, told: ReturnRecord) -> None:
    names = {line.key: line.pk for line in row.export.lines.all()}
    names |= {line.remote_id: line.pk for line in row.export.lines.all()}
    names.pop("", None)
    lines = [
        ReturnLine(
            of_return=row,
            export_line_id=names.get(line.line_key) or names.get(line.remote_line_id),
            sku=line.sku[:255],
            quantity=line.quantity,
            received=line.received,
            restocked=line.restocked,
            reason=line.reason[:255],
        )
        for line in told.lines or ()
    ]
    row.lines.all().delete()
    ReturnLine.objects.bulk_create(lines)
