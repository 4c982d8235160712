"""Purchase orders of ShipHero's answers: what is still to come, and when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.shiphero.purchases import purchase_from


def purchase(*lines: dict[str, Any], more: bool = False, **fields: Any) -> Any:
    page = {"hasNextPage": more, "endCursor": "YXJyYXk6MQ=="}
    rows = [
        {"node": {"id": f"L{at}", "sku": "MUG"} | row} for at, row in enumerate(lines)
    ]
    node = {
        "id": "UHVyY2hhc2VPcmRlcjo2MDAx",
        "po_number": "PO-6001",
        "warehouse_id": "V2FyZWhvdXNlOjExNzkw",
        "po_date": "2026-12-03T00:00:00",
        "fulfillment_status": "pending",
        "line_items": {"pageInfo": page, "edges": rows},
    }
    return purchase_from(node | fields)


def test_it_says_where_and_when() -> None:
    found = purchase({"quantity": 5})

    assert (found.number, found.is_open, found.is_whole) == ("PO-6001", True, True)
    assert (found.warehouse_remote_id, found.due_on) == (
        "V2FyZWhvdXNlOjExNzkw",
        date(2026, 12, 3),
    )


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ({"quantity": 5}, 5),
        ({"quantity": "5", "quantity_received": "2"}, 3),
        ({"quantity": 5, "quantity_received": 3, "quantity_rejected": 1}, 1),
        ({"quantity": 5, "quantity_received": 7}, 0),
        ({"quantity": 5, "fulfillment_status": "closed"}, 0),
        ({"quantity": -5}, 0),
        ({"quantity": None}, 0),
        ({}, 0),
    ],
)
def test_what_has_come_or_never_will_is_not_expected(
    line: dict[str, Any], left: int
) -> None:
    (told,) = purchase(line).lines

    assert told.left == left


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        ({"fulfillment_status": "closed"}, False),
        ({"fulfillment_status": "Canceled"}, False),
        ({"date_closed": "2026-11-01T00:00:00"}, False),
        ({"fulfillment_status": "at sea"}, True),
        ({"fulfillment_status": None, "date_closed": None}, True),
    ],
)
def test_it_is_open_until_it_says_otherwise(
    fields: dict[str, Any], is_open: bool
) -> None:
    assert purchase(**fields).is_open is is_open


def test_lines_that_were_not_all_read_are_not_all_of_them() -> None:
    assert not purchase({"quantity": 5}, more=True).is_whole
    assert not purchase(line_items=None).is_whole
    assert purchase(po_date="soon").due_on is None
