"""One order in the warehouses of several accounts has one status."""

from __future__ import annotations

import itertools

import pytest

from orders import statuses
from orders.part_facts import combine
from orders.statuses import LineFacts, OrderFacts, derive
from tests.unit.orders.test_statuses import exported, shipment

OPEN = exported(lines=(LineFacts("a", 2, allocated=2),))
GONE = exported(
    remote_status="fulfilled",
    lines=(LineFacts("b", 1, shipped=1),),
    shipments=(shipment(1),),
)
CANCELED = exported(is_canceled=True, lines=(LineFacts("c", 1, canceled=1),))
CLOSED = exported(remote_status="closed", lines=(LineFacts("d", 1),))
HELD = exported(holds=("fraud",), lines=(LineFacts("e", 1),))
ABROAD = exported(
    remote_status="Their own word", is_settled=True, lines=(LineFacts("f", 1),)
)


@pytest.mark.parametrize(
    ("parts", "rest", "state"),
    [
        pytest.param((GONE, GONE), (), statuses.SHIPPED, id="both shipped"),
        pytest.param(
            (GONE, OPEN), (), statuses.PARTIALLY_SHIPPED, id="one of two shipped"
        ),
        pytest.param(
            (GONE,),
            (LineFacts("z", 1),),
            statuses.PARTIALLY_SHIPPED,
            id="one shipped, one not yet exported",
        ),
        pytest.param(
            (GONE, CANCELED),
            (),
            statuses.PARTIALLY_SHIPPED,
            id="one shipped, one canceled",
        ),
        pytest.param(
            (OPEN, CANCELED), (), statuses.IN_WAREHOUSE, id="one still stands"
        ),
        pytest.param((CANCELED, CANCELED), (), statuses.CANCELED, id="both canceled"),
        pytest.param(
            (CANCELED,),
            (LineFacts("z", 1),),
            statuses.WAITING,
            id="one canceled, one not yet exported",
        ),
        pytest.param((CLOSED, CLOSED), (), statuses.CLOSED, id="both closed"),
        pytest.param((CLOSED, OPEN), (), statuses.IN_WAREHOUSE, id="one is open"),
        pytest.param((CLOSED, CANCELED), (), statuses.CLOSED, id="closed and canceled"),
        pytest.param(
            (CLOSED,),
            (LineFacts("z", 1),),
            statuses.SENT,
            id="one closed, one not yet exported",
        ),
        pytest.param((ABROAD, ABROAD), (), statuses.CLOSED, id="words of their own"),
        pytest.param((OPEN, HELD), (), statuses.ON_HOLD, id="one is held"),
        pytest.param(
            (OrderFacts(),), (LineFacts("z", 1),), statuses.WAITING, id="none is there"
        ),
    ],
)
def test_parts_make_one_status(
    parts: tuple[OrderFacts, ...],
    rest: tuple[LineFacts, ...],
    state: str,
) -> None:
    for order in itertools.permutations(parts):
        assert derive(combine(order, rest)).state == state
