"""Stock through the API: what is read, who refreshes, and whose it is."""

from __future__ import annotations

import pytest

from connectors.accounts.models import Audit
from connectors.models import SyncJob
from inventory.models import Availability, StockSnapshot, UnitFactor
from tests.factories import inventory as made
from tests.integration.api.conftest import client_of, post, refusal_of

pytestmark = pytest.mark.django_db

MAY_REFRESH = {"operator", "lead", "integrator"}
ROLES = ("viewer", "operator", "lead", "integrator", "auditor", "nobody", "anonymous")
ENDPOINTS = {
    "warehouses": made.WarehouseFactory,
    "products": made.ProductFactory,
    "stock": made.StockLevelFactory,
    "availability": made.AvailabilityFactory,
    "movements": made.StockMovementFactory,
    "snapshots": made.StockSnapshotFactory,
    "discrepancies": made.StockDiscrepancyFactory,
    "units": made.UnitFactorFactory,
}


@pytest.mark.parametrize("name", ENDPOINTS)
class TestReading:
    def test_a_row_is_listed_and_shown_to_its_own_account_only(self, name):
        mine, other = ENDPOINTS[name](), ENDPOINTS[name]()
        client = client_of("viewer", account=mine.account)
        listed = client.get(f"/api/v1/{name}/").json()["results"]
        assert [row["id"] for row in listed] == [mine.pk]
        assert client.get(f"/api/v1/{name}/{mine.pk}/").status_code == 200
        assert client.get(f"/api/v1/{name}/{other.pk}/").status_code == 404

    def test_it_is_read_by_those_with_a_role(self, name):
        row = ENDPOINTS[name]()
        seen = {
            role: client_of(role).get(f"/api/v1/{name}/{row.pk}/").status_code
            for role in ROLES
        }
        assert {role for role, code in seen.items() if code == 200} == set(ROLES[:5])


def test_an_odd_sku_is_found_by_its_exact_name():
    wanted = made.StockLevelFactory(sku="☕ 'a' & b/c")
    made.StockLevelFactory(sku="☕")
    answer = client_of("viewer").get("/api/v1/stock/", {"sku": wanted.sku})
    assert [row["id"] for row in answer.json()["results"]] == [wanted.pk]


def test_a_promise_shows_its_sum_and_its_unit():
    row = made.AvailabilityFactory(
        quantity=5,
        explanation=[["On hand", 7], ["Buffer", -2]],
        unit="Pair",
        unit_factor=2,
    )
    found = client_of("viewer").get(f"/api/v1/availability/{row.pk}/").json()
    assert found["explanation"] == [["On hand", 7], ["Buffer", -2]]
    assert found["in_units"] == "2 Pair of 2, 1 over"


def test_a_product_shows_recipe_and_cases():
    part = made.KitComponentFactory(sku="CUP", quantity=2)
    made.ProductCaseFactory(product=part.product, units=6)
    found = client_of("viewer").get(f"/api/v1/products/{part.product.pk}/").json()
    assert found["components"] == [{"sku": "CUP", "quantity": 2}]
    assert found["cases"] == [{"units": 6, "barcode": ""}]


@pytest.mark.parametrize("role", ROLES)
def test_refreshing_is_for_operators(role):
    product, place = made.ProductFactory(), made.WarehouseFactory()
    client = client_of(role)
    codes = {
        post(client, f"/api/v1/products/{product.pk}/refresh/").status_code,
        post(client, f"/api/v1/warehouses/{place.pk}/refresh/").status_code,
    }
    may = role in MAY_REFRESH
    assert codes == {200 if may else refusal_of(role)}
    assert SyncJob.objects.filter(kind="pull_stock").exists() is may
    assert StockSnapshot.objects.filter(warehouse=place).exists() is may
    assert Audit.objects.count() == (2 if may else 0)


def test_a_warehouse_that_is_not_listed_is_refused_in_words():
    place = made.WarehouseFactory(is_listed=False)
    answer = post(client_of("operator"), f"/api/v1/warehouses/{place.pk}/refresh/")
    assert answer.status_code == 409
    assert "does not list" in str(answer.json())


class TestSettingUpAWarehouse:
    def post(self, place, **body):
        return post(
            client_of("integrator"), f"/api/v1/warehouses/{place.pk}/set-up/", body
        )

    def test_what_is_given_is_set_and_the_rest_stays(self):
        place = made.WarehouseFactory(region="East", working_days=[1, 2, 3])
        made.HolidayFactory(warehouse=place)
        made.TransitTimeFactory(warehouse=place, days=3)
        answer = self.post(
            place,
            cutoff="14:30",
            working_days=[6, 1, 6],
            holidays=[{"date": "2026-12-25", "name": "Christmas"}],
        )
        assert answer.status_code == 200, answer.json()
        told = answer.json()
        assert (told["region"], told["cutoff"]) == ("East", "14:30:00")
        assert told["working_days"] == [1, 6]
        assert [day["date"] for day in told["holidays"]] == ["2026-12-25"]
        assert [way["days"] for way in told["transit_times"]] == [3]
        note = Audit.objects.get(action="set_up_warehouse")
        assert note.before == {"cutoff": None, "working_days": [1, 2, 3]}

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"time_zone": "Mars/Base"}, "is no time zone"),
            ({"working_days": []}, "at least 1"),
            ({"working_days": [8]}, "less than or equal to 7"),
            ({"cutoff": "25:99"}, "wrong format"),
            ({"holidays": [{"date": "2026-12-25"}] * 2}, "stands there twice"),
            ({"transit_times": [{"days": 2}] * 2}, "stands there twice"),
            ({"transit_times": [{"days": -1}]}, "greater than or equal to 0"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(self, body, words):
        place = made.WarehouseFactory()
        answer = self.post(place, **body)
        assert answer.status_code == 400
        assert words in str(answer.json())
        assert not Audit.objects.exists()


class TestUnits:
    def set(self, account, **body):
        path = f"/api/v1/accounts/{account.pk}/set-unit/"
        return post(
            client_of("integrator"), path, {"unit": "Case", "pieces": 6, **body}
        )

    def test_a_unit_is_set_once_however_it_is_written(self):
        place = made.WarehouseFactory()
        made.StockLevelFactory(warehouse=place, sku="MUG", on_hand=20)
        made.SourceProductFactory(
            organization=place.account.organization, sku="MUG", unit="Case"
        )
        self.set(place.account, sku="MUG")
        answer = self.set(place.account, sku="MUG", unit=" case ", pieces=12)
        assert answer.status_code == 200
        assert [row.factor for row in UnitFactor.objects.all()] == [12]
        assert Availability.objects.get().in_units == "1 Case of 12, 8 over"

    @pytest.mark.parametrize("body", [{"pieces": 0}, {"unit": ""}, {"pieces": 2**40}])
    def test_no_piece_and_no_name_are_refused(self, body):
        assert self.set(made.WarehouseFactory().account, **body).status_code == 400
