"""The facts of an order from those of its parts, each in a warehouse of its own."""

from __future__ import annotations

from collections.abc import Sequence

from orders.statuses import LineFacts, OrderFacts, is_closed_word


def combine(parts: Sequence[OrderFacts], rest: Sequence[LineFacts] = ()) -> OrderFacts:
    """The facts of one order from those of its parts, each in a warehouse of its own.

    `rest` are lines that no warehouse has yet. It is over only where every part is.
    """
    first = parts[0]
    live = [part for part in parts if not part.is_canceled]
    live = live or ([] if rest else list(parts))
    there = [part for part in live if part.remote_id]
    still_open = [p for p in there if not _is_over(p)]
    is_over = bool(there) and len(there) == len(live) and not (still_open or rest)
    shown = (there if is_over else still_open or [OrderFacts()])[0]
    return OrderFacts(
        excluded=first.excluded,
        failure=first.failure,
        waits_for=first.waits_for,
        remote_id=next((part.remote_id for part in there), ""),
        remote_status=shown.remote_status,
        is_settled=shown.is_settled,
        merged_into=shown.merged_into,
        is_canceled=all(part.is_canceled for part in parts) and not rest,
        is_held_by_us=any(part.is_held_by_us for part in live),
        holds=tuple(sorted({x for part in live for x in part.holds})),
        late_holds=tuple(sorted({x for part in live for x in part.late_holds})),
        accepted=next((part.accepted for part in live if part.accepted), ""),
        is_locked=any(part.is_locked for part in live),
        lines=(*(line for part in parts for line in part.lines), *rest),
        shipments=tuple(one for part in parts for one in part.shipments),
    )


def _is_over(part: OrderFacts) -> bool:
    is_closed = is_closed_word(part.remote_status, is_settled=part.is_settled)
    return bool(part.merged_into) or is_closed
