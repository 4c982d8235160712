"""Home says what needs attention, and each number leads to exactly its rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.casework import FlowBucket
from connectors.console import counting
from connectors.sync import flow
from orders.models import OrderState
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")
LONG_AGO = timedelta(hours=3)


@pytest.fixture
def operator(client):
    client.force_login(accounts.UserFactory(role="operator"))
    return client


def tiles(page):
    return {one.panel.name: one.first for one in page.context["tiles"]}


def one_of_each(account):
    """A row behind each tile, and a calm one beside it that must not be counted."""
    past = now() - LONG_AGO
    order_rows.OrderFactory(account=account, state=OrderState.SHIPPED)
    for state in (OrderState.WAITING, OrderState.FAILED):
        order_rows.OrderFactory(
            account=account, state=state, state_since=past, is_eligible=True
        )
    order_rows.OrderFactory(
        account=account, state=OrderState.WAITING, state_since=now(), is_eligible=True
    )
    plain = {"order__account": account, "account": account}
    order_rows.ExportFactory(**plain)
    order_rows.ExportFactory(
        **plain, remote_id="held", hold_kind="client", held_at=past, released_at=None
    )
    order_rows.ExportFactory(**plain, remote_id="", intent_at=past)
    asked = order_rows.ExportFactory(**plain, remote_id="asked")
    for decided in (None, now()):
        order_rows.ProposalFactory(export=asked, decided_at=decided)
    order_rows.ExportFactory(
        **plain, remote_id="apart", wanted_hash="b", sent_hash="a", released_at=past
    )
    rows.SyncJobFactory(account=account, state="waiting", not_before=past)
    rows.SyncJobFactory(account=account, state="done", not_before=past)
    rows.SyncCursorFactory(account=account, polled_at=past)
    rows.SyncCursorFactory(account=account, polled_at=now())
    rows.WebhookDeliveryFactory(registration__account=account, state="unmatched")
    rows.WebhookDeliveryFactory(registration__account=account, state="applied")
    for closed in (None, now()):
        stock.StockDiscrepancyFactory(warehouse__account=account, closed_at=closed)


def test_each_number_leads_to_exactly_the_rows_behind_it(operator):
    one_of_each(accounts.AccountFactory())

    found = tiles(operator.get(HOME))

    counts = {name: line.count for name, line in found.items()}
    assert counts == dict.fromkeys(counts, 1)
    for name, line in found.items():
        listed = operator.get(line.address).context["cl"].result_count
        assert listed == line.count, name


def test_counts_end_at_a_cap(operator, monkeypatch):
    account = accounts.AccountFactory()
    for _ in range(4):
        order_rows.OrderFactory(account=account, state=OrderState.FAILED)
    orders = type(order_rows.OrderFactory.build()).objects

    few = counting.capped_counts({"all": orders.all(), "none": orders.none()}, cap=2)

    assert few == {"all": 3, "none": 0}
    assert counting.words_of(3, cap=2) == "2+"
    assert counting.words_of(2, cap=2) == "2"


def test_a_reading_that_comes_seldom_on_purpose_is_not_stale(operator):
    hour_ago, week_ago = now() - timedelta(hours=1), now() - timedelta(days=15)
    rows.SyncCursorFactory(name="shiphero_catalogue:1", polled_at=hour_ago)
    rows.SyncCursorFactory(name="shiphero_orders:1", polled_at=hour_ago)
    rows.SyncCursorFactory(name="shiphero_catalogue:2", polled_at=week_ago)

    tile = tiles(operator.get(HOME))["stale"]
    listed = operator.get(tile.address).context["cl"].result_list

    assert {row.name for row in listed} == {"shiphero_orders:1", "shiphero_catalogue:2"}
    assert tile.count == 2


def test_what_is_in_order_takes_one_line_and_no_card(operator):
    page = operator.get(HOME)

    assert "failures_by_reason" in {one.panel.name for one in page.context["in_order"]}
    assert all(not one.lines for one in page.context["in_order"])


def test_nothing_waits_for_you_comes_with_the_time_of_the_last_check(operator):
    accounts.AccountFactory(export_from=now())
    rows.HeartbeatFactory(beat_at=now() - timedelta(seconds=3))

    page = operator.get(HOME)

    assert "Nothing waits for you." in page.text
    assert page.context["is_calm"]
    assert page.context["checked_at"] is not None


def test_nothing_is_said_to_be_calm_while_something_waits(operator):
    account = accounts.AccountFactory(export_from=now())
    order = order_rows.OrderFactory(
        account=account, state=OrderState.FAILED, is_eligible=True
    )

    page = operator.get(HOME)

    assert "Nothing waits for you." not in page.text
    oldest = page.context["oldest"]
    assert (oldest.order_number, oldest.since) == (
        order.order_number,
        order.state_since,
    )


def test_the_health_strip_tells_each_connection(operator):
    account = accounts.AccountFactory(paused=True, paused_reason="Stock count")
    login = account.credential
    type(login).objects.filter(pk=login.pk).update(
        credits_capacity=2000,
        credits_remaining=500,
        credits_rate=30,
        credits_at=now(),
        breaker_state="open",
    )
    hour_ago = now() - timedelta(hours=1)
    for told_at in (hour_ago, now(), now(), None):
        order_rows.SightingFactory(
            account=account, first_at=hour_ago, webhook_at=told_at
        )
    rows.WebhookRegistrationFactory(account=account, is_enabled=False)

    page = operator.get(HOME).text

    for words in (
        "Paused",
        "Stock count",
        "Not answering",
        "of 2,000 credits",
        "1 of 1 disabled",
        "25 % missed",
    ):
        assert words in page, words


class TestFlow:
    def test_the_running_five_minutes_are_summed_anew_each_time(self):
        moment = now()
        export = order_rows.ExportFactory(
            sent_at=moment, source_modified_at=moment - timedelta(seconds=4)
        )
        flow.record(now=moment)
        order_rows.ExportFactory(
            account=export.account,
            sent_at=moment,
            source_modified_at=moment - timedelta(seconds=2),
        )

        flow.record(now=moment)

        bucket = FlowBucket.objects.get(
            account=export.account, starts_at=flow.bucket_of(moment)
        )
        assert (bucket.sent, bucket.sent_ms) == (2, 6000)

    def test_the_running_five_minutes_keep_how_many_waited_when_last_counted(self):
        moment = now()
        account = accounts.AccountFactory()
        due = {"account": account, "state": "waiting", "not_before": moment}
        job = rows.SyncJobFactory(kind="push_order", **due)
        rows.SyncJobFactory(kind="cancel_order", **due)
        rows.SyncJobFactory(kind="read_warehouse", **due)
        later = {**due, "not_before": moment + timedelta(hours=1)}
        rows.SyncJobFactory(kind="push_order", **later)

        def waiting() -> int:
            flow.record(now=moment)
            starts_at = flow.bucket_of(moment)
            return FlowBucket.objects.get(account=account, starts_at=starts_at).waiting

        assert waiting() == 2
        job.delete()
        assert waiting() == 1
        type(job).objects.all().delete()
        assert waiting() == 0

    def test_a_gap_is_filled_when_the_worker_is_back(self):
        moment = now()
        account = accounts.AccountFactory()
        start = flow.bucket_of(moment) - 6 * flow.STEP
        FlowBucket.objects.create(account=account, starts_at=start)
        order_rows.ExportFactory(
            account=account, sent_at=start + 2 * flow.STEP + timedelta(seconds=1)
        )

        flow.record(now=moment)

        assert FlowBucket.objects.get(starts_at=start + 2 * flow.STEP).sent == 1

    def test_home_shows_the_last_hour_and_when_the_backlog_is_gone(self, operator):
        account = accounts.AccountFactory()
        FlowBucket.objects.create(
            account=account,
            starts_at=flow.bucket_of(now()),
            sent=10,
            sent_ms=20_000,
            shipped=4,
        )
        for _ in range(20):
            rows.SyncJobFactory(
                account=account, kind="push_order", state="waiting", not_before=now()
            )

        page = operator.get(HOME).text

        assert "4 shipped" in page
        assert "gone in about 10 min" in page
        assert "2 s" in page
