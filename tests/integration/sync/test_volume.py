"""What costs must not grow with the number of orders, and what is left to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors import timing
from connectors.accounts.credits import CreditBucket
from connectors.errors import ThrottledError
from connectors.models import JobState, SyncJob
from connectors.sync import mirror, poll_warehouse
from connectors.sync.clients import Clients, DatabaseCredits
from connectors.sync.read_warehouse import reading_ring
from connectors.sync.registry import find
from connectors.sync.rings import ring
from connectors.sync.run import Run
from orders.models import Export, LineItem
from orders.records import LineRecord, OrderRecord, OrderStage
from tests.conftest import Clock
from tests.factories.accounts import AccountFactory
from tests.factories.orders import ADDRESS, ExportFactory
from tests.integration.sync.conftest import Workshop

pytestmark = pytest.mark.django_db


def test_a_faster_time_scale_speeds_the_refill_up_once(clock: Clock) -> None:
    timing.set_scale(60)
    credential_id = AccountFactory.create().credential_id
    told = DatabaseCredits(credential_id, clock)
    told.learn(remaining=0, capacity=1000, rate=2)

    clock.advance(seconds=1)

    told.take(120)
    with pytest.raises(ThrottledError):
        told.take(1)


# -- reading again -------------------------------------------------------------


def exports(workshop: Workshop, count: int, **values: object) -> list[Export]:
    return [
        ExportFactory.create(
            order__account=workshop.account, remote_id=f"remote-{number}", **values
        )
        for number in range(count)
    ]


def rung(workshop: Workshop) -> list[str]:
    """The subjects of the readings that the poll asks for."""
    run = Run(
        find("poll_warehouse"),
        [],
        clients=Clients(workshop.clock),
        clock=workshop.clock,
    )
    return [item.subject for item in poll_warehouse._stale(run, workshop.account)]


def test_a_few_stale_exports_are_read_at_once(workshop: Workshop) -> None:
    made = exports(workshop, 3)

    assert sorted(rung(workshop)) == sorted(str(one.pk) for one in made)


def test_an_order_that_is_gone_is_not_read_again_by_the_clock(
    workshop: Workshop,
) -> None:
    (gone,) = exports(workshop, 1)
    ring(reading_ring(gone, "Rung"), now=workshop.clock())
    SyncJob.objects.update(state=JobState.PARKED)

    assert rung(workshop) == []


def test_what_waits_to_be_read_is_not_rung_again(workshop: Workshop) -> None:
    (waiting,) = exports(workshop, 1)
    ring(reading_ring(waiting, "Rung"), now=workshop.clock())

    assert rung(workshop) == []


def test_many_open_exports_are_spread_over_the_polls(workshop: Workshop) -> None:
    exports(workshop, 300)

    assert len(rung(workshop)) == 20, "300 in 15 minutes, polled each minute"


@pytest.mark.parametrize(("remaining", "expected"), [(240, 0), (625, 5), (1000, 10)])
def test_a_quarter_of_the_credits_is_left_to_others(
    workshop: Workshop, remaining: int, expected: int
) -> None:
    exports(workshop, 30)
    CreditBucket(workshop.account.credential_id).learn(
        remaining=remaining, capacity=1000, rate=1, now=workshop.clock()
    )

    assert len(rung(workshop)) == expected


# -- storing what was pulled ---------------------------------------------------


def records(count: int, clock: Clock, *, po_number: str = "") -> list[OrderRecord]:
    return [
        OrderRecord(
            salesforce_id=f"801{number:015d}",
            order_number=f"{number:08d}",
            stage=OrderStage.ACTIVATED,
            status="Activated",
            modified_at=clock(),
            po_number=po_number,
            ship_to=ADDRESS,
            brand="north",
            lines=tuple(line(number, place) for place in range(5)),
        )
        for number in range(count)
    ]


def line(order: int, place: int) -> LineRecord:
    return LineRecord(f"802{order:012d}{place:03d}", str(place), "MUG", Decimal(2))


def statements(made: Sequence[OrderRecord], workshop: Workshop) -> int:
    with CaptureQueriesContext(connection) as caught:
        mirror.store(made, workshop.account.organization, now=workshop.clock())
    return len(caught)


def test_storing_orders_takes_a_bounded_number_of_statements(
    workshop: Workshop,
) -> None:
    new = records(50, workshop.clock)
    assert statements(new, workshop) <= 12 * 50
    assert LineItem.objects.count() == 250
    assert statements(new, workshop) <= 50, "nothing has changed"

    workshop.clock.advance(minutes=1)
    changed = records(50, workshop.clock, po_number="4711")
    assert statements(changed, workshop) <= 12 * 50


def test_lines_follow_the_order_in_one_go(workshop: Workshop) -> None:
    (first,) = records(1, workshop.clock)
    statements([first], workshop)
    assert isinstance(first.lines, tuple)
    kept = dict(LineItem.objects.values_list("salesforce_id", "pk"))
    moved = replace(first.lines[1], quantity=Decimal(7))
    workshop.clock.advance(minutes=1)
    after = (first.lines[0], moved, line(0, 9))

    statements([replace(first, lines=after, modified_at=workshop.clock())], workshop)

    rows = {row.salesforce_id: row for row in LineItem.objects.all()}
    assert set(rows) == {one.salesforce_id for one in after}
    assert rows[moved.salesforce_id].quantity == 7
    assert rows[moved.salesforce_id].pk == kept[moved.salesforce_id]
