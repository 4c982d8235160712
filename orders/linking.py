"""Lines of warehouse orders by name, also where a person made the order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from orders.models import Export, ExportLine
from orders.records import MISSING, RemoteLine, RemoteOrder, WantedOrder


def line_name(line: RemoteLine) -> str:
    """Our name for a warehouse line; the warehouse's where a person made the line."""
    return (line.key or line.remote_id)[:45]


def with_linked_lines(*, export: Export, wanted: WantedOrder) -> WantedOrder:
    """The wanted lines by the names that a linked order gives them, matched by SKU."""
    rows = list(export.lines.exclude(remote_id="").values_list("key", "sku"))
    names = {key for key, _ in rows}
    free: dict[str, list[str]] = defaultdict(list)
    for key, sku in rows:
        if key not in {line.key for line in wanted.lines}:
            free[sku].append(key)
    lines = tuple(
        replace(line, key=free[line.sku].pop(0))
        if line.key not in names and free[line.sku]
        else line
        for line in wanted.lines
    )
    return replace(wanted, lines=lines)


def adopt_line_keys(*, export: Export, remote: RemoteOrder) -> None:
    """For an order made by hand: know its lines by what the warehouse calls them."""
    if remote.lines is MISSING:
        return
    for sequence, line in enumerate(remote.lines, start=1):
        known = export.lines.filter(sku=line.sku, is_removed=False).first()
        values = {"remote_id": line.remote_id, "key": line_name(line)}
        if known is not None:
            ExportLine.objects.filter(pk=known.pk).update(**values)
        else:
            ExportLine.objects.create(
                export=export,
                sequence=export.lines.count() + sequence,
                sku=line.sku[:255],
                quantity=line.quantity,
                **values,
            )
