"""What costs must not grow with the number of orders, and what is left to others."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors import timing
from connectors.accounts.credits import CreditBucket
from connectors.errors import ThrottledError
from connectors.models import DeliveryState, JobState, SyncJob, WebhookDelivery
from connectors.sync import (
    mirror,
    poll_warehouse,
    push_fulfillment,
    reconcile,
    standings,
    unmatched,
)
from connectors.sync.clients import Clients, DatabaseCredits
from connectors.sync.read_warehouse import reading_ring
from connectors.sync.registry import find
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from orders.models import Export, LineItem, Order
from orders.records import LineRecord, OrderRecord, OrderStage, RemoteOrder
from tests.conftest import Clock
from tests.factories.accounts import AccountFactory
from tests.factories.connectors import (
    WebhookDeliveryFactory,
)
from tests.factories.orders import ADDRESS, ExportFactory
from tests.integration.sync.conftest import Workshop

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


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
        now = workshop.clock()
        mirror.store(made, workshop.account.organization, now=now, read_at=now)
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


# -- reconciling ---------------------------------------------------------------


class HeldPages:
    """A client that lists held orders page by page, and knows where it was asked."""

    def __init__(self, pages: int, fails_at: int | None = None) -> None:
        self.pages = pages
        self.fails_at = fails_at
        self.asked: list[str] = []

    def held_page(self, tag: str, after: str = "") -> tuple[list[RemoteOrder], str]:
        self.asked.append(after)
        number = int(after or 0)
        if len(self.asked) == self.fails_at:
            raise ThrottledError("Slow down.", wait=timedelta(seconds=5))
        held = RemoteOrder(f"extra-{number}", None, "K", "N", "pending", START)
        return [held], str(number + 1) if number + 1 < self.pages else ""


def reconcile_with(
    client: HeldPages, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> SyncJob:
    monkeypatch.setattr(Clients, "shiphero", lambda clients, account: client)
    job = workshop.ring("all", kind="reconcile", hurries=True)
    run = Run(
        find("reconcile"), [job], clients=Clients(workshop.clock), clock=workshop.clock
    )
    with suppress(ThrottledError):
        reconcile.reconcile(run, run.jobs)
    return job


def test_many_held_orders_are_looked_at_over_several_runs(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = HeldPages(pages=6)

    reconcile_with(client, workshop, monkeypatch)
    assert client.asked == ["", "1", "2", "3"]
    reconcile_with(client, workshop, monkeypatch)

    assert client.asked[4:] == ["4", "5"]
    assert SyncJob.objects.filter(kind="resolve_extra").count() == 6


def test_pages_read_before_a_throttle_count(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = HeldPages(pages=4, fails_at=3)

    reconcile_with(client, workshop, monkeypatch)
    reconcile_with(client, workshop, monkeypatch)

    assert client.asked == ["", "1", "2", "2", "3"]


def held_exports(workshop: Workshop, count: int, **values: object) -> list[Export]:
    made = exports(workshop, count, held_at=workshop.clock(), hold_kind="operator")
    orders = Order.objects.filter(exports__in=made)
    orders.update(activated_at=workshop.clock(), **values)
    return made


def unresolved(workshop: Workshop) -> list[Ring]:
    return [one for some in reconcile._unresolved(workshop.account) for one in some]


def test_what_is_not_to_ship_is_not_rung_by_the_reconciler(workshop: Workshop) -> None:
    held_exports(workshop, 1, handled_outside=True)

    assert unresolved(workshop) == []


def test_an_open_intent_is_rung_whatever_is_wanted(workshop: Workshop) -> None:
    held_exports(workshop, 1, handled_outside=True)
    Export.objects.update(intent_at=workshop.clock())

    assert len(unresolved(workshop)) == 1


def test_the_reconciler_asks_once_for_the_orders_of_many_exports(
    workshop: Workshop,
) -> None:
    workshop.account.export_from = workshop.clock() - timedelta(days=1)
    workshop.account.save()
    held_exports(workshop, 20)

    with CaptureQueriesContext(connection) as caught:
        rings = unresolved(workshop)

    assert len(rings) == 20
    assert len(caught) <= 5 + 20, "but for the lane, which asks for each order"


def test_the_reconciler_goes_through_many_exports_some_at_a_time(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "AT_ONCE", 3)
    workshop.account.export_from = workshop.clock() - timedelta(days=1)
    workshop.account.save()
    held_exports(workshop, 7)

    some = [len(rings) for rings in reconcile._unresolved(workshop.account)]

    assert some == [3, 3, 1]
    assert len({ring.key for ring in unresolved(workshop)}) == 7


# -- webhooks that came too early ----------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        {"order_remote_id": "remote-0"},
        {"order_legacy_id": 4711},
        {"order_key": "OUR-KEY"},
        {"order_number": "N-1"},
    ],
)
def test_a_delivery_whose_order_is_known_by_now_is_rung(
    workshop: Workshop, names: dict[str, object]
) -> None:
    exports(workshop, 1, remote_legacy_id=4711, key="OUR-KEY", remote_number="N-1")
    early = unmatched_delivery(workshop, **names)
    unmatched_delivery(workshop, order_key="SOMEONE-ELSE", order_number="N-1")
    unmatched_delivery(workshop, order_key="OUR-KEY", order_remote_id="another")
    unmatched_delivery(workshop)

    rung = unmatched.known_by_now(workshop.account)

    assert [item.subject for item in rung] == [str(early.pk)]


def unmatched_delivery(workshop: Workshop, **names: object) -> WebhookDelivery:
    made: WebhookDelivery = WebhookDeliveryFactory.create(
        registration__account=workshop.account,
        state=DeliveryState.UNMATCHED,
        **names,
    )
    return made


# -- what Salesforce is told ---------------------------------------------------


def telling(orders: Sequence[Order], workshop: Workshop) -> int:
    """Statements that gather what Salesforce is to show of these orders."""
    jobs = [SyncJob(subject=str(order.pk)) for order in orders]
    with CaptureQueriesContext(connection) as caught:
        found = push_fulfillment.gathered(jobs)
        failures = standings.open_failures(found)
        for order in found.values():
            failure = failures.get(order.pk, "")
            standings.refresh_and_tell(order, now=workshop.clock(), failure=failure)
    return len(caught)


def test_facts_of_many_orders_are_gathered_in_a_few_statements(
    workshop: Workshop,
) -> None:
    exports(workshop, 40)
    orders = list(Order.objects.all())
    telling(orders, workshop)  # the states are stored

    few, many = telling(orders[:10], workshop), telling(orders, workshop)

    assert many == few, "however many they are"
    assert few <= 20
