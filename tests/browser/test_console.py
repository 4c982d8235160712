"""What people do in the console, done in a browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from connectors.models import FailedPayload
from orders.models import Order
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def parked(transactional_db):
    order = order_rows.OrderFactory(
        order_number="00100042",
        state="failed",
        customer_name="<script>document.title='taken'</script>",
    )
    order_rows.LineItemFactory(order=order)
    job = rows.SyncJobFactory(account=order.account, order=order, state="parked")
    rows.FailedPayloadFactory(job=job, reason="The postal code is missing.")
    rows.HeartbeatFactory()
    return order


def test_a_failed_order_is_found_and_retried_with_one_button(open_page, parked):
    page = open_page("operator")

    page.get_by_role("link", name=re.compile("1 Orders blocked")).click()
    page.get_by_role("link", name="00100042").click()
    expect(page.get_by_text("Complete the shipping postal code")).to_be_visible()
    page.get_by_role("button", name="Retry").click()

    expect(page.get_by_text("It is tried again now.")).to_be_visible()
    assert not FailedPayload.objects.filter(closed_at=None).exists()
    expect(page.get_by_role("button", name="Retry")).to_be_disabled()


def test_an_action_that_asks_for_words_opens_a_small_form(open_page, parked):
    page = open_page("operator")
    page.goto(f"/admin/orders/order/{parked.pk}/change/")

    page.get_by_text("Handled outside…").click()
    page.get_by_label("Who ships it, and why?").fill("The shop sends it.")
    page.get_by_role("button", name="Handled outside").click()

    expect(page.get_by_text("stays out of the warehouse")).to_be_visible()
    assert Order.objects.get().handled_outside


def test_the_console_works_without_script(open_page, parked):
    page = open_page("operator", script=False)
    page.get_by_role("searchbox").first.fill("00100042")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sync now").click()

    expect(page.get_by_text("is read on both sides now")).to_be_visible()


def test_a_viewer_sees_the_story_and_can_press_no_button(open_page, parked):
    page = open_page("viewer")
    page.goto(f"/admin/orders/order/{parked.pk}/change/")

    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_disabled()
    expect(page.locator(".act-button:not(:disabled)")).to_have_count(0)


def test_what_a_stranger_wrote_does_not_run(open_page, parked):
    page = open_page("viewer")
    page.goto("/admin/orders/order/")

    expect(page.get_by_text("<script>document.title")).to_be_visible()
    assert page.title() != "taken"


# 720 is a wide screen at 200 %, 320 one at 400 %.
@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1440, "dark"), (720, "light"), (390, "dark"), (320, "light")],
)
def test_no_page_is_wider_than_the_screen(open_page, parked, width, scheme):
    accounts.AccountFactory(paused=True, paused_reason="A long reason. " * 15)
    page = open_page("integrator", width=width, scheme=scheme)

    for address in [
        "/admin/",
        "/admin/orders/order/",
        f"/admin/orders/order/{parked.pk}/change/",
        "/admin/connectors/failedpayload/",
        f"/admin/connectors/failedpayload/{parked.failures.get().pk}/change/",
        "/admin/connectors/syncjob/",
        "/admin/accounts/account/",
        "/admin/accounts/credential/add/",
        "/admin/accounts/scopedsetting/",
        "/admin/errors/",
    ]:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, address


def test_the_theme_can_be_chosen(open_page, parked):
    page = open_page("viewer")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)

    seen = set()
    for _ in range(3):
        page.get_by_role("button", name=re.compile("Toggle theme")).click()
        seen.add(page.evaluate(paper))

    assert light in seen
    assert len(seen) == 2


def test_times_are_in_utc_or_of_the_own_clock(open_page, parked):
    Order.objects.update(created_at=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC))
    page = open_page("viewer", timezone_id="America/Denver")
    page.goto(f"/admin/orders/order/{parked.pk}/change/")
    read = page.locator(".timeline li").last.locator("time")

    expect(read).to_have_text("03:02:01")
    expect(read).to_have_attribute(
        "title", re.compile(r"^2026-05-04 03:02:01 UTC \(2026-05-03 21:02:01 ")
    )
    page.get_by_role("button", name="Times in UTC").click()
    expect(read).to_have_text("05-03 21:02:01")
    page.reload()
    expect(read).to_have_text("05-03 21:02:01")


def test_rows_are_gone_through_by_keys(open_page, parked):
    order_rows.OrderFactory(order_number="00100043")
    page = open_page("viewer")
    page.goto("/admin/orders/order/")
    page.wait_for_load_state()

    for key, number in [("j", "00100043"), ("j", "00100042"), ("k", "00100043")]:
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=number)).to_be_focused()


def test_a_failure_is_closed_with_a_reason_without_script(open_page, parked):
    cause = rows.CauseFactory(fingerprint=parked.failures.get().fingerprint)
    page = open_page("operator", script=False)
    page.goto(f"/admin/failures/cause/{cause.pk}/")

    page.get_by_role("checkbox", name="Choose 00100042").check()
    page.get_by_label("Why").fill("The customer comes for it.")
    page.get_by_role("button", name="Resolve ticked").click()

    expect(page.get_by_text("1 resolved")).to_be_visible()
    assert FailedPayload.objects.get().closing_note == "The customer comes for it."


def test_a_filter_opens_and_closes_with_escape(open_page, parked):
    page = open_page("viewer")
    page.goto("/admin/orders/order/")

    page.get_by_text("State", exact=True).first.click()
    choice = page.get_by_role("link", name="Backordered", exact=True)
    expect(choice).to_be_visible()
    page.keyboard.press("Escape")
    expect(choice).to_be_hidden()
    page.get_by_text("State", exact=True).first.click()
    choice.click()

    expect(page.get_by_text("Nothing matches")).to_be_visible()
