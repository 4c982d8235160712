"""A product that stops its orders, and the one correction that lets all of them go."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from connectors.models import Closing, FailedPayload
from inventory.models import UnitFactor
from tests.factories.accounts import UserFactory
from tests.stories.reading import creates, lines_of, open_codes, the_one, until
from tests.town import Town

pytestmark = pytest.mark.one_database  # what the remotes say is what differs


def test_r10_a_corrected_product_and_a_told_unit_wake_their_orders(town: Town) -> None:
    """Nobody touches the orders: sales corrects the product, an integrator the table."""
    bare = town.desk.create_product("BARE", "A shirt without an SKU", 10.0)
    town.desk.edit_product(bare, ProductCode=None, StockKeepingUnit=None)
    town._products["INK"] = town.desk.create_product(
        "INK", "Ink", 48.0, QuantityUnitOfMeasure="Case"
    )
    town.shiphero.seed_product("INK", "Ink", {"Primary": 500})
    good, in_cases = town.order(), town.order(("INK", 2))
    nameless = town.order(("A shirt without an SKU", 3))
    stuck = {nameless: ["sku.missing"], in_cases: ["units.unknown"]}

    until(town, lambda: {one: open_codes(one) for one in stuck} == stuck)
    until(town, lambda: creates(town, good))
    assert [creates(town, one) for one in stuck] == [0, 0]

    town.desk.edit_product(bare, ProductCode="TEE", StockKeepingUnit="TEE")
    integrator = Client()
    integrator.force_login(UserFactory(role="integrator"))
    told = {"account": town.account.pk, "sku": "INK", "unit": "case", "factor": "24"}
    answer = integrator.post(reverse("admin:inventory_unitfactor_add"), told)
    assert (answer.status_code, UnitFactor.objects.count()) == (302, 1)

    until(town, lambda: all(creates(town, one) for one in stuck))
    assert lines_of(the_one(town, nameless)) == {"TEE": 3}
    assert lines_of(the_one(town, in_cases)) == {"INK": 48}
    town.run(minutes=2, step=10)
    assert [creates(town, one) for one in (good, *stuck)] == [1, 1, 1]
    endings = FailedPayload.objects.values_list("closed_how", flat=True)
    assert set(endings) == {Closing.REOPENED}
