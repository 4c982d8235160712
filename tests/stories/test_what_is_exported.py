"""What of an order reaches the warehouse, field by field (R2, R10, R13)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.config_versions import ConfigKind
from connectors.sync import clients, config
from inventory.models import UnitFactor
from tests.stories.reading import (
    creates,
    fields_sent,
    floor_off,
    lines_in_salesforce,
    lines_of,
    open_codes,
    the_one,
    until,
    until_created,
    writes,
)
from tests.town import SHIP_TO, Town

pytestmark = pytest.mark.one_database  # what is written there is what differs


def test_r2_every_line_goes_with_its_price_and_the_whole_address_with_its_customer(
    town: Town,
) -> None:
    """Also two lines of one SKU: each is a line of its own there."""
    floor_off(town)
    town.salesforce.switches["multicurrency"] = True
    clients.descriptions.forget(town.organization.credential_id)
    street = "12 Mill Lane\nSuite 4"
    order = town.order(
        ("MUG", 2, 7.5),
        ("TEE", 1, 19.99),
        ("MUG", 3, 7.5),
        ship_to={**SHIP_TO, "street": street},
        account_id=town.desk.create_account("Byron & Daughters"),
        EffectiveDate="2026-11-20",
        CurrencyIsoCode="EUR",
    )
    until_created(town, order)

    made = the_one(town, order)
    sold = {line["Id"]: line for line in town.lines(order)}
    assert len(sold) == 3
    there = {
        line["partner_line_item_id"]: (line["quantity"], float(line["price"]))
        for line in made["line_items"]
    }
    assert there == {
        key: (int(line["Quantity"]), line["UnitPrice"]) for key, line in sold.items()
    }
    to = made["shipping_address"]
    assert (to["company"], to["address1"], to["address2"]) == (
        "Byron & Daughters",
        "12 Mill Lane",
        "Suite 4",
    )
    assert (made["order_date"][:10], made["currency"]) == ("2026-11-20", "EUR")
    assert made["shipping_lines"] == {
        **made["shipping_lines"],
        "carrier": "ups",
        "method": "ups_ground",
        "title": "UPS Ground",
    }


def skus(town: Town, **document: Any) -> None:
    config.save(
        kind=ConfigKind.SKU_ALIASES,
        account=town.account,
        document=document,
        user=None,
        now=town.now(),
    )


def test_r13_a_sku_is_mapped_by_its_row_and_one_without_waits_for_it(
    town: Town,
) -> None:
    floor_off(town)
    for sku in ("MUG-OLD", "TEE-OLD"):
        town._products[sku] = town.desk.create_product(sku, sku.title(), 10.0)
    row = {"from": "mug-old", "to": "MUG"}
    skus(town, policy="block", rows=[row])
    mapped, unmapped = town.order(("MUG-OLD", 2)), town.order(("TEE-OLD", 3))
    until_created(town, mapped)
    until(town, lambda: open_codes(unmapped) == ["sku.unmapped"])
    assert lines_of(the_one(town, mapped)) == {"MUG": 2}
    assert creates(town, unmapped) == 0

    skus(town, policy="block", rows=[row, {"from": "TEE-OLD", "to": "TEE"}])

    until_created(town, unmapped)
    assert lines_of(the_one(town, unmapped)) == {"TEE": 3}
    assert writes(town, mapped) == ["order_create", "order_update_holds"]


def test_r10_what_went_out_in_cases_keeps_their_size_when_the_table_changes(
    town: Town,
) -> None:
    """An edit neither takes the new size for a change, nor counts by it."""
    floor_off(town)
    town._products["INK"] = town.desk.create_product(
        "INK", "Ink", 48.0, QuantityUnitOfMeasure="Case"
    )
    town.shiphero.seed_product("INK", "Ink", {"Primary": 500})
    case = UnitFactor.objects.create(
        account=town.account, sku="INK", unit="Case", factor=24
    )
    order = town.order(("INK", 2))
    until_created(town, order)
    UnitFactor.objects.filter(pk=case.pk).update(factor=20)

    town.desk.edit_order(order, ShippingCity="Bixby")
    until(town, lambda: the_one(town, order)["shipping_address"]["city"] == "Bixby")
    town.run(minutes=1)
    assert lines_of(the_one(town, order)) == {"INK": 48}
    assert fields_sent(town, order, "order_update_line_items") == []

    town.desk.edit_line(lines_in_salesforce(town, order)["INK"], Quantity=3)
    until(town, lambda: lines_of(the_one(town, order)) == {"INK": 72})
    later = town.order(("INK", 2))
    until_created(town, later)
    assert lines_of(the_one(town, later)) == {"INK": 40}
