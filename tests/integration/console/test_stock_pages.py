"""The pages of stock: who sees what, what they say, and what the buttons do."""

from __future__ import annotations

import html
import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Audit
from connectors.console.trends import Step, stepped
from connectors.models import SyncJob
from inventory import promises
from inventory.models import Holiday, StockSnapshot, TransitTime, UnitFactor
from tests.factories import inventory as made
from tests.factories.accounts import (
    AccountAccessFactory,
    BrandFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ROLES = ["viewer", "operator", "lead", "integrator", "auditor"]
MAY_REFRESH = {"operator", "lead", "integrator"}
LISTS = [
    "product",
    "stocklevel",
    "warehouse",
    "stocksnapshot",
    "stockdiscrepancy",
    "stockmovement",
    "unitfactor",
]
EVIL = "<b>☕ 'two' \"words\"</b>"


@pytest.fixture
def shelf():
    """A SKU with a nasty name that has all there can be beside it."""
    place = made.WarehouseFactory(name="East")
    product = made.ProductFactory(account=place.account, sku=EVIL, name="Mug")
    made.ProductCaseFactory(product=product, units=12)
    level = made.StockLevelFactory(
        warehouse=place, sku=EVIL, on_hand=7, in_tote=None, read_at=now()
    )
    made.AvailabilityFactory(
        warehouse=place,
        sku=EVIL,
        quantity=5,
        explanation=[["On hand", 7], ["Buffer", -2]],
    )
    for days, on_hand in ((40, 20), (3, 10), (1, 7)):
        made.StockPointFactory(
            warehouse=place, sku=EVIL, at=now() - timedelta(days=days), on_hand=on_hand
        )
    made.StockMovementFactory(
        warehouse=place,
        sku=EVIL,
        told_by="event",
        reason="order",
        reason_text="Shipped on order A-77",
        reference="A-77",
    )
    made.StockDiscrepancyFactory(warehouse=place, sku=EVIL)
    made.StockSnapshotFactory(account=place.account)
    made.UnitFactorFactory(account=place.account, sku=EVIL)
    return {"place": place, "product": product, "level": level}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_every_list(sign_in, shelf, role):
    client = sign_in(role)
    for name in LISTS:
        answer = client.get(reverse(f"admin:inventory_{name}_changelist"))
        assert answer.status_code == 200, name


def test_the_page_of_an_sku_tells_the_sum_the_trend_and_the_ledger(
    sign_in, shelf, page_of
):
    text = sign_in("viewer").get(page_of(shelf["product"])).content.decode()
    assert "<b>☕" not in text
    assert "&lt;b&gt;☕" in text
    for words in ("Buffer", "Shipped on order A-77", "A case holds 12", "30 days"):
        assert words in text
    assert "On hand in East: 20 at first, 7 now" in text
    assert "Missed by messages and polls" in text


def test_a_kit_shows_how_many_can_be_made_though_none_lies_anywhere(sign_in, page_of):
    place = made.WarehouseFactory(name="East")
    part = made.KitComponentFactory(
        product__account=place.account, product__sku="SET", sku="CUP", quantity=2
    )
    made.ProductFactory(account=place.account, sku="CUP", name="Tea cup")
    made.StockLevelFactory(warehouse=place, sku="CUP", on_hand=9)
    promises.refresh(place.account, ["SET", "CUP"], now=now())
    text = sign_in("viewer").get(page_of(part.product)).content.decode()
    assert "Kits from the scarcest component CUP (9 there, 2 in each)" in text
    assert "Made from what lies there of its components" in text
    assert "East: 9" in text
    assert "The recipe as read" in text


def test_who_sees_one_brand_reads_no_number_of_another(client, page_of):
    place = made.WarehouseFactory()
    product = made.ProductFactory(account=place.account)
    mine, other = (BrandFactory(account=place.account, name=name) for name in "MN")
    for brand, quantity in ((mine, 4711), (other, 4812), (None, 4913)):
        made.AvailabilityFactory(
            warehouse=place,
            sku=product.sku,
            brand=brand,
            scope=brand.pk if brand else 0,
            quantity=quantity,
        )
    user = UserFactory(role="viewer")
    AccountAccessFactory(user=user, account=place.account, brand=mine)
    client.force_login(user)
    text = client.get(page_of(product)).content.decode()
    assert [word in text for word in ("4711", "4812", "4913")] == [True, False, True]


def test_a_number_is_read_in_both_units(sign_in, shelf, page_of):
    row = made.AvailabilityFactory(quantity=30, unit="Case", unit_factor=12)
    made.ProductFactory(account=row.account, sku=row.sku)
    client = sign_in("viewer")
    for address in (page_of(row), reverse("admin:inventory_availability_changelist")):
        assert "2 Case of 12, 6 over" in client.get(address).content.decode()


def test_the_page_of_a_snapshot_leads_to_what_it_found(sign_in, page_of):
    place = made.WarehouseFactory()
    snapshot = made.StockSnapshotFactory(
        account=place.account, state="applied", rows=9, missed=1, seen=[place.pk]
    )
    mine = made.StockDiscrepancyFactory(
        warehouse=place, snapshot=snapshot, kind="missed", closed_at=now()
    )
    made.StockDiscrepancyFactory(warehouse=place, kind="missed", closed_at=now())
    client = sign_in("viewer")
    text = client.get(page_of(snapshot)).content.decode()
    (address,) = re.findall(r'href="([^"]*kind__exact=missed[^"]*)"', text)
    found = client.get(html.unescape(address)).context["cl"].result_list
    assert list(found) == [mine]


def test_a_snapshot_under_way_is_followed_and_says_about_how_far_it_is(
    sign_in, page_of
):
    account = made.StockSnapshotFactory(state="applied", rows=500_000).account
    under_way = made.StockSnapshotFactory(account=account, state="reading", rows=48_000)
    text = sign_in("viewer").get(page_of(under_way)).content.decode()
    assert "48,000 of about 500,000 counts so far" in text
    assert 'data-refresh="3"' in text


@pytest.mark.parametrize(("shelf_is", "found"), [("none", 1), ("short", 1), ("", 3)])
def test_shelves_are_found_by_what_is_on_them(sign_in, shelf_is, found):
    place = made.WarehouseFactory()
    for on_hand, allocated in ((0, 0), (5, 9), (5, 1)):
        made.StockLevelFactory(warehouse=place, on_hand=on_hand, allocated=allocated)
    made.StockLevelFactory()
    page = sign_in("viewer").get(
        reverse("admin:inventory_stocklevel_changelist"),
        {"warehouse": place.pk, "shelf": shelf_is},
    )
    assert len(page.context["cl"].result_list) == found


def test_who_only_reads_is_told_the_working_days_in_words(sign_in, page_of):
    place = made.WarehouseFactory(working_days=[1, 6])
    text = sign_in("viewer").get(page_of(place)).content.decode()
    assert "Monday, Saturday" in text


def test_a_unit_that_has_a_row_is_not_given_another(sign_in):
    held = made.UnitFactorFactory(unit="Case", factor=12)
    data = {"account": held.account_id, "sku": "", "unit": "case", "factor": 6}
    address = reverse("admin:inventory_unitfactor_add")
    text = sign_in("integrator").post(address, data).content.decode()
    assert "There is a row already: 1 Case = 12." in text
    assert UnitFactor.objects.get().pk == held.pk


def test_a_product_without_stock_says_what_to_do(sign_in, page_of):
    text = sign_in("viewer").get(page_of(made.ProductFactory())).content.decode()
    assert "No warehouse has told of this SKU yet." in text
    assert "The counts have not moved" in text


@pytest.mark.parametrize("query", [EVIL, "<b>☕", "two", "Mug"])
def test_search_finds_odd_skus(sign_in, shelf, query):
    made.ProductFactory(account=shelf["place"].account, name="Other")
    address = reverse("admin:inventory_product_changelist")
    page = sign_in("viewer").get(address, {"q": query})
    assert list(page.context["cl"].result_list) == [shelf["product"]]


def test_lists_cost_no_more_with_more_rows(
    sign_in, shelf, django_assert_max_num_queries
):
    for _ in range(30):
        made.StockLevelFactory(warehouse=shelf["place"])
    client = sign_in("viewer")
    client.get(reverse("admin:inventory_stocklevel_changelist"))
    with django_assert_max_num_queries(15):
        client.get(reverse("admin:inventory_stocklevel_changelist"))


class TestButtons:
    @pytest.mark.parametrize("role", ROLES)
    def test_an_sku_is_refreshed_by_those_who_may(self, sign_in, shelf, button, role):
        answer = sign_in(role).post(button(shelf["product"], "refresh"))
        job = SyncJob.objects.filter(kind="pull_stock").first()
        assert (job is not None) is (role in MAY_REFRESH)
        assert answer.status_code == (302 if role in MAY_REFRESH else 403)
        assert Audit.objects.filter(action="refresh_sku").exists() is (job is not None)

    @pytest.mark.parametrize("role", ROLES)
    def test_a_warehouse_too_and_twice_is_once(self, sign_in, shelf, button, role):
        client = sign_in(role)
        for _ in range(2):
            client.post(button(shelf["place"], "refresh"))
        asked = StockSnapshot.objects.filter(warehouse=shelf["place"])
        assert asked.count() == (1 if role in MAY_REFRESH else 0)

    def test_one_that_shiphero_does_not_list_is_refused_with_words(
        self, sign_in, button
    ):
        place = made.WarehouseFactory(is_listed=False)
        answer = sign_in("operator").post(button(place, "refresh"), follow=True)
        assert "does not list this warehouse" in answer.content.decode()
        assert not StockSnapshot.objects.exists()

    def test_progress_stands_on_the_page(self, sign_in, shelf, button, page_of):
        client = sign_in("operator")
        client.post(button(shelf["product"], "refresh"))
        assert (
            "Waits to be read" in client.get(page_of(shelf["product"])).content.decode()
        )
        client.post(button(shelf["place"], "refresh"))
        assert "To be asked for" in client.get(page_of(shelf["place"])).content.decode()

    def test_another_accounts_sku_does_not_exist(self, shelf, button, client, page_of):
        user = UserFactory(role="operator")
        AccountAccessFactory(user=user)
        client.force_login(user)
        assert client.get(page_of(shelf["product"])).status_code == 404
        assert client.post(button(shelf["product"], "refresh")).status_code == 404


class TestWarehouseForm:
    def data(self, place, **changes):
        base = {
            "is_active": "on",
            "is_chosen": "on",
            "region": "East",
            "time_zone": "America/Chicago",
            "cutoff": "14:30",
            "working_days": ["1", "2", "3", "4", "5", "6"],
            "holidays-TOTAL_FORMS": "1",
            "holidays-INITIAL_FORMS": "0",
            "holidays-0-date": "2026-12-25",
            "holidays-0-name": "Christmas",
            "transit_times-TOTAL_FORMS": "1",
            "transit_times-INITIAL_FORMS": "0",
            "transit_times-0-country": "US",
            "transit_times-0-method": "Ground",
            "transit_times-0-days": "3",
        }
        return base | changes

    @pytest.mark.parametrize("role", ROLES)
    def test_hours_days_and_roads_are_set_by_integrators(
        self, sign_in, shelf, page_of, role
    ):
        place = shelf["place"]
        sign_in(role).post(page_of(place), self.data(place))
        place.refresh_from_db()
        may = role == "integrator"
        assert (place.cutoff == time(14, 30)) is may
        assert (place.working_days == [1, 2, 3, 4, 5, 6]) is may
        assert Holiday.objects.exists() is may
        assert TransitTime.objects.exists() is may
        assert Audit.objects.filter(action="change_warehouse").exists() is may
        assert Audit.objects.filter(action="change_holiday").exists() is may

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"time_zone": "Mars/Base"}, "is no time zone"),
            ({"working_days": []}, "works on one day at least"),
            ({"cutoff": "25:99"}, "Enter a valid time"),
        ],
    )
    def test_what_cannot_be_is_refused(self, sign_in, shelf, page_of, changes, words):
        client = sign_in("integrator")
        data = self.data(shelf["place"], **changes)
        text = client.post(page_of(shelf["place"]), data).content.decode()
        assert words in text

    def test_what_is_shipheros_cannot_be_changed(self, sign_in, shelf, page_of):
        data = self.data(shelf["place"], name="Mine", remote_id="x")
        sign_in("integrator").post(page_of(shelf["place"]), data)
        shelf["place"].refresh_from_db()
        assert shelf["place"].name == "East"


def test_the_home_page_shows_freshness_and_discrepancies(sign_in, shelf):
    made.StockDiscrepancyFactory(warehouse=shelf["place"], closed_at=now())
    text = sign_in("operator").get(reverse("admin:index")).content.decode()
    assert "panel-stock-freshness" in text
    assert str(shelf["place"].account) in text
    assert "Open stock discrepancies" in text


class TestTrend:
    def test_a_step_moves_where_the_count_did(self):
        start = now()
        steps = [Step(start, 10), Step(start + timedelta(hours=1), 5)]
        drawn = stepped(steps, until=start + timedelta(hours=2), label="x")
        assert 'd="M0 2H50V15H100"' in drawn

    def test_nothing_known_is_nothing_drawn(self):
        assert stepped([], until=now(), label="x") == ""

    def test_below_zero_stays_inside(self):
        start = now()
        drawn = stepped([Step(start, -5), Step(start, 5)], until=start, label="x")
        assert 'd="M0 15H100"' in drawn
