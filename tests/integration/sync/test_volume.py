"""What costs must not grow with the number of orders, and what is left to others."""

from __future__ import annotations

import pytest

from connectors import timing
from connectors.accounts.credits import CreditBucket
from connectors.errors import ThrottledError
from connectors.models import JobState, SyncJob
from connectors.sync import poll_warehouse
from connectors.sync.clients import Clients, DatabaseCredits
from connectors.sync.read_warehouse import reading_ring
from connectors.sync.registry import find
from connectors.sync.rings import ring
from connectors.sync.run import Run
from orders.models import Export
from tests.conftest import Clock
from tests.factories.accounts import AccountFactory
from tests.factories.orders import ExportFactory
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
