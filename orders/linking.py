"""Lines of warehouse orders by name, also where a person made the order."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from orders.editing import line_name
from orders.models import Export, ExportLine, Order
from orders.records import RemoteLine, RemoteOrder, WantedOrder


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


def split_skus(*, order: Order, remote: RemoteOrder) -> list[str]:
    """The SKUs that stand on more lines there than the source has for them.

    Which of those lines is ours to change, and what of ours has shipped, could not be
    told.
    """
    ours = Counter(order.lines.values_list("sku", flat=True))
    theirs = Counter(line.sku for line in remote.lines or () if line.quantity > 0)
    return sorted(sku for sku in ours if theirs[sku] > ours[sku])


def adopt_line_keys(*, export: Export, remote: RemoteOrder) -> None:
    """For an order made by hand: know its lines by what the warehouse calls them."""
    left = list(export.lines.filter(is_removed=False))
    for sequence, line in enumerate(remote.lines or (), start=1):
        known = _same_line(left, line)
        if known is None:
            known = ExportLine(
                export=export,
                sequence=len(left) + sequence,
                sku=line.sku[:255],
                quantity=line.quantity,
            )
        else:
            left.remove(known)
        known.key, known.remote_id = line_name(line), line.remote_id
        known.save()


def _same_line(rows: list[ExportLine], line: RemoteLine) -> ExportLine | None:
    """By our name for it, else the next one of its SKU."""
    named = [row for row in rows if row.key == line_name(line)]
    alike = [row for row in rows if row.sku == line.sku]
    return next(iter(named + alike), None)
