"""One order's story: no state without a next step, no failure without its button."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from connectors.console import comparison
from connectors.console.story import tell
from orders.floor import HoldSpell, OrderException, Return, ReturnLine
from orders.models import Order, OrderState
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return accounts.UserFactory(role="operator")


def next_step(order, user):
    return tell(order, user, now()).next_step


@pytest.mark.parametrize("state", OrderState.values)
def test_every_state_says_what_comes_next(state, operator, client, page_of):
    order = order_rows.OrderFactory(state=state)
    client.force_login(operator)

    assert next_step(order, operator).endswith(".")
    assert client.get(page_of(order)).status_code == 200


def test_a_failure_tells_the_fix_and_offers_the_retry(operator, client, page_of):
    order = order_rows.OrderFactory(state="failed")
    job = rows.SyncJobFactory(account=order.account, order=order, state="parked")
    rows.FailedPayloadFactory(job=job, reason="The postal code is missing.")
    client.force_login(operator)

    page = client.get(page_of(order)).content.decode()

    assert "Complete the shipping postal code" in page
    assert "The postal code is missing." in page
    assert "/do/retry/" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"handled_outside": True}, "Take back"),
        (
            {"is_eligible": False, "eligibility_reason": "Excluded: before go-live."},
            "Include anyway",
        ),
        (
            {"account__paused": True, "account__paused_reason": "Stock count."},
            "Stock count.",
        ),
        ({"is_eligible": False, "eligibility_reason": "A draft."}, "A draft."),
    ],
)
def test_what_keeps_an_order_is_named_with_its_remedy(fields, words, operator):
    assert words in next_step(order_rows.OrderFactory(**fields), operator)


class TestFloor:
    """Where its pieces are, what holds it, what needs somebody, and the buttons for it."""

    @pytest.fixture
    def export(self):
        export = order_rows.ExportFactory(
            remote_id="R1", order__state="backordered", facts_read_at=now()
        )
        order_rows.ExportLineFactory(
            export=export, sku="MUG", quantity=5, pending=5, allocated=3, backordered=2
        )
        HoldSpell.objects.create(
            export=export, kind="payment", since=now(), after_picking=True
        )
        back = Return.objects.create(
            account=export.account,
            export=export,
            remote_id="RT1",
            remote_legacy_id=61,
            received_at=now(),
        )
        ReturnLine.objects.create(of_return=back, sku="MUG", quantity=2, received=1)
        OrderException.objects.create(
            account=export.account,
            order=export.order,
            export=export,
            kind="backorder",
            reason="Waits for stock: 2 MUG.",
            next_step="West has all of it: re-route or split.",
            opened_at=now(),
            first_opened_at=now(),
            times=3,
            evidence={
                "short": {"MUG": 2},
                "elsewhere": {"MUG": {"West": 9}},
                "expected": {
                    "MUG": [
                        {
                            "purchase_order": "PO-1",
                            "warehouse": "Primary",
                            "units": 40,
                            "due": "2026-12-03",
                        }
                    ]
                },
            },
        )
        return export

    def test_stands_on_the_page(self, export, operator, client, page_of):
        client.force_login(operator)

        page = " ".join(client.get(page_of(export.order)).content.decode().split())

        assert "Waits for stock: 2 MUG." in page
        assert "West has all of it" in page
        assert "3 times so far" in page
        assert "Set after picking began: it may ship anyway." in page
        assert "1 of 2 \u00d7 MUG received" in page
        assert next_step(export.order, operator).startswith("West has all of it")
        (row,) = tell(export.order, operator, now()).floor.units
        assert (row.told.allocated, row.told.backordered) == (3, 2)

    def test_offers_what_helps_to_those_who_may(
        self, export, operator, client, page_of, button
    ):
        row = export.order.exceptions.get()
        client.force_login(operator)
        mine = client.get(page_of(export.order)).content.decode()
        client.force_login(accounts.UserFactory(role="viewer"))
        theirs = client.get(page_of(export.order)).content.decode()

        for name in ("wait", "reroute", "split", "cut"):
            assert button(row, name) in mine, name
            assert button(row, name) not in theirs, name

    def test_shows_no_exception_that_has_cleared(self, export, operator):
        OrderException.objects.update(closed_at=now())

        assert tell(export.order, operator, now()).floor.attention == []

    def test_is_empty_before_the_warehouse_knows_it(self, operator):
        export = order_rows.ExportFactory(remote_id="")
        order_rows.ExportLineFactory(export=export)

        assert tell(export.order, operator, now()).floor.units == []

    def test_the_exception_shows_what_is_short_and_where_more_is(
        self, export, operator, client, page_of
    ):
        client.force_login(operator)

        page = client.get(page_of(export.order.exceptions.get())).content.decode()

        page = " ".join(page.split())
        assert "9 in West" in page
        assert "40 to Primary, due 2026-12-03 (PO-1)" in page

    def test_another_kind_of_exception_has_no_such_table(
        self, export, operator, client, page_of
    ):
        OrderException.objects.update(kind="stuck", evidence={"state": "picking"})
        client.force_login(operator)

        page = client.get(page_of(export.order.exceptions.get())).content.decode()

        assert "What is short" not in page


def test_an_order_without_account_says_so(operator):
    order = order_rows.OrderFactory(account=None)

    assert "No ShipHero account" in next_step(order, operator)


def test_an_unknown_outcome_is_explained(operator):
    export = order_rows.ExportFactory(intent_at=now())

    assert "nothing is created twice" in next_step(export.order, operator)


def test_a_waiting_job_says_why_and_when(operator):
    order = order_rows.OrderFactory()
    rows.SyncJobFactory(
        account=order.account,
        order=order,
        note="ShipHero asked us to slow down.",
        not_before=now() + timedelta(seconds=90),
    )

    assert "slow down. Next try in 1 min." in next_step(order, operator)


def test_an_export_that_waits_for_a_yes_is_approved_from_the_order(
    operator, client, page_of, button
):
    export = order_rows.ExportFactory(order__account__preview_first=2)
    client.force_login(operator)

    page = client.get(page_of(export.order)).content.decode()

    assert button(export, "approve") in page


def test_what_differs_from_wanted_is_marked_and_what_was_not_read_is_not():
    export = order_rows.ExportFactory(
        wanted={"ship_to": {"city": "Austin", "zip": "78701"}, "carrier": "ups"},
        acknowledged={"ship_to": {"city": "Waco"}, "carrier": "ups"},
    )

    rows_by_label = {row.label: row for row in comparison.compare(export.order, export)}

    assert rows_by_label["City"].differs
    assert not rows_by_label["Postal code"].differs
    assert not rows_by_label["Carrier"].differs


def test_lines_are_matched_by_their_key_and_extra_ones_come_last():
    order = order_rows.OrderFactory()
    line = order_rows.LineItemFactory(order=order, sku="A", salesforce_id="L1")
    wanted = {"lines": [{"key": "L1", "sku": "A", "quantity": 2}]}
    facts = {
        "lines": [
            {"key": "L1", "sku": "A", "quantity": 1},
            {"key": "", "sku": "GIFT", "quantity": 1},
        ]
    }
    export = order_rows.ExportFactory(
        order=order, wanted=wanted, acknowledged=facts, facts=facts
    )
    order_rows.ExportLineFactory(export=export, key="L1", sku="A", shipped=1)

    found = comparison.compare_lines([line], [export], {})

    assert [row.sku for row in found] == ["A", "GIFT"]
    assert (found[0].source, found[0].wanted, found[0].acknowledged) == ("2", "2", "1")
    assert found[0].differs
    assert found[0].shipped == "1"


def test_the_timeline_merges_all_books_with_the_newest_first(operator):
    order = order_rows.OrderFactory()
    export = order_rows.ExportFactory(order=order)
    today = now()
    shipment = order_rows.ShipmentFactory(
        export=export, shipped_at=today - timedelta(minutes=1)
    )
    order_rows.PackageFactory(shipment=shipment, tracking_number="1Z42")
    job = rows.SyncJobFactory(account=order.account, order=order)
    rows.SyncAttemptFactory(job=job, started_at=today - timedelta(minutes=4))
    rows.FailedPayloadFactory(job=job, opened_at=today - timedelta(minutes=3))
    rows.WebhookDeliveryFactory(order=order, received_at=today - timedelta(minutes=2))
    accounts.AuditFactory(
        at=today,
        action="sync_order",
        object_type="orders.order",
        object_id=str(order.pk),
    )

    events = tell(order, operator, today).events

    assert [event.what for event in events] == [
        "Sync order",
        "Shipped",
        "Webhook: Shipment Update",
        "Parked",
        "Send an order to ShipHero",
        "First read from Salesforce",
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [("reading", "Found by reconciliation; no webhook told it."), ("webhook", "")],
)
def test_a_silence_is_drawn_with_how_it_ended(operator, source, words):
    order = order_rows.OrderFactory()
    export = order_rows.ExportFactory(order=order)
    today = now()
    found_at = today - timedelta(minutes=5)
    shipment = order_rows.ShipmentFactory(
        export=export,
        shipped_at=found_at - timedelta(minutes=41),
        received_at=found_at,
        first_seen_by=source,
    )
    order_rows.PackageFactory(shipment=shipment)
    job = rows.SyncJobFactory(account=order.account, order=order)
    rows.SyncAttemptFactory(job=job, kind="poll_shiphero", started_at=found_at)
    created_at = found_at - timedelta(hours=3)
    Order.objects.filter(pk=order.pk).update(created_at=created_at)
    order.refresh_from_db()

    events = tell(order, operator, today).events

    assert [(event.what, event.text) for event in events if event.is_gap] == [
        ("41 min of silence", words),
        ("2 h of silence", ""),
    ]
